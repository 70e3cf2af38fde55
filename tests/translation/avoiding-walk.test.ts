/**
 * Ways are led around a datapath: in every state on the way, and while some datapaths are a state
 * ahead of others, each flooded frame comes out where it should, once.
 */

import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import { stepsTo } from '../../slices/network/drained-datapaths.ts';
import {
  isInfeasible,
  placementOf,
  type Snapshot,
  withAvoiding,
} from '../../slices/network/snapshot.ts';
import { carriedBy } from '../../slices/network/transit.ts';
import { Random } from '../openflow/random.ts';
import { exampleText, snapshotOf } from '../slices/networks.ts';
import { DumbNetwork, floodTrouble } from './dumb-network.ts';
import { randomSnapshot } from './random-network.ts';

function flooding(snapshot: Snapshot): DumbNetwork {
  const network = new DumbNetwork(snapshot);
  for (const vswitch of snapshot.vswitches.values()) {
    for (const body of placementOf(snapshot, vswitch.name).bodies) network.flood(vswitch, body);
  }
  return network;
}

/** Some datapaths hold what they should in one state, the others what they should in the next. */
function between(one: Snapshot, next: Snapshot, random: Random): DumbNetwork {
  const [network, ahead] = [flooding(one), flooding(next)];
  for (const name of network.switches.keys()) {
    if (random.number(2) === 0) network.switches.set(name, ahead.at(name));
  }
  return network;
}

t.test('random networks, a datapath that is left', async (t) => {
  let around = 0;
  let refused = 0;
  for (let seed = 0; seed < 150; seed += 1) {
    const random = new Random(seed);
    const first = randomSnapshot(random, random.number(2) === 0 ? 3 : 6);
    const all = [...first.datapaths.keys()];
    const led = all.filter((one) => (carriedBy(first).get(one)?.through.length ?? 0) > 0);
    const out = random.pick(led.length > 0 ? led : all);
    let last = first;
    for (const step of stepsTo(first.avoiding, new Set([out]))) {
      const next = withAvoiding(last, step);
      if (isInfeasible(next)) {
        refused += 1;
        break;
      }
      const trouble =
        floodTrouble(between(last, next, random), next) ?? floodTrouble(flooding(next), next);
      if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
      last = next;
    }
    if (last.avoiding.spare !== undefined || !last.avoiding.now.has(out)) continue;
    around += led.length > 0 ? 1 : 0;
    t.same(carriedBy(last).get(out)?.through, [], `seed ${seed}: nothing leads through ${out}`);
  }
  t.ok(around > 5, `${around} led around`);
  t.ok(refused > 10, `${refused} refused`);
});

t.test('a process that ends in the middle goes on to where it was going', async (t) => {
  const s3 = new Set(['s3' as DatapathName]);
  const { avoiding } = snapshotOf(exampleText());
  const steps = stepsTo(avoiding, s3);
  t.equal(steps.length, 3);
  for (const [i, step] of steps.entries()) {
    const left = stepsTo(step, step.goal);
    t.same(left.at(-1) ?? step, { now: s3, goal: s3 }, `from state ${i}`);
    t.same(left, i === 2 ? [] : steps.slice(i), 'by the same states');
  }
});

t.test('the example: s3 cannot be left by what lives there, and s4 carries nothing', async (t) => {
  const carried = carriedBy(snapshotOf(exampleText()));
  t.same(carried.get('s4' as DatapathName), { hosts: [], through: [] });
  t.same(carried.get('s1' as DatapathName)?.hosts, ['red/h1', 'blue/h1']);
});
