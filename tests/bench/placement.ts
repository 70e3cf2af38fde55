/**
 * How many networks GEANT takes, and how long it is until each has its place: requests arrive at
 * random and stay for a while, as in Virne's benchmark (shared catalogue "planning", C.1).
 *
 * As there, a request has 2 to 10 vswitches, each two of them linked with probability 0.5 (and all
 * joined), that reserve up to 20 units of a datapath, and up to 50 of a cable; datapaths and cables
 * have 50 to 100. Other than there, vswitches of one request may share a datapath. The number of
 * requests that are there at once grows from row to row. Accepted: of all requests. Revenue to
 * cost: what was asked for, by what it takes below.
 * Run with `node tests/bench/placement.ts`; REQUESTS=1000 for more.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { type Demand, type Edge, type Embedding, weightOf } from '../../slices/placement/demand.ts';
import { place, release } from '../../slices/placement/search.ts';
import type { Substrate } from '../../slices/placement/substrate.ts';
import { Random } from '../openflow/random.ts';
import { substrateFor } from '../slices/placed.ts';
import { geantLinks, geantNodes } from './geant.ts';

const REQUESTS = Number(process.env['REQUESTS'] ?? 100);
/** How many requests are there at once when all are accepted. */
const LOADS = [10, 30, 90];
/** CPU of one request: a person who types `apply` does not notice it. */
const BUDGET_MS = 100;

function geant(random: Random): Substrate {
  const units = () => 50 + random.number(51);
  const datapaths = geantNodes.map((name) => {
    return { name: name as DatapathName, capacity: { rules: units() } };
  });
  const cables = geantLinks.map(({ ends: [one, other] }) => {
    return [one as DatapathName, other as DatapathName, units()] as const;
  });
  return substrateFor(datapaths, cables);
}

function request(random: Random): Demand {
  const count = 2 + random.number(9);
  const nodes = Array.from({ length: count }, (_, i) => {
    return { name: `v${i}`, reserve: { rules: random.number(21) } };
  });
  const edge = (one: number, other: number): Edge => {
    return { name: `${one}-${other}`, ends: [one, other], kbps: random.number(51) };
  };
  const edges: Edge[] = [];
  for (let one = 1; one < count; one++) {
    const joined = random.number(one);
    for (let other = 0; other < one; other++) {
      if (other === joined || random.number(2) === 0) edges.push(edge(one, other));
    }
  }
  return { nodes, edges };
}

interface Row {
  readonly accepted: number;
  readonly revenueToCost: number;
  readonly meanMs: number;
  readonly longestMs: number;
}

function run(load: number): Row {
  const random = new Random(1111);
  const substrate = geant(random);
  const there: { readonly demand: Demand; readonly embedding: Embedding; left: number }[] = [];
  let [accepted, revenue, cost, allMs, longestMs] = [0, 0, 0, 0, 0];
  for (let i = 0; i < REQUESTS; i++) {
    for (const one of there.splice(0)) {
      if (one.left-- > 0) there.push(one);
      else release(substrate, one.demand, one.embedding);
    }
    const demand = request(random);
    const began = process.cpuUsage();
    const embedding = place(substrate, demand);
    const { user, system } = process.cpuUsage(began);
    const ms = (user + system) / 1000;
    allMs += ms;
    longestMs = Math.max(longestMs, ms);
    if (embedding === undefined) continue;
    accepted += 1;
    const rules = demand.nodes.reduce((sum, { reserve }) => sum + (reserve.rules ?? 0), 0);
    revenue += rules + demand.edges.reduce((sum, one) => sum + one.kbps, 0);
    cost += rules;
    for (const [e, one] of demand.edges.entries()) {
      if (one.kbps > 0) cost += weightOf(one) * (embedding.paths[e]?.length ?? 0);
    }
    there.push({ demand, embedding, left: Math.round(load * (0.5 + random.number(100) / 100)) });
  }
  const meanMs = allMs / REQUESTS;
  return { accepted: accepted / REQUESTS, revenueToCost: revenue / cost, meanMs, longestMs };
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
console.log(
  `placement on GEANT (${geantNodes.length} datapaths, ${geantLinks.length} cables), ` +
    `${REQUESTS} requests of 2 to 10 vswitches:`,
);
console.log('at once  accepted  revenue/cost  CPU ms each  longest');
let isMet = true;
for (const load of LOADS) {
  const row = run(load);
  isMet &&= row.meanMs <= BUDGET_MS;
  const cells = [
    String(load).padEnd(7),
    percent(row.accepted).padEnd(8),
    row.revenueToCost.toFixed(2).padEnd(12),
    row.meanMs.toFixed(1).padEnd(11),
    row.longestMs.toFixed(0),
  ];
  console.log(cells.join('  '));
}
console.log(`budget: ${BUDGET_MS} ms a request: ${isMet ? 'ok' : 'MISSED'}`);
if (!isMet) process.exitCode = 1;
