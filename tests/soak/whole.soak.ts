/** tests/sim/whole.test.ts with many seeds: SEED=1 RUNS=300. */
import t from 'tap';
import { playWhole, wholeOf } from '../sim/whole.ts';

const first = Number(process.env['SEED'] ?? 1);
const runs = Number(process.env['RUNS'] ?? 300);

const ends = new Set<string>();
let hosts = 0;

for (let seed = first; seed < first + runs; seed++) {
  const one = wholeOf(seed);
  t.test(JSON.stringify(one), async (t) => {
    const { result, troubles } = playWhole(one);
    t.strictSame(troubles.slice(0, 5), []);
    for (const end of result.ended) ends.add(end);
    hosts += result.hosts.counts.arrived;
  });
}

t.test('some were done, some undone, and hosts moved', async (t) => {
  t.strictSame([...ends].sort(), ['done', 'undone']);
  t.ok(hosts > runs / 4, `${hosts} hosts moved`);
});
