/**
 * Many lives, and every state of each: tests/hypervisor/prefixes.test.ts is the short form.
 * SEED=1 RUNS=20.
 */
import t from 'tap';
import { live } from '../hypervisor/prefixes.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 20);

for (let seed = first; seed < first + runs; seed++) {
  t.test(`seed ${seed}`, async (t) => {
    const refusals = seed % 2 === 0;
    const found = live({ seed, requests: 150, refusals });
    t.comment(JSON.stringify({ ...found, troubles: found.troubles.length }));
    t.strictSame(found.troubles.slice(0, 3), []);
  });
}
