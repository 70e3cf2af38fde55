/**
 * A tenant's limits: what the file may say, and what becomes of rates while time passes.
 */
import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';
import { unlimited } from '../../slices/config/tenant-limits.ts';
import { ControlTraffic } from '../../slices/control-traffic.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { portMetersOf } from '../../slices/network/port-meters.ts';
import { TenantAccounts } from '../../slices/network/tenant-account.ts';
import { atOnce } from '../../slices/steps.ts';
import { TokenBucket } from '../../slices/token-bucket.ts';
import { configOf, datapath, problemsOf, vswitchName } from './networks.ts';

/** A file in which red has these limits, as the shell parses it: every scalar a string. */
function read(limits: unknown) {
  const vswitches = { v1: { dpid: '1', on: 's1' }, v2: { dpid: '2', on: 's1' } };
  return readConfig(
    { datapaths: { s1: { dpid: '1' } }, tenants: { red: { vswitches, limits } } },
    [],
  );
}

t.test('numbers of entries, and rates with and without a burst', async (t) => {
  const found = read({ rules: '5', groups: '0', 'packet-ins': '50/s burst 20', changes: '7 / s' });
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  t.strictSame(found.config.tenantLimits.get('red'), {
    ...unlimited,
    tables: { rules: 5, groups: 0 },
    rates: { packetIns: { perSec: 50, burst: 20 }, changes: { perSec: 7, burst: 7 } },
  });
});

t.test('what is no limit is refused, with what to write', async (t) => {
  const found = read({ rules: 'many', changes: '0/s', statistics: '5', packetins: '1/s' });
  const problems = 'problems' in found ? found.problems : [];
  t.strictSame(
    problems.map(({ path }) => path.replace('tenants.red.limits', '')),
    ['', '.changes', '.statistics', '.rules'],
  );
  t.match(problems[0]?.why, /unknown key "packetins"; did you mean "packet-ins"/);
  t.match(problems[1]?.why, /"0\/s" is not a rate; write 500\/s, or 500\/s burst 2000/);
  t.match(problems[3]?.why, /"many" is not a number of entries; write 1000/);
});

t.test('a bucket is full at first, is filled by its rate, and pays its debts', async (t) => {
  const bucket = new TokenBucket({ perSec: 10, burst: 5 }, 0);
  t.equal(bucket.level(1_000), 5, 'never more than its burst');
  bucket.take(7, 1_000);
  t.equal(bucket.level(1_000), -2);
  t.equal(bucket.debtMs(1_100), 100, 'one was paid');
  t.equal(bucket.debtMs(1_200), 0);
  t.equal(bucket.level(900), 0, 'a clock that went back takes nothing away');
});

t.test('in the long run a rate is what it says, whatever is taken at once', async (t) => {
  const traffic = new ControlTraffic(() => ({ changes: { perSec: 100, burst: 10 } }));
  let taken = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 3) {
    if (traffic.waitMs(nowMs) > 0) continue;
    const count = traffic.mostChanges(64, nowMs);
    traffic.heard('changes', count, nowMs);
    taken += count;
  }
  t.ok(taken >= 1_000 && taken <= 1_012, `${taken} in ten seconds`);
});

t.test('packet-ins go first, then statistics; changes only wait', async (t) => {
  const traffic = new ControlTraffic(() => ({ toControllers: { perSec: 10, burst: 10 } }));
  traffic.sent('replies', 6, 0);
  t.equal(traffic.letsUp(0), false, 'more than half is used up');
  t.equal(traffic.letsAsk(0), true);
  traffic.sent('replies', 5, 0);
  t.equal(traffic.letsAsk(0), false, 'all is used up');
  t.equal(traffic.waitMs(0), 0, 'what changes rules does not wait for that');
  t.strictSame(traffic.shed, { packetIns: 1, statistics: 1 });
  t.equal(traffic.held(0).length, 2);
  t.equal(traffic.held(60_000).length, 0, 'a minute later that is over');
});

t.test('bandwidth of ports: which may have one, and how it is written', async (t) => {
  const file = (bandwidth: string, on = 's1') => `
    datapaths: { s1: { dpid: 1 }, s2: { dpid: 2, encoding: flat } }
    links: [s1:9 - s2:9]
    tenants:
      red:
        limits: { bandwidth: { ${bandwidth} } }
        vswitches: { v1: { dpid: 1, on: ${on} }, v2: { dpid: 2, on: s1 } }
        hosts: { h1: { port: v1:1, at: s1:1 } }
        links: [v1:2 - v2:2]`;
  const { tenantLimits } = configOf(file('v1:1: 10M, v2:2: 1G burst 2MB'));
  t.strictSame(
    tenantLimits.get('red')?.bandwidths,
    new Map([
      ['red/v1:1', { kbps: 10_000, burstKbit: 1_000 }],
      ['red/v2:2', { kbps: 1_000_000, burstKbit: 16_000 }],
    ]),
  );
  const why = (bandwidth: string, on?: string) => problemsOf(file(bandwidth, on))[0]?.why;
  t.match(why('v1:1: 10Mbps'), /"10Mbps" is not a bandwidth; write 10M, or 10M burst 1600kbit/);
  t.match(why('v1:7: 1M'), /is no port of a host or a virtual link/);
  t.match(why('v1:2: 1M, v2:2: 1M'), /names the same virtual link as v1:2/);
  t.match(why('v1:2: 1M', 's2'), /s2 has the encoding flat, which has no meters/);
});

