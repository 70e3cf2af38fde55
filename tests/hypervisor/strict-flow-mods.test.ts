/**
 * Modifies and deletes that name one rule stay bytes. Random conversations of both versions, with
 * what datapaths refuse: whoever has them become values hears, sends, holds and keeps the same.
 */
import t, { type Test } from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { flowMod10 } from '../../openflow/messages/message-layouts.ts';
import { flowMod as layout13 } from '../../openflow/messages/messages.ts';
import { flowCommand, isError, type Version, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random } from '../openflow/random.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs, plainRules } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { frames } from '../translation/random-flow-mods.ts';
import { FakeNetwork } from './fake-switches.ts';
import { textOf } from './moved-members.ts';

const { modifyStrict, deleteStrict } = flowCommand;

/** A tenant whose flow-mods stay bytes, or do not. */
class Side {
  readonly net: FakeNetwork;
  readonly runtime: VswitchRuntime;
  readonly store = memoryStore();
  readonly #peer: FakeNetwork['world']['dialled'][number]['peer'];
  values = 0;

  constructor(text: string, speaks: Version, staysBytes: boolean) {
    this.net = new FakeNetwork(text, this.store);
    for (const name of this.net.switches.keys()) this.net.connect(name);
    for (const { peer } of this.net.world.dialled) {
      peer.version = speaks;
      peer.user?.onOpen();
      peer.says({ type: 'hello', xid: 1, versions: [speaks] });
    }
    this.net.run();
    const [dialled] = this.net.world.dialled;
    const runtime = this.net.hypervisor
      .runtimes()
      .find((one) => one.controllers.some(({ target }) => target === dialled?.target));
    if (dialled === undefined || runtime === undefined) throw new Error('nobody is dialled');
    this.#peer = dialled.peer;
    this.runtime = runtime;
    if (!staysBytes) runtime.flowMods.relay = () => 0;
    const decide = runtime.changes.flowMod.bind(runtime.changes);
    runtime.changes.flowMod = (mod, ...rest): void => {
      if (mod.command === modifyStrict || mod.command === deleteStrict) this.values += 1;
      decide(mod, ...rest);
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
    const again = FakeNetwork.started(exampleText(), this.store);
    const found = again.hypervisor.runtimes().find((one) => one.name === this.runtime.name);
    return found === undefined ? [] : momentless(found.rulebook);
  }
}

function momentless(book: Rulebook) {
  const rules = plainRules(book);
  return rules.map(({ addedMs: _a, hardFromMs: _h, usedMs: _u, ...rest }) => rest);
}

function withoutXid({ xid: _xid, ...rest }: Message) {
  return rest;
}

/** Flow-mods of a few forms and rules, again and again; many of them strict. */
function said(random: Random, speaks: Version, pool: readonly Uint8Array[]): readonly Message[] {
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
function poolOf(random: Random, speaks: Version): readonly Uint8Array[] {
  const pool: Uint8Array[] = [];
  while (pool.length < 25) pool.push(...frames(random, speaks, 2, () => undefined));
  return pool;
}

const full = { errorType: 5, errorCode: 1 };

/** By what it says, so that both sides meet the same. */
const refusing = (seed: number) => (change: Message) => {
  if (change.type !== 'flowMod') return undefined;
  const { cookie, command, priority } = change;
  const of = new Random(Number(cookie & 0xffn) + 7 * command + 31 * priority + 1_000 * seed);
  return of.number(12) === 0 ? full : undefined;
};

interface Life {
  readonly text: string;
  readonly speaks: Version;
  readonly seed: number;
  readonly isAtOnce: boolean;
}

function live(t: Test, { text, speaks, seed, isAtOnce }: Life): readonly [number, number] {
  const random = new Random(seed);
  const pool = poolOf(random, speaks);
  const [bytes, values] = [new Side(text, speaks, true), new Side(text, speaks, false)];
  for (let i = 0; i < 12; i++) {
    if (i === 5) {
      for (const { net } of [bytes, values]) {
        for (const one of net.switches.values()) one.refuse = refusing(seed);
      }
    }
    const round = 1 + random.number(1_000);
    for (const one of [bytes, values]) one.count(new Random(round));
    const barrier: readonly Message[] =
      random.number(2) === 0 ? [{ type: 'barrierRequest', xid: 7 }] : [];
    const messages = [...said(random, speaks, pool), ...barrier, ...said(random, speaks, pool)];
    const where = `${speaks}, ${seed}, ${i}`;
    t.strictSame(bytes.say(messages, isAtOnce), values.say(messages, isAtOnce), where);
    const [own, other] = [bytes.runtime.rulebook, values.runtime.rulebook];
    // What waits for two bodies is not read at the same moments.
    const shown = text === exampleText() ? plainRules : momentless;
    t.strictSame(shown(own), shown(other), where);
    t.strictSame(bytes.tables, values.tables, where);
  }
  t.strictSame(bytes.kept(), values.kept(), `kept, ${seed}`);
  return [bytes.values, values.values];
}

for (const speaks of [version.of13, version.of10]) {
  t.test(`version ${speaks}: bytes and values are the same`, async (t) => {
    let [one, other] = [0, 0];
    for (let seed = 1; seed <= 4; seed++) {
      const text = seed % 4 === 0 ? textOf('[s1, s2]') : exampleText();
      const counts = live(t, { text, speaks, seed, isAtOnce: seed % 2 === 0 });
      one += counts[0];
      other += counts[1];
    }
    t.comment(`${one} of ${other} are values`);
    t.ok(one < 0.95 * other, `${one} of ${other} are values`);
  });
}

/** The lists that a store has of what may be refused. */
function listsIn(store: Side['store']): readonly string[] {
  const all = Buffer.concat(store.load()).toString('latin1');
  return [...all.matchAll(/change\/[\w/]+?(\[\{.*?\}\])/g)].map(([, list]) => list ?? '');
}

t.test('what was open when its datapath went is in the store as it was before', async (t) => {
  const rule = (command: number, port: number, priority = 5): FlowMod =>
    flowMod({ command, priority, match: matchOf(oxm('eth_dst', 7)), instructions: outputs(port) });
  const found = [true, false].map((staysBytes) => {
    const side = new Side(exampleText(), version.of13, staysBytes);
    // Forms are made of what comes again.
    for (let i = 0; i < 3; i++) {
      side.say([rule(0, 2), rule(0, 2, 6), rule(modifyStrict, 1), rule(deleteStrict, 1, 6)], false);
    }
    side.say([rule(0, 2), rule(0, 2, 6), { type: 'barrierRequest', xid: 9 }], false);
    side.values = 0;
    side.hear(rule(modifyStrict, 1), rule(deleteStrict, 1, 6));
    const { peer } = side.net.switch(side.runtime.placement.primary);
    peer.user?.onClose('it is gone');
    // Memory that the lot has given back is somebody else's by now.
    side.hear(...Array.from({ length: 9 }, () => rule(modifyStrict, 1)));
    side.net.world.pass(50);
    return { list: listsIn(side.store).at(-1), values: side.values };
  });
  const [bytes, values] = found;
  t.match(bytes?.list, /"rule":/);
  t.equal(bytes?.list, values?.list);
  t.ok((bytes?.values ?? 0) < (values?.values ?? 0), 'they were bytes');
});
