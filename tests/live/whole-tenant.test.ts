/**
 * A tenant with six hosts on three vswitches moves whole while flows are cached, rules change, and
 * packets of every kind pass: nothing is lost, comes twice or is told, and packets are counted.
 *
 * Slow enough for a busy machine, and one move; tests/soak/whole-tenant.soak.ts has all of it.
 */
import t from 'tap';
import { move, mustBeWhole, under } from './whole-tenant.ts';
import { cachedFlows, fillCaches, startTenant } from './whole-tenant-lab.ts';

const CACHED = 1_000;
/**
 * On a busy machine a rule may count one or two packets too few: perhaps those that passed between
 * the last look at cached flows and the change (hypervisor/datapath/fresh-counters.ts). The soak
 * asks for all of them.
 */
const OFF_MAX = 5;

const tenant = await startTenant();
t.teardown(() => tenant.stop());
const background = await fillCaches(tenant, CACHED);

t.test('it moves whole, and nobody notices', async (t) => {
  const rates = { streamMs: 20, pingMs: 20, churnMs: 20, kbytesSec: 20 };
  const found = await under(tenant, rates, () => move(tenant, 1));
  mustBeWhole(t, found, 1, OFF_MAX);
  t.ok((await cachedFlows(tenant)) > CACHED / 2, 'while flows were cached');
  await background.end('SIGINT');
});
