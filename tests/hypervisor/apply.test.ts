/**
 * Another configuration while one runs: tenants come and go, ports appear, go and move, and whom it
 * does not concern notices nothing.
 */

import t from 'tap';
import type { Applied } from '../../hypervisor/migrate/applying.ts';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { endText } from '../../slices/ids.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { configOf, vswitchName } from '../slices/networks.ts';
import { blue, textOf } from './apply-texts.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

const red = `
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7002] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]`;
const green = `
  green:
    vswitches: { v1: { dpid: 1, on: s3, controllers: [tcp:127.0.0.1:7004] } }
    hosts: { h1: { port: v1:1, at: s3:3 } }`;

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
  t.strictSame(network.apply(textOf(red, green)), fine);
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
  t.strictSame(network.apply(textOf(red.replace('s1:1', 's1:4'), blue)), fine);
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

/** Rules that a vswitch has in its book. */
function rulesOf(network: FakeNetwork, name: string): number | undefined {
  return network.hypervisor.runtime(vswitchName(name))?.rulebook.size;
}

const added: Message = {
  ...{ type: 'flowMod', xid: 5, command: 0, tableId: 0, priority: 7, cookie: 1n, cookieMask: 0n },
  ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, bufferId: 0xffffffff, outPort: 0xffffffff },
  ...{ outGroup: 0xffffffff, flags: 0, match: [], instructions: [] },
};

t.test(
  'a tenant that comes back as it was has its kept rules; another of its name waits',
  async (t) => {
    const network = FakeNetwork.started(textOf(red, blue));
    const blues = network.controller(7003);
    blues.says(added);
    network.run();
    t.equal(rulesOf(network, 'blue/v1'), 1);
    t.strictSame(network.apply(textOf(red)), fine);
    t.equal(rulesOf(network, 'blue/v1'), undefined);
    t.match(network.hypervisor.departures.all(), [{ vswitch: 'blue/v1', contents: { rules: 1 } }]);
    const other = blue.replace('7003', '7005');
    t.strictSame(network.apply(textOf(red, other)), fine);
    t.match(network.hypervisor.runtime(vswitchName('blue/v1'))?.whyDown(), /purge blue\/v1/);
    t.strictSame(network.apply(textOf(red)), fine);
    for (const one of network.switches.values()) one.changes();
    t.strictSame(network.apply(textOf(red, blue)), fine);
    t.equal(rulesOf(network, 'blue/v1'), 1);
    const filled = network.switch('s1').changes();
    t.ok(
      filled.some((one) => one.type === 'flowMod' && one.priority === 8),
      'its rule is back, a level above our own',
    );
    t.equal(network.hypervisor.runtime(vswitchName('blue/v1'))?.whyDown(), undefined);
    t.strictSame(network.hypervisor.departures.all(), []);
  },
);

t.test('ports come, go and get other names: controllers are told, and stay', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const reds = network.controller(7001);
  reds.received();
  const more = red.replace('hosts: {', 'hosts: { h3: { port: v1:3, at: s1:4 },');
  t.strictSame(network.apply(textOf(more, blue)), fine);
  t.equal(statuses(reds), 'add 3');
  const named = more.replace('on: s1,', 'on: s1, ports: { 3: { name: trunk } },');
  t.strictSame(network.apply(textOf(named, blue)), fine);
  t.equal(statuses(reds), 'modify 3');
  t.strictSame(network.apply(textOf(red, blue)), fine);
  t.equal(statuses(reds), 'delete 3');
  t.notOk(reds.isClosed);
});

t.test('controllers come and go one by one', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const reds = network.controller(7001);
  const two = red.replace('[tcp:127.0.0.1:7001]', '[tcp:127.0.0.1:7001, tcp:127.0.0.1:7011]');
  t.strictSame(network.apply(textOf(two, blue)), fine);
  t.ok(network.controller(7011));
  t.notOk(reds.isClosed);
  t.strictSame(network.apply(textOf(two.replace('tcp:127.0.0.1:7001, ', ''), blue)), fine);
  t.ok(reds.isClosed);
  t.notOk(network.controller(7011).isClosed);
});

t.test('what cannot be is refused, with the reason, and nothing changes', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const { hypervisor } = network;
  const before = hypervisor.snapshot();
  const refused = (text: string, why: RegExp): void => {
    const applied = network.apply(text);
    t.match(applied, { whyNot: [why] });
    t.equal(hypervisor.snapshot(), before);
  };
  refused(textOf(red, blue).replace('links: [s1:3 - s3:1, s2:3 - s3:2]', ''), /add a link/);
  refused(`control: /tmp/other\n${textOf(red, blue)}`, /"control" would be/);
  const moving = textOf(red.replace('on: s2', 'on: s1'), blue.replace('s2:2', 's1:4'));
  const gone = moving
    .replace('s2: { dpid: 2 }, ', '')
    .replace(', s2:3 - s3:2', '')
    .replace('s2:1', 's1:5');
  refused(gone, /red\/v2 lives on s2, which is no longer in the file; migrate it/);
  const renamed = textOf(red, blue).replaceAll('s2:', 's9:').replace('on: s2', 'on: s9');
  refused(renamed, /no longer in the file; s9 has its dpid: a datapath is not renamed while/);
});

