/**
 * Priorities in one table: the tenant's order is kept, whatever priorities are in use.
 */
import t from 'tap';
import { LEVELS_MAX, LevelBook, levels, levelsOf } from '../../translation/flat/levels.ts';
import { Random } from '../openflow/random.ts';

const sorted = (priorities: Iterable<number>) => [...priorities].sort((a, b) => a - b);

t.test('a priority is its own level where there is room', async (t) => {
  t.strictSame([...levelsOf([3, 100, 40_000, 65_530])].flat(), [
    ...[3, 3],
    ...[100, 100],
    ...[40_000, 40_000],
    ...[65_530, 65_530],
  ]);
});

t.test('the ends of the range push their neighbours, and nobody else', async (t) => {
  t.strictSame(Object.fromEntries(levelsOf([0, 1, 2, 3, 9])), { 0: 3, 1: 4, 2: 5, 3: 6, 9: 9 });
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

t.test('whatever comes and goes, moves never overtake', async (t) => {
  const random = new Random(7);
  const pick = () =>
    [random.number(6), 65_530 + random.number(6), random.number(0x1_0000)][random.number(3)] ?? 0;
  const book = new LevelBook();
  const used = new Map<number, number>();
  const stand = new Map<number, number>();
  for (let run = 0; run < 3_000; run += 1) {
    const leaving = [...used.keys()][random.number(used.size + 8)];
    if (leaving === undefined) {
      const priority = pick();
      book.use(priority, 1);
      used.set(priority, (used.get(priority) ?? 0) + 1);
    } else {
      book.use(leaving, -1);
      const left = (used.get(leaving) ?? 0) - 1;
      if (left > 0) used.set(leaving, left);
      else {
        used.delete(leaving);
        stand.delete(leaving);
      }
    }
    for (const [priority, level] of book.shift()) {
      stand.set(priority, level);
      const order = sorted(stand.keys()).map((one) => stand.get(one) ?? 0);
      t.strictSame(order, sorted(new Set(order)), `move ${priority} to ${level}`);
    }
    for (const priority of used.keys())
      if (!stand.has(priority)) stand.set(priority, book.of(priority));
    const order = sorted(stand.keys()).map((one) => stand.get(one) ?? 0);
    if (String(order) !== String(sorted(new Set(order)))) t.fail(`order is lost in run ${run}`);
    if (sorted(stand.keys()).some((one) => stand.get(one) !== book.of(one))) t.fail(`run ${run}`);
  }
  t.ok(used.size > 5, `${used.size} are in use at the end`);
});
