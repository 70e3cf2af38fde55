/**
 * Packet-ins as fast as switches can send them: those that nobody gets cost nobody else anything.
 */
import t from 'tap';
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
