/**
 * The same invariants where datapaths speak OpenFlow 1.0: all of them, or some. The tenants speak
 * 1.3; everything that they use fits.
 */
import t from 'tap';
import { allOver, type Options, run } from './scenario.ts';

const kinds: readonly Omit<Options, 'seed'>[] = [
  { old: 'all' },
  { old: 'some' },
  { old: 'all', crash: true },
  { old: 'some', crash: true },
];

for (const kind of kinds) {
  for (let seed = 1; seed <= 1; seed += 1) {
    t.test(`${JSON.stringify(kind)}, seed ${seed}`, async (t) => {
      const { findings, lost, redSaw, ...result } = run({ seed, ...kind });
      t.ok(result.sent > 5_000, 'there was traffic');
      t.ok(allOver({ findings, lost, redSaw, ...result }), 'migrations began and ended');
      t.same(findings, { foreign: [], broken: [], doubled: [] });
      t.equal(lost.red, 0, 'red lost nothing');
      if (kind.crash === true) return;
      t.equal(lost.blue, 0, 'blue lost nothing');
      t.same(redSaw, [], "the tenant's controller received nothing");
    });
  }
}
