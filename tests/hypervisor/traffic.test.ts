/**
 * Measuring costs what is asked for: nothing is read while nobody asks, and nobody's vswitches are
 * read for another's sake; a datapath that says nothing keeps no answer from anybody.
 */
import t from 'tap';
import type { Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { cableKey, datapathKey, vportKey } from '../../slices/traffic/measured.ts';
import { datapath, vport, vswitchName } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
`;

/** All ports of a switch have received, and sent, so much. */
function shows(network: FakeNetwork, name: string, rxBytes: bigint, txBytes: bigint): void {
  const times = { durationSec: 9, durationNsec: 9 };
  const ports = [1, 3].map((portNo) => ({ portNo, ...noCounts, ...times, rxBytes, txBytes }));
  network.switch(name).counters = { kind: 'portStats', ports };
}

const asks = (network: FakeNetwork, name: string): number =>
  network.switch(name).asked.filter((kind) => kind === 'portStats').length;

t.test('what passes, of those who are asked about, as long as anybody asks', async (t) => {
  const network = FakeNetwork.started(text);
  const { traffic } = network.hypervisor;
  for (const name of ['s1', 's2']) shows(network, name, 0n, 0n);
  network.run(100_000);
  const before = ['s1', 's2'].map((name) => asks(network, name));
  network.run(100_000);
  t.strictSame(
    ['s1', 's2'].map((name) => asks(network, name)),
    before,
    'nobody asks',
  );
  let answers = 0;
  traffic.want(['red'], () => {
    answers += 1;
  });
  network.run(100);
  for (const name of ['s1', 's2']) shows(network, name, 5_000n, 3_000n);
  network.run(2_000);
  t.equal(answers, 1);
  const now = (key: string) => Math.round(traffic.measured.of(key)?.now ?? -1);
  const host = { device: vswitchName('red/v1'), port: vport(1) };
  t.strictSame([now(vportKey(host, 'from')), now(vportKey(host, 'to'))], [5_000, 3_000]);
  t.equal(now(cableKey({ device: datapath('s1'), port: 3 as Port })), 3_000);
  t.equal(now(datapathKey(datapath('s2'))), 10_000);
  const blue = vportKey({ device: vswitchName('blue/v1'), port: vport(1) }, 'to');
  t.equal(traffic.measured.of(blue)?.now, undefined, 'nobody asked about blue');
  const atFirst = asks(network, 's1');
  traffic.want(['red'], () => {
    answers += 1;
  });
  t.strictSame([answers, asks(network, 's1')], [2, atFirst], 'it is known already');
  network.run(5 * limits.trafficEveryMs);
  t.ok(asks(network, 's1') > atFirst, 'it goes on');
  network.run(limits.trafficIdleMs);
  const later = asks(network, 's1');
  network.run(100_000);
  t.equal(asks(network, 's1'), later, 'nobody has asked any more');
});

t.test('always, when the file says so', async (t) => {
  const network = FakeNetwork.started(`traffic: always\n${text}`);
  for (const name of ['s1', 's2']) shows(network, name, 0n, 0n);
  network.run(3 * limits.trafficEveryMs);
  const blue = vportKey({ device: vswitchName('blue/v1'), port: vport(1) }, 'to');
  t.equal(network.hypervisor.traffic.measured.of(blue)?.now, 0);
});

t.test('a datapath that does not answer is not waited for', async (t) => {
  const network = FakeNetwork.started(text);
  for (const name of ['s1', 's2']) shows(network, name, 0n, 0n);
  network.switch('s2').answer = () => false;
  let answers = 0;
  network.hypervisor.traffic.want(['red', 'blue'], () => {
    answers += 1;
  });
  network.run(2 * limits.trafficRoundMs + limits.trafficSoonMs + 100);
  t.equal(answers, 1);
  const { measured } = network.hypervisor.traffic;
  t.equal(measured.of(datapathKey(datapath('s1')))?.now, 0);
  t.equal(measured.of(datapathKey(datapath('s2')))?.now, undefined);
});
