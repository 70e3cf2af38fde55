/**
 * A tenant that is packed and unpacked as it was is the tenant of before; otherwise nothing of it
 * names anything of the physical network.
 */
import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import { packed, type Unpacking, unpacked } from '../../slices/config/packages.ts';

const tree = {
  datapaths: { s1: { dpid: '1' }, s2: { dpid: '2' }, s3: { dpid: '3' } },
  links: ['s1:9 - s2:9', 's2:10 - s3:9'],
  zones: { left: ['s1'] },
  schedules: {
    nights: { move: 'red', every: '24h', to: 'left', 'away-from': 'blue' },
    one: { move: ['red/v1'], every: '1h' },
    both: { move: ['red', 'blue'], every: '1h' },
  },
  tenants: {
    red: {
      controllers: ['tcp:192.0.2.1:6653'],
      limits: { rules: '9', on: { s1: { rules: '5' } }, bandwidth: { 'v1:1': '10M' } },
      vswitches: {
        v1: { dpid: '1', on: 's1', ports: { 1: { name: 'up' } }, reserve: { rules: '7' } },
        v2: { dpid: '2', place: 'auto', listen: 'ptcp:6701:127.0.0.1' },
        big: { dpid: '3', on: ['s1', 's2'], consistency: 'eventual' },
      },
      hosts: {
        h1: { port: 'v1:1', at: 's1:1', vlan: '7' },
        h2: { port: 'v2:1', at: ['s1:2', 's2:2'], bandwidth: '5M' },
        h3: { port: 'big:1', at: 's2:3', queues: { 1: '5' } },
      },
      links: [{ ends: 'v1:2 - v2:2', via: ['s3'], bandwidth: '1M' }, 'v2:3 - big:2'],
    },
    blue: { vswitches: { v: { dpid: '1', on: 's3' } } },
  },
};

function configOf(from: object) {
  const read = readConfig(from, [], '/');
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

const config = configOf(tree);
const how: Unpacking = {
  ...{ from: 'red', as: 'red', asItWas: true, controllers: [] },
  ...{ on: new Map(), at: new Map() },
};
const names = /"s[123]"|s[123]:|left|192\.0|6701|blue/;

t.test('as it was, it is what it was', async (t) => {
  const one = packed(config, 'red');
  t.strictSame(one.leftOut, ['schedule both, which moves others than red, too']);
  const { tenant, schedules } = unpacked(one, how);
  const whole = fileTree(config) as { tenants: Fields; schedules: Fields };
  const back = fileTree(
    configOf({ ...tree, tenants: { ...tree.tenants, red: tenant }, schedules }),
  ) as { tenants: Fields; schedules: Fields };
  t.strictSame(back.tenants, whole.tenants);
  const { both: _, ...own } = whole.schedules;
  t.strictSame(back.schedules, own);
});

t.test('what is the tenant’s own names nothing of what is below', async (t) => {
  const { network, hints } = packed(config, 'red');
  t.notMatch(JSON.stringify(network), names);
  t.match(JSON.stringify(hints), names);
  t.match(network, { vswitches: { big: { on: 'auto' }, v1: { place: 'auto' } } });
});

t.test('under another name it is another’s', async (t) => {
  const one = packed(config, 'red');
  const at = new Map(['h1', 'h2', 'h3'].map((host, i) => [host, `s3:${i + 1}`]));
  const on = new Map<string, Fields>([
    ['v1', { on: 's3' }],
    ['big', { on: ['s3', 's2'] }],
  ]);
  const controllers = ['tcp:192.0.2.9:6653'];
  const asked = { ...how, as: 'green', asItWas: false, controllers, on, at };
  const { tenant, schedules } = unpacked(one, asked);
  t.strictSame(Object.keys(schedules), ['green-nights', 'green-one']);
  t.match(schedules, { 'green-nights': { move: ['green'] }, 'green-one': { move: ['green/v1'] } });
  t.notMatch(JSON.stringify(schedules), names);
  const tenants = { ...tree.tenants, green: tenant };
  const back = configOf({ ...tree, tenants, schedules });
  const green = back.vswitches.filter((vswitch) => vswitch.tenant === 'green');
  t.strictSame(
    green.map((vswitch) => [vswitch.name, vswitch.on, vswitch.place, vswitch.controllers.length]),
    [
      ['green/v1', 's3', undefined, 1],
      ['green/v2', '', 'auto', 1],
      ['green/big', 's3', undefined, 1],
    ],
  );
  t.equal(back.tenantLimits.get('green')?.tables.rules, 9);
  t.equal(back.tenantLimits.get('green')?.on.size, 0);
});
