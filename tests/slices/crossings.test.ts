/**
 * Which neighbours on one datapath are reached inside it, and which by a link and back: whatever
 * vswitches are linked there, no way inside has more hops than a datapath carries.
 */

import t from 'tap';
import { limits } from '../../slices/limits.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import { Random } from '../openflow/random.ts';
import { configOf, snapshotOf } from './networks.ts';

type Pair = readonly [number, number];

/** Vswitches on s1, linked in pairs; `links` are the datapaths' cables. */
function textOf(count: number, pairs: readonly Pair[], links: readonly string[]): string {
  const next = new Map<number, number>();
  const end = (vswitch: number): string => {
    const vport = (next.get(vswitch) ?? 0) + 1;
    next.set(vswitch, vport);
    return `v${vswitch}:${vport}`;
  };
  const vswitches = Array.from({ length: count }, (_, i) => `v${i}: { dpid: ${i + 1}, on: s1 }`);
  const vlinks = pairs.map(([one, other]) => `${end(one)} - ${end(other)}`);
  return `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [${links.join(', ')}]
tenants:
  red:
    vswitches: { ${vswitches.join(', ')} }
    links: [${vlinks.join(', ')}]
`;
}

const row = (count: number): readonly Pair[] =>
  Array.from({ length: count - 1 }, (_, i) => [i, i + 1] as const);
const cables = ['s1:9 - s2:9'];

/** The pairs whose frames cross inside, by the numbers of the vswitches. */
function insideOf(snapshot: Snapshot): readonly Pair[] {
  return snapshot.config.vlinks.flatMap(([one, other]) => {
    const ids = [one, other].map(({ device }) => snapshot.vswitches.get(device)?.id ?? 0);
    const ports = [one.port, other.port];
    const first = (ids[0] ?? 0) < (ids[1] ?? 0) ? 0 : 1;
    const isOut = snapshot.outside.has(`s1/${ids[first]}/${ports[first]}`);
    return isOut ? [] : [[ids[0] ?? 0, ids[1] ?? 0] as const];
  });
}

/** Without cleverness: the most hops of a way that meets nobody twice. */
function longest(pairs: readonly Pair[]): number {
  const from = (at: number, met: readonly number[]): number => {
    const next = pairs.flatMap(([a, b]) => (a === at ? [b] : b === at ? [a] : []));
    const left = next.filter((one) => !met.includes(one));
    return Math.max(0, ...left.map((one) => 1 + from(one, [...met, one])));
  };
  return Math.max(0, ...new Set(pairs.flat().map((one) => from(one, [one]))));
}

t.test('neighbours of a few hops are reached inside', async (t) => {
  for (const count of [2, limits.insideHopsMax + 1]) {
    t.equal(snapshotOf(textOf(count, row(count), cables)).outside.size, 0, `${count} in a row`);
  }
  const star = Array.from({ length: 30 }, (_, i) => [0, i + 1] as const);
  t.equal(snapshotOf(textOf(31, star, cables)).outside.size, 0, 'a star of 30');
});

t.test('a long row leaves by a link now and then', async (t) => {
  const snapshot = snapshotOf(textOf(40, row(40), cables));
  t.equal(longest(insideOf(snapshot)), limits.insideHopsMax);
  t.equal(snapshot.outside.size, Math.floor(39 / (limits.insideHopsMax + 1)));
});

t.test('on a datapath without links: as far as it carries, and then a reason', async (t) => {
  const longestRow = limits.insideHopsAloneMax + 1;
  t.equal(snapshotOf(textOf(longestRow, row(longestRow), [])).outside.size, 0);
  const config = configOf(textOf(longestRow + 1, row(longestRow + 1), []));
  const refused = compile(config, nothingRemembered);
  t.ok(isInfeasible(refused));
  if (isInfeasible(refused)) t.match(refused.why, /6 vswitches .* are on s1.* cable from s1/);
  const loop = ['s1:21 - s1:22'];
  const cabled = snapshotOf(textOf(40, row(40), loop));
  t.equal(longest(insideOf(cabled)), limits.insideHopsMax, 'a cable to itself will do');
  t.equal(cabled.routes.wayOut('s1' as never, 's1' as never)?.hops.length, 1);
});

t.test(
  'random networks of vswitches: no way inside is longer than a datapath carries',
  async (t) => {
    let cuts = 0;
    for (let seed = 0; seed < 400; seed += 1) {
      const random = new Random(seed);
      const count = 2 + random.number(8);
      const pairs: Pair[] = [];
      for (let i = 1; i < count; i += 1) pairs.push([random.number(i), i]);
      for (let i = random.number(6); i > 0; i -= 1) {
        const [one, other] = [random.number(count), random.number(count)];
        if (one !== other) pairs.push([one, other]);
      }
      const snapshot = snapshotOf(textOf(count, pairs, cables));
      cuts += snapshot.outside.size;
      const hops = longest(insideOf(snapshot));
      if (hops > limits.insideHopsMax) t.fail(`seed ${seed}: ${hops} hops inside`);
      if (longest(pairs.map(([a, b]) => [a + 1, b + 1])) <= limits.insideHopsMax) {
        t.equal(snapshot.outside.size, 0, `seed ${seed}: nothing is cut without need`);
      }
    }
    t.ok(cuts > 100, `${cuts} cuts`);
  },
);

t.test('it takes no longer where vswitches are many', async (t) => {
  const mesh = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: i }, (_, j) => [j, i] as const),
  ).flat();
  const snapshot = snapshotOf(textOf(40, mesh, cables));
  t.equal(longest(insideOf(snapshot)), limits.insideHopsMax);
});
