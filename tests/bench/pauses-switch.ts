/**
 * A switch that holds its flow entries as the bytes of their statistics, and reports deletions:
 * enough for a hypervisor to find there what it has put there (pauses.ts).
 */
import net from 'node:net';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { flowMod, header, messages, multipart } from '../../openflow/messages/messages.ts';
import {
  flowCommand,
  flowFlag,
  multipartMore,
  multipartType,
  NO_BUFFER,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { markerIn } from '../../translation/entries/marker.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import { answer } from './switch.ts';

/** ofp_flow_mod before its match, ofp_flow_stats before its match, and ofp_flow_removed. */
const HEAD_BYTES = 48;
const PART_BYTES = 60_000;
/** Of the switch. */
const PORTS = 4;

interface Entry {
  readonly row: Uint8Array;
  readonly cookie: bigint;
  readonly reports: boolean;
}

export class HoldingSwitch {
  readonly #dpid: number;
  readonly #entries = new Map<string, Entry>();
  #end: End | undefined;
  /** At the other end of the cable between the two. */
  other: HoldingSwitch | undefined;

  constructor(dpid: number) {
    this.#dpid = dpid;
  }

  get rules(): number {
    return this.#entries.size;
  }

  connect(port: number): void {
    const socket = net.connect(port, '127.0.0.1');
    const fake = { dpid: this.#dpid, portCount: PORTS, speaks: version.of13 };
    const end = new End(
      socket,
      (_, dv, at, length) => {
        const type = header.get.type(dv, at);
        if (type === messages.flowMod.number) this.#change(dv, at, length);
        else if (isFlowRequest(dv, at, type)) this.#dump(end, dv, at);
        else if (type === messages.packetOut.number) this.#send(dv, at, length);
        else answer(end, fake, dv, at, length);
      },
      () => undefined,
    );
    this.#end = end;
    end.bytes(frames.hello(version.of13).bytes);
  }

  /** Markers go by the cable, and nothing else: a migration waits for them. */
  #send(dv: DataView, at: number, length: number): void {
    const message = decode(version.of13, dv, at, length);
    if (isError(message) || message.type !== 'packetOut') throw new Error('no packet-out');
    if (markerIn(message.data) === undefined) return;
    for (const one of message.actions) {
      if (one.type === 'output') this.other?.take(one.port, message.data);
    }
  }

  take(port: number, data: Uint8Array): void {
    const rest = { xid: 0, bufferId: NO_BUFFER, reason: 1, tableId: 0, totalLen: data.length };
    const match = matchOf(oxm('in_port', port));
    const cookie = cookieOf('marker', 0, port);
    const message = { type: 'packetIn', ...rest, cookie, match, data } as const;
    this.#end?.bytes(encode(version.of13, message));
  }

  leave(): void {
    this.#end?.socket.destroy();
  }

  forget(): void {
    this.#entries.clear();
  }

  #change(dv: DataView, at: number, length: number): void {
    const key = keyOf(dv, at);
    const known = this.#entries.get(key);
    switch (flowMod.get.command(dv, at)) {
      case flowCommand.add:
        this.#entries.set(key, entryOf(dv, at, length, flowMod.get.cookie(dv, at)));
        break;
      case flowCommand.modifyStrict:
        if (known !== undefined) {
          const { reports } = known;
          this.#entries.set(key, { ...entryOf(dv, at, length, known.cookie), reports });
        }
        break;
      case flowCommand.deleteStrict:
        if (known !== undefined) this.#delete(key, known);
        break;
      case flowCommand.delete:
        this.#deleteAll(flowMod.get.cookie(dv, at), flowMod.get.cookieMask(dv, at));
        break;
      default:
        throw new Error(`flow-mod command ${flowMod.get.command(dv, at)} was not expected`);
    }
  }

  #deleteAll(cookie: bigint, mask: bigint): void {
    for (const [key, one] of this.#entries) {
      if ((one.cookie & mask) === (cookie & mask)) this.#delete(key, one);
    }
  }

  #delete(key: string, { row, reports }: Entry): void {
    this.#entries.delete(key);
    if (!reports) return;
    const from = new DataView(row.buffer);
    const matchBytes = Math.ceil(from.getUint16(HEAD_BYTES + 2) / 8) * 8;
    const frame = new Uint8Array(HEAD_BYTES + matchBytes);
    frame.set(row.subarray(HEAD_BYTES, HEAD_BYTES + matchBytes), HEAD_BYTES);
    const to = new DataView(frame.buffer);
    header.set.version(to, 0, version.of13);
    header.set.type(to, 0, messages.flowRemoved.number);
    to.setUint16(header.offset.length, frame.length);
    to.setBigUint64(8, from.getBigUint64(24));
    to.setUint16(16, from.getUint16(12));
    to.setUint8(18, 2);
    to.setUint8(19, from.getUint8(2));
    this.#end?.bytes(frame);
  }

  #dump(end: End, dv: DataView, at: number): void {
    const xid = header.get.xid(dv, at);
    const [cookie, mask] = [dv.getBigUint64(at + 32), dv.getBigUint64(at + 40)];
    let part: Uint8Array[] = [];
    let size = 0;
    const send = (flags: number): void => {
      end.bytes(replyOf(xid, flags, part, size));
      part = [];
      size = 0;
    };
    for (const { row, cookie: own } of this.#entries.values()) {
      if ((own & mask) !== (cookie & mask)) continue;
      if (size + row.length > PART_BYTES) send(multipartMore);
      part.push(row);
      size += row.length;
    }
    send(0);
  }
}

function isFlowRequest(dv: DataView, at: number, type: number): boolean {
  const isRequest = type === messages.multipartRequest.number;
  return isRequest && multipart.get.mpType(dv, at) === multipartType.flow;
}

/** Table, priority and match. */
function keyOf(dv: DataView, at: number): string {
  const size = dv.getUint16(at + HEAD_BYTES + 2);
  const match = Buffer.from(dv.buffer, dv.byteOffset + at + HEAD_BYTES, size).toString('latin1');
  return `${flowMod.get.tableId(dv, at)}/${flowMod.get.priority(dv, at)}/${match}`;
}

function entryOf(dv: DataView, at: number, length: number, cookie: bigint): Entry {
  const row = new Uint8Array(length);
  row.set(
    new Uint8Array(dv.buffer, dv.byteOffset + at + HEAD_BYTES, length - HEAD_BYTES),
    HEAD_BYTES,
  );
  const to = new DataView(row.buffer);
  const flags = flowMod.get.flags(dv, at);
  to.setUint16(0, length);
  to.setUint8(2, flowMod.get.tableId(dv, at));
  to.setUint16(12, flowMod.get.priority(dv, at));
  to.setUint16(18, flags);
  to.setBigUint64(24, cookie);
  return { row, cookie, reports: (flags & flowFlag.sendFlowRem) !== 0 };
}

function replyOf(xid: number, flags: number, part: readonly Uint8Array[], size: number) {
  const frame = new Uint8Array(multipart.size + size);
  const to = new DataView(frame.buffer);
  header.set.version(to, 0, version.of13);
  header.set.type(to, 0, messages.multipartReply.number);
  header.set.xid(to, 0, xid);
  to.setUint16(header.offset.length, frame.length);
  multipart.set.mpType(to, 0, multipartType.flow);
  multipart.set.flags(to, 0, flags);
  let at = multipart.size;
  for (const row of part) {
    frame.set(row, at);
    at += row.length;
  }
  return frame;
}
