/**
 * What is done about tunnels, from what an OVSDB says: ports of ours become what the file says, and
 * nobody else's is touched. Against a dumb Open vSwitch that does what it is told.
 */
import t from 'tap';
import type { Dpid } from '../../slices/ids.ts';
import {
  type OvsdbBridge,
  type OvsdbInterface,
  planTunnels,
  readBridges,
  tunnelPortsOf,
  tunnelTroubles,
} from '../../translation/datapath/tunnel-ports.ts';
import { Random } from '../openflow/random.ts';
import { configOf } from '../slices/networks.ts';

const text = (links: string) => `
datapaths:
  s1: { dpid: 1, ovsdb: unix:/db1 }
  s2: { dpid: 2, ovsdb: tcp:127.0.0.1:6640 }
${links === '' ? '' : `links:\n${links}`}
tenants: { red: { vswitches: { v: { dpid: 1, on: s1 } } } }`;

const tunnel = (port: number, more: string) =>
  `  - { ends: s1:${port} - s2:${port}, tunnel: { ${more} } }`;
const between = 'between: 10.8.0.1 - 10.8.0.2';

/** The ports of s1. */
function wanted(...lines: readonly string[]) {
  return tunnelPortsOf(configOf(text(lines.join('\n'))), 's1' as never);
}

const theirs: OvsdbInterface = {
  ...{ name: 'eth7', type: '', options: {}, error: '', mark: undefined },
  ...{ ofport: 7, ofportRequest: 7 },
};

function bridge(...interfaces: readonly OvsdbInterface[]): OvsdbBridge {
  return { name: 'br', dpid: '0000000000000001', interfaces };
}

/** Does what ovs-vsctl is told; a number that somebody has is not given again. */
function carriedOut({ interfaces }: OvsdbBridge, args: readonly string[]): OvsdbBridge {
  const all = new Map(interfaces.map((one) => [one.name, one]));
  for (const command of args
    .join('\n')
    .split('--\n')
    .filter((one) => one !== '')) {
    const [verb, ...rest] = command.trim().split('\n');
    if (verb === 'add-port') {
      const added = { ...theirs, name: rest[1] ?? '', ofport: undefined, ofportRequest: undefined };
      all.set(added.name, added);
    } else if (verb === 'set') {
      const name = rest[1] ?? '';
      const said = rest.slice(2).join('\n');
      const options = Object.fromEntries(
        [...said.matchAll(/[{,](\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      );
      const number = Number(/ofport_request=(\d+)/.exec(said)?.[1]);
      const type = /type=(\w+)/.exec(said)?.[1] ?? '';
      const mark = /limevisor-tunnel="([^"]*)"/.exec(said)?.[1];
      const numbers = { ofport: number, ofportRequest: number };
      all.set(name, { name, type, options, error: '', mark, ...numbers });
    } else if (command.includes('del-port')) all.delete(rest.at(-1) ?? '');
  }
  return bridge(...all.values());
}

const dpid = 1n as Dpid;
const ID = '0000000000000001';
const map = (key: string, value: string) => ['map', [[key, value]]];

t.test(
  'from whatever ports of ours there were to those of the file, and then nothing',
  async (t) => {
    const random = new Random(77);
    let [from, steps] = [bridge(theirs), 0];
    for (let i = 0; i < 60; i++) {
      const lines = [2, 3, 4, 5]
        .filter(() => random.number(2) === 0)
        .map((port) => {
          const type = random.pick(['vxlan', 'geneve', 'gre']);
          return tunnel(port, `type: ${type}, ${between}, key: ${10 * port + random.number(2)}`);
        });
      const wants = wanted(...lines);
      const plan = planTunnels([from], dpid, wants, true);
      steps += plan.done.length;
      t.strictSame(plan.troubles, []);
      from = carriedOut(from, plan.args);
      t.ok(from.interfaces.includes(theirs), 'what is not ours is untouched');
      t.strictSame(
        from.interfaces.flatMap(({ mark, ofport }) => (mark === undefined ? [] : [ofport])).sort(),
        wants.map(({ ofport }) => ofport).sort(),
      );
      t.strictSame(planTunnels([from], dpid, wants, true).args, [], 'a second time: nothing');
      t.strictSame(tunnelTroubles([from], dpid, wants), []);
    }
    t.ok(steps > 60, `${steps} changes`);
  },
);

t.test('what is in the way is named', async (t) => {
  const wants = wanted(tunnel(7, `type: gre, ${between}`));
  const { args, troubles } = planTunnels([bridge(theirs)], dpid, wants, true);
  t.strictSame(args, []);
  t.match(troubles, [/^s1:7 - s2:7: port 7 of br is eth7, which is not ours; write another/]);
  const none = planTunnels([], dpid, wants, true);
  t.match(none.troubles, [/no bridge of the dpid 0000000000000001; it has: none/]);
  const failed = { ...theirs, name: wants[0]?.name ?? '', ofport: -1, error: 'no such device' };
  t.match(tunnelTroubles([bridge(failed)], dpid, wants), [/cannot be: no such device/]);
});

t.test('an answer of ovs-vsctl, and something else', async (t) => {
  const none = ['set', []];
  const tables = [
    { name: 'br', datapath_id: none, other_config: map('datapath-id', ID), ports: ['uuid', 'p'] },
    { _uuid: ['uuid', 'p'], name: 'vx', interfaces: ['uuid', 'i'] },
    {
      ...{ _uuid: ['uuid', 'i'], name: 'vx', type: 'vxlan', options: map('remote_ip', '10.0.0.2') },
      ...{ ofport: none, ofport_request: 5, error: none },
      external_ids: map('limevisor-tunnel', `${ID}:5`),
    },
  ];
  const answer = tables
    .map((row) => JSON.stringify({ data: [Object.values(row)], headings: Object.keys(row) }))
    .join('\n');
  t.match(readBridges(answer), [
    {
      name: 'br',
      dpid: '0000000000000001',
      interfaces: [{ name: 'vx', ofport: undefined, ofportRequest: 5, mark: /:5$/ }],
    },
  ]);
  for (const other of ['', '{}', '[]\n[]\n[]', '{"data":[1]}\n{}\n{}', 'null\nnull\nnull']) {
    t.equal(readBridges(other), undefined, other);
  }
});

const mistakes: Readonly<Record<string, RegExp>> = {
  [tunnel(5, `type: vlan, ${between}`)]: /vlan.. is not a kind of tunnel; write vxlan, geneve, gre/,
  [tunnel(5, 'type: gre, between: 10.8.0.1')]: /10.8.0.1.. is not two addresses/,
  [tunnel(5, 'type: gre, between: 10.8.0.1 - 2001:db8::1')]: /mixes IPv4 and IPv6/,
  [tunnel(5, `type: vxlan, ${between}, key: 16777216`)]:
    /key of a vxlan tunnel is 16777215 at most/,
  [`${tunnel(5, `type: gre, ${between}`)}\n${tunnel(6, `type: gre, ${between}`)}`]:
    /is the same tunnel to s1 as that of links\[0\]; give one of them a .*key/,
  [tunnel(65_400, `type: gre, ${between}`)]: /gives ports numbers up to 65279/,
};

t.test('mistakes in the file', async (t) => {
  for (const [lines, why] of Object.entries(mistakes)) {
    t.throws(() => configOf(text(lines)), { message: why });
  }
  const without = text(tunnel(5, `type: gre, ${between}`)).replace(', ovsdb: unix:/db1', '');
  t.throws(() => configOf(without), { message: /where the OVSDB of s1 is; add .*ovsdb:/ });
});
