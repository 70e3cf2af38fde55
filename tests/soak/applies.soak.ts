/**
 * tests/sim/applies.test.ts with many seeds, until a thousand files were applied, some while
 * vswitches migrate, some by a process that is killed, some that a full switch refuses; what
 * switches hold is looked at after each: SEED=1 APPLIES=1000.
 */
import t from 'tap';
import { appliesOf, troublesOfApplies } from '../sim/applies-runs.ts';
import { run } from '../sim/scenario.ts';

const first = Number(process.env['SEED'] ?? 1);
const wanted = Number(process.env['APPLIES'] ?? 1_000);
const sum = { applied: 0, takenBack: 0, looked: 0 };

for (let seed = first; sum.applied + sum.takenBack < wanted; seed++) {
  const options = appliesOf(seed);
  const result = run(options);
  for (const key of ['applied', 'takenBack', 'looked'] as const) sum[key] += result.files[key];
  t.strictSame(troublesOfApplies(options, result).slice(0, 5), [], JSON.stringify(options));
}

t.ok(sum.takenBack > wanted / 40, `${sum.takenBack} were taken back`);
t.ok(sum.looked > wanted / 4, `switches were looked at ${sum.looked} times`);
