/**
 * The memory below the rulebook against plain maps: random rules come, change and go, by the
 * thousand, so that tables grow and slots and bytes are used again.
 */

import t from 'tap';
import { isSubset, matchKey, overlaps } from '../../openflow/match/match.ts';
import {
  isInOrder,
  isSubsetBytes,
  isWithin,
  overlapsBytes,
} from '../../openflow/match/match-bytes.ts';
import { Signature } from '../../openflow/match/match-signature.ts';
import { ByteArena } from '../../slices/rules/byte-arena.ts';
import { hashOf } from '../../slices/rules/key-hash.ts';
import { RuleArena } from '../../slices/rules/rule-arena.ts';
import type { CounterRecords } from '../../slices/rules/rule-counter-records.ts';
import { RuleCounter } from '../../slices/rules/rule-counters.ts';
import {
  contentOf,
  copyOf,
  instructionsIn,
  matchIn,
  type RuleContent,
  record,
} from '../../slices/rules/rule-record.ts';
import { runOf } from '../../slices/rules/rule-run.ts';
import { Random, randomInstructions, randomMatch } from '../openflow/random.ts';
import { datapath } from './networks.ts';

const key = { low: 0x12345678, high: 0x9abcdef0 };

function headOf(random: Random, serial: number) {
  return {
    serial,
    tableId: random.number(3),
    priority: random.number(4),
    cookie: BigInt(serial),
    flags: 0,
    idleTimeoutSec: random.number(2),
    hardTimeoutSec: 0,
    addedMs: serial + 0.5,
    hardFromMs: 0,
    usedMs: 0,
  };
}

function add(arena: RuleArena, head: ReturnType<typeof headOf>, body: RuleContent): number {
  const run = runOf(head, body);
  arena.hashAll(run);
  return arena.add(run, 0, head.serial, head.serial, head.addedMs);
}

t.test('rules are found by what they are, by serial, and beside each other', async (t) => {
  const random = new Random(11);
  const arena = new RuleArena(key);
  const bodies = Array.from({ length: 4_000 }, () =>
    copyOf(
      contentOf(randomMatch(random), random.number(3) === 0 ? [] : randomInstructions(random)),
    ),
  );
  const byKey = new Map<string, ReturnType<typeof headOf> & { body: (typeof bodies)[number] }>();
  const keyOf = (one: { tableId: number; priority: number }, body: (typeof bodies)[number]) =>
    `${one.tableId}/${one.priority}/${matchKey(matchIn(body))}`;
  for (let serial = 1; serial <= 30_000; serial++) {
    const head = headOf(random, serial);
    const body = random.pick(bodies);
    const name = keyOf(head, body);
    const slot = arena.find(head.tableId, head.priority, body);
    const known = byKey.get(name);
    if ((slot === 0) !== (known === undefined)) t.fail(`${serial}: found ${slot}`);
    if (known !== undefined) {
      if (arena.serialOf(slot) !== known.serial) t.fail(`${serial}: found another`);
      byKey.delete(name);
      arena.leave(slot);
      if (random.number(2) === 0) continue;
    }
    add(arena, head, body);
    byKey.set(name, { ...head, body });
  }
  t.equal(arena.size, byKey.size);
  t.ok(arena.size > 2_000, `${arena.size} rules`);
  for (const { serial, cookie, addedMs, body } of byKey.values()) {
    const slot = arena.bySerial(serial);
    const [dv, at] = [arena.dv(slot), arena.at(slot)];
    if (record.get.cookie(dv, at) !== cookie || record.get.addedMs(dv, at) !== addedMs) {
      t.fail(`rule ${serial} is another`);
    }
    const own = arena.contentAt(slot);
    if (JSON.stringify(instructionsIn(own), big) !== JSON.stringify(instructionsIn(body), big)) {
      t.fail(`rule ${serial} does something else`);
    }
  }
  const beside = new Set<number>();
  for (const tableId of arena.lists.tableIds()) {
    for (let priority = 0; priority < 4; priority++) {
      let slot = arena.lists.firstBeside(tableId, priority);
      for (; slot !== 0; slot = arena.lists.nextBeside(slot)) beside.add(arena.serialOf(slot));
    }
  }
  const serials = [...byKey.values()].map(({ serial }) => serial).sort();
  t.strictSame([...beside].sort(), serials, 'ranks');
  const timed = new Set<number>();
  for (let slot = arena.lists.firstTimed; slot !== 0; slot = arena.lists.nextTimed(slot)) {
    timed.add(arena.serialOf(slot));
  }
  const expected = [...byKey.values()].filter((one) => one.idleTimeoutSec > 0);
  t.strictSame([...timed].sort(), expected.map(({ serial }) => serial).sort(), 'time-outs');
});

