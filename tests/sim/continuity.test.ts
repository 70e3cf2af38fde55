/**
 * Every frame arrives once, at its own tenant's host, whatever moves meanwhile.
 *
 * LIME 5: "packet loss is 0% with LIME". One tenant's rules change all the time, the other's end
 * by themselves and are learned again.
 */
import t from 'tap';
import { allOver, run } from './scenario.ts';

for (let seed = 101; seed <= 104; seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const result = run({ seed });
    const { findings, lost } = result;
    const moved = result.migrations.filter(({ state }) => state.type === 'done');
    t.ok(moved.length > 0 && allOver(result), `${moved.length} vswitches moved`);
    t.ok(result.sent > 5_000, `while ${result.sent} frames were on the way`);
    t.same(findings.foreign, [], 'no frame reached another tenant');
    t.same(lost, { red: 0, blue: 0 }, 'none was lost');
    t.same(findings.doubled, [], 'none came twice');
  });
}
