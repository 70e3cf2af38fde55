/**
 * Big switches: all vswitches of two tenants on all datapaths of random networks, while red's rules
 * change all the time, switches hang up, cables are cut, and the process is killed. Nobody's frames
 * reach another tenant, none comes twice, and in the end every switch holds what it should; where
 * nothing fails none is lost, and a strict one shows no older rule after a newer one.
 */
import t from 'tap';
import { run } from './scenario.ts';

const shape = (seed: number) => ({
  datapathCount: 3 + (seed % 3),
  extraCount: seed % 4,
  middleCount: 1,
  lieMs: [0, 60, 5, 60, 0],
  isFlat: [],
});

for (const big of ['strict', 'eventual'] as const) {
  for (const seed of [1, 2]) {
    t.test(`${big}, seed ${seed}`, async (t) => {
      const { findings, lost, sent } = run({ seed, shape: { ...shape(seed), big }, moves: 1 });
      t.ok(sent > 1_000, `${sent} frames`);
      t.same(findings.foreign, [], 'isolation');
      t.same(findings.doubled, [], 'none came twice');
      t.same(lost, { red: 0, blue: 0 }, 'none was lost');
      if (big === 'strict') t.same(findings.broken.slice(0, 3), [], 'one switch');
    });
  }
  for (const seed of [12, 15]) {
    t.test(`${big}, seed ${seed}: switches hang up, cables are cut`, async (t) => {
      const more = { hangsUp: true, cuts: 3, crash: seed === 15, moves: 2 };
      const { findings, sent } = run({ seed, shape: { ...shape(seed), big }, ...more });
      t.ok(sent > 1_000, `${sent} frames`);
      t.same(findings.foreign, [], 'isolation');
      t.same(findings.doubled, [], 'none came twice');
    });
  }
}
