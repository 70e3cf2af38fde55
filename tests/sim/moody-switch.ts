/**
 * A switch that refuses: because it is full, by the kind of message, at random; that answers late;
 * and that lies, in ways that the specification forbids. What it does follows from its mood.
 */
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { decode, encode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { flowCommand, type Version, version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message, MultipartReplyBody, OfError } from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { FRAME_BYTES_MIN, frameOf } from './frames.ts';
import { MoodyTables } from './moody-tables.ts';
import type { Entry, Frame } from './pipeline.ts';
import type { SimWorld } from './world.ts';

/** How a refusal reaches the controller that it is for. */
export type Lie = 'none' | 'afterBarrier' | 'otherXid' | 'unknownXid' | 'reset';

export interface Mood {
  /** How likely what a tenant made is refused, by kind of message. */
  readonly refuses: Readonly<
    Record<'add' | 'modify' | 'delete' | 'guard' | 'group' | 'meter', number>
  >;
  /** Answers wait for up to so long. */
  readonly lateMs: number;
  readonly lie: Lie;
}

export const calm: Mood = {
  refuses: { add: 0, modify: 0, delete: 0, guard: 0, group: 0, meter: 0 },
  lateMs: 0,
  lie: 'none',
};

const CONTROLLER_PORT = 6653;
const REDIAL_MS = 50;

export class MoodySwitch implements ConnectionUser {
  mood: Mood = calm;
  readonly tables: MoodyTables;
  /** How many messages it has refused. */
  refused = 0;
  readonly isOld: boolean;
  /** Where what it is told to send goes, by port; nowhere if not said. */
  readonly cables = new Map<number, (frame: Frame) => void>();
  readonly #world: SimWorld;
  readonly #dpid: bigint;
  readonly #speaks: Version;
  readonly #ports: readonly number[];
  #connection: Connection;
  #framer = new Framer({ frameBytesMax: 65_535 });
  /** Errors that are to come when it is too late. */
  #owed: Message[] = [];
  #saysAtMs = 0;
  #lastXid = 0;
  #isUp = false;

  constructor(world: SimWorld, dpid: bigint, speaks: Version, ports: readonly number[]) {
    this.#world = world;
    this.#dpid = dpid;
    this.#speaks = speaks;
    this.#ports = ports;
    this.tables = new MoodyTables(speaks);
    this.isOld = speaks === version.of10;
    this.#connection = world.connect(CONTROLLER_PORT, this, 'theirs');
  }

  onOpen(): void {
    this.#isUp = true;
    this.#framer = new Framer({ frameBytesMax: 65_535 });
    this.#owed = [];
    this.#say({ type: 'hello', xid: 0, versions: [this.#speaks] });
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      // It has hung up because of what came before in the same chunk.
      if (!this.#isUp) return;
      const message = decode(this.#speaks, dv, at, length);
      if (isError(message)) throw new Error(`we were sent what nobody can read: ${message.why}`);
      this.#receive(message, new Uint8Array(dv.buffer, dv.byteOffset + at, length).slice());
    });
  }

  onClose(): void {
    this.#isUp = false;
    this.#world.after(REDIAL_MS, () => {
      this.#connection = this.#world.connect(CONTROLLER_PORT, this, 'theirs');
    });
  }

  #receive(message: Message, bytes: Uint8Array): void {
    const { xid } = message;
    switch (message.type) {
      case 'echoRequest':
        this.#say({ ...message, type: 'echoReply' });
        break;
      case 'barrierRequest':
        this.#say({ type: 'barrierReply', xid });
        for (const error of this.#owed.splice(0)) this.#say(error);
        break;
      case 'multipartRequest': {
        const reply = this.#replyTo(message.request);
        if (reply !== undefined) this.#sayParts(xid, reply);
        else this.#refuse(xid, ofError('badRequest', 'badMultipart', 'no such thing'), bytes);
        break;
      }
      case 'featuresRequest': {
        const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
        const of10 =
          this.#speaks === version.of10 ? { of10: { actions: 0, ports: this.#descs() } } : {};
        this.#say({ type: 'featuresReply', xid, dpid: this.#dpid, ...rest, ...of10 });
        break;
      }
      case 'flowMod':
      case 'groupMod':
      case 'meterMod':
        this.#change(message, bytes);
        break;
      case 'packetOut':
        this.#send(message);
        break;
      default:
    }
  }

  /** A frame arrives on a port: there are none but Limevisor's own, which it wants to see. */
  take(port: number, frame: Frame): void {
    for (const one of this.#isUp ? this.tables.toldOf(frame, port) : []) this.#say(one);
  }

  #send({ actions, data }: Extract<Message, { type: 'packetOut' }>): void {
    if (data.length < FRAME_BYTES_MIN) return;
    for (const action of actions) {
      if (action.type === 'output') this.cables.get(action.port)?.(frameOf(data));
    }
  }

  #change(message: Message, bytes: Uint8Array): void {
    const result = this.#whim(message) ?? this.tables.apply(message);
    if (!isError(result)) for (const entry of result) this.#removed(entry);
    else {
      this.refused += 1;
      this.#refuse(message.xid, result, bytes);
    }
    this.#lastXid = message.xid;
  }

  /** The error that it feels like. */
  #whim(message: Message): OfError | undefined {
    const { refuses } = this.mood;
    const happens = (chance: number): boolean => chance > 0 && this.#world.random() < chance;
    if (message.type === 'groupMod') {
      // The wiring's are below.
      const isOurs = message.groupId < 0xff00_0000 || message.command === 2;
      return !isOurs && happens(refuses.group)
        ? ofError('groupModFailed', 'eperm', 'no')
        : undefined;
    }
    if (message.type === 'meterMod') {
      const isDelete = message.command === 2;
      return !isDelete && happens(refuses.meter)
        ? ofError('meterModFailed', 'badRate', 'no')
        : undefined;
    }
    if (message.type !== 'flowMod') return undefined;
    const kind = readCookie(message.cookie)?.kind;
    const isRule = kind === 'rule' || kind === 'tagged';
    const { command } = message;
    const chance =
      kind === 'guard' && command < flowCommand.delete
        ? refuses.guard
        : !isRule
          ? 0
          : command === flowCommand.add
            ? refuses.add
            : command === flowCommand.modify || command === flowCommand.modifyStrict
              ? refuses.modify
              : command === flowCommand.deleteStrict
                ? refuses.delete
                : 0;
    return happens(chance) ? ofError('flowModFailed', 'eperm', 'no') : undefined;
  }

  #refuse(xid: number, { errorType, errorCode }: OfError, bytes: Uint8Array): void {
    const data = bytes.subarray(0, 64);
    const error = { type: 'error', xid, errorType, errorCode, data } as const;
    switch (this.mood.lie) {
      case 'none':
        this.#say(error);
        break;
      case 'afterBarrier':
        this.#owed.push(error);
        break;
      case 'otherXid':
        this.#say({ ...error, xid: this.#lastXid });
        break;
      case 'unknownXid':
        this.#say({ ...error, xid: 0xffff_fff0, data: new Uint8Array(0) });
        break;
      case 'reset':
        this.cut();
        break;
    }
  }

  /** Hangs up, and comes back. */
  cut(): void {
    if (!this.#isUp) return;
    this.#connection.close();
    this.#owed = [];
    this.onClose();
  }

  #removed({ flags, cookie, priority, tableId, match }: Entry): void {
    if ((flags & 1) === 0) return;
    const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
    const what = { cookie, priority, tableId, match, reason: 2, ...times };
    this.#say({ type: 'flowRemoved', xid: 0, ...what, packetCount: 0n, byteCount: 0n });
  }

  #replyTo(
    request: Extract<Message, { type: 'multipartRequest' }>['request'],
  ): MultipartReplyBody | undefined {
    const { groups, meters, entries } = this.tables;
    const times = { durationSec: 0, durationNsec: 0 };
    const counts = { packetCount: 0n, byteCount: 0n };
    switch (request.kind) {
      case 'portDesc':
        return { kind: 'portDesc', ports: this.#descs() };
      case 'portStats':
        return { kind: 'portStats', ports: [] };
      case 'groupDesc':
        return {
          kind: 'groupDesc',
          groups: [...groups].map(([groupId, one]) => ({ groupId, ...one })),
        };
      case 'groupStats':
        return {
          kind: 'groupStats',
          groups: [...groups.keys()].map((groupId) => {
            return { groupId, refCount: 0, ...counts, ...times, buckets: [] };
          }),
        };
      case 'meterFeatures':
        return {
          kind: 'meterFeatures',
          maxMeter: 1_000,
          bandTypes: 2,
          capabilities: 15,
          maxBands: 4,
          maxColor: 0,
        };
      case 'meterConfig':
        return { kind: 'meterConfig', meters: [...meters.values()] };
      case 'meterStats':
        return {
          kind: 'meterStats',
          meters: [...meters.keys()].map((meterId) => {
            return { meterId, flowCount: 0, ...counts, ...times, bands: [] };
          }),
        };
      case 'flow': {
        const { cookie, cookieMask, tableId } = request.filter;
        const never = { ...times, idleTimeoutSec: 0, hardTimeoutSec: 0 };
        const flows = entries
          .filter((entry) => tableId === 0xff || entry.tableId === tableId)
          .filter((entry) => (entry.cookie & cookieMask) === (cookie & cookieMask))
          .map((entry) => ({ ...entry, ...never, ...counts }));
        return { kind: 'flow', flows };
      }
      default:
        return undefined;
    }
  }

  #descs() {
    const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
    const common = { hwAddr: new Uint8Array(6), name: 'sim', config: 0, state: 4, ...speeds };
    return this.#ports.map((portNo) => ({ portNo, ...common }));
  }

  #sayParts(xid: number, reply: MultipartReplyBody): void {
    for (const frame of encodeMultipartReply(this.#speaks, xid, reply)) this.#write(frame);
  }

  #say(message: Message): void {
    this.#write(encode(this.#speaks, message));
  }

  /** In order, after a while. */
  #write(bytes: Uint8Array): void {
    const connection = this.#connection;
    const { now } = this.#world;
    this.#saysAtMs = Math.max(this.#saysAtMs, now + this.#world.random() * this.mood.lateMs);
    this.#world.at(this.#saysAtMs, () => connection.write(bytes));
  }
}
