/**
 * Packet-ins as fast as switches can send them: those that nobody gets cost nobody else anything.
 */
import t from 'tap';
import { version } from '../../openflow/values/constants.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { patched } from '../hypervisor/faults.ts';
import { vswitchName } from '../slices/networks.ts';
import { controllerOf, missOf } from './attack.ts';

t.test('Packet-ins that are dropped: those between them are another tenant’s', async (t) => {
  const network = FakeNetwork.started();
  const red = controllerOf(network, 6661, 3n);
  const blue = controllerOf(network, 6662, 3n);
  red.reads = false;
  red.unread = limits.packetInsWaitBytesMax;
  const { peer } = network.switch('s3');
  const [ofRed, ofBlue] = [missOf(network, 'red/v3'), missOf(network, 'blue/v3')];
  const { counts } = network.hypervisor.datapath('s3' as DatapathName).writer;
  const [controller] = network.hypervisor.runtime(vswitchName('red/v3'))?.controllers ?? [];
  const before = counts.packetIns;
  const flood = Array.from({ length: 40 }, (_, i) => (i === 15 || i === 39 ? ofBlue : ofRed));
  peer.user?.onBytes(Buffer.concat(flood).subarray(0, -1));
  peer.user?.onBytes(ofBlue.subarray(-1));
  network.run();
  t.strictSame(blue.types(), ['packetIn', 'packetIn']);
  t.equal(controller?.droppedPacketIns, 38, 'each is counted');
  t.equal(counts.packetIns - before, 40);
});

t.test('Datapaths that flood together have as much of a turn as all tenants', async (t) => {
  const names = Array.from({ length: 10 }, (_, i) => `s${i + 1}`);
  const network = FakeNetwork.started(`datapaths:
${names.map((name, i) => `  ${name}: { dpid: ${i + 1}, ack: barrier }`).join('\n')}
tenants:
  red: { vswitches: { v3: { dpid: 3, on: s3 } } }
`);
  const { world, hypervisor } = network;
  const miss = missOf(network, 'red/v3');
  patched(t, hypervisor, 'onFrame', (...[, , , , length]) => {
    world.now += 0.1;
    return length;
  });
  for (const name of names) {
    network.switch(name).peer.user?.onBytes(Buffer.concat(Array.from({ length: 200 }, () => miss)));
  }
  const turnsMs: number[] = [];
  const mark = (sinceMs: number): void => {
    turnsMs.push(world.now - sinceMs);
    const { now } = world;
    if (turnsMs.length < 5) world.soon(() => mark(now));
  };
  const { now } = world;
  world.soon(() => mark(now));
  world.turn();
  const most = Math.max(...turnsMs);
  t.ok(
    most > limits.turnMs && most < limits.allTurnsMs + names.length * 0.2 + 0.1,
    turnsMs.join(' '),
  );
});

t.test(
  'A switch that came with 1.0, and is not read yet: its hosts speak for nobody',
  async (t) => {
    const network = FakeNetwork.started(`datapaths:
  s1: { dpid: 1, ack: barrier }
  s3: { dpid: 3, ack: barrier }
links: [s1:9 - s3:8]
tenants:
  blue:
    controllers: [tcp:127.0.0.1:6662]
    vswitches: { v3: { dpid: 3, on: [s1, s3], consistency: eventual } }
    hosts: { h1: { port: v3:1, at: s1:2 }, h2: { port: v3:2, at: s3:2 } }
`);
    const blue = network.controller(6662);
    const of13 = missOf(network, 'blue/v3');
    const s3 = network.switch('s3');
    s3.peer.user?.onClose('gone');
    network.run();
    s3.peer.version = version.of10;
    s3.ignores = new Set(['flow']);
    network.connect('s3');
    t.match(network.hypervisor.datapath('s3' as DatapathName).state, { type: 'reconciling' });
    // In 1.0 the frame begins before where a packet-in of 1.3 has its cookie and its match.
    s3.peer.user?.onBytes(Uint8Array.from(of13).fill(version.of10, 0, 1));
    network.run();
    t.strictSame(blue.types(), []);
    t.ok(network.hypervisor.alarms.has('packet-in of no known vswitch from s3'));
  },
);
