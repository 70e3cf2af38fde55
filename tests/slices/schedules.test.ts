/**
 * `schedules:` of the file: what is read, what is a problem, and which part of a day is quiet.
 */
import t from 'tap';
import { isIn, movedBy, spanText } from '../../slices/config/schedules.ts';
import { configOf, problemsOf } from './networks.ts';

const text = (schedule: string): string => `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s2:3, s2:4 - s3:4]
zones: { z: [s2, s3] }
schedules: { one: ${schedule} }
tenants:
  red: { vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: [s1, s2] } } }
  blue: { vswitches: { v1: { dpid: 1, on: s1 } } }
`;

const problems = (schedule: string): readonly string[] =>
  problemsOf(text(schedule)).map(({ path, why }) => `${path}: ${why}`);

t.test('everything that may be said, and what stands for what is not', async (t) => {
  const all = configOf(
    text(
      '{ move: [red, blue/v1], every: 10m, jitter: 90s, to: [z, s1], choose: least-shared, ' +
        'away-from: blue, not-last: 2, quiet: 22:00-06:30, at-most: 12, ' +
        'pause-above: 80%, probe: true }',
    ),
  );
  const [one] = all.schedules;
  t.strictSame(one, {
    ...{ name: 'one', moves: ['red', 'blue/v1'], everyMs: 600_000, jitterMs: 90_000 },
    ...{ among: ['s2', 's3', 's1'], choice: 'least-shared', awayFrom: ['blue'], notLast: 2 },
    ...{ quiet: { fromMin: 1_320, toMin: 390 }, perHourMax: 12, pauseAbove: 0.8, probe: true },
  });
  const moved = one === undefined ? [] : movedBy(one, all.vswitches);
  t.strictSame(
    moved.map(({ name }) => name),
    ['red/v1', 'blue/v1'],
    'a big switch stays',
  );
  t.match(configOf(text('{ move: red, every: 2h }')).schedules, [
    { jitterMs: 3_600_000, choice: 'uniform', notLast: 0 },
  ]);
  t.strictSame([1_000, 90_000, 600_000, 7_200_000].map(spanText), ['1s', '90s', '10m', '2h']);
});

t.test('what is wrong is named, with its place', async (t) => {
  t.strictSame(problems('{ every: 10m }'), ['schedules.one: has no "move"; it is needed']);
  t.match(problems('{ move: green, every: 10m }'), [
    /^schedules\.one\.move: names "green", and there is no such vswitch or tenant; known: red, /,
  ]);
  t.match(problems('{ move: red, every: 10 }'), [/every: "10" is not a time from 1s to 168h/]);
  t.match(problems('{ move: red, every: 1m, to: s9 }'), [/^schedules\.one\.to.*s9/]);
  t.match(problems('{ move: red, every: 1m, choose: best }'), [
    /write uniform or least-shared or least/,
  ]);
  t.match(problems('{ move: red, every: 1m, quiet: 25:00-26:00 }'), [/write 22:00-06:00, in UTC/]);
  t.match(problems('{ move: red, every: 1m, pause-above: 200 }'), [/"200" is not a share/]);
  t.match(problems('{ move: red, every: 1m, at-most: x }'), [/"x" is not a number from 0 to 9999/]);
  t.match(problems('{ move: red, every: 1m, probe: 3 }'), [/"3" does not say .* true or false/]);
  t.match(problems('{ move: red, every: 1m, jiter: 5s }'), [/did you mean "jitter"/]);
});

t.test('a part of a day, also over midnight', async (t) => {
  const at = (hour: number, min: number): number => (hour * 60 + min) * 60_000 + 86_400_000 * 19;
  const night = { fromMin: 22 * 60, toMin: 6 * 60 };
  const noon = { fromMin: 11 * 60, toMin: 13 * 60 };
  t.strictSame(
    [at(21, 59), at(22, 0), at(3, 0), at(6, 0), at(12, 0)].map((ms) => isIn(night, ms)),
    [false, true, true, false, false],
  );
  t.strictSame(
    [at(10, 59), at(11, 0), at(13, 0)].map((ms) => isIn(noon, ms)),
    [false, true, false],
  );
});
