/**
 * The journal on a real store: rules, placements, tags and migrations come back as they were.
 */

import { join } from 'node:path';
import t from 'tap';
import { Journal } from '../../hypervisor/store/journal.ts';
import { loadWhole } from '../../hypervisor/store/recovery.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { printFlow } from '../../openflow/print/print.ts';
import { flowCommand, meterCommand } from '../../openflow/values/constants.ts';
import { type Meter, MeterTable, meterIds } from '../../slices/groups-meters/meters.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { type Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import { Unanswered } from '../../translation/changes/unanswered.ts';
import { flowStats } from '../../translation/controllers/statistics.ts';
import { begin } from '../../translation/migration/migration.ts';
import { entriesIn } from '../../translation/stored/stored-entries.ts';
import { Random, randomInstructions, randomMatch } from '../openflow/random.ts';
import { clonedOn, datapath, exampleText, snapshotOf, vswitchName } from '../slices/networks.ts';
import { change, flowMod, plain } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld } from './fake-world.ts';

const v1 = vswitchName('red/v1');

/** A journal on a file; `reopen` is what the next process finds, whose clock began anew. */
function onFile(dir: string) {
  const file = join(dir, 'limevisor.db');
  let store = openStore(file, () => 0.5);
  const world = new FakeWorld();
  const reopen = (nowMs: number) => {
    store.close();
    store = openStore(file, () => 0.5);
    const later = new FakeWorld();
    later.now = nowMs;
    // The same wall clock: it goes on where the other stopped.
    later.wallClockMs = () => 1_700_000_000_000 + world.now + later.now - nowMs;
    return { journal: new Journal(later, store), world: later };
  };
  return { world, journal: new Journal(world, store), reopen, close: () => store.close() };
}

/** What a journal loads of a vswitch's rules. */
function loadedBook(journal: Journal, name = v1): Rulebook {
  const state = { rulebook: new Rulebook(), unanswered: new Unanswered() };
  const stored = journal.load().rules.get(name);
  if (stored !== undefined) loadWhole(journal.loadOf(name, stored, state));
  return state.rulebook;
}

/** A rule without its tally, and with times as ages. */
function shown(rule: Rule, nowMs: number) {
  const { serial, hardFromMs } = rule;
  return [serial, Math.round(nowMs - hardFromMs), printFlow(flowStats(rule, nowMs))];
}

t.test('any rule comes back with its age, its cookie and its counts', async (t) => {
  const { world, journal, reopen, close } = onFile(t.testdir());
  const random = new Random(5);
  const book = new Rulebook();
  for (let i = 0; i < 50; i++) {
    const head = { priority: i, cookie: BigInt(random.number(0x7fffffff)) * 0x1_0000_0001n };
    const time = { idleTimeoutSec: random.number(9), hardTimeoutSec: random.number(9), flags: 1 };
    const body = { match: randomMatch(random), instructions: randomInstructions(random) };
    change(book, flowMod({ ...head, ...time, ...body }), world.now + i);
  }
  world.pass(10_000);
  for (const rule of book.rules()) {
    rule.counter.saw(datapath('s1'), { packets: 1n << 40n, bytes: 1n << 50n });
    rule.counter.leave(datapath('s1'));
    journal.put({ type: 'rule', vswitch: v1, rule });
  }
  journal.flush();
  const again = reopen(77);
  const rules = loadedBook(again.journal).rules();
  t.strictSame(
    rules.map((rule) => shown(rule, 77)).sort(),
    book
      .rules()
      .map((rule) => shown(rule, world.now))
      .sort(),
  );
  t.ok(
    rules.every((rule) => rule.usedMs === 77),
    'as if just used: never early',
  );
  close();
});

t.test('serials are never used again, also of rules that are gone', async (t) => {
  const { journal, reopen, close } = onFile(t.testdir());
  const book = new Rulebook();
  let last = 0;
  for (let i = 0; i < 10; i++) {
    const { rule } = change(book, flowMod({ priority: i }));
    journal.put({ type: 'rule', vswitch: v1, rule });
    journal.put({ type: 'noRule', vswitch: v1, serial: rule.serial });
    last = rule.serial;
  }
  journal.flush();
  for (let restart = 0; restart < 5; restart++) {
    const { journal: next } = reopen(0);
    const { serials, rules } = next.load();
    t.equal(rules.get(v1)?.count ?? 0, 0);
    const { rule } = change(new Rulebook(serials.get(v1)), flowMod());
    t.ok(rule.serial > last, `${rule.serial} after ${last}`);
    last = rule.serial;
    next.put({ type: 'rule', vswitch: v1, rule });
    next.put({ type: 'noRule', vswitch: v1, serial: rule.serial });
    next.flush();
  }
  close();
});

