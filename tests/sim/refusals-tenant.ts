/**
 * A tenant that changes its rules, groups and meters at random, and keeps a list of what it did.
 *
 * What a switch of its own would hold follows from the list without the requests that an error came
 * for: that is the oracle. After every connection it begins with nothing, as after a reset: it
 * deletes everything until that is not refused.
 */
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import {
  flowCommand,
  groupCommand,
  meterCommand,
  group as ofpg,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Instruction, Message } from '../../openflow/values/values.ts';
import { output, rule } from './controllers.ts';
import { ALL_METERS, type Model, obey, touch } from './refusals-model.ts';
import type { SimWorld } from './world.ts';

const MATCHES = 12;
const GROUPS = 3;
const METERS = 3;

export class Session implements ConnectionUser {
  isUp = false;
  isReady = false;
  dpid = 0n;
  /** What was asked for since the connection is there. */
  readonly asked: Message[] = [];
  readonly errors = new Map<number, string>();
  /** Errors for what was never asked, or twice for one request. */
  readonly odd: string[] = [];
  readonly #world: SimWorld;
  readonly #connection: Connection;
  readonly #tenant: Tenant;
  readonly #framer = new Framer({ frameBytesMax: 65_535 });
  #xid = 100;
  /** Of barriers that were not answered, how much had been asked before each. */
  readonly #barriers = new Map<number, number>();
  /** How much of what was asked for is acknowledged. */
  #kept = 0;
  /** The requests that it begins with: what is refused of them is asked for again. */
  readonly #wipes = new Set<number>();

  constructor(world: SimWorld, connection: Connection, tenant: Tenant) {
    this.#world = world;
    this.#connection = connection;
    this.#tenant = tenant;
  }

