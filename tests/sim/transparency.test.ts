/**
 * N1, in simulation: random networks and delays, a rule that changes all the time.
 *
 * LIME 4.1: "if the first packet was handled by a newly-installed rule, the second should not be
 * handled by an older rule"; LIME 4.2: "without the application's knowledge".
 */
import t from 'tap';
import { allOver, run } from './scenario.ts';

for (let seed = 1; seed <= 4; seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const result = run({ seed });
    t.ok(result.sent > 5_000, 'there was traffic');
    t.ok(allOver(result), 'migrations began and ended');
    t.same(result.findings.broken, [], 'no packet met an older rule than its cause');
    t.same(result.redSaw, [], "the tenant's controller received nothing");
  });
}