t.test('an arena that was emptied begins anew', async (t) => {
  const arena = new RuleArena(key);
  for (let round = 0; round < 3; round++) {
    const body = copyOf(contentOf([], []));
    for (let serial = 1; serial <= 9_000; serial++) {
      add(arena, { ...headOf(new Random(1), serial), priority: serial }, body);
    }
    const { end } = arena.records;
    for (let serial = 1; serial <= 9_000; serial++) {
      const slot = arena.bySerial(serial);
      if (serial === 50) arena.counters.saw(slot, datapath('s1'), { packets: 5n, bytes: 7n });
      if (serial > 8_990) arena.counters.saw(slot, datapath('s1'), { packets: 2n, bytes: 3n });
      arena.leave(slot);
      if (serial === 50) arena.hold(arena.goneBySerial(serial));
      if (serial < 8_500 && serial % 1_000 === 0) t.ok(arena.goneBySerial(50), 'it is held');
      if (serial === 8_500) arena.release(50);
    }
    t.equal(arena.size, 0);
    t.ok(end > 9_000 && arena.records.end < 1_200, `${arena.records.end} slots`);
    t.equal(arena.bySerial(7), 0);
    t.equal(arena.goneBySerial(50), 0, 'forgotten');
    t.ok(arena.goneBySerial(8_500), 'remembered');
    const last = arena.goneBySerial(9_000);
    t.equal(arena.counters.total(last).packets, 2n, 'with what it has counted');
    t.equal(record.get.priority(arena.dv(last), arena.at(last)), 9_000);
    t.strictSame(instructionsIn(arena.contentAt(last)), []);
    t.strictSame(arena.lists.tableIds(), []);
  }
});

t.test('a rule that is back, and gone again, is not there when it is let go', async (t) => {
  const arena = new RuleArena(key);
  const body = copyOf(contentOf([], []));
  const head = (serial: number) => ({ ...headOf(new Random(1), serial), priority: serial });
  arena.hold(leave(arena, add(arena, head(1), body)));
  add(arena, head(1), body);
  leave(arena, arena.bySerial(1));
  arena.release(1);
  t.equal(arena.bySerial(1), 0, 'it does not stand');
  for (let serial = 2; serial < 5_000; serial++) leave(arena, add(arena, head(serial), body));
  t.equal(arena.goneBySerial(1), 0, 'and is forgotten');
  t.ok(arena.records.end < 1_500, `what it was is not held for ever: ${arena.records.end} slots`);
});

/** Answers where the rule is afterwards. */
function leave(arena: RuleArena, slot: number): number {
  const serial = arena.serialOf(slot);
  arena.leave(slot);
  return arena.goneBySerial(serial);
}

t.test('bytes of ever new sizes take no more room than those that are there', async (t) => {
  const random = new Random(4);
  const bytes = new ByteArena();
  const there: { run: number; size: number; mark: number }[] = [];
  let pages = 0;
  for (let i = 0; i < 60_000; i++) {
    const size = 8 * random.number(1 + Math.floor(i / 800));
    const run = bytes.take(size);
    if (size > 0) bytes.dv(run).setUint32(bytes.at(run) + size - 4, i);
    there.push({ run, size, mark: i });
    pages = Math.max(pages, run >>> 11);
    if (there.length < 300) continue;
    const [one] = there.splice(random.number(there.length), 1);
    if (one === undefined) continue;
    const at = bytes.at(one.run) + one.size - 4;
    if (one.size > 0 && bytes.dv(one.run).getUint32(at) !== one.mark) t.fail(`${one.mark} is lost`);
    bytes.give(one.run);
  }
  t.ok(pages < 400, `${pages} pages`);
});

