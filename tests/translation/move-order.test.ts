/**
 * In which order an ensemble moves: what crosses between the two sides meanwhile is compared with
 * every other order, for as many vswitches as have few enough of them.
 */
import t from 'tap';
import type { VswitchName } from '../../slices/ids.ts';
import {
  costOfOrder,
  crossings,
  greedy,
  groupsOf,
  improved,
  type Rates,
} from '../../translation/migration/move-order.ts';
import { Random } from '../openflow/random.ts';

const names = (count: number): VswitchName[] =>
  Array.from({ length: count }, (_, i) => `red/v${i}` as VswitchName);

function ordersOf(nodes: readonly number[]): number[][] {
  if (nodes.length === 0) return [[]];
  return nodes.flatMap((node) =>
    ordersOf(nodes.filter((one) => one !== node)).map((rest) => [node, ...rest]),
  );
}

function randomRates(random: Random, count: number): Rates {
  const rates = names(count).map(() => names(count).map(() => 0));
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const rate = random.number(3) === 0 ? random.number(1000) : 0;
      for (const [from, to] of [
        [i, j],
        [j, i],
      ] as const) {
        const row = rates[from];
        if (row !== undefined) row[to] = rate;
      }
    }
  }
  return rates;
}

t.test(
  'of all orders of six it is the best one, or nearly, and never worse than by name',
  async (t) => {
    const random = new Random(7);
    const all = ordersOf([0, 1, 2, 3, 4, 5]);
    let [chosen, best, byName] = [0, 0, 0];
    for (let i = 0; i < 40; i++) {
      const rates = randomRates(random, 6);
      const order = improved(greedy(6, rates), rates, 1);
      t.strictSame([...order].sort(), [0, 1, 2, 3, 4, 5], 'each once');
      const cost = costOfOrder(order, rates, 1);
      const least = Math.min(...all.map((one) => costOfOrder(one, rates, 1)));
      t.ok(cost >= least && cost <= 1.25 * least, `${cost} against ${least}`);
      chosen += cost;
      best += least;
      byName += costOfOrder([0, 1, 2, 3, 4, 5], rates, 1);
    }
    t.ok(chosen <= 1.02 * best, `in all ${chosen}, and ${best} at best`);
    t.ok(chosen < 0.9 * byName, `in all ${chosen}, and ${byName} in the order of names`);
  },
);

t.test('two who talk to each other move together, and what crosses is told', async (t) => {
  const [a, b, c, d] = names(4) as [VswitchName, VswitchName, VswitchName, VswitchName];
  const traffic = [
    { ends: [a, c], rate: 900 },
    { ends: [b, d], rate: 800 },
    { ends: [c, d], rate: 5 },
  ] as const;
  const { groups, peak } = groupsOf([a, b, c, d], traffic, 2);
  t.strictSame(groups.map((one) => [...one].sort()).sort(), [
    [a, c],
    [b, d],
  ]);
  t.equal(peak, 5);
});

t.test(
  'where nothing was measured, or nothing flows, the order is the one that was asked for',
  async (t) => {
    t.strictSame(groupsOf(names(5), undefined, 2), {
      groups: [names(5).slice(0, 2), names(5).slice(2, 4), names(5).slice(4)],
    });
    t.strictSame(groupsOf(names(3), [], 1), { groups: names(3).map((one) => [one]), peak: 0 });
  },
);

t.test('what crosses is counted once for each pair that is apart', async (t) => {
  const rates = [
    [0, 10, 1],
    [10, 0, 100],
    [1, 100, 0],
  ];
  t.strictSame(crossings([0, 1, 2], rates, 1), [11, 101, 0]);
  t.equal(costOfOrder([0, 1, 2], rates, 1), 112);
});
