/**
 * A host moves between real switches under traffic (examples/moving-hosts/): what is lost is what
 * was on its way while its interface was at neither, and nothing comes twice but in the
 * milliseconds in which one Open vSwitch has it at both (`isWhole`).
 */
import t from 'tap';
import * as example from '../../examples/moving-hosts/moving-hosts.ts';

t.test('the example: there and back', async (t) => {
  const all = await example.run(() => undefined);
  t.equal(all.length, 2);
  for (const one of all) t.ok(example.isWhole(one), JSON.stringify(one));
});
