/**
 * A switch is taken down with all that lives there, while its tenants' hosts ping: one command. And
 * it is brought back (examples/maintenance/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/maintenance/maintenance.ts';

t.test('drained with everything, and brought back', async (t) => {
  const seen = await run();
  t.equal(seen.there, 3, 'three vswitches lived there');
  t.equal(seen.whileDrained, 0, 'none while it is drained');
  t.equal(seen.back, 3, 'all are back');
  t.equal(seen.through, 0, 'no frame of theirs passed it while it was drained');
  t.ok(isWhole(seen), JSON.stringify(seen.pings));
});
