/**
 * What was measured is kept in bounded memory: a day in steps of 10 s, a month in steps of 10 min
 * with their peaks; gaps are gaps.
 */
import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { Measured } from '../../slices/traffic/measured.ts';
import { Series } from '../../slices/traffic/series.ts';
import { msOf, rateText } from '../../slices/traffic/traffic-text.ts';
import { Random } from '../../tests/openflow/random.ts';

const [DAY, STEP, LONG] = [86_400_000, limits.trafficEveryMs, limits.trafficLongMs];

t.test('a rate lies in the slots of its time, and what lies in one is its mean', async (t) => {
  const series = new Series();
  t.equal(series.level(STEP, DAY), undefined);
  series.add(0, 5_000, 100);
  series.add(5_000, 15_000, 200);
  t.strictSame(
    [...series.points(20_000, DAY)].map(({ atMs, mean }) => [atMs, mean]),
    [
      [0, 150],
      [10_000, 200],
    ],
  );
  t.strictSame(series.level(20_000, DAY), { mean: 175, peak: 200 });
  series.add(4 * STEP, 5 * STEP, 30);
  const ats = [...series.points(5 * STEP, DAY)].map(({ atMs }) => atMs);
  t.strictSame(ats, [0, STEP, 4 * STEP], 'nobody measured in between');
  t.strictSame(series.level(5 * STEP, STEP), { mean: 30, peak: 30 });
});

t.test('a month is in long slots, with the peak of each', async (t) => {
  const series = new Series();
  for (let at = 0; at < 2 * LONG; at += STEP) series.add(at, at + STEP, at === STEP ? 610 : 10);
  const month = [...series.points(2 * LONG, 30 * DAY)];
  t.strictSame(
    month.map((one) => ({ ...one, mean: Math.round(one.mean) })),
    [
      { atMs: 0, lastsMs: LONG, mean: 20, peak: 610 },
      { atMs: LONG, lastsMs: LONG, mean: 10, peak: 10 },
    ],
  );
});

t.test('against a list that keeps everything, with gaps, over more than a day', async (t) => {
  const random = new Random(1);
  const series = new Series();
  const all = new Map<number, number>();
  let slot = 5;
  for (let i = 0; i < 12_000; i++) {
    const value = random.number(1_000);
    series.add(slot * STEP, (slot + 1) * STEP, value);
    all.set(slot, value);
    slot += random.number(100) === 0 ? 1 + random.number(300) : 1;
    if (i % 400 !== 399) continue;
    const last = [...all.keys()].at(-1) ?? 0;
    const kept = [...all].filter(([one]) => one > last - limits.trafficSlotsMax);
    const points = [...series.points((last + 1) * STEP, DAY)];
    t.strictSame(
      points.map(({ atMs, mean }) => [atMs / STEP, mean]),
      kept,
    );
  }
});

t.test('counters become rates; one that begins anew, and a pause, say nothing', async (t) => {
  const measured = new Measured();
  measured.read('a', 0, 1_000n);
  t.equal(measured.of('a')?.level(0, DAY), undefined, 'one look is none');
  measured.read('a', STEP, 21_000n);
  t.equal(measured.of('a')?.now, 2_000);
  measured.read('a', STEP + 10, 99_000n);
  t.equal(measured.of('a')?.now, 2_000, 'a moment is too short');
  measured.read('a', 2 * STEP, 500n);
  t.equal(measured.of('a')?.now, 2_000, 'it began anew');
  measured.read('a', 3 * STEP, 10_500n);
  t.equal(measured.of('a')?.now, 1_000);
  t.ok(measured.isFresh('a', 4 * STEP));
  measured.read('a', 100 * STEP, 990_000n);
  t.notOk(measured.isFresh('a', 100 * STEP));
  t.equal(measured.of('a')?.now, 1_000, 'nobody knows when it passed');
});

t.test('how long something takes lasts until it is looked at again', async (t) => {
  const measured = new Measured();
  for (const [i, ms] of [3, 5, 100].entries()) measured.took('latency a', i * STEP, ms);
  const points = [...(measured.of('latency a')?.points(3 * STEP, DAY) ?? [])];
  t.strictSame(
    points.map(({ atMs, mean }) => [atMs, mean]),
    [
      [0, 5],
      [STEP, 100],
    ],
  );
  measured.took('latency a', 100 * STEP, 1);
  t.strictSame(
    measured.of('latency a')?.level(100 * STEP, 50 * STEP),
    { mean: 1, peak: 1 },
    'a gap',
  );
});

t.test('no more than so many things are kept, and none for ever', async (t) => {
  const measured = new Measured();
  for (let i = 0; i < limits.trafficSeriesMax + 5; i++) measured.read(`${i}`, 0, 0n);
  t.strictSame([measured.size, measured.leftOut], [limits.trafficSeriesMax, 5]);
  measured.read('1', DAY, 0n);
  measured.forgetOld(DAY + 1);
  t.strictSame([measured.size, measured.leftOut], [1, 0]);
});

t.test('in words', async (t) => {
  t.strictSame([0, 100, 12_500, 2e6, 3e9].map(rateText), [
    ...['0 bit/s', '800 bit/s', '100.0 kbit/s', '16.0 Mbit/s', '24.0 Gbit/s'],
  ]);
  t.strictSame(['30s', '5m', '12h', '7d', '5', '0s', 's', '5 m'].map(msOf), [
    ...[30_000, 300_000, 43_200_000, 7 * DAY, undefined, undefined, undefined, undefined],
  ]);
});
