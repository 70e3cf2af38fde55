/**
 * Switches that refuse, fill up and lie, from many seeds, of every version; refusals.test.ts of
 * tests/sim has few. RUNS says how many seeds each kind has; FROM where they begin.
 */
import t from 'tap';
import { runRefusals } from '../sim/refusals.ts';

const from = Number(process.env['FROM'] ?? 1);
const disks = ['sound', 'full', 'fails'] as const;
const runs = Number(process.env['RUNS'] ?? 20);

for (const kind of ['random', 'full', 'deletes', 'lies'] as const) {
  for (const old of ['none', 'some', 'all'] as const) {
    for (let seed = from; seed < from + runs; seed++) {
      t.test(`${kind}, of 1.0: ${old}, seed ${seed}`, async (t) => {
        const disk = disks[seed % disks.length] ?? 'sound';
        const options = { seed, kind, old, disk, kills: seed % 2 === 0 };
        t.strictSame(runRefusals(options).troubles.slice(0, 5), []);
      });
    }
  }
}
