/**
 * Three tenants of different topologies and equal addresses on a fat tree (examples/fat-tree/):
 * each host reaches every other of its tenant in every kind of frame and gets nothing of another
 * tenant's, also while a vswitch of each tenant moves.
 */
import t from 'tap';
import { runFatTree } from '../../examples/fat-tree/fat-tree.ts';
import { tenants } from '../../examples/fat-tree/network.ts';
import type { Lab } from '../../examples/lab/lab.ts';
import { isWhole } from '../../examples/lab/mesh-report.ts';
import { migrate } from '../../examples/lab/programs.ts';
import * as overlapping from '../../examples/overlapping-addresses/overlapping-addresses.ts';

const moves = { 'red/centre': 'c2', 'blue/e11': 'a12', 'green/root': 'c3' };

t.test('three tenants on a fat tree, each with a migration', async (t) => {
  const states: unknown[] = [];
  const all = await runFatTree(false, async (lab: Lab) => {
    for (const [vswitch, to] of Object.entries(moves)) {
      states.push(await migrate(lab, vswitch, to));
    }
  });
  t.strictSame(states, ['done', 'done', 'done']);
  t.equal(all.length, 2, 'while they moved, and afterwards');
  for (const reached of all) {
    t.strictSame(Object.keys(reached).sort(), [...tenants].sort());
    for (const [tenant, one] of Object.entries(reached)) {
      t.ok(isWhole(one), `${tenant}: ${JSON.stringify(one)}`);
      t.equal(one.due, 16 * 15 * 8, 'every pair, every kind');
    }
  }
});

t.test('two tenants with the same addresses on the same switches', async (t) => {
  const reached = await overlapping.run();
  t.equal(Object.keys(reached).length, 2);
  for (const [tenant, one] of Object.entries(reached)) {
    t.ok(isWhole(one), `${tenant}: ${JSON.stringify(one)}`);
    t.equal(one.due, 3 * 2 * 8, 'every pair, every kind');
  }
});
