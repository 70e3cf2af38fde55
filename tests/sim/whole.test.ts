/**
 * Ensembles with everything (whole.ts): each ends as a whole, nobody's frames reach another tenant
 * or come twice, and three switches could have shown all that a tenant's hosts and its controller
 * saw of its vswitches.
 * 2000: a way was led elsewhere while a host moved. 18300006: the process is killed while packets
 * that go up and on are held for a hand-over, and takes them along. 21000119: a datapath comes back
 * with 1.0 while a packet is sent there. `make soak` takes many seeds, and so does
 * `WHOLE=1 make sim RUNS=`.
 */
import t from 'tap';
import { playWhole, wholeOf } from './whole.ts';

const seeds = (process.env['SEEDS'] ?? '15 2000 18300006 21000119').split(' ').map(Number);

for (const seed of seeds) {
  const one = wholeOf(seed);
  t.test(JSON.stringify(one), async (t) => {
    const { result, troubles } = playWhole(one);
    t.strictSame(troubles.slice(0, 5), [], 'one switch each could have shown all of it');
    t.ok(result.ended.length + result.members.length > 0, 'something moved');
  });
}
