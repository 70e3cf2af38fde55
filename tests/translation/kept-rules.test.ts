/** Frames of rules that stand as bytes: each is what it was, and little is kept of few. */
import t from 'tap';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import { KeptRules } from '../../translation/flat/kept-rules.ts';
import { Random } from '../openflow/random.ts';

/** A run of frames: each has its serial as bytes, again and again. */
function runOf(random: Random, first: number, count: number): RuleRun {
  const run = new RuleRun(count);
  const sizes = Array.from({ length: count }, () => 80 + 8 * random.number(20));
  const [before, all] = [random.number(50), sizes.reduce((sum, one) => sum + one, 0)];
  const dv = new DataView(new ArrayBuffer(3 + before + all), 3, before + all);
  run.begin(dv);
  let at = before;
  for (const [i, size] of sizes.entries()) {
    run.at[i] = at;
    run.serial[i] = first + i;
    run.matchSize[i] = 8;
    run.revision[i] = i;
    at += size;
  }
  run.count = count;
  run.size = all;
  for (let i = 0; i < count; i++) {
    const end = i + 1 < count ? (run.at[i + 1] as number) : (run.at[0] as number) + run.size;
    for (let b = run.at[i] as number; b < end; b++) dv.setUint8(b, (first + i) & 0xff);
  }
  return run;
}

t.test('whatever is put and deleted, each frame is its own', async (t) => {
  const random = new Random(3);
  const kept = new KeptRules();
  const known = new Map<number, number>();
  let serial = 1;
  let [wrong, wasteful, miscounted] = [0, 0, 0];
  for (let round = 0; round < 1_000; round++) {
    const run = runOf(random, serial, 1 + random.number(40));
    serial += run.count;
    kept.begin(run);
    for (let i = 0; i < run.count; i++) {
      // Another of the run may have its place at once.
      if (i > 0 && random.number(10) === 0) {
        kept.delete(run.serial[i - 1] as number);
        known.delete(run.serial[i - 1] as number);
      }
      kept.put(run, i, 2, 1);
      known.set(run.serial[i] as number, 2);
    }
    // Few of each stay: more than that must not be kept.
    for (const one of [...known.keys()]) {
      if (random.number(50) === 0 || (one % 20 > 0 && random.number(3) > 0)) {
        kept.delete(one);
        known.delete(one);
      }
    }
    let size = 0;
    for (const one of known.keys()) {
      const found = kept.get(one);
      size += found?.size ?? 0;
      const bytes = Array.from({ length: found?.size ?? 0 }, (_, i) =>
        found?.chunk.dv.getUint8(found.at + i),
      );
      if (bytes.length < 80 || bytes.some((byte) => byte !== (one & 0xff))) wrong += 1;
    }
    if (kept.bytes > 4 * size + 5 * 32 * 1_024) wasteful += 1;
    if (kept.entryCount !== 2 * known.size || kept.size !== known.size) miscounted += 1;
  }
  t.strictSame([wrong, wasteful, miscounted], [0, 0, 0]);
  for (const one of [...known.keys()]) kept.delete(one);
  kept.trim();
  t.strictSame([kept.size, kept.bytes, kept.entryCount], [0, 0, 0], 'and nothing of none');
});
