/**
 * A tenant crosses a slow link with its hosts, as one migration (examples/cloud-move/).
 */
import t from 'tap';
import { isWhole, run } from '../../examples/cloud-move/cloud-move.ts';

t.test('the example: from one site to the other', async (t) => {
  const seen = await run();
  t.ok(isWhole(seen), JSON.stringify(seen));
});
