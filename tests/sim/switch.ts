/**
 * A simulated switch: OpenFlow bytes towards its controller, frames on its ports.
 *
 * It lies about barriers as Open vSwitch does: the reply leaves at once, the data path changes up
 * to `lieMs` later (changes keep their order).
 */

import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { withoutField } from '../../openflow/match/match.ts';
import { decode, encode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { extensions } from '../../openflow/messages/extensions.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { readNiciraFlowMod } from '../../openflow/messages/nicira-messages.ts';
import { portReason, type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { fields } from '../../openflow/values/fields.ts';
import type {
  FlowMod,
  Message,
  MultipartReplyBody,
  PortDesc,
} from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { noMeters } from '../../translation/requests/meter-mod.ts';
import type { Holding } from '../support/intent.ts';
import {
  aggregateOf,
  entryKey,
  flowRows,
  groupDescs,
  groupFeatures,
  groupRows,
  portDescs,
  textOf,
} from './descriptions.ts';
import { FRAME_BYTES_MIN, frameOf, packetInOf, walkOf } from './frames.ts';
import { learntIn } from './learnt.ts';
import { type CacheOptions, Megaflows } from './megaflows.ts';
import { description, type Entry, type Frame, type Output, Tables } from './pipeline.ts';
import type { SimWorld } from './world.ts';

type PacketOut = Extract<Message, { type: 'packetOut' }>;
type Request = Extract<Message, { type: 'multipartRequest' }>;

export interface SwitchOptions {
  readonly dpid: bigint;
  /** OpenFlow's version on the wire. */
  readonly speaks: Version;
  readonly lieMs: number;
  readonly ports: readonly number[];
  /** A frame leaves by a port. */
  readonly send: (port: number, frame: Frame) => void;
  /** If packets follow cached flows, and how; then barriers lie about these only. */
  readonly cache?: CacheOptions;
  /** Its version, which is one that forgets cached flows if not said. */
  readonly software?: string;
  /** Told of every message that it is sent. */
  readonly heard?: (message: Message) => void;
  /** Told of every message that it sends, or would if it were connected. */
  readonly says?: (message: Message) => void;
  /** Whether somebody may bend its hello, so that it is taken for one of another version. */
  readonly isBent?: boolean;
}

const RESET_COUNTS = 4;
const CONTROLLER_PORT = 6653;
/** OFPT_FEATURES_REQUEST. */
const FEATURES_REQUEST = 5;
const REDIAL_MS = 50;

export class SimSwitch implements ConnectionUser {
  /** What it says it holds, and what its data path does. */
  readonly #said: Tables;
  readonly #does: Tables;
  readonly #megaflows: Megaflows | undefined;
  readonly #world: SimWorld;
  readonly #options: SwitchOptions;
  readonly #ports: Set<number>;
  #connection: Connection;
  #framer = new Framer({ frameBytesMax: 65_535 });
  #lastChangeMs = 0;
  #isOpen = false;
  /** What it says of an entry that it has no room for. */
  refuses: ((mod: FlowMod) => Message | undefined) | undefined;
  /** Changes that its data path has not been told of. */
  #coming: Message[] = [];

  constructor(world: SimWorld, options: SwitchOptions) {
    this.#world = world;
    this.#options = options;
    this.#ports = new Set(options.ports);
    this.#said = new Tables(options.speaks);
    this.#does = new Tables(options.speaks, () => world.now);
    const { cache, lieMs } = options;
    this.#megaflows = cache && new Megaflows(world, this.#does, lieMs, cache);
    this.#does.learnt = () => this.#megaflows?.changed();
    this.#connection = world.connect(CONTROLLER_PORT, this, 'theirs');
  }

  onOpen(): void {
    this.#isOpen = true;
    this.#framer = new Framer({ frameBytesMax: 65_535 });
    this.#tell({ type: 'hello', xid: 0, versions: [this.#options.speaks] });
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const { speaks, isBent = false } = this.#options;
      const isForAnother = dv.getUint8(at) !== speaks && dv.getUint8(at + 1) === FEATURES_REQUEST;
      if (isBent && isForAnother) return this.#connection.close();
      const message = decode(speaks, dv, at, length);
      if (isError(message)) throw new Error(`we were sent what nobody can read: ${message.why}`);
      this.#receive(inWordsOf10(message));
    });
  }

  onClose(): void {
    this.#isOpen = false;
    this.#world.after(REDIAL_MS, () => {
      this.#connection = this.#world.connect(CONTROLLER_PORT, this, 'theirs');
    });
  }

  /** What it says it holds, as text, in an order of its own. */
  holds(): readonly string[] {
    const { entries, groups } = this.#said;
    // Less what says whose it is: that entry follows the store, not what anybody asked for.
    const rules = entries.filter(({ cookie }) => readCookie(cookie)?.kind !== 'store');
    const flows = rules.map(({ packets: _, ...entry }) => textOf(entry));
    return [...flows, ...[...groups].map(textOf)].sort();
  }

  /** The same for the common assertion; tenants may be busy. */
  holding(): Holding {
    const { entries: flows, groups } = this.#said;
    const isOld = this.#options.speaks === version.of10;
    return { flows, groups, meters: undefined, isOld, isBusy: true };
  }

  /** Somebody else changes it, behind our back. */
  meddle(mod: FlowMod): void {
    this.#change(mod);
  }

  /** Says what no switch would say just now, or ever. */
  inject(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  /** Hangs up, and comes back. */
  cut(): void {
    if (!this.#isOpen) return;
    this.#connection.close();
    this.onClose();
  }

  /** The cable in a port is cut, or whole again. */
  setPort(port: number, isUp: boolean): void {
    if (isUp) this.#does.down.delete(port);
    else this.#does.down.add(port);
    this.#tellPort(portReason.modify, port);
  }

  /** Somebody has given the bridge a port, or taken one away. */
  addPort(port: number): void {
    this.#ports.add(port);
    this.#tellPort(portReason.add, port);
  }

  removePort(port: number): void {
    this.#tellPort(portReason.delete, port);
    this.#ports.delete(port);
  }

  #tellPort(reason: number, port: number): void {
    const desc = this.#portDescs().find(({ portNo }) => portNo === port);
    if (desc !== undefined && this.#isOpen)
      this.#tell({ type: 'portStatus', xid: 0, reason, desc });
  }

  /** A frame arrives on a port. */
  take(port: number, frame: Frame): void {
    const walk = walkOf(frame, port);
    this.#put(this.#megaflows?.take(walk) ?? this.#does.walk(walk, 0));
  }

  #receive(message: Message): void {
    const { xid } = message;
    this.#options.heard?.(message);
    if (message.type === 'echoRequest') this.#tell({ ...message, type: 'echoReply' });
    if (message.type === 'barrierRequest') {
      if (this.#coming.length > 0) this.#handleArrived();
      this.#tell({ type: 'barrierReply', xid });
    }
    const error = message.type === 'flowMod' ? this.refuses?.(message) : undefined;
    if (error !== undefined) this.#tell(error);
    else if (message.type === 'flowMod' || message.type === 'groupMod') this.#change(message);
    if (message.type === 'packetOut') this.#packetOut(message);
    if (message.type === 'multipartRequest') this.#statistics(message);
    if (message.type === 'featuresRequest') {
      const { dpid } = this.#options;
      const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
      const of10 = { actions: 0, ports: this.#portDescs() };
      const more = this.#options.speaks === version.of10 ? { of10 } : {};
      this.#tell({ type: 'featuresReply', xid, dpid, ...rest, ...more });
    }
  }

  #change(message: Message): void {
    for (const entry of this.#said.apply(message)) this.#removed(entry);
    this.#coming.push(message);
    // A rule of the flat encoding is several entries, one change for us: what stands between two
    // barriers changes together. (Cached flows do not, but those of a single entry neither.)
    if (this.#options.speaks !== version.of10) this.#handleArrived();
  }

  #handleArrived(): void {
    const messages = this.#coming;
    this.#coming = [];
    if (this.#megaflows !== undefined) {
      for (const message of messages) this.#does.apply(message);
      this.#megaflows.changed();
      return;
    }
    const { now } = this.#world;
    const atMs = now + this.#world.random() * this.#options.lieMs;
    this.#lastChangeMs = Math.max(this.#lastChangeMs, atMs);
    this.#world.after(this.#lastChangeMs - now, () => {
      for (const message of messages) this.#does.apply(message);
    });
  }

  #removed(entry: Entry): void {
    if ((entry.flags & 1) === 0) return;
    const { cookie, priority, tableId, match } = entry;
    const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
    const alike = this.#does.entries.filter((one) => entryKey(one) === entryKey(entry));
    const packetCount = BigInt(this.#packetsOf(entry, alike));
    const counts = { packetCount, byteCount: packetCount * 64n };
    const what = { cookie, priority, tableId, match, reason: 2, ...times, ...counts };
    this.#tell({ type: 'flowRemoved', xid: 0, ...what });
  }

  /** `alike`: those of the data path in its place. */
  #packetsOf(entry: Entry, alike: readonly Entry[]): number {
    const own = alike.find((one) => one.cookie === entry.cookie);
    // One that replaces another goes on with its packets, though the data path has the other yet.
    const isKept = this.#options.speaks !== version.of10 && (entry.flags & RESET_COUNTS) === 0;
    return own?.packets ?? (isKept ? alike[0]?.packets : undefined) ?? 0;
  }

  #packetOut({ actions, data, inPort }: PacketOut): void {
    if (data.length < FRAME_BYTES_MIN) return;
    this.#put(this.#does.act(actions, walkOf(frameOf(data), inPort)));
  }

  #put(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.type === 'port') this.#options.send(output.port, output.frame);
      else this.#tell(packetInOf(output));
    }
  }

  #statistics({ xid, request }: Request): void {
    const reply = this.#replyTo(request);
    for (const frame of encodeMultipartReply(this.#options.speaks, xid, reply))
      this.#connection.write(frame);
  }

  #replyTo(request: Request['request']): MultipartReplyBody {
    if (request.kind === 'portDesc') return { kind: 'portDesc', ports: this.#portDescs() };
    if (request.kind === 'groupDesc') return groupDescs(this.#said);
    if (request.kind === 'desc') {
      const { software = description.software } = this.#options;
      return { ...description, software };
    }
    if (request.kind === 'meterFeatures') return { kind: 'meterFeatures', ...noMeters };
    if (request.kind === 'groupFeatures') return groupFeatures;
    const all = [...this.#said.entries, ...this.learnt];
    if (request.kind === 'aggregate') return aggregateOf(all, request.filter);
    // Its ports count nothing: what a port has counted is not what the simulator is about.
    if (request.kind === 'portStats') return { kind: 'portStats', ports: [] };
    if (request.kind === 'groupStats') return groupRows(this.#said);
    if (request.kind !== 'flow') throw new Error(`no statistics of kind ${request.kind}`);
    const alike = Map.groupBy(this.#does.entries, entryKey);
    const inPlaceOf = (one: Entry) => alike.get(entryKey(one)) ?? [];
    return flowRows(all, request.filter, (one) => this.#packetsOf(one, inPlaceOf(one)));
  }

  get learnt(): readonly Entry[] {
    return learntIn(this.#does.entries, this.#world.now);
  }

  #portDescs(): readonly PortDesc[] {
    return portDescs([...this.#ports], this.#does.down);
  }

  /** Nothing is sent before a connection is open: a part of it would come before the hello. */
  #tell(message: Message): void {
    this.#options.says?.(message);
    if (this.#isOpen) this.#connection.write(encode(this.#options.speaks, message));
  }
}

/** Nicira's flow-mod as one of 1.0 that says what 1.0 can: so its entry is told of, too. */
function inWordsOf10(message: Message): Message {
  const isNiciras =
    message.type === 'experimenter' && message.expType === extensions.niciraFlowMod.expType;
  if (!isNiciras) return message;
  const mod = readNiciraFlowMod(message, false);
  if (isError(mod)) throw new Error(`we were sent what nobody can read: ${mod.why}`);
  const { oxmClass, field } = fields.pkt_mark;
  return { ...mod, match: withoutField(mod.match, oxmClass, field) };
}
