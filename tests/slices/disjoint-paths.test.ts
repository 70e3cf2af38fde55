/**
 * Paths without a cable in common, where taking the shortest one first finds too few: against a
 * search through all sets of paths; and what is used and is ready beside it, when the file asks for
 * backups.
 */
import t from 'tap';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { disjointPaths } from '../../slices/network/disjoint-paths.ts';
import { type Edge, type Edges, edgesFor, type Links } from '../../slices/network/graph.ts';
import { isInfeasible, type Snapshot, withFailures } from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import { Random } from '../openflow/random.ts';
import { datapath, snapshotOf } from './networks.ts';

function randomEdges(random: Random): { names: readonly DatapathName[]; edges: Edges } {
  const names = Array.from({ length: 3 + random.number(4) }, (_, i) => datapath(`s${i}`));
  let port = 0;
  const links = Array.from({ length: 2 + random.number(9) }, () => {
    port += 2;
    const [one, other] = [random.pick(names), random.pick(names)];
    const ends = [
      { device: one, port: port as Port },
      { device: other, port: (port + 1) as Port },
    ] as const;
    return ends;
  });
  const costs = new Map(links.map((ends) => [ends, 1 + random.number(4)]));
  return { names, edges: edgesFor(links as Links, (ends) => costs.get(ends as never) ?? 1) };
}

/** Every path that meets no datapath twice. */
function allPaths(
  edges: Edges,
  from: DatapathName,
  to: DatapathName,
): readonly (readonly Edge[])[] {
  const found: (readonly Edge[])[] = [];
  const walk = (at: DatapathName, path: readonly Edge[]): void => {
    if (at === to) {
      found.push(path);
      return;
    }
    for (const edge of edges.get(at) ?? []) {
      const met = [from, ...path.map(({ hop }) => hop.to)];
      if (!met.includes(edge.hop.to)) walk(edge.hop.to, [...path, edge]);
    }
  };
  walk(from, []);
  return found;
}

const costOf = (paths: readonly (readonly Edge[])[]): number =>
  paths.flat().reduce((sum, { cost }) => sum + cost, 0);
const areDisjoint = (paths: readonly (readonly Edge[])[]): boolean =>
  new Set(paths.flat().map(({ cable }) => cable)).size === paths.flat().length;

/** The most that have no cable in common, and what they cost at least; by trying all sets. */
function best(all: readonly (readonly Edge[])[], count: number): readonly [number, number] {
  let found: readonly [number, number] = [0, 0];
  const grow = (from: number, some: readonly (readonly Edge[])[]): void => {
    const cost = costOf(some);
    if (some.length > found[0] || (some.length === found[0] && cost < found[1])) {
      found = [some.length, cost];
    }
    if (some.length === count) return;
    for (let i = from; i < all.length; i++) {
      const more = [...some, all[i] ?? []];
      if (areDisjoint(more)) grow(i + 1, more);
    }
  };
  grow(0, []);
  return found;
}

t.test('as many as there are, at the least cost', async (t) => {
  let several = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const random = new Random(seed);
    const { names, edges } = randomEdges(random);
    const [from, to] = [names[0], names[1]];
    if (from === undefined || to === undefined) continue;
    const ground = { edges, isUsed: () => true, leadsThrough: () => true };
    const count = 1 + random.number(4);
    const paths = disjointPaths(ground, from, to, count);
    const wanted = best(allPaths(edges, from, to), count);
    t.strictSame([paths.length, costOf(paths)], wanted, `seed ${seed}`);
    t.ok(areDisjoint(paths), `seed ${seed}: no cable in common`);
    for (const path of paths) {
      const met = [from, ...path.map(({ hop }) => hop.to)];
      t.equal(new Set(met).size, met.length, `seed ${seed}: no datapath twice`);
      t.equal(met.at(-1), to);
    }
    if (paths.length > 1) several += 1;
  }
  t.ok(several > 100, `${several} had several`);
});

/**
 * The shortest path from s1 to s4 goes by s2 and s3, and then nothing is left beside it; but there
 * are two that have no cable in common, by s2 and by s3. `direct`: with a cable from s1 to s4.
 */
const trap = (backups: number, direct = '') => `
failover: { backups: ${backups} }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links:
  - s1:1 - s2:1
  - s2:2 - s3:2
  - s3:1 - s4:1
  - { ends: s1:3 - s3:3, cost: 3 }
  - { ends: s2:4 - s4:4, cost: 3 }
${direct}
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1 }, w: { dpid: 2, on: s4 } }
    links: [v:1 - w:1]
`;

/** By role, the datapaths on the way from s1. */
function ways(snapshot: Snapshot): Readonly<Record<string, readonly string[]>> {
  const own = wiresOf(snapshot).filter(({ from }) => from === datapath('s1'));
  const paths = (role: string): readonly string[] =>
    own
      .filter((wire) => wire.role === role)
      .map(({ from, hops = [] }) => [from, ...hops.map(({ to }) => to)].join(' '));
  return { used: paths('used'), backup: paths('backup') };
}

t.test('the shortest path is not used where it leaves none beside it', async (t) => {
  t.strictSame(ways(snapshotOf(trap(0))), { used: ['s1 s2 s3 s4'], backup: [] });
  const snapshot = snapshotOf(trap(1));
  t.strictSame(ways(snapshot), { used: ['s1 s2 s4'], backup: ['s1 s3 s4'] });
  const back = wiresOf(snapshot).find(({ from, role }) => from === 's4' && role === 'used');
  t.strictSame(
    back?.hops?.map(({ to }) => to),
    ['s2', 's1'],
    'both directions have one path',
  );
  const cut = (...ends: readonly string[]): Snapshot => {
    const after = withFailures(snapshot, { ...snapshot.failures, down: new Set(ends) });
    if (isInfeasible(after)) throw new Error(after.why);
    return after;
  };
  t.strictSame(ways(cut('s1:1', 's2:1')).used, ['s1 s3 s4'], 'to the one that was beside it');
  t.strictSame(ways(cut('s2:2', 's3:2')), ways(snapshot), 'what they do not use is no matter');
});

t.test('two beside the one in use, where the shortest is in the way of two others', async (t) => {
  const { used, backup } = ways(snapshotOf(trap(2, '  - s1:9 - s4:9')));
  t.strictSame(used, ['s1 s4']);
  t.strictSame([...(backup ?? [])].sort(), ['s1 s2 s4', 's1 s3 s4']);
});
