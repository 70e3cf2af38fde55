/** What is to be known of the rules of a vswitch that is on several switches (cloned.ts). */
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { FlowMod, FlowStats, Message } from '../../openflow/values/values.ts';
import type { Ways } from './cloned.ts';
import type { Body } from './cloned-body.ts';
import type { SimWorld } from './world.ts';

interface Counting {
  readonly mod: FlowMod;
  /** Of each switch, what it has counted. */
  readonly counts: Map<Body, number>;
  readonly addedMs: number;
  seenMs: number;
  isGoing: boolean;
}

/** A rule that goes: how many entries have not said so yet, and what the others had counted. */
interface Going {
  readonly isIdle: boolean;
  readonly mod: FlowMod;
  left: number;
  packets: number;
}

type Told = Extract<Message, { type: 'flowRemoved' }>;

/** The xid of a deletion that nobody asked for. */
const EXPIRY = 0x7fff_0000;

export class ClonedRules {
  readonly #world: SimWorld;
  readonly #ways: Ways;
  readonly #bodies: readonly Body[];
  readonly #rules = new Map<bigint, Counting>();
  readonly #going = new Map<bigint, Going>();

  constructor(world: SimWorld, ways: Ways, bodies: readonly Body[]) {
    this.#world = world;
    this.#ways = ways;
    this.#bodies = bodies;
  }

  /** A rule that is there. */
  at(cookie: bigint): FlowMod | undefined {
    return this.#rules.get(cookie)?.mod;
  }

  get hasTimed(): boolean {
    return [...this.#rules.values()].some(({ mod }) => mod.idleTimeoutSec > 0);
  }

  /** A change, for time-outs and counters. */
  note(mod: FlowMod): void {
    if (mod.command === flowCommand.add) {
      const { now } = this.#world;
      const rule = { mod, counts: new Map(), addedMs: now, seenMs: now, isGoing: false };
      this.#rules.set(mod.cookie, rule);
    }
    if (mod.command !== flowCommand.delete && mod.command !== flowCommand.deleteStrict) return;
    const rule = this.#rules.get(mod.cookie);
    if (rule === undefined) return;
    this.#rules.delete(mod.cookie);
    if ((rule.mod.flags & flowFlag.sendFlowRem) === 0) return;
    this.#goes(rule.mod, mod.xid === EXPIRY);
  }

  #goes(mod: FlowMod, isIdle: boolean): void {
    if (this.#going.has(mod.cookie)) return;
    const left = this.#bodies.reduce((sum, body) => sum + body.entries(mod), 0);
    this.#going.set(mod.cookie, { isIdle, mod, left, packets: 0 });
  }

  /** A switch says that an entry has gone: what the controller is to be told. */
  removed({ cookie, packetCount }: Told): Message | undefined {
    const packets = Number(packetCount);
    const going = this.#going.get(cookie);
    if (going === undefined) return undefined;
    if (this.#ways.removals === 'each') return toldOf(going, packets);
    going.left -= 1;
    going.packets += packets;
    if (going.left > 0) return undefined;
    this.#going.delete(cookie);
    return toldOf(going, going.packets);
  }

  read(body: Body, rows: ReadonlyMap<bigint, number>): void {
    for (const [cookie, packets] of rows) {
      const rule = this.#rules.get(cookie);
      if (rule === undefined) continue;
      const isMore = packets > (rule.counts.get(body) ?? 0);
      if (isMore) rule.seenMs = this.#world.now;
      if (isMore) body.seenMs.set(cookie, this.#world.now);
      rule.counts.set(body, packets);
    }
  }

  /** A switch is left, and what it has counted goes with it. */
  forget(body: Body): void {
    for (const { counts } of this.#rules.values()) counts.delete(body);
  }

  /** Rules that nobody has used for long enough: their deletions. */
  expired(): readonly FlowMod[] {
    const { now } = this.#world;
    return [...this.#rules.values()].flatMap((rule) => {
      const { mod, addedMs, seenMs, isGoing } = rule;
      const idleMs = mod.idleTimeoutSec * 1_000;
      if (idleMs === 0) return [];
      const gone = { ...mod, command: flowCommand.deleteStrict, xid: EXPIRY };
      if (this.#ways.idle === 'all') {
        if (isGoing || now - seenMs < idleMs) return [];
        rule.isGoing = true;
        return [gone];
      }
      // Each switch by itself, as time-outs of its own would be.
      for (const body of this.#bodies) {
        const since = body.seenMs.get(mod.cookie) ?? addedMs;
        if (now - since >= idleMs && body.expires(gone)) this.#goes(mod, true);
      }
      return [];
    });
  }

  rows(): readonly FlowStats[] {
    return [...this.#rules.values()].map(({ mod, counts }): FlowStats => {
      const { cookie, priority, match, instructions, flags, tableId } = mod;
      const packetCount = BigInt([...counts.values()].reduce((sum, one) => sum + one, 0));
      const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
      const what = { cookie, priority, match, instructions, flags, tableId };
      return { ...what, ...times, packetCount, byteCount: 0n };
    });
  }
}

function toldOf({ isIdle, mod }: Going, packets: number): Message {
  const { cookie, priority, match, tableId, idleTimeoutSec } = mod;
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec, hardTimeoutSec: 0 };
  const counts = { packetCount: BigInt(packets), byteCount: 0n };
  const what = { cookie, priority, match, tableId, reason: isIdle ? 0 : 2 };
  return { type: 'flowRemoved', xid: 0, ...what, ...times, ...counts };
}
