/**
 * Conversations that are held twice: with a tenant whose flow-mods stay bytes, and with one who has
 * them become values. Both hear, send, hold and keep the same.
 */
import type { Test } from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { flowMod10 } from '../../openflow/messages/message-layouts.ts';
import { flowMod as layout13 } from '../../openflow/messages/messages.ts';
import { flowCommand, isError, type Version, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random } from '../openflow/random.ts';
import { exampleText } from '../slices/networks.ts';
import { plainRules } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { frames } from '../translation/random-flow-mods.ts';
import { FakeNetwork, type FakeSwitch } from './fake-switches.ts';

const { modify, modifyStrict, delete: deleteLoose, deleteStrict } = flowCommand;

/** Controllers greet; the first of them, and its vswitch, with bytes switched off or not. */
export function firstTenant(net: FakeNetwork, speaks: Version, staysBytes: boolean) {
  for (const { peer } of net.world.dialled) {
    peer.version = speaks;
    peer.user?.onOpen();
    peer.says({ type: 'hello', xid: 1, versions: [speaks] });
  }
  net.run();
  const [dialled] = net.world.dialled;
  const runtime = net.hypervisor
    .runtimes()
    .find((one) => one.controllers.some(({ target }) => target === dialled?.target));
  if (dialled === undefined || runtime === undefined) throw new Error('nobody is dialled');
  if (!staysBytes) {
    runtime.flowMods.relay = () => 0;
    runtime.flowMods.part = () => false;
  }
  return { peer: dialled.peer, runtime };
}

/** What its datapaths are: of several tables, of one, or of OpenFlow 1.0. */
export type Below = 'tables' | 'flat' | '1.0';

/** A network with all datapaths of a kind. */
export function networkOn(below: Below, text: string, store: Store): FakeNetwork {
  const one = text.replace(/(s\d: \{ dpid: \d+) }/g, '$1, encoding: flat }');
  const net = new FakeNetwork(below === 'flat' ? one : text, store);
  if (below === '1.0') for (const { peer } of net.switches.values()) peer.version = version.of10;
  return net;
}

/** A tenant whose flow-mods stay bytes, or do not. */
export class Side {
  readonly net: FakeNetwork;
  readonly runtime: VswitchRuntime;
  readonly store = memoryStore();
  readonly #peer: FakeNetwork['world']['dialled'][number]['peer'];
  /** Requests that values have decided: strict ones, and parts of others. */
  values = 0;
  looseValues = 0;

  readonly #below: Below;

  constructor(text: string, speaks: Version, staysBytes: boolean, below: Below = 'tables') {
    this.#below = below;
    this.net = networkOn(below, text, this.store);
    for (const name of this.net.switches.keys()) this.net.connect(name);
    const { peer, runtime } = firstTenant(this.net, speaks, staysBytes);
    this.#peer = peer;
    this.runtime = runtime;
    const decide = runtime.changes.flowMod.bind(runtime.changes);
    runtime.changes.flowMod = (mod, ...rest): void => {
      if (mod.command === modifyStrict || mod.command === deleteStrict) this.values += 1;
      decide(mod, ...rest);
    };
    const { rulebook } = runtime;
    const apply = rulebook.applySome.bind(rulebook);
    rulebook.applySome = (mod, ...rest) => {
      if (mod.command === modify || mod.command === deleteLoose) this.looseValues += 1;
      return apply(mod, ...rest);
    };
    this.#peer.received();
    for (const one of this.net.switches.values()) one.changes();
  }