t.test('more rules than one block of serials', async (t) => {
  const { journal, reopen, close } = onFile(t.testdir());
  const book = new Rulebook();
  for (let i = 0; i < 5_000; i++) {
    const { rule } = change(book, flowMod({ priority: i }));
    journal.put({ type: 'rule', vswitch: v1, rule });
    if (i > 10) journal.put({ type: 'noRule', vswitch: v1, serial: rule.serial });
  }
  journal.flush();
  t.ok((reopen(0).journal.load().serials.get(v1) ?? 0) > 5_000);
  close();
});

t.test('ids, placements, tags and migrations', async (t) => {
  const { journal, reopen, close } = onFile(t.testdir());
  const snapshot = clonedOn(snapshotOf(exampleText()), 'red/v3', ['s3', 's4'], { 1: 's4' });
  journal.put({ type: 'id', vswitch: v1, id: 7 as VswitchId });
  for (const [name, placement] of snapshot.placements)
    journal.put({ type: 'placement', vswitch: name, placement });
  journal.put({ type: 'ways', after: snapshot });
  const migration = (id: number) =>
    begin(id, v1, datapath('s3'), datapath('s4'), 'lime', 1_700_000_000_000);
  for (const id of [2, 10, 1]) journal.put({ type: 'migration', migration: migration(id) });
  journal.put({ type: 'noMigration', id: 2 });
  journal.flush();
  const { remembered, migrations } = reopen(0).journal.load();
  t.strictSame([...remembered.ids], [[v1, 7]]);
  t.strictSame([...remembered.placements].sort(), [...snapshot.placements].sort());
  for (const kind of ['taggedWays', 'labels'] as const) {
    const [had, has] = [snapshot[kind], remembered[kind]];
    t.strictSame([...has.byKey].sort(), [...had.byKey].sort());
    t.strictSame([has.last, ...has.freed], [had.last, ...had.freed]);
  }
  t.strictSame(migrations, [migration(1), migration(10)]);
  close();
});

t.test('sync: after the commit, one for a whole turn', async (t) => {
  const world = new FakeWorld();
  const commits: number[] = [];
  const waiting: (() => void)[] = [];
  const store: Store = {
    ...memoryStore(),
    append(entries, done) {
      commits.push([...entriesIn(entries)].length);
      waiting.push(done);
    },
  };
  const journal = new Journal(world, store);
  const order: string[] = [];
  journal.put({ type: 'id', vswitch: v1, id: 1 as VswitchId });
  journal.sync(() => order.push('durable'));
  journal.put({ type: 'ways', after: snapshotOf(exampleText()) });
  journal.put({ type: 'id', vswitch: v1, id: 2 as VswitchId });
  t.strictSame(commits, [], 'nothing inside the call');
  world.turn();
  t.strictSame([commits, order], [[8], []], 'not before the disk has it');
  waiting.shift()?.();
  t.strictSame(order, ['durable']);
  journal.sync(() => order.push('nothing to write'));
  world.turn();
  t.strictSame([commits, order.length], [[8, 0], 1], 'it still waits for what is on its way');
  waiting.shift()?.();
  t.equal(order.length, 2);
});

t.test('meters come back with their ids below, their ages and their counts', async (t) => {
  const { world, journal, reopen, close } = onFile(t.testdir());
  const book = new MeterTable(meterIds());
  for (const [i, meterId] of [1, 7, 0xffff_0000].entries()) {
    const bands = [{ type: 'drop', rate: 5 + i, burstSize: i } as const];
    const mod = { command: meterCommand.add, flags: 13, meterId, bands };
    book.apply({ type: 'meterMod', xid: 0, ...mod }, world.now);
  }
  for (const meter of book.meters()) {
    for (const [i, counter] of [meter.counter, ...meter.counters].entries()) {
      counter.saw(datapath('s1'), { packets: 1n << 40n, bytes: BigInt(i) });
      counter.leave(datapath('s1'));
    }
    journal.put({ type: 'meter', vswitch: v1, meter });
  }
  journal.put({ type: 'noMeter', vswitch: v1, meterId: 7 });
  world.pass(10_000);
  journal.flush();
  const found = reopen(77).journal.load().meters.get(v1) ?? [];
  const shown = ({ counter, counters, addedMs, ...rest }: Meter, nowMs: number) => {
    return [rest, nowMs - addedMs, [counter, ...counters].map((one) => one.total())];
  };
  t.strictSame(
    found.map((one) => shown(one, 77)),
    [book.byId(1), book.byId(0xffff_0000)].flatMap((one) => (one ? [shown(one, world.now)] : [])),
  );
  close();
});

