/** One of the switches that a vswitch is on (cloned.ts), and what it is told. */
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import {
  flowFlag,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import type { ClonedOptions } from './cloned.ts';
import {
  actionsBelow,
  arrivals,
  below,
  guards,
  inPortOf,
  isOurs,
  onwards,
} from './cloned-entries.ts';
import { frameOf } from './frames.ts';

type PacketIn = Extract<Message, { type: 'packetIn' }>;
type PacketOut = Extract<Message, { type: 'packetOut' }>;

interface User {
  joined(body: Body): void;
  heard(body: Body, message: Message): void;
}

export class Body implements ConnectionUser {
  index = -1;
  /** By cookie, when its counter became more. */
  readonly seenMs = new Map<bigint, number>();
  readonly #connection: Connection;
  readonly #options: ClonedOptions;
  readonly #user: User;
  readonly #framer = new Framer({ frameBytesMax: 65_535 });
  readonly #barriers = new Map<number, () => void>();
  readonly #questions = new Map<number, (rows: ReadonlyMap<bigint, number>) => void>();
  readonly #rows = new Map<bigint, number>();
  readonly #expired = new Set<bigint>();
  #xid = 1;

  constructor(connection: Connection, options: ClonedOptions, user: User) {
    this.#connection = connection;
    this.#options = options;
    this.#user = user;
  }

  onOpen(): void {
    this.#tell({ type: 'hello', xid: 0, versions: [4] });
    this.#tell({ type: 'featuresRequest', xid: 0 });
  }

  onClose(): void {
    throw new Error('no switch hangs up here');
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const message = decode(version.of13, dv, at, length);
      if (isError(message)) throw new Error(message.why);
      this.#receive(message);
    });
  }

  #receive(message: Message): void {
    const { xid } = message;
    if (message.type === 'featuresReply') {
      this.index = Number(message.dpid) - 1;
      const isDelivered = this.#options.ways.arriving === 'delivered';
      for (const one of isDelivered ? arrivals(this.index, this.#options) : []) this.#tell(one);
      this.#user.joined(this);
    } else if (message.type === 'barrierReply') {
      const done = this.#barriers.get(xid);
      this.#barriers.delete(xid);
      done?.();
    } else if (message.type === 'multipartReply' && message.reply.kind === 'flow') {
      for (const { cookie, packetCount } of message.reply.flows) {
        if (isOurs(cookie)) continue;
        this.#rows.set(cookie, (this.#rows.get(cookie) ?? 0) + Number(packetCount));
      }
      if ((message.flags & 1) !== 0) return;
      const rows = new Map(this.#rows);
      this.#rows.clear();
      this.#questions.get(xid)?.(rows);
      this.#questions.delete(xid);
    } else if (message.type === 'echoRequest') this.#tell({ ...message, type: 'echoReply' });
    else this.#user.heard(this, message);
  }

  #tell(message: Message): void {
    this.#connection.write(encode(version.of13, message));
  }

  get #how() {
    const { arriving, upAndOn } = this.#options.ways;
    return {
      body: this.index,
      ports: this.#options,
      isProcessed: arriving === 'processed',
      isSerialized: upAndOn === 'serialized',
    };
  }

  /** Whether a vport's host is plugged in here. */
  has(vport: number): boolean {
    return this.#options.places.get(vport) === this.index;
  }

  barrier(done: () => void): void {
    this.#xid += 1;
    this.#barriers.set(this.#xid, done);
    this.#tell({ type: 'barrierRequest', xid: this.#xid });
  }

  change(mod: FlowMod): void {
    const { sendFlowRem } = flowFlag;
    for (const one of below(mod, this.#how)) this.#tell({ ...one, flags: one.flags | sendFlowRem });
  }

  /** How many a rule is here. */
  entries(mod: FlowMod): number {
    return below(mod, this.#how).length;
  }

  guard(mods: readonly FlowMod[], isOn: boolean): void {
    for (const mod of mods) for (const one of guards(mod, isOn, this.#how)) this.#tell(one);
  }

  /** It goes here, and nowhere else; false if it has gone. */
  expires(mod: FlowMod): boolean {
    if (this.#expired.has(mod.cookie)) return false;
    this.change(mod);
    this.#expired.add(mod.cookie);
    return true;
  }

  count(done: (rows: ReadonlyMap<bigint, number>) => void): void {
    this.#xid += 1;
    this.#questions.set(this.#xid, done);
    const all = { tableId: 0xff, outPort: ofpp.any, outGroup: ofpg.any };
    const filter = { ...all, cookie: 0n, cookieMask: 0n, match: [] };
    const request = { kind: 'flow', filter } as const;
    this.#tell({ type: 'multipartRequest', xid: this.#xid, flags: 0, request });
  }

  /** As the controller knows ports. */
  northMatch(match: Match): Match {
    return matchOf(oxm('in_port', inPortOf(match) ?? 0));
  }

  /** A packet-out of the controller's. */
  put({ inPort, actions, data }: Pick<PacketOut, 'inPort' | 'actions' | 'data'>): void {
    const some = actions.flatMap((one) => actionsBelow(one, inPort, this.#how));
    const rest = { xid: 0, bufferId: NO_BUFFER };
    this.#tell({ type: 'packetOut', ...rest, inPort, actions: some, data });
  }

  /** Does with a packet that went up what its rule says besides (LIME 4.1). */
  goOn(mod: FlowMod, { match, data }: PacketIn): void {
    if (frameOf(data).tags.length > 0) return;
    this.put({ inPort: inPortOf(match) ?? 0, actions: onwards(mod), data });
  }
}
