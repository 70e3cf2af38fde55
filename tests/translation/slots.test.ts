/**
 * Where a tenant's rules stand below: in order, and with room beneath them for what misses.
 */

import t from 'tap';
import { slotOf, tables } from '../../translation/entries/pipeline.ts';

t.test('in the first table every rule is one higher', async (t) => {
  t.strictSame(slotOf(0, 0), { tableId: tables.tenant, priority: 1 });
  t.strictSame(slotOf(0, 0xfffe), { tableId: tables.tenant, priority: 0xffff });
});

t.test('the highest is met before all others, and below a guard', async (t) => {
  const { tableId, priority } = slotOf(0, 0xffff);
  t.equal(tableId, tables.guard);
  t.ok(priority > 0 && priority < 100);
});

t.test('later tables have no miss of OpenFlow 1.0, and keep their priorities', async (t) => {
  t.strictSame(slotOf(3, 0xffff), { tableId: tables.tenant + 3, priority: 0xffff });
  t.strictSame(slotOf(3, 0), { tableId: tables.tenant + 3, priority: 0 });
});