t.test('meters of ports are others for each, and the same again', async (t) => {
  const count = 300;
  const all = Array.from({ length: count }, (_, i) => i + 1);
  const config = configOf(`
    datapaths: { s1: { dpid: 1 } }
    tenants:
      red:
        limits: { bandwidth: { ${all.map((i) => `v1:${i}: 1M`)} } }
        vswitches: { v1: { dpid: 1, on: s1 } }
        hosts: { ${all.map((i) => `h${i}: { port: v1:${i}, at: s1:${i} }`)} }`);
  const ids = new Map([[vswitchName('red/v1'), 7 as VswitchId]]);
  const metersOf = () => [...atOnce(portMetersOf(config, ids)).values()];
  const meters = metersOf();
  const used = meters.flatMap((one) => [one.in?.id ?? 0, one.out.id]);
  t.equal(new Set(used).size, 2 * count);
  t.ok(
    used.every((id) => id >= 0x2_0000 && id < 0x4_0000),
    'those that Open vSwitch has',
  );
  t.strictSame(metersOf(), meters);
});

t.test('on a datapath all bodies count, and a rule as often as it stands there', async (t) => {
  const found = read({ rules: '10', 'per-datapath': { rules: '6' }, on: { s1: { groups: '0' } } });
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  const accounts = new TenantAccounts(found.config);
  const [v1, v2] = [vswitchName('red/v1'), vswitchName('red/v2')];
  const [s1, s2] = [datapath('s1'), datapath('s2')];
  const homes = new Map([
    [v1, [s1]],
    [v2, [s2, s1]],
  ]);
  accounts.costs = {
    bodiesOf: (name) => homes.get(name) ?? [],
    entriesPerRule: (_, on) => (on === s2 ? 2 : 1),
  };
  const account = accounts.ofVswitch(v1);
  const holding = (size: number) => ({ rulebook: { size }, groups: { size: 0 }, meters: { size } });
  account.put(v1, holding(3));
  account.put(v2, holding(2));
  t.equal(account.used('rules'), 3 + 2 * 2, 'each at its primary body');
  t.equal(account.usedOn('rules', s1), 5, 'a clone is there, too');
  t.equal(account.room(v1, 'rules').left(), 1);
  t.match(account.room(v1, 'rules').why(), /tenant red has 5 rules on s1, and may have 6/);
  t.equal(account.room(v2, 'rules').left(), 1, 'of 4 entries there are two left, a rule is two');
  t.equal(account.room(v1, 'groups').left(), 0);
  t.equal(account.room(v1, 'meters').left(), Number.POSITIVE_INFINITY);
  t.match(account.whyNotOn(v1, s2, 2), /has 4 rules on s2, and red\/v1 would bring 6, more than/);
  t.equal(account.whyNotOn(v1, datapath('s3'), 2), undefined);
  t.strictSame(account.full(), ['0 of 0 groups on s1']);
});

t.test('limits are shared by the vswitches of a tenant, and follow the file', async (t) => {
  const found = read({ rules: '5' });
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  const accounts = new TenantAccounts(found.config);
  const holding = (size: number) => ({
    rulebook: { size },
    groups: { size: 0 },
    meters: { size: 0 },
  });
  const account = accounts.ofVswitch(vswitchName('red/v1'));
  account.put(vswitchName('red/v1'), holding(2));
  account.put(vswitchName('red/v2'), holding(2));
  t.equal(account.room(vswitchName('red/v1'), 'rules').left(), 1);
  account.put(vswitchName('red/v1'), holding(3));
  t.equal(account.room(vswitchName('red/v1'), 'rules').left(), 0);
  t.match(
    account.room(vswitchName('red/v1'), 'rules').why(),
    /tenant red has 5 rules, and may have 5/,
  );
  t.strictSame(account.full(), ['5 of 5 rules']);
  accounts.follow({ ...found.config, tenantLimits: new Map() });
  t.equal(account.room(vswitchName('red/v1'), 'rules').left(), Number.POSITIVE_INFINITY);
  account.remove(vswitchName('red/v2'));
  t.equal(account.used('rules'), 3);
});
