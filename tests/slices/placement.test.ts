/**
 * What is placed has room, is placed alike again, and is not far from the best that there is.
 */
import t from 'tap';
import { costOf, type Demand, type Embedding } from '../../slices/placement/demand.ts';
import { place, release } from '../../slices/placement/search.ts';
import type { Substrate } from '../../slices/placement/substrate.ts';
import { Random } from '../openflow/random.ts';
import { leastCost, randomDemand, randomGround, substrateOf } from './placed.ts';

/** What is left of everything, as a text. */
function leftText(substrate: Substrate): string {
  const datapaths = substrate.names.map((name) => substrate.leftOf(name, 'rules'));
  return JSON.stringify([datapaths, substrate.cables.map((cable) => substrate.leftOn(cable))]);
}

/** What is wrong with an embedding, by its own computation of what it uses. */
function faults(substrate: Substrate, demand: Demand, { places, paths }: Embedding): string[] {
  const found: string[] = [];
  for (const name of substrate.names) {
    if (substrate.leftOf(name, 'rules') < 0) found.push(`${name} has more than it holds`);
  }
  for (const cable of substrate.cables) {
    if (substrate.leftOn(cable) < 0) found.push(`${cable.key} carries more than it has`);
  }
  for (const [i, { ends }] of demand.edges.entries()) {
    const [from, to] = ends.map((end) => (typeof end === 'number' ? places[end] : end));
    let at = from;
    for (const cable of paths[i] ?? []) {
      const [one, other] = cable.ends;
      if (at !== one && at !== other) found.push(`edge ${i} leaves its path`);
      at = at === one ? other : one;
    }
    if (at !== to) found.push(`edge ${i} ends at ${at}`);
  }
  for (const [i, { offered }] of demand.nodes.entries()) {
    const name = places[i];
    if (name === undefined || offered?.includes(name) === false) found.push(`${i} is at ${name}`);
  }
  return found;
}

t.test('what is placed has room, is placed alike again, and is given back whole', async (t) => {
  let count = 0;
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(seed);
    const ground = randomGround(random, 3 + random.number(8), 8);
    const demand = randomDemand(random, ground, 1 + random.number(8));
    const substrate = substrateOf(ground);
    const before = leftText(substrate);
    const embedding = place(substrate, demand);
    const again = place(substrateOf(ground), demand);
    t.strictSame(again, embedding, `seed ${seed}: the same again`);
    if (embedding === undefined) t.equal(leftText(substrate), before, 'nothing is reserved');
    else {
      count += 1;
      t.strictSame(faults(substrate, demand, embedding), [], `seed ${seed}`);
      release(substrate, demand, embedding);
      t.equal(leftText(substrate), before, 'all is given back');
    }
  }
  t.ok(count > 40 && count < 120, `${count} of 120 were placed`);
});

/** Of embeddings that are possible, how many are found, and by how much they cost more. */
const FOUND_MIN = 0.97;
const COST_MAX = 1.05;

t.test('against every way of placing: up to eight nodes', async (t) => {
  let [possible, found, cost, least, best] = [0, 0, 0, 0, 0];
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(1000 + seed);
    const ground = randomGround(random, 3 + random.number(3), 12);
    const demand = randomDemand(random, ground, 2 + random.number(seed % 4 === 0 ? 7 : 4));
    const bound = leastCost(ground, demand);
    const embedding = place(substrateOf(ground), demand);
    if (bound === undefined) {
      if (embedding !== undefined) possible += 1;
      continue;
    }
    possible += 1;
    if (embedding === undefined) continue;
    found += 1;
    cost += costOf(demand, embedding);
    least += bound;
    if (costOf(demand, embedding) <= bound) best += 1;
  }
  const costs = `${best} at the least cost, in all ${cost} : ${least}`;
  const text = `${found} of ${possible} found, ${costs}`;
  t.comment(text);
  t.ok(possible > 60 && found / possible >= FOUND_MIN && cost / least <= COST_MAX, text);
});
