/**
 * Priorities in one table: the tenant's order is kept, whatever priorities are in use.
 */
import t from 'tap';
import {
  LEVELS_MAX,
  LevelTable,
  levels,
  levelsOf,
  type Use,
  type Width,
} from '../../translation/flat/priority-map.ts';
import { Random } from '../openflow/random.ts';

const sorted = (priorities: Iterable<number>) => [...priorities].sort((a, b) => a - b);

t.test('a priority is its own level where there is room', async (t) => {
  t.strictSame([...levelsOf([5, 100, 40_000, 65_529])].flat(), [
    ...[5, 5],
    ...[100, 100],
    ...[40_000, 40_000],
    ...[65_529, 65_529],
  ]);
});

t.test('the ends of the range push their neighbours, and nobody else', async (t) => {
  t.strictSame(Object.fromEntries(levelsOf([0, 1, 2, 5, 9])), { 0: 5, 1: 6, 2: 7, 5: 8, 9: 9 });
  t.strictSame(Object.fromEntries(levelsOf([7, 65_530, 65_534, 65_535])), {
    ...{ 7: 7, 65530: levels.highest - 2 },
    ...{ 65534: levels.highest - 1, 65535: levels.highest },
  });
});

t.test('as many as there are levels', async (t) => {
  const all = Array.from({ length: LEVELS_MAX }, (_, i) => i);
  const found = [...levelsOf(all).values()];
  t.strictSame([found[0], found.at(-1)], [levels.lowest, levels.highest]);
  t.ok(found.every((level, i) => i === 0 || level > (found[i - 1] ?? 0)));
});

t.test('who needs two levels pushes the next, at the top the ones below', async (t) => {
  const wide = [5, 6, 65_529];
  const widthOf = (priority: number) => (wide.includes(priority) ? 2 : 1);
  t.strictSame(Object.fromEntries(levelsOf([5, 6, 7, 10], widthOf)), {
    ...{ 5: 5, 6: 7, 7: 9, 10: 10 },
  });
  t.strictSame(Object.fromEntries(levelsOf([9, 65_529, 65_530], widthOf)), {
    ...{ 9: 9, 65529: levels.highest - 2, 65530: levels.highest },
  });
  const book = new LevelTable();
  for (let priority = 0; priority < LEVELS_MAX - 1; priority += 1) book.use(priority, 1, 1);
  const other = LEVELS_MAX;
  t.strictSame([book.hasRoomFor(other, 1), book.hasRoomFor(other, 2)], [true, false]);
  t.equal(book.hasRoomFor(0, 2), true, 'one more for a priority that is there');
});

t.test('whatever comes and goes, moves never overtake', async (t) => {
  const random = new Random(7);
  const pick = () =>
    [random.number(6), 65_530 + random.number(6), random.number(0x1_0000)][random.number(3)] ?? 0;
  const book = new LevelTable();
  /** In use: each priority and width. */
  const used: (readonly [priority: number, width: 1 | 2])[] = [];
  const stand = new Map<number, number>();
  const widthOf = (priority: number) =>
    Math.max(...used.map(([one, width]) => (one === priority ? width : 0)));
  /** Each stands above all that the one below it takes. */
  const isOrdered = () => {
    const all = sorted(stand.keys());
    return all.every((one, i) => {
      const next = all[i + 1];
      return next === undefined || (stand.get(next) ?? 0) > (stand.get(one) ?? 0);
    });
  };
  for (let run = 0; run < 3_000; run += 1) {
    const at = random.number(used.length + 8);
    const leaving = used[at];
    if (leaving === undefined) {
      const [priority, width] = [pick(), random.number(2) === 0 ? 1 : 2] as const;
      book.use(priority, 1, width);
      used.push([priority, width]);
    } else {
      book.use(leaving[0], -1, leaving[1]);
      used.splice(at, 1);
      if (!used.some(([one]) => one === leaving[0])) stand.delete(leaving[0]);
    }
    for (const [priority, level] of book.shift()) {
      stand.set(priority, level);
      t.ok(isOrdered(), `move ${priority} to ${level}`);
    }
    const all = sorted(new Set(used.map(([priority]) => priority)));
    for (const priority of all) if (!stand.has(priority)) stand.set(priority, book.of(priority));
    for (const [i, one] of all.entries()) {
      const next = all[i + 1];
      const ends = book.of(one) + widthOf(one);
      if (stand.get(one) !== book.of(one)) t.fail(`run ${run}: ${one} stands elsewhere`);
      if (ends > (next === undefined ? levels.highest + 1 : book.of(next))) {
        t.fail(`run ${run}: ${one} reaches into what is above it`);
      }
    }
  }
  t.ok(used.length > 5, `${used.length} are in use at the end`);
});

t.test('whether anything would move is what moves when it is done', async (t) => {
  const random = new Random(8);
  const pick = () =>
    [random.number(8), 65_526 + random.number(10), 40 + random.number(9)][random.number(3)] ?? 0;
  const book = new LevelTable();
  const used: { readonly priority: number; readonly width: Width }[] = [];
  const seen = { moved: 0, stayed: 0 };
  for (let run = 0; run < 3_000; run += 1) {
    const uses = Array.from({ length: 1 + random.number(3) }, (): Use => {
      const leaving = random.number(used.length + 6);
      const [gone] = used.splice(leaving, 1);
      if (gone !== undefined) return { ...gone, by: -1 };
      const width = (1 + random.number(3)) as Width;
      const came = { priority: pick(), width };
      used.push(came);
      return { ...came, by: 1 };
    });
    const would = book.wouldMove(uses);
    let moved = false;
    for (const { priority, by, width } of uses) {
      book.use(priority, by, width);
      if (random.number(20) > 0) moved = book.shift().length > 0 || moved;
    }
    if (moved) t.ok(would, `run ${run}`);
    seen[would ? 'moved' : 'stayed'] += 1;
  }
  t.ok(seen.moved > 100 && seen.stayed > 100, JSON.stringify(seen));
});