t.test('one at a time', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const ended: Applied[] = [];
  for (const text of [textOf(red, green), textOf(red)]) {
    const { applying } = network.hypervisor;
    applying.apply('one.yaml', configOf(text), (it) => void ended.push(it));
  }
  t.match(ended, [{ whyNot: ['one.yaml is being applied; apply again when that has ended'] }]);
  network.run(2_000);
  t.equal(ended.length, 2);
  t.strictSame(ended[1], fine);
});

t.test('a datapath comes and waits; one that goes is emptied and let go', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const s4 = textOf(red, blue).replace('s3: {', 's4: { dpid: 4 }, s3: {');
  const coming = network.apply(s4);
  t.match(coming, { waits: [/s4 is away: it has not connected yet/] });
  t.strictSame(coming && 'done' in coming ? coming.done : coming, []);
  const s3 = network.switch('s3');
  s3.changes();
  const without = textOf(red.replace('on: s2', 'on: s1'), blue)
    .replace(', s3: { dpid: 3 }', '')
    .replace('links: [s1:3 - s3:1, s2:3 - s3:2]', 'links: [s1:3 - s2:3]');
  t.strictSame(network.apply(without), fine);
  t.ok(s3.peer.isClosed);
  // Behind what was on its way there, and before that goes.
  const isMarker = (one: Message): boolean =>
    one.type === 'flowMod' && readCookie(one.cookie)?.kind === 'marker';
  const changes = s3.changes().filter((one) => !isMarker(one));
  t.ok(changes.length > 0 && changes.every((one) => one.type !== 'flowMod' || one.command === 4));
  t.strictSame(
    network.hypervisor.datapaths().map(({ name }) => String(name)),
    ['s1', 's2'],
  );
});

t.test(
  'a port that a datapath does not have is waited for, and works when it is there',
  async (t) => {
    const network = FakeNetwork.started(textOf(red, blue));
    const more = red.replace('hosts: {', 'hosts: { h3: { port: v1:3, at: s1:9 },');
    const waits = ['s1 has no port 9: host red/h3; it works when the port is there'];
    const text = textOf(more, blue);
    const { applying } = network.hypervisor;
    t.strictSame(applying.waits(configOf(text)), waits, 'before it is applied');
    t.strictSame(network.apply(text), { done: [], waits });
    t.strictSame(network.apply(text), { done: [], waits }, 'also where nothing differs');
    network.switch('s1').setPort(9, true);
    network.run();
    t.strictSame(applying.waits(configOf(text)), []);
  },
);

const textOfBigints = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** The ports by which frames leave datapaths on their way between v1 and v2. */
function pathOfRed({ hypervisor }: FakeNetwork): string {
  const wires = hypervisor.snapshot().wires.get(vswitchName('red/v1')) ?? [];
  const ports = wires.flatMap(({ from, hops = [] }) =>
    hops.map(({ port }, i) =>
      endText({ device: i === 0 ? from : (hops[i - 1]?.to ?? from), port }),
    ),
  );
  return [...new Set(ports)].join();
}

t.test('no way leads over a cable that comes and carries nothing yet', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const around = pathOfRed(network);
  t.match(around, /s2:3/);
  network.switch('s1').setPort(4, false);
  network.run();
  const shorter = textOf(red, blue).replace('links: [', 'links: [s1:4 - s2:4, ');
  for (const one of network.switches.values()) one.changes();
  t.strictSame(network.apply(shorter), fine);
  const changes = network.switch('s2').changes();
  t.notMatch(JSON.stringify(changes, textOfBigints), /"type":"output","port":4\b/);
  t.equal(pathOfRed(network), around);
  network.switch('s1').setPort(4, true);
  network.run(60_000);
  t.match(pathOfRed(network), /s2:4/, 'when it carries, and has for a while');
  t.notMatch(pathOfRed(network), /s2:3/);
});

t.test('over one that carries, it leads at once', async (t) => {
  const network = FakeNetwork.started(textOf(red, blue));
  const shorter = textOf(red, blue).replace('links: [', 'links: [s1:4 - s2:4, ');
  t.strictSame(network.apply(shorter), fine);
  t.match(pathOfRed(network), /s2:4/);
});

t.test('a switch that was not in the file is unknown no more when it is', async (t) => {
  const network = FakeNetwork.started(textOf(blue));
  const { hypervisor } = network;
  const unknown = () => statusReport(hypervisor).unknown.map(({ dpid }) => dpid);
  for (const dpid of [4n, 5n]) hypervisor.probing.strangers.note(dpid, 'a:1', version.of13);
  t.strictSame(unknown(), ['0000000000000004', '0000000000000005']);
  network.apply(textOf(blue).replace('s3: { dpid: 3 }', '$&, s4: { dpid: 4 }'));
  t.strictSame(unknown(), ['0000000000000005']);
});
