/**
 * "down: port 1" has many causes, and `status` says which: the host's cable, a port that the switch
 * does not have, the other end, a link on the way, a switch, a controller's word.
 */
import t from 'tap';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { statusText } from '../../hypervisor/operator/report-text.ts';
import { waitingReport } from '../../hypervisor/operator/waiting.ts';
import { portConfig } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { vport, vswitchName } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7002] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:5, at: s2:1 } }
    links: [v1:2 - v2:1]
`;

/** Why each port of red/v1 that is down is so. */
function causes(network: FakeNetwork): Readonly<Record<string, string>> {
  const [v1] = statusReport(network.hypervisor).vswitches;
  const down = v1?.ports.filter(({ port, state }) => state === 'down' && port !== 'LOCAL');
  return Object.fromEntries((down ?? []).map(({ port, why }) => [port, why]));
}

function hosts(network: FakeNetwork): readonly string[] {
  return statusReport(network.hypervisor).hosts.map(({ name, port, at, state, why }) => {
    return `${name} ${port} ${at} ${state} ${why}`.trimEnd();
  });
}

t.test('nothing is down', async (t) => {
  const network = FakeNetwork.started(text);
  t.strictSame(causes(network), {});
  t.strictSame(hosts(network), ['red/h1 red/v1:1 s1:1 up', 'red/h2 red/v1:5 s2:1 up']);
  t.match(statusText(statusReport(network.hypervisor), 0), /^red\/h1 +red\/v1:1 +s1:1 +up$/m);
});

t.test('the cable of a host; the same below the table of hosts', async (t) => {
  const network = FakeNetwork.started(text);
  network.switch('s1').setPort(1, false);
  network.run();
  const why = 'no cable in s1:1, or nothing at its other end';
  t.strictSame(causes(network), { 1: `host red/h1: ${why}` });
  t.equal(hosts(network)[0], `red/h1 red/v1:1 s1:1 down ${why}`);
  t.match(
    statusText(statusReport(network.hypervisor), 0),
    /^red\/v1 .* up, down: port 1 \(host red\/h1: no cable in s1:1, or nothing at its other end\)/m,
  );
});

t.test('a port that the switch does not have, or has no more', async (t) => {
  const network = FakeNetwork.started(text);
  network.switch('s1').deletePort(1);
  network.run();
  t.match(causes(network), { 1: /^host red\/h1: s1 has no port 1; it has 2, 3/ });
});

t.test('a link on the way, and the switch at its end', async (t) => {
  const network = FakeNetwork.started(text);
  network.switch('s2').setPort(3, false);
  network.run();
  const why = 'link s1:3 - s2:3: no cable in s2:3, or nothing at its other end';
  t.strictSame(causes(network), { 2: why, 5: why });
  network.switch('s2').peer.user?.onClose('pulled');
  network.run(limits.datapathLostMs + 1_000);
  t.match(causes(network), { 2: /datapath s2 is away$/, 5: /datapath s2 is away$/ });
  const [, v2] = statusReport(network.hypervisor).vswitches;
  t.match(
    v2?.controllers,
    [{ state: 'idle', why: /^datapath s2 is away: / }],
    'why it is not dialled',
  );
});

t.test('the word of a controller, at either end of a virtual link', async (t) => {
  const network = FakeNetwork.started(text);
  const runtime = network.hypervisor.runtime(vswitchName('red/v2'));
  const from = runtime?.controllers[0];
  if (runtime === undefined || from === undefined) return t.fail('red/v2 runs');
  const change = { vport: vport(1), set: portConfig.portDown, clear: 0 };
  runtime.ports.change(change, from, () => undefined);
  network.run();
  const theirs = 'red/v2:1, its other end, was taken down by a controller (PORT_DOWN)';
  t.strictSame(causes(network), { 2: theirs });
  const [, v2] = statusReport(network.hypervisor).vswitches;
  t.match(
    v2?.ports.find(({ port }) => port === '1'),
    {
      ...{ state: 'down', why: 'a controller took it down (PORT_DOWN)', config: ['portDown'] },
    },
  );
});

t.test('what is waited for: datapaths, vswitches, one of the controllers of each', async (t) => {
  const network = FakeNetwork.started(text);
  t.strictSame(waitingReport(network.hypervisor, []), { missing: [], count: 0 });
  t.match(waitingReport(network.hypervisor, ['rde']), {
    whyNot: /^there is no tenant or vswitch "rde"; known: red, red\/v1, red\/v2$/,
  });
  network.controller(7002).user?.onClose('gone');
  t.match(waitingReport(network.hypervisor, ['red']), {
    missing: [/^red\/v2: controller tcp:127.0.0.1:7002 is (waiting: |dialling)/],
    count: 1,
  });
  t.match(waitingReport(network.hypervisor, ['red/v1']), { count: 0 });
  network.switch('s2').peer.user?.onClose('pulled');
  network.run();
  t.match(waitingReport(network.hypervisor, []), {
    missing: [/^datapath s2 is away: /, /^red\/v2: datapath s2 is away: /],
  });
  t.match(waitingReport(network.hypervisor, ['red/v1']), { count: 1 }, 'its host is there');
});
