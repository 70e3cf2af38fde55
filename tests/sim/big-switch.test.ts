/**
 * Big switches: all vswitches of two tenants on all datapaths of random networks, while red's rules
 * change all the time, switches hang up, cables are cut, and the process is killed. Nobody's frames
 * reach another tenant, none comes twice, and in the end every switch holds what it should; where
 * nothing fails none is lost, and a strict one shows no older rule after a newer one. Members may
 * have one table, and then a rule is several entries, which change one after the other.
 */
import t from 'tap';
import { kinds } from './kinds.ts';
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
  const old = big === 'strict' ? 'some' : 'all';
  t.test(`${big}: ${old} members speak OpenFlow 1.0`, async (t) => {
    const { findings, lost, sent } = run({ seed: 1, shape: { ...shape(1), big }, moves: 1, old });
    t.ok(sent > 1_000, `${sent} frames`);
    t.same(findings.foreign, [], 'isolation');
    t.same(findings.doubled, [], 'none came twice');
    t.same(lost, { red: 0, blue: 0 }, 'none was lost');
  });
  // A step that began before a datapath connected anew would lead it back with seed 7.
  for (const seed of big === 'strict' ? [7, 12, 15] : [12, 15]) {
    t.test(`${big}, seed ${seed}: switches hang up, cables are cut`, async (t) => {
      const more = { hangsUp: true, cuts: 3, crash: seed !== 12, moves: 2 };
      const members = seed === 7 ? 'all' : 'none';
      const options = { seed, shape: { ...shape(seed), big }, ...more, old: members } as const;
      const { findings, sent } = run(options);
      t.ok(sent > 1_000, `${sent} frames`);
      t.same(findings.foreign, [], 'isolation');
      t.same(findings.doubled, [], 'none came twice');
    });
  }
}

t.test('one-table datapaths: a later move begins before an earlier one is made', async (t) => {
  t.strictSame(kinds.big(3300002).troubles, []);
});
