/**
 * Where vswitches were is told by the migrations that are remembered: against what was, step by
 * step; and what tenants shared, against a list of all moments.
 */
import t from 'tap';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { begin, type Migration } from '../../translation/migration/migration.ts';
import { coResidencesOf, staysOf } from '../../translation/migration/stays.ts';
import { Random } from '../openflow/random.ts';
import { datapath, vswitchName } from '../slices/networks.ts';

interface Life {
  readonly migrations: readonly Migration[];
  readonly bodies: ReadonlyMap<VswitchName, readonly DatapathName[]>;
  /** By moment: where each was. */
  readonly moments: readonly ReadonlyMap<VswitchName, ReadonlySet<DatapathName>>[];
}

const LENGTH = 200;
const names = ['s1', 's2', 's3'].map(datapath);
const vswitches = ['red/v1', 'red/v2', 'blue/v1', 'green/v1'].map(vswitchName);

function randomLife(seed: number): Life {
  const random = new Random(seed);
  const migrations: Migration[] = [];
  const bodies = new Map<VswitchName, readonly DatapathName[]>();
  const moments = Array.from({ length: LENGTH }, () => new Map<VswitchName, Set<DatapathName>>());
  for (const vswitch of vswitches) {
    let at = random.pick(names);
    let now = 0;
    const stand = (places: readonly DatapathName[], until: number): void => {
      for (; now < until; now++) moments[now]?.set(vswitch, new Set(places));
    };
    while (now < LENGTH) {
      const startedMs = now + 1 + random.number(30);
      const ended = startedMs + 1 + random.number(8);
      stand([at], Math.min(LENGTH, startedMs));
      if (ended >= LENGTH) break;
      const to = random.pick(names.filter((one) => one !== at));
      stand([at, to], ended);
      const isDone = random.number(4) > 0;
      const one = begin(migrations.length + 1, vswitch, at, to, 'lime', startedMs);
      const state = isDone ? ({ type: 'done' } as const) : ({ type: 'undone', why: 'x' } as const);
      migrations.push({ ...one, state, stateSinceMs: ended });
      if (isDone) at = to;
    }
    stand([at], LENGTH);
    bodies.set(vswitch, [at]);
  }
  return { migrations, bodies, moments };
}

t.test('random lives', async (t) => {
  for (let seed = 0; seed < 40; seed++) {
    const { migrations, bodies, moments } = randomLife(seed);
    const sinceMs = seed % 2 === 0 ? 0 : 50;
    const known = migrations.filter((one) => one.stateSinceMs > sinceMs);
    const stays = staysOf(known, bodies, { sinceMs, nowMs: LENGTH });
    for (let ms = sinceMs; ms < LENGTH; ms++) {
      for (const vswitch of vswitches) {
        const there = stays.filter(
          (one) => one.vswitch === vswitch && one.fromMs <= ms && ms < one.toMs,
        );
        const is = [...new Set(there.map(({ on }) => on))].sort();
        const was = [...(moments[ms]?.get(vswitch) ?? [])].sort();
        if (is.join() !== was.join())
          t.fail(`seed ${seed}, ${vswitch} at ${ms}: ${is}, not ${was}`);
      }
    }
    const both = (on: DatapathName, ms: number): boolean => {
      const is = (tenant: string) =>
        vswitches.some((one) => one.startsWith(tenant) && moments[ms]?.get(one)?.has(on));
      return is('red/') && is('blue/');
    };
    for (const on of names) {
      const all = Array.from({ length: LENGTH - sinceMs }, (_, i) => both(on, sinceMs + i));
      const found = coResidencesOf(stays, ['red']).find((one) => {
        return one.on === on && one.tenants[1] === 'blue';
      });
      const runs = all
        .map((one) => (one ? '1' : '0'))
        .join('')
        .split('0');
      const longest = Math.max(...runs.map(({ length }) => length));
      const total = all.filter(Boolean).length;
      t.strictSame([found?.totalMs ?? 0, found?.longestMs ?? 0], [total, longest], `seed ${seed}`);
    }
  }
});

t.test('one that is under way, and a place that another file gave', async (t) => {
  const [s1, s2, s3] = names as [DatapathName, DatapathName, DatapathName];
  const [v] = vswitches as [VswitchName];
  const first = { ...begin(1, v, s1, s2, 'lime', 10), stateSinceMs: 20 };
  const done: Migration = { ...first, state: { type: 'done' } };
  const now = begin(2, v, s3, s1, 'lime', 50);
  const stays = staysOf([done, now], new Map([[v, [s3, s1]]]), { sinceMs: 0, nowMs: 60 });
  t.strictSame(
    stays.map(({ on, fromMs, toMs }) => [on, fromMs, toMs]),
    [
      [s1, 0, 20],
      [s2, 10, 50],
      [s3, 50, 60],
      [s1, 50, 60],
    ],
  );
});
