/**
 * How soon controllers are dialled again, as the file says it.
 */

import t from 'tap';
import { problemsOf, snapshotOf, vswitchOf } from './networks.ts';

const file = (redial: string): string => `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    ${redial}
    vswitches: { v1: { dpid: 1, on: s1 } }
`;
const read = (redial: string) => vswitchOf(snapshotOf(file(redial)), 'red/v1').redial;
const why = (redial: string) => problemsOf(file(redial)).map((one) => `${one.path}: ${one.why}`);

t.test('250 ms doubling to 2 s, unless the file says so', async (t) => {
  t.strictSame(read(''), { firstMs: 250, maxMs: 2000 });
  t.strictSame(read('redial: { first: 1s, max: 30 s }'), { firstMs: 1000, maxMs: 30_000 });
  t.strictSame(read('redial: { first: 50ms }'), { firstMs: 50, maxMs: 2000 });
  t.strictSame(read('redial: { first: 5s }'), { firstMs: 5000, maxMs: 5000 });
});

t.test('what is no time', async (t) => {
  const instead = 'is not a valid delay; write 250ms or 2s (at most 3600s)';
  t.strictSame(why('redial: { first: soon }'), [`tenants.red.redial.first: "soon" ${instead}`]);
  t.strictSame(why('redial: { max: 0s }'), [`tenants.red.redial.max: "0s" ${instead}`]);
  t.strictSame(why('redial: { max: 2h }'), [`tenants.red.redial.max: "2h" ${instead}`]);
  t.strictSame(why('redial: { first: 3s, max: 1s }'), [
    'tenants.red.redial: has a "max" below its "first"; make it at least as long',
  ]);
});
