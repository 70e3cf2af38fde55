/**
 * Another configuration while one runs: tenants come and go, ports appear, go and move, and whom it
 * does not concern notices nothing.
 */

import t from 'tap';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import type { Message } from '../../openflow/values/values.ts';
import { configOf, vswitchName } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

const datapaths = 'datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }';
const links = 'links: [s1:3 - s3:1, s2:3 - s3:2]';
const red = `
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7002] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]`;
const blue = `
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7003] } }
    hosts: { h1: { port: v1:1, at: s1:2 }, h2: { port: v1:2, at: s2:2 } }`;
const green = `
  green:
    vswitches: { v1: { dpid: 1, on: s3, controllers: [tcp:127.0.0.1:7004] } }
    hosts: { h1: { port: v1:1, at: s3:3 } }`;

const textOf = (...tenants: string[]) => [datapaths, links, 'tenants:', ...tenants].join('\n');

function apply(network: FakeNetwork, text: string): Applied | undefined {
  let ended: Applied | undefined;
  network.hypervisor.applying.apply('file', configOf(text), (applied) => {
    ended = applied;
  });
  network.run(2_000);
  return ended;
}

const fine: Applied = { done: [], waits: [] };

function statuses(peer: Peer): string {
  const reasons = ['add', 'delete', 'modify'];
  return peer
    .received()
    .flatMap((one: Message) =>
      one.type === 'portStatus' ? [`${reasons[one.reason]} ${one.desc.portNo}`] : [one.type],
    )
    .filter((one) => !one.startsWith('echo'))
    .join(', ');
}

t.test('a tenant goes, another comes, and the third notices nothing', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const reds = [network.controller(7001), network.controller(7002)];
  const blues = network.controller(7003);
  for (const one of [...reds, blues]) one.received();
  for (const one of network.switches.values()) one.changes();
  t.strictSame(apply(network, textOf(red, green)), fine);
  t.strictSame(reds.map(statuses), ['', '']);
  t.ok(reds.every((one) => !one.isClosed));
  t.ok(blues.isClosed, 'its vswitch is gone');
  const { hypervisor } = network;
  t.equal(hypervisor.runtime(vswitchName('blue/v1')), undefined);
  t.ok(network.controller(7004), 'green’s controller is dialled');
  t.equal(hypervisor.runtime(vswitchName('green/v1'))?.whyDown(), undefined);
  t.strictSame([...hypervisor.alarms.keys()], []);
});

t.test('a host is plugged in elsewhere', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const reds = network.controller(7001);
  reds.received();
  for (const one of network.switches.values()) one.changes();
  t.strictSame(apply(network, textOf(red.replace('s1:1', 's1:4'), blue)), fine);
  t.equal(statuses(reds), '');
  t.notOk(reds.isClosed);
  t.strictSame(
    network
      .switch('s3')
      .changes()
      .map((one) => one.type),
    [],
    'nobody else’s switch hears of it',
  );
  t.not(network.switch('s1').changes().length, 0);
});
