/**
 * A tenant with six hosts on three vswitches moves whole on datapaths of OpenFlow 1.0, while flows
 * are cached, rules change, and packets of every kind pass: nothing is lost, told, or comes twice.
 * What differs from several tables is what a migration promises of counters: here they may be wrong
 * by as many packets as it says were in doubt.
 *
 * One move; tests/soak/whole-tenant-flat.soak.ts has all of it.
 */
import t from 'tap';
import { cachedFlows } from '../../examples/lab/programs.ts';
import { move, mustBeWhole, under } from './whole-tenant.ts';
import { fillCaches, startTenant } from './whole-tenant-lab.ts';

const CACHED = 200;
/** Packets that Open vSwitch has in hand when it deletes the cached flow of them. */
const MISSED_MAX = 3;

const tenant = await startTenant('OpenFlow10');
t.teardown(() => tenant.stop());
const background = await fillCaches(tenant, CACHED);

t.test('on datapaths of OpenFlow 1.0 it moves whole, and nobody notices', async (t) => {
  const rates = { streamMs: 40, pingMs: 40, churnMs: 40, kbytesSec: 10 };
  const found = await under(tenant, rates, () => move(tenant, 1));
  mustBeWhole(t, found, 1, { missed: MISSED_MAX, shares: true });
  t.ok((await cachedFlows(tenant.lab)) > CACHED / 2, 'while flows were cached');
  await background.end('SIGINT');
});