  /** What it is told, and what its switches are sent. */
  say(messages: readonly Message[], isAtOnce: boolean) {
    if (isAtOnce) this.#peer.saysAtOnce(...messages);
    else this.#peer.says(...messages);
    this.net.run();
    const sent = [...this.net.switches.values()].map((one) => one.changes().map(withoutXid));
    return { told: this.#peer.received(), sent };
  }

  /** The same, when nobody has said anything for a while. */
  pause(ms: number) {
    this.net.world.pass(ms);
    const { told, sent } = this.say([], false);
    // How long a rule stood depends on when a refusal was known (`live`).
    const timeless = told.map((one) =>
      one.type === 'flowRemoved' ? { ...one, durationSec: 0, durationNsec: 0 } : one,
    );
    return { told: timeless, sent };
  }

  /** Nothing is answered yet. */
  hear(...messages: readonly Message[]): void {
    this.#peer.says(...messages);
  }

  /** Some rules have matched packets since. */
  count(random: Random): void {
    const { rulebook, placement } = this.runtime;
    for (const { serial } of rulebook.rules()) {
      if (random.number(3) > 0) continue;
      const packets = BigInt(random.number(1_000));
      rulebook.saw(
        serial,
        placement.primary,
        { packets, bytes: 64n * packets },
        this.net.world.now,
      );
    }
  }

  get tables() {
    const none = { matched: new Map<number, bigint>(), sentOn: new Map<number, bigint>() };
    return [0, 1, 3].map((id) => this.runtime.rulebook.tables.show(id, none, 0n));
  }

  /** What a start finds in its store, but for moments. */
  kept() {
    const again = networkOn(this.#below, exampleText(), this.store).up();
    const found = again.hypervisor.runtimes().find((one) => one.name === this.runtime.name);
    return found === undefined ? [] : momentless(found.rulebook);
  }
}

export function momentless(book: Rulebook) {
  const rules = plainRules(book);
  return rules.map(({ addedMs: _a, hardFromMs: _h, usedMs: _u, ...rest }) => rest);
}

function withoutXid({ xid: _xid, ...rest }: Message) {
  return rest;
}

/** Flow-mods of a few forms and rules, again and again; many of them strict. */
export function said(
  random: Random,
  speaks: Version,
  pool: readonly Uint8Array[],
): readonly Message[] {
  return random
    .some(12, () => random.pick(pool))
    .flatMap((one) => {
      const frame = one.slice();
      const strict = random.pick([0, 0, modifyStrict, deleteStrict, deleteStrict]);
      if (strict > 0) {
        if (speaks === version.of10) frame[flowMod10.offset.command + 1] = strict;
        else frame[layout13.offset.command] = strict;
      }
      const dv = viewOf(frame);
      const message = decode(speaks, dv, 0, dv.byteLength);
      return isError(message) ? [] : [message];
    });
}

/** The forms, and rules of each. */
export function poolOf(random: Random, speaks: Version): readonly Uint8Array[] {
  const pool: Uint8Array[] = [];
  while (pool.length < 25) pool.push(...frames(random, speaks, 2, () => undefined));
  return pool;
}

const full = { errorType: 5, errorCode: 1 };

/** What a switch refuses, and when it is made anew. */
export type Refusing = (seed: number, round: number) => FakeSwitch['refuse'];

/** By what it says, so that both sides meet the same. */
export const refusesAlways: Refusing = (seed) => (change) => {
  if (change.type !== 'flowMod') return undefined;
  const { cookie, command, priority } = change;
  const of = new Random(Number(cookie & 0xffn) + 7 * command + 31 * priority + 1_000 * seed);
  return of.number(12) === 0 ? full : undefined;
};

/**
 * Of each round another command, and of each rule one: what values learn in several answers, bytes
 * learn in one, so repairs would differ where one rule is refused this and that.
 */
export const refusesOnce: Refusing = (seed, round) => {
  const random = new Random(100 * seed + round);
  const refused = random.pick([modifyStrict, modifyStrict, deleteStrict]);
  const seen = new Set<bigint>();
  return (change) => {
    if (change.type !== 'flowMod' || change.command !== refused || seen.has(change.cookie)) return;
    seen.add(change.cookie);
    return new Random(Number(change.cookie & 0xffn) + round).number(4) === 0 ? full : undefined;
  };
};

/** A conversation, and who draws what is said. */
export interface Life {
  readonly text: string;
  readonly speaks: Version;
  readonly seed: number;
  readonly isAtOnce: boolean;
  readonly draw: (
    random: Random,
    speaks: Version,
    pool: readonly Uint8Array[],
  ) => readonly Message[];
  /** Milliseconds between some of what is said: time-outs end. */
  readonly pauseMs: number;
  readonly refusing: Refusing;
  readonly below?: Below;
  /** How often something is said; nothing is refused before the fifth. */
  readonly rounds?: number;
}

/** Holds it; the two tenants. */
export function live(t: Test, life: Life): readonly [Side, Side] {
  const { text, speaks, seed, isAtOnce, draw, pauseMs, refusing, below, rounds = 12 } = life;
  const random = new Random(seed);
  const pool = poolOf(random, speaks);
  const of = (staysBytes: boolean): Side => new Side(text, speaks, staysBytes, below);
  const [bytes, values] = [of(true), of(false)];
  for (let i = 0; i < rounds; i++) {
    for (const { net } of i < 5 ? [] : [bytes, values]) {
      for (const one of net.switches.values()) one.refuse = refusing(seed, i);
    }
    const round = 1 + random.number(1_000);
    for (const one of [bytes, values]) one.count(new Random(round));
    const barrier: readonly Message[] =
      random.number(2) === 0 ? [{ type: 'barrierRequest', xid: 7 }] : [];
    const messages = [...draw(random, speaks, pool), ...barrier, ...draw(random, speaks, pool)];
    const where = `${speaks}, ${seed}, ${i}`;
    t.strictSame(bytes.say(messages, isAtOnce), values.say(messages, isAtOnce), where);
    const [own, other] = [bytes.runtime.rulebook, values.runtime.rulebook];
    // What waits for two bodies is not read at the same moments, and what is added in place of one
    // that is refused begins anew when that is known.
    const isExact = text === exampleText() && (i < 5 || refusing === refusesAlways);
    const shown = isExact ? plainRules : momentless;
    t.strictSame(shown(own), shown(other), where);
    t.strictSame(bytes.tables, values.tables, where);
    if (pauseMs === 0 || random.number(2) === 0) continue;
    t.strictSame(bytes.pause(pauseMs), values.pause(pauseMs), `${where}, later`);
  }
  t.strictSame(bytes.kept(), values.kept(), `kept, ${seed}`);
  return [bytes, values];
}
