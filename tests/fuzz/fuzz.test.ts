/**
 * A short run of every fuzzer, the cases that were found, and proof that the fuzzers can find.
 * `make fuzz SECONDS=600` runs long.
 */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { type Version, version } from '../../openflow/values/constants.ts';
import { Random } from '../openflow/random.ts';
import { bent } from './bend.ts';
import { goodFrame } from './codec.ts';
import { fuzzControllerSide } from './controller-side.ts';
import { findingOf, type TargetName, targetNames, targets } from './targets.ts';

/** A second or less each. */
const seeds: Readonly<Record<TargetName, number>> = {
  framer: 150,
  decoders: 500,
  controller: 8,
  long: 5,
  datapath: 8,
  stranger: 15,
};

for (const name of targetNames) {
  t.test(`${name}, ${seeds[name]} seeds`, async (t) => {
    for (let seed = 1; seed <= seeds[name]; seed++) {
      const finding = findingOf(name, seed);
      if (finding !== undefined) t.fail(`seed ${seed}: ${finding}`);
    }
    t.pass('nothing found');
  });
}

t.test('what was found once', async (t) => {
  const text = readFileSync(new URL('found.txt', import.meta.url), 'utf8');
  for (const line of text.split('\n').filter((one) => /^[a-z]/.test(one))) {
    const [name = '', seed = ''] = line.split(/\s+/);
    t.ok(Object.hasOwn(targets, name), line);
    t.equal(findingOf(name as TargetName, Number(seed)), undefined, line);
  }
});

t.test('canary: what red leaves behind is found', async (t) => {
  const leaving = Array.from({ length: 8 }, (_, i) => i + 1);
  const found = leaving.filter((seed) => {
    try {
      fuzzControllerSide(seed, { cleansUp: false });
      return false;
    } catch {
      return true;
    }
  });
  t.ok(found.length > 0, `${found.length} of ${leaving.length}`);
});

t.test('bent frames are of all kinds: refused and read, in both versions', async (t) => {
  const random = new Random(1);
  const heads = new Map<Version, Set<number>>([
    [version.of10, new Set()],
    [version.of13, new Set()],
  ]);
  for (let i = 0; i < 2_000; i++) {
    const { version: spoken, frame } = goodFrame(random);
    heads.get(spoken)?.add(bent(random, frame)[1] ?? 0);
  }
  for (const types of heads.values()) t.ok(types.size >= 40, `${types.size} types`);
});