t.test('counters in records are those of a tally', async (t) => {
  const random = new Random(3);
  for (let round = 0; round < 300; round++) {
    const arena = new RuleArena(key);
    const slot = add(arena, headOf(random, 1), copyOf(contentOf([], [])));
    const counters: CounterRecords = arena.counters;
    const counter = new RuleCounter();
    const names = ['s1', 's2', 's3'].slice(0, 1 + random.number(3)).map((one) => datapath(one));
    for (let i = 0; i < 20; i++) {
      const body = random.pick(names);
      const count = { packets: BigInt(random.number(9)), bytes: BigInt(random.number(99)) };
      const what = random.number(10);
      if (what === 0) counter.leave(body);
      if (what === 0) counters.change(slot, (one) => one.leave(body));
      if (what === 1) counter.lastWord(body, count);
      if (what === 1) counters.change(slot, (one) => one.lastWord(body, count));
      if (what === 2) counter.begin(body);
      if (what === 2) counters.change(slot, (one) => one.begin(body));
      if (what === 3) counter.lateWord(body, count);
      if (what === 3) counters.change(slot, (one) => one.lateWord(body, count));
      if (what > 3 && counter.saw(body, count) !== counters.saw(slot, body, count)) {
        t.fail(`round ${round}: news`);
      }
      t.strictSame(counters.total(slot), counter.total(), `round ${round}`);
      t.strictSame(counters.base(slot), counter.base(), `round ${round}`);
    }
  }
});

t.test('matches in bytes stand to each other as their values do', async (t) => {
  const random = new Random(8);
  let [subsets, told] = [0, 0];
  for (let i = 0; i < 20_000; i++) {
    const match = randomMatch(random);
    const kept = match.filter(() => random.number(2) === 0);
    const other = random.pick([kept, randomMatch(random), []]);
    const wide = copyOf(contentOf(other, []));
    const { dv, at } = contentOf(match, []);
    if (isInOrder(wide.dv, 0) && isWithin(dv, at, wide.dv, 0) !== isSubset(match, other)) {
      t.fail(`within ${i}`);
    }
    const { low, high } = new Signature().of(dv, at);
    const may = new Signature().of(wide.dv, 0).mayHold(low, high);
    if (!may) told += 1;
    if (isSubset(match, other) && !may) t.fail(`signature ${i}`);
    if (isSubsetBytes(dv, at, other) !== isSubset(match, other)) t.fail(`subset ${i}`);
    if (overlapsBytes(dv, at, other) !== overlaps(match, other)) t.fail(`overlap ${i}`);
    if (isSubset(match, other)) subsets += 1;
  }
  t.ok(subsets > 1_000 && subsets < 19_000, `${subsets} subsets`);
  t.ok(told > 0.9 * (20_000 - subsets), `signatures tell ${told}, of ${20_000 - subsets}`);
});

t.test('the hash is HalfSipHash-1-3, and depends on every bit of the key', async (t) => {
  const dv = new DataView(new Uint8Array(16).map((_, i) => i).buffer);
  const plain = hashOf(key, 7, dv, 0, 16);
  for (let bit = 0; bit < 32; bit++) {
    const flipped = { low: key.low ^ (1 << bit), high: key.high };
    if (hashOf(flipped, 7, dv, 0, 16) === plain) t.fail(`bit ${bit}`);
  }
  const seen = new Set<number>();
  for (let i = 0; i < 100_000; i++) {
    dv.setUint32(8, i);
    seen.add(hashOf(key, 7, dv, 0, 16));
  }
  // 2^32 places: about one pair in common is expected.
  t.ok(seen.size > 99_990, `${seen.size} hashes of 100000`);
});

function big(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
