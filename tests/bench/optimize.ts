/**
 * What optimizing is worth on a fat tree of 20 switches: vswitches of four tenants are placed by
 * chance, and a few of their virtual cables carry most of what passes. And what a network that was
 * refused for want of room gets when others were packed together ("defragmentation").
 *
 * Run with `node tests/bench/optimize.ts`; SEEDS=50 for more.
 */

import { fatTree } from '../../examples/fat-tree/network.ts';
import { limits } from '../../slices/limits.ts';
import type { Landscape } from '../../slices/placement/landscape.ts';
import {
  type Figures,
  figuresOf,
  type Objective,
  objectives,
} from '../../slices/placement/objectives.ts';
import { optimize } from '../../slices/placement/optimize.ts';
import { surveying } from '../../slices/placement/terrain.ts';
import { atOnce } from '../../slices/steps.ts';
import { Random } from '../openflow/random.ts';
import { snapshotOf } from '../slices/networks.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 10);
const TENANTS = ['red', 'blue', 'green', 'gold'];
const VSWITCHES = 12;
const CAPACITY = 100;
/** Of rules that somebody asks for who comes late. */
const WANTED = [70, 80, 90, 100];

/** Rows of vswitches, each with a host somewhere; they reserve 10 to 30 rules. */
function networkText(random: Random): string {
  const edges = fatTree.switches.filter((one) => one.startsWith('e'));
  const anywhere = (): string => random.pick(fatTree.switches);
  const datapaths = fatTree.switches.map((one, i) => {
    return `  ${one}: { dpid: ${i + 1}, capacity: { rules: ${CAPACITY} } }`;
  });
  const links = (fatTree.links ?? []).map((ends) => {
    return `  - { ends: '${ends.join(' - ')}', bandwidth: 100M }`;
  });
  const tenants = TENANTS.map((tenant, t) => {
    const own = Array.from({ length: VSWITCHES }, (_, i) => i);
    const vswitches = own.map((i) => {
      const reserve = `{ rules: ${10 + random.number(21)} }`;
      return `v${i}: { dpid: ${i + 1}, on: ${anywhere()}, reserve: ${reserve} }`;
    });
    const hosts = own.map((i) => {
      return `h${i}: { port: 'v${i}:1', at: '${random.pick(edges)}:${100 * (t + 1) + i}' }`;
    });
    const rows = own.slice(1).map((i) => `'v${i - 1}:2 - v${i}:3'`);
    const parts = [`vswitches: { ${vswitches} }`, `hosts: { ${hosts} }`, `links: [${rows}]`];
    return `  ${tenant}:\n${parts.map((one) => `    ${one}\n`).join('')}`;
  });
  return ['datapaths:', ...datapaths, 'links:', ...links, 'tenants:', ...tenants].join('\n');
}

/** Most carry little, a few very much. */
function landOf(seed: number): Landscape {
  const random = new Random(seed);
  const snapshot = snapshotOf(networkText(random));
  const rates = new Map<string, number>();
  const rateOf = (key: string): number => {
    if (key.startsWith('cable ')) return 0;
    const rate = rates.get(key) ?? random.number(10) ** 4 * 200;
    rates.set(key, rate);
    return rate;
  };
  const now = { rateOf, latencyMs: () => 0.5, mayGo: () => true };
  return atOnce(surveying(snapshot, new Set(TENANTS), now));
}

interface Row {
  readonly before: Figures;
  readonly after: Figures;
  readonly moves: number;
  readonly ms: number;
  /** Of the wanted sizes, those for which there is a datapath. */
  readonly fits: readonly [readonly boolean[], readonly boolean[]];
}

function measured(objective: Objective, seed: number): Row {
  const land = landOf(seed);
  const before = figuresOf(land);
  const fitsBefore = fitting(land);
  const startedMs = performance.now();
  const untilMs = startedMs + limits.optimizeMs;
  atOnce(optimize(land, { objective, isOver: () => performance.now() >= untilMs }));
  const ms = performance.now() - startedMs;
  const moves = land.terrain.movers.filter(({ at }, i) => at !== land.places[i]).length;
  return { before, after: figuresOf(land), moves, ms, fits: [fitsBefore, fitting(land)] };
}

/** When what has moved is gone where it was. */
function fitting({ terrain: { movers, substrate }, places }: Landscape): readonly boolean[] {
  const left = new Map(substrate.names.map((name) => [name, CAPACITY]));
  for (const [i, { reserve }] of movers.entries()) {
    const on = places[i];
    if (on !== undefined) left.set(on, (left.get(on) ?? 0) - (reserve.rules ?? 0));
  }
  const most = Math.max(...left.values());
  return WANTED.map((rules) => rules <= most);
}

const mean = (all: readonly number[]): number =>
  all.reduce((sum, one) => sum + one, 0) / Math.max(1, all.length);
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`.padStart(6);

console.log(`optimizing on a fat tree of 20 switches, means of ${SEEDS} random networks:`);
console.log('for       busiest cable    hops a byte    datapaths   moves   ms');
let energy: readonly Row[] = [];
for (const objective of objectives) {
  const rows = Array.from({ length: SEEDS }, (_, seed) => measured(objective, seed));
  if (objective === 'energy') energy = rows;
  const of = (value: (one: Figures) => number): string => {
    const [one, other] = [
      rows.map(({ before }) => value(before)),
      rows.map(({ after }) => value(after)),
    ];
    return `${mean(one).toFixed(2)} -> ${mean(other).toFixed(2)}`;
  };
  const texts = [
    objective.padEnd(8),
    of(({ busiest }) => busiest).padEnd(15),
    of(({ hops }) => hops).padEnd(13),
    of(({ datapaths }) => datapaths).padEnd(14),
    mean(rows.map(({ moves }) => moves))
      .toFixed(1)
      .padEnd(6),
    mean(rows.map(({ ms }) => ms)).toFixed(0),
  ];
  console.log(texts.join('  '));
}
console.log('a vswitch that comes late and reserves so many of 100 rules has a place:');
for (const [i, rules] of WANTED.entries()) {
  const [before, after] = [0, 1].map((when) => {
    return mean(energy.map(({ fits }) => (fits[when as 0 | 1][i] ? 1 : 0)));
  });
  console.log(
    `  ${rules}: ${percent(before ?? 0)}, after packing ("energy") ${percent(after ?? 0)}`,
  );
}
