/**
 * A switch of "growth": it answers, holds nothing, and sends markers and canary frames by its
 * cables, where a canary's entry sends them back as a cached flow does.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import { isError, NO_BUFFER, portReason, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartReplyBody, PortDesc } from '../../openflow/values/values.ts';
import { canaryIn } from '../../translation/datapath/canary.ts';
import { markerIn } from '../../translation/entries/marker.ts';
import { cookieOf, readCookie } from '../../translation/entries/pipeline.ts';
import { noMeters } from '../../translation/requests/meter-mod.ts';
import { FakeCanaries } from '../support/fake-canaries.ts';
import { FarEnd, type GrowthWorld } from './growth-world.ts';

export class GrowthSwitch extends FarEnd {
  readonly #dpid: bigint;
  readonly #ports: readonly number[];
  readonly #framer = new Framer({ frameBytesMax: 65_535 });
  readonly #canaries = new FakeCanaries();
  /** Flow-mods, group-mods and the like that it was told. */
  changes = 0;
  /** Is told each of them, if it is there. */
  onChange: ((message: Message) => void) | undefined;
  send: (port: number, data: Uint8Array) => void = () => undefined;

  constructor(world: GrowthWorld, dpid: bigint, ports: readonly number[]) {
    super(world, `s${dpid}`);
    this.#dpid = dpid;
    this.#ports = ports;
  }

  override onBytes(bytes: Uint8Array): void {
    const answers: Message[] = [];
    this.#framer.push(bytes, (dv, at, length) => {
      const answer = this.#answer(dv, at, length);
      if (answer !== undefined) answers.push(answer);
    });
    if (answers.length > 0) this.says(...answers);
  }

  #answer(dv: DataView, at: number, length: number): Message | undefined {
    const xid = header.get.xid(dv, at);
    switch (header.get.type(dv, at)) {
      case messages.barrierRequest.number:
        return { type: 'barrierReply', xid };
      case messages.echoRequest.number:
        return { type: 'echoReply', xid, data: new Uint8Array(0) };
      case messages.flowMod.number:
        this.changes += 1;
        this.#takeFlowMod(read(dv, at, length));
        return undefined;
      case messages.groupMod.number:
      case messages.meterMod.number:
        this.changes += 1;
        if (this.onChange !== undefined) this.onChange(read(dv, at, length));
        return undefined;
      default:
        return this.#answerTo(dv, at, length, xid);
    }
  }

  #takeFlowMod(message: Message): void {
    this.onChange?.(message);
    if (message.type !== 'flowMod') return;
    if (readCookie(message.cookie)?.kind === 'canary') this.#canaries.change(message);
  }

  #answerTo(dv: DataView, at: number, length: number, xid: number): Message | undefined {
    const message = read(dv, at, length);
    if (message.type === 'featuresRequest') {
      const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
      return { type: 'featuresReply', xid, dpid: this.#dpid, ...rest };
    }
    if (message.type === 'multipartRequest') {
      return { type: 'multipartReply', xid, flags: 0, reply: this.#reply(message.request.kind) };
    }
    const isOfOurs = (data: Uint8Array): boolean =>
      markerIn(data) !== undefined || canaryIn(data) !== undefined;
    if (message.type === 'packetOut' && isOfOurs(message.data)) {
      for (const one of message.actions) {
        if (one.type === 'output') this.send(one.port, message.data);
      }
    }
    return undefined;
  }

  #reply(kind: string): MultipartReplyBody {
    if (kind === 'portDesc') return { kind, ports: this.#ports.map((no) => portOf(no, true)) };
    if (kind === 'groupDesc' || kind === 'groupStats') return { kind, groups: [] };
    if (kind === 'meterConfig' || kind === 'meterStats') return { kind, meters: [] };
    if (kind === 'meterFeatures') return { kind, ...noMeters };
    if (kind === 'portStats') return { kind, ports: [] };
    return { kind: 'flow', flows: [] };
  }

  /** A marker, or a canary frame, comes in by a cable's port. */
  take(port: number, data: Uint8Array): void {
    const back = this.#canaries.back(port, data);
    if (back !== undefined) {
      this.send(port, back);
      return;
    }
    const frame = canaryIn(data);
    const rest = { xid: 0, bufferId: NO_BUFFER, reason: 1, tableId: 0 };
    const match = matchOf(oxm('in_port', port));
    const cookie = cookieOf(frame === undefined ? 'marker' : 'probe', 0, port);
    this.says({ type: 'packetIn', ...rest, cookie, match, data, totalLen: data.length });
  }

  setPort(port: number, isUp: boolean): void {
    const desc = portOf(port, isUp);
    this.says({ type: 'portStatus', xid: 0, reason: portReason.modify, desc });
  }
}

function read(dv: DataView, at: number, length: number): Message {
  const message = decode(version.of13, dv, at, length);
  if (isError(message)) throw new Error(`we sent what nobody can read: ${message.why}`);
  return message;
}

function portOf(portNo: number, isUp: boolean): PortDesc {
  const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
  const about = { portNo, hwAddr: new Uint8Array(6), name: `p${portNo}`, config: 0 };
  return { ...about, state: isUp ? 4 : 1, ...speeds };
}