  onOpen(): void {
    this.isUp = true;
    this.#send({ type: 'hello', xid: 0, versions: [4] });
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const message = decode(version.of13, dv, at, length);
      if (isError(message)) throw new Error(`a tenant got what it cannot read: ${message.why}`);
      this.#receive(message);
    });
  }

  onClose(): void {
    this.isUp = false;
    this.isReady = false;
  }

  #send(message: Message): void {
    if (this.isUp) this.#connection.write(encode(version.of13, message));
  }

  ask(message: Message): void {
    this.#xid += 1;
    const own = { ...message, xid: this.#xid };
    this.asked.push(own);
    this.#send(own);
  }

  /** Barriers that were not answered. */
  get waiting(): number {
    return this.#barriers.size;
  }

  barrier(): void {
    this.#xid += 1;
    this.#barriers.set(this.#xid, this.asked.length);
    this.#send({ type: 'barrierRequest', xid: this.#xid });
  }

  #receive(message: Message): void {
    if (message.type === 'hello') this.#send({ type: 'featuresRequest', xid: 1 });
    if (message.type === 'echoRequest') this.#send({ ...message, type: 'echoReply' });
    if (message.type === 'featuresReply') {
      this.dpid = message.dpid;
      this.#wipe();
      this.isReady = true;
      this.#tenant.sessions.set(this.dpid, this);
      this.#go();
    }
    if (message.type === 'barrierReply') {
      this.#kept = Math.max(this.#kept, this.#barriers.get(message.xid) ?? 0);
      this.#barriers.delete(message.xid);
    }
    if (message.type !== 'error') return;
    const { xid, errorType, errorCode } = message;
    const asked = this.asked.find((one) => one.xid === xid);
    if (asked === undefined) this.odd.push(`error ${errorType}/${errorCode} for ${xid}`);
    else if (this.errors.has(xid)) this.odd.push(`another error for ${xid}`);
    this.errors.set(xid, `${errorType}/${errorCode}`);
    if (this.#wipes.has(xid)) this.#wipe();
    const quoted = new DataView(message.data.buffer, message.data.byteOffset);
    if (message.data.length < 8 || quoted.getUint32(4) !== xid) this.odd.push(`${xid} not quoted`);
  }

  #wipe(): void {
    this.ask({ ...rule([], [], { command: flowCommand.delete, tableId: 0xff }) });
    this.#wipes.add(this.#xid);
    if (!this.#tenant.hasGroups) return;
    this.ask({
      type: 'groupMod',
      xid: 0,
      command: groupCommand.delete,
      groupId: ofpg.all,
      groupType: 0,
      buckets: [],
    });
    this.ask({
      type: 'meterMod',
      xid: 0,
      command: meterCommand.delete,
      meterId: ALL_METERS,
      flags: 0,
      bands: [],
    });
  }

  #go(): void {
    if (!this.isReady) return;
    if (this.#tenant.isBusy) {
      const count = 1 + Math.floor(this.#world.random() * this.#tenant.burst);
      for (let i = 0; i < count; i++) this.ask(this.#tenant.next());
      if (this.#world.random() < 0.4) this.barrier();
    }
    this.#world.after(this.#world.random() * 2 * this.#tenant.everyMs, () => this.#go());
  }

  /** What should be there, by what was asked and what was refused. */
  model(count = this.asked.length): Model {
    const model: Model = { rules: new Map(), groups: new Map(), meters: new Map() };
    for (const one of this.asked.slice(0, count)) if (!this.errors.has(one.xid)) obey(model, one);
    return model;
  }

  /** What is acknowledged, but for what was asked about since, whatever became of that. */
  promised(): Model {
    const model = this.model(this.#kept);
    for (const one of this.asked.slice(this.#kept)) touch(model, one);
    return model;
  }
}

export class Tenant {
  readonly sessions = new Map<bigint, Session>();
  isBusy = true;
  burst = 4;
  everyMs = 8;
  readonly hasGroups: boolean;
  /** Whether deletions may be refused: then none is of many rules, which have one error. */
  readonly isStrict: boolean;
  readonly #world: SimWorld;

  constructor(world: SimWorld, port: number, hasGroups: boolean, isStrict: boolean) {
    this.#world = world;
    this.hasGroups = hasGroups;
    this.isStrict = isStrict;
    const never = (why: string): never => {
      throw new Error(why);
    };
    const accept = (connection: Connection) => new Session(world, connection, this);
    world.listen({ host: '127.0.0.1', port }, { accept, refused: never, failed: never });
  }

  next(): Message {
    const pick = (count: number): number => Math.floor(this.#world.random() * count);
    const kind = pick(this.hasGroups ? 14 : 10);
    if (kind >= 12) return this.#nextMeter(1 + pick(METERS), pick);
    if (kind >= 10) return this.#nextGroup(1 + pick(GROUPS), pick);
    const { add, modify, modifyStrict, deleteStrict } = flowCommand;
    const wide = this.isStrict ? modifyStrict : modify;
    const command =
      [add, add, add, add, add, modifyStrict, modifyStrict, wide, deleteStrict, deleteStrict][
        kind
      ] ?? add;
    const isWide = command === modify;
    const match = isWide ? [] : matchOf(oxm('eth_dst', 1 + pick(MATCHES)));
    const flags = pick(3) === 0 ? 1 : 0;
    const cookie = BigInt(1 + pick(1_000));
    return {
      ...rule(match, [], { command, cookie, instructions: this.#instructions(pick) }),
      flags,
    };
  }

  #instructions(pick: (count: number) => number): readonly Instruction[] {
    const apply: Instruction = { type: 'applyActions', actions: [output(1 + pick(2))] };
    if (!this.hasGroups) return [apply];
    const kind = pick(8);
    if (kind === 0) return [{ type: 'meter', meterId: 1 + pick(METERS) }, apply];
    if (kind !== 1) return [apply];
    return [{ type: 'applyActions', actions: [{ type: 'group', groupId: 1 + pick(GROUPS) }] }];
  }

  #nextGroup(groupId: number, pick: (count: number) => number): Message {
    const command = [groupCommand.add, groupCommand.modify, groupCommand.delete][pick(3)] ?? 0;
    const bucket = {
      weight: 0,
      watchPort: 0xffff_ffff,
      watchGroup: 0xffff_ffff,
      actions: [output(1 + pick(2))],
    };
    const buckets = command === groupCommand.delete ? [] : [bucket];
    return { type: 'groupMod', xid: 0, command, groupId, groupType: 2, buckets };
  }

  #nextMeter(meterId: number, pick: (count: number) => number): Message {
    const command = [meterCommand.add, meterCommand.modify, meterCommand.delete][pick(3)] ?? 0;
    const bands =
      command === meterCommand.delete
        ? []
        : [{ type: 'drop', rate: 1 + pick(9), burstSize: 5 } as const];
    return { type: 'meterMod', xid: 0, command, meterId, flags: 1, bands };
  }
}
