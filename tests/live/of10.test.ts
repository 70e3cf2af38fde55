/**
 * Tenants of OpenFlow 1.0 on datapaths of 1.3: the demo's scenario under two controllers of 1.0.
 *
 * Issue 3: "Tenants of 1.0 on 1.3 datapaths". What each message becomes is compared with Open
 * vSwitch in mirror/mirror10.test.ts; here unmodified controllers serve hosts, also through a move.
 */
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  limevisorJson,
  restartLimevisor,
  startLimevisor,
  startOsken,
  startTestController,
  statusOf,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import {
  bodiesOf,
  configFile,
  controllerMessages,
  figure3,
  keepNeighbours,
  pingAll,
  runOnce,
} from '../../examples/live-migration/experiment.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';

const lab = await startLab(figure3);
t.teardown(() => lab.stop());
await startOsken(lab, 6661, 'red-controller.log', ['learning_switch_10.py']);
await startTestController(lab, 6662, 5, 'OpenFlow10');
let limevisor = await startLimevisor(lab, configFile);

async function served(): Promise<void> {
  await until('every vswitch having its controller', 30_000, async () => {
    const { vswitches } = await statusOf(lab);
    const all = vswitches.flatMap((one) => one.controllers);
    return all.length > 0 && all.every((one) => one.state === 'up') ? true : undefined;
  });
}

await served();

t.test('hosts of both tenants reach each other', async (t) => {
  await pingAll(lab);
  const connected = controllerMessages(lab).filter((line) => line.includes('connected'));
  t.ok(connected.length >= 3, 'os-ken sees its three switches');
  t.match(connected[0], /ports=\[1, 2, 65534\]/, 'the ports are in the features-reply');
  const { flows } = await limevisorJson<FlowsReport>(lab, 'flows', 'red/v3');
  t.ok(
    flows.some((flow) => flow.includes('strip_vlan')),
    'rules are shown in words of 1.0',
  );
});

t.test('a move under traffic and rule changes loses nothing', async (t) => {
  await keepNeighbours(lab);
  for (const to of ['s4', 's3']) {
    const run = await runOnce(lab, { vswitch: 'red/v3', to, strategy: 'lime', busy: true });
    t.match(run.red, { lost: 0, duplicates: 0 }, `red of ${run.red.sent}`);
    t.match(run.fresh, { lost: 0, duplicates: 0 }, `new conversations of ${run.fresh.sent}`);
    t.match(run.blue, { lost: 0, duplicates: 0 }, `blue of ${run.blue.sent}`);
    t.same(await bodiesOf(lab, 'red/v3'), [to]);
  }
});

t.test('killed and started again: rules of 1.0 come back from the store', async (t) => {
  await pingAll(lab);
  const rules = async () => {
    const { flows } = await limevisorJson<FlowsReport>(lab, 'flows', 'red/v3');
    return flows.filter((flow) => flow.includes('strip_vlan')).length;
  };
  // The controller's rules go when idle for 5 s, and on a busy machine a start takes longer.
  const pings = startPing(lab, 'red-h1', '10.0.0.2');
  t.ok((await rules()) > 0);
  await limevisor.end('SIGKILL');
  limevisor = await restartLimevisor(lab);
  const restored = await rules();
  await served();
  const { sent, lost, rttMs } = await pings.stop();
  const pinged = `${lost} of ${sent} pings lost, the longest took ${rttMs?.max} ms`;
  t.ok(
    restored > 0,
    `${restored} rules; ${pinged}; ${controllerMessages(lab).slice(-9).join('; ')}`,
  );
  await pingAll(lab);
});

t.test('nothing that os-ken said was refused', async (t) => {
  const errors = controllerMessages(lab).filter((line) => line.includes(' error '));
  t.same(errors, []);
});
