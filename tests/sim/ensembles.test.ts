/**
 * Ensembles in simulations: some vswitches move as one, one group after the other, are taken back
 * at random, meet kills of Limevisor, switches that hang up and cables that are cut. Each ends as a
 * whole, and nobody notices anything.
 */
import t from 'tap';
import { type Options, run } from './scenario.ts';

const kinds: readonly (Omit<Options, 'seed'> & { readonly what: string })[] = [
  { what: 'undone at random' },
  { what: 'killed', crash: true },
  { what: 'some datapaths of one table', old: 'some' },
];

const ends = new Set<string>();

for (const [i, { what, ...options }] of kinds.entries()) {
  for (const seed of i === 0 ? [11, 12] : [11 + 10 * i]) {
    t.test(`${what}, seed ${seed}`, async (t) => {
      const result = run({ seed, ensembles: true, ...options });
      t.strictSame(result.half, []);
      t.ok(result.ended.length > 0, 'there was one');
      for (const end of result.ended) ends.add(end);
      t.strictSame(result.findings.foreign, [], 'isolation');
      t.strictSame(result.findings.doubled, [], 'no frame twice');
      t.equal(result.lost.red, 0, `of ${result.sent} frames`);
      // There a rule is several entries, which change one after the other.
      if (options.old === undefined) t.strictSame(result.findings.broken, [], 'transparency');
    });
  }
}

t.test('some were done, some undone', async (t) => {
  t.strictSame([...ends].sort(), ['done', 'undone']);
});
