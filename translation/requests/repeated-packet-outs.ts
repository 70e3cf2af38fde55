/**
 * Packet-outs of either version, rewritten for a datapath of either version and encoding: the value
 * code's result for one is put before the packet of every other that has the same fields and
 * actions. Hot.
 */

import { FramePattern, mixed, PatternMemory } from '../../openflow/layout/repeated-frames.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { header, packetOut, packetOut10 } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { limits } from '../../slices/limits.ts';
import { tagTypes } from '../entries/frame-tags.ts';
import { LLDP } from './lldp.ts';
import type { PacketOut } from './packet-out.ts';

const ETHERTYPE_AT = 12;
/** Frames differ in length and transaction id. */
const free = [[2, 6]] as const;
/** What looks further than at where a packet is sent is for values. */
const looked: ReadonlySet<number> = new Set([LLDP, ...tagTypes]);
const noData = new Uint8Array(0);

interface Form {
  readonly pattern: FramePattern;
  /** All before the packet, below. */
  readonly head: DataView;
}

export class PacketOutForms {
  readonly #forms = new PatternMemory<Form>(limits.packetOutFormsMax);
  #of: readonly unknown[] = [];

  /** Forms are of what these are: other ones, and all are made anew. */
  follow(...of: readonly unknown[]): void {
    if (of.every((one, i) => one === this.#of[i])) return;
    this.#of = of;
    this.#forms.clear();
  }

  /**
   * Appends what a packet-out is below, and whether it did; `make` says what that is, once for each
   * form, of one that has no tag and is no LLDP, and undefined where packets have to be looked at.
   */
  write(
    to: () => readonly [out: Writer, xid: number],
    speaks: Version,
    below: Version,
    [dv, at, length]: readonly [dv: DataView, at: number, length: number],
    make: (out: PacketOut) => PacketOut | undefined,
  ): boolean {
    const isOld = speaks === version.of10;
    const fixed = isOld ? packetOut10.size : packetOut.size;
    if (length < fixed) return false;
    const actionsLen = isOld
      ? packetOut10.get.actionsLen(dv, at)
      : packetOut.get.actionsLen(dv, at);
    const packetAt = fixed + actionsLen;
    const bytes = length - packetAt;
    if (bytes < ETHERTYPE_AT + 2 || bytes > limits.shortPacketBytesMax) return false;
    if (looked.has(dv.getUint16(at + packetAt + ETHERTYPE_AT))) return false;
    const form = this.#formOf(speaks, below, dv, at, packetAt, length, make);
    if (form === undefined) return false;
    const [out, xid] = to();
    const start = out.beginFrame(0);
    out.putFrom(form.head, 0, form.head.byteLength);
    out.putFrom(dv, at + packetAt, bytes);
    header.set.xid(out.dv, start, xid);
    if (!out.endFrame(start)) throw new Error('a short packet-out fits no frame below');
    return true;
  }

  #formOf(
    speaks: Version,
    below: Version,
    dv: DataView,
    at: number,
    packetAt: number,
    length: number,
    make: (out: PacketOut) => PacketOut | undefined,
  ): Form | undefined {
    let key = packetAt;
    for (let a = header.size; a + 4 <= packetAt; a += 4) key = mixed(key, dv.getInt32(at + a));
    const known = this.#forms.find(key, dv, at, packetAt);
    if (known !== undefined || !this.#forms.isAgain(key)) return known;
    const said = decode(speaks, dv, at, length);
    if (isError(said) || said.type !== 'packetOut') return undefined;
    const made = make(said);
    if (made === undefined) return undefined;
    const head = encode(below, { ...made, data: noData });
    return this.#forms.put(key, {
      pattern: new FramePattern(dv, at, packetAt, free),
      head: new DataView(head.buffer, head.byteOffset, head.length),
    });
  }
}
