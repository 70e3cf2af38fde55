/**
 * Every frame arrives once, at its own tenant's host, whatever moves meanwhile.
 *
 * LIME 5: "packet loss is 0% with LIME". One tenant's rules change all the time, the other's end
 * by themselves and are learned again.
 */
import t from 'tap';
import { run } from './scenario.ts';

for (let seed = 101; seed <= 104; seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const { findings, lost } = run({ seed });
    t.same(findings.foreign, [], 'no frame reached another tenant');
    t.same(lost, { red: 0, blue: 0 }, 'none was lost');
    t.same(findings.doubled, [], 'none came twice');
  });
}
