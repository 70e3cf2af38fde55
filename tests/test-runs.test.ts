/** What `make test` counts: files that fail beside others count by what they do alone. */
import t from 'tap';
import { timesOf } from './support/spare-time.ts';
import { AGAIN_MAX, TestRuns } from './support/test-runs.ts';

/** Files by what each run of them asserts: passed and failed. */
function runsOf(files: Readonly<Record<string, readonly (readonly [number, number])[]>>) {
  const said: string[] = [];
  const tried = new Map<string, number>();
  const under = { now: 0, most: 0, spare: 0 };
  const runs = new TestRuns({
    async runFile(file) {
      under.now += 1;
      under.most = Math.max(under.most, under.now);
      const count = tried.get(file) ?? 0;
      tried.set(file, count + 1);
      await new Promise((resolve) => setImmediate(resolve));
      under.now -= 1;
      const [passed = 0, failed = 0] = files[file]?.[count] ?? [0, 1];
      return { passed, failed, sec: 1 };
    },
    spareTime: async (isOver) => {
      while (under.spare === 0 && !isOver()) await new Promise((resolve) => setImmediate(resolve));
    },
    tell: (line) => said.push(line),
  });
  return { runs, said, tried, under };
}

t.test('what fails beside others, and not alone, has not failed', async (t) => {
  const { runs, said } = runsOf({
    a: [[3, 0]],
    b: [
      [1, 1],
      [2, 0],
    ],
    c: [
      [1, 2],
      [1, 2],
    ],
  });
  const again: string[] = [];
  await runs.run(['a', 'b', 'c'], 2, { again });
  t.strictSame([again, runs.passed, runs.failed], [['b', 'c'], 3, 0]);
  await runs.runAgain(again);
  t.strictSame([runs.passed, runs.failed], [3 + 2 + 1, 2]);
  t.strictSame(said, [
    'ok: a (3 passed, 1.0 s)',
    'not ok, 1 failed: b (1 passed, 1.0 s); once more, alone, at the end',
    'not ok, 2 failed: c (1 passed, 1.0 s); once more, alone, at the end',
    'ok: b (2 passed, 1.0 s)',
    'not ok, 2 failed: c (1 passed, 1.0 s)',
  ]);
});

t.test('where many fail, being beside others is not why', async (t) => {
  const { runs, tried } = runsOf({});
  const again: string[] = [];
  const all = Array.from({ length: AGAIN_MAX + 1 }, (_, i) => `f${i}`);
  await runs.run([...all], 2, { again });
  await runs.runAgain(again);
  t.strictSame([runs.passed, runs.failed], [0, AGAIN_MAX + 1]);
  t.ok([...tried.values()].every((count) => count === 1));
});

t.test('without another try, what fails has failed', async (t) => {
  const { runs } = runsOf({ a: [[1, 1]] });
  await runs.run(['a'], 1);
  t.strictSame([runs.passed, runs.failed], [1, 1]);
});

t.test('more at a time only where there is time to spare', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, [[1, 0]]]));
  for (const [spare, most] of [
    [0, 2],
    [1, 5],
  ] as const) {
    const { runs, under } = runsOf(files as Record<string, [number, number][]>);
    under.spare = spare;
    await runs.run(Object.keys(files), 2, { more: 3 });
    t.strictSame([under.most, runs.passed], [most, 20]);
  }
});

t.test('what is nice is to spare, too', async (t) => {
  const times = { user: 5, nice: 3, sys: 1, idle: 10, irq: 1 };
  t.strictSame(timesOf([{ times }, { times }]), { allMs: 40, spareMs: 26 });
});