/** A vswitch's rules, many of which come and go. */
function churned(journal: Journal, world: FakeWorld, book: Rulebook, seed: number): void {
  const random = new Random(seed);
  for (let i = 0; i < 400; i++) {
    const mod = flowMod({ priority: random.number(60), match: randomMatch(random) });
    const done = change(book, { ...mod, instructions: randomInstructions(random) }, world.now);
    journal.put({ type: 'rule', vswitch: v1, rule: done.rule });
    if (done.type === 'add' && done.replaced)
      journal.put({ type: 'noRule', vswitch: v1, serial: done.replaced.serial });
    const [some] = book.rules();
    if (some !== undefined && random.number(3) > 0) {
      const { tableId, priority, match } = some;
      change(book, flowMod({ tableId, priority, match, command: flowCommand.deleteStrict }));
      journal.put({ type: 'noRule', vswitch: v1, serial: some.serial });
    }
    if (random.number(5) === 0) journal.flush();
    if (random.number(3) === 0) world.turn();
  }
}

t.test('a store that has grown is made anew from what is left, while rules change', async (t) => {
  const world = new FakeWorld();
  const inMemory = memoryStore();
  // As if it were always too large.
  const store: Store = { ...inMemory, size: () => 1e12 };
  const journal = new Journal(world, store);
  const book = new Rulebook();
  journal.keep(v1, book);
  journal.put({ type: 'id', vswitch: v1, id: 7 as VswitchId });
  churned(journal, world, book, 3);
  journal.flush();
  for (let i = 0; i < 10; i++) world.turn();
  t.ok(inMemory.size() < 60_000 + book.size * 400, `${inMemory.size()} bytes`);
  const again = loadedBook(new Journal(world, store));
  t.strictSame(again.rules().map(plain), book.rules().map(plain));
  t.equal(new Journal(world, store).load().remembered.ids.get(v1), 7);
});

t.test(
  'no new log is begun while anybody reads this one, and one is when the last is done',
  (t) => {
    const world = new FakeWorld();
    let rewrites = 0;
    const inMemory = memoryStore();
    const rewrite = () => {
      rewrites += 1;
      return inMemory.rewrite();
    };
    const journal = new Journal(world, { ...inMemory, size: () => 1e12, rewrite });
    const grow = (): number => {
      journal.put({ type: 'id', vswitch: v1, id: 7 as VswitchId });
      journal.flush();
      return rewrites;
    };
    const [one, other] = [journal.hold(), journal.hold()];
    t.equal(grow(), 0);
    one();
    one();
    t.equal(grow(), 0, 'the other still reads, however often the one says that it does not');
    other();
    t.equal(grow(), 1);
    t.end();
  },
);

t.test('rules of a vswitch that is not in the configuration now are kept', async (t) => {
  const world = new FakeWorld();
  const store: Store = { ...memoryStore(), size: () => 1e12 };
  const first = new Journal(world, store);
  const book = new Rulebook();
  first.keep(v1, book);
  first.put({ type: 'rule', vswitch: v1, rule: change(book, flowMod({ cookie: 5n })).rule });
  first.flush();
  const second = new Journal(world, store);
  for (const load of second.loadRest(second.load())) loadWhole(load);
  second.put({ type: 'id', vswitch: v1, id: 7 as VswitchId });
  second.flush();
  for (let i = 0; i < 5; i++) world.turn();
  const { remembered } = new Journal(world, store).load();
  t.strictSame(
    loadedBook(new Journal(world, store))
      .rules()
      .map(({ cookie }) => cookie),
    [5n],
  );
  t.equal(remembered.ids.get(v1), 7, 'and the new log is the store');
});
