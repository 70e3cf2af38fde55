/**
 * Port-status: a tenant hears of what its cables run over, and of nothing else.
 */

import t from 'tap';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { planMigration } from '../../translation/migration/plan.ts';
import { vswitchName } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

/** A controller for each vswitch, so that one can tell what each is told. */
const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s4:1, s2:4 - s4:2]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7002] }
      v3: { dpid: 3, on: s3, controllers: [tcp:127.0.0.1:7003] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v3:1, v2:2 - v3:2]
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7004] } }
    hosts: { h1: { port: v1:1, at: s1:2 } }
`;

/** What a controller was told of its ports: `number config:state`. */
function told(peer: Peer): string {
  const isStatus = (one: Message) => one.type === 'portStatus';
  return peer
    .received()
    .flatMap((one) => (isStatus(one) && one.type === 'portStatus' ? [one.desc] : []))
    .map(({ portNo, config, state }) => `${portNo} ${config}:${state}`)
    .join(', ');
}

const DOWN = (port: number) => `${port} 0:0, ${port} 0:1`;

t.test('a host’s port: its vswitch alone is told, down and up again', async (t) => {
  const network = FakeNetwork.started(text);
  const all = () => [7001, 7002, 7003, 7004].map((port) => told(network.controller(port)));
  network.switch('s1').setPort(1, false);
  network.run();
  t.strictSame(all(), [DOWN(1), '', '', '']);
  network.switch('s1').setPort(1, false);
  network.run();
  t.strictSame(all(), ['', '', '', ''], 'said once');
  network.switch('s1').setPort(1, true);
  network.run();
  t.strictSame(all(), ['1 0:4', '', '', '']);
});

t.test('a physical link without another: both ends of the virtual link, no other', async (t) => {
  const network = FakeNetwork.started(text);
  const all = () => [7001, 7002, 7003, 7004].map((port) => told(network.controller(port)));
  network.switch('s1').setPort(4, false);
  network.run();
  t.strictSame(all(), ['', '', '', ''], 'nobody needs the other way yet');
  network.switch('s3').setPort(1, false);
  network.run();
  t.strictSame(all(), [DOWN(2), '', DOWN(1), '']);
  network.switch('s1').setPort(3, false);
  network.switch('s3').setPort(1, true);
  network.run();
  t.strictSame(all(), ['', '', '', ''], 'one end is up, the other is not');
  network.switch('s1').setPort(3, true);
  network.run();
  t.strictSame(all(), ['2 0:4', '', '1 0:4', '']);
});

t.test('while there is another way nobody is told of anything', async (t) => {
  const network = FakeNetwork.started(text);
  const all = () => [7001, 7002, 7003, 7004].map((port) => told(network.controller(port)));
  for (const isUp of [false, true]) {
    network.switch('s3').setPort(1, isUp);
    network.run();
    t.strictSame(all(), ['', '', '', ''], isUp ? 'nor when it is back' : 'v1 reaches v3 by s4');
  }
});

t.test('nor does anybody see it who asks while the other way is looked for', async (t) => {
  const { stepsPerTurnMax } = limits;
  t.teardown(() => Object.assign(limits, { stepsPerTurnMax }));
  Object.assign(limits, { stepsPerTurnMax: 1 });
  const network = FakeNetwork.started(text);
  const { world, hypervisor } = network;
  world.roundsPerTurnMax = 1;
  const states = () =>
    hypervisor
      .runtimes()
      .flatMap(({ vswitch, ports }) => [...vswitch.ports.keys()].map((vport) => ports.view(vport)))
      .map(({ state }) => state);
  const before = states();
  for (const isUp of [false, true]) {
    network.switch('s3').setPort(1, isUp);
    let turns = 0;
    for (; turns < 200; turns += 1) {
      t.strictSame(states(), before, `turn ${turns}`);
      if (hypervisor.snapshot().failures.down.has('s3:1') !== isUp) break;
      world.turn();
    }
    t.ok(turns > 1 && turns < 200, `it was looked for in ${turns} turns`);
    network.run();
    t.strictSame(states(), before, 'in the end');
  }
});

t.test('what comes back is used again after a while, or never', async (t) => {
  for (const revert of ['2s', 'never']) {
    const network = FakeNetwork.started(`failover: { revert: ${revert} }${text}`);
    const detoured = () => network.hypervisor.snapshot().detoured.size > 0;
    network.switch('s3').setPort(1, false);
    network.run();
    network.switch('s3').setPort(1, true);
    network.run(1_000);
    t.ok(detoured(), 'it may go again');
    network.run(3_000);
    t.equal(detoured(), revert === 'never', revert);
  }
});

const overS3 = text.replace('v3: { dpid: 3, on: s3', 'v3: { dpid: 3, on: s2');

t.test('a datapath on the way goes away: the link goes when there is no other way', async (t) => {
  const network = FakeNetwork.started(overS3);
  const all = () => [7001, 7002, 7003, 7004].map((port) => told(network.controller(port)));
  network.switch('s1').setPort(4, false);
  network.switch('s3').peer.user?.onClose('gone');
  network.run(500);
  t.strictSame(all(), ['', '', '', ''], 's3 may still forward from s1 to s2');
  network.run(1_000);
  t.strictSame(all(), [DOWN(2), '', DOWN(1), ''], 'it has been away for a second');
  network.switch('s1').setPort(4, true);
  network.run();
  t.strictSame(all(), ['2 0:4', '', '1 0:4', ''], 'by s4');
});

t.test('after a restart, what has not connected yet is not down', async (t) => {
  const far = text.replace('v3: { dpid: 3, on: s3', 'v3: { dpid: 3, on: s2');
  const network = new FakeNetwork(far);
  network.connect('s1');
  network.connect('s2');
  const view = (name: string, port: number) =>
    network.hypervisor.runtime(vswitchName(name))?.ports.view(port as never);
  t.strictSame(view('red/v1', 2), { config: 0, state: 4 });
  network.run(12_000);
  t.strictSame(view('red/v1', 2), { config: 0, state: 1 }, 'ten seconds later it is');
});

t.test('a migration that would take a link away is refused', async (t) => {
  const network = FakeNetwork.started(text);
  network.switch('s4').setPort(2, false);
  network.switch('s3').setPort(1, false);
  network.run();
  const { hypervisor } = network;
  const plan = planMigration(hypervisor.snapshot(), 'red/v3', 's4', 'lime', {
    tables: undefined,
    tablesOf: () => undefined,
    underWay: undefined,
    isReady: (name) => hypervisor.datapath(name).isReady,
    isUp: ({ device, port }) => hypervisor.datapath(device).isPortUp(port),
  });
  // Its way to v2 would begin there, and the other, by s1 and s3, is cut at s3:1.
  t.strictSame(plan, { type: 'problems', problems: ['port 2 would lose its link: s4:2 is down'] });
});

t.test('a migration says nothing', async (t) => {
  const network = FakeNetwork.started(text);
  const { hypervisor } = network;
  const runtime = hypervisor.runtime(vswitchName('red/v3'));
  if (runtime === undefined) throw new Error('red/v3 is there');
  hypervisor.executor.start(runtime.vswitch, 's3' as never, 's4' as never, 'lime');
  network.run(4_000);
  t.strictSame(runtime.placement.bodies, ['s4']);
  for (const port of [7001, 7002, 7003, 7004]) t.equal(told(network.controller(port)), '');
  network.switch('s3').setPort(1, false);
  network.run();
  t.equal(told(network.controller(7003)), '', 'and what it left means nothing to it');
  network.switch('s4').setPort(1, false);
  network.run();
  t.equal(told(network.controller(7003)), DOWN(1));
});
