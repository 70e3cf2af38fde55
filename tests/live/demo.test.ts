/**
 * The demo's scenario with fewer repeats: the paper's experiment on real switches.
 *
 * LIME 5: "packet loss is 0% with LIME while it is quite considerable with freeze-and-copy".
 */
import t from 'tap';
import { reaches } from '../../examples/lab/ping.ts';
import { limevisorJson, root } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import {
  bodiesOf,
  controllerMessages,
  pingAll,
  runOnce,
  startExperiment,
  withoutCounters,
} from '../../examples/live-migration/experiment.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';

const lab = await startExperiment(false, 'OpenFlow13');
t.teardown(() => lab.stop());
const VSWITCH = 'red/v3';

t.test('two tenants with the same addresses reach their own hosts, and only those', async (t) => {
  await pingAll(lab);
  await lab.inside.run(lab.on('red-h2', ['ip', 'addr', 'add', '10.0.0.99/24', 'dev', 'eth0']));
  t.equal(await reaches(lab, 'red-h1', '10.0.0.99', 10_000), true);
  t.equal(await reaches(lab, 'blue-h1', '10.0.0.99'), false);
});

t.test('a quiet move changes nothing that the tenant can see', async (t) => {
  const flows = async () =>
    withoutCounters((await limevisorJson<FlowsReport>(lab, 'flows', VSWITCH)).flows);
  const before = await flows();
  const seen = controllerMessages(lab).length;
  const run = await runOnce(lab, { vswitch: VSWITCH, to: 's4', strategy: 'lime', busy: false });
  t.same(controllerMessages(lab).slice(seen), [], 'the controller received no message');
  t.same(await flows(), before, 'the flow table is the same');
  t.same(await bodiesOf(lab, VSWITCH), ['s4']);
  t.match(run, { red: { lost: 0, duplicates: 0 }, blue: { lost: 0, duplicates: 0 } });
});

t.test('LIME loses nothing while rules change; freeze-and-copy does', async (t) => {
  for (const to of ['s3', 's4']) {
    const run = await runOnce(lab, { vswitch: VSWITCH, to, strategy: 'lime', busy: true });
    t.match(run.red, { lost: 0, duplicates: 0 }, `red of ${run.red.sent}`);
    t.match(run.fresh, { lost: 0, duplicates: 0 }, `new conversations of ${run.fresh.sent}`);
    t.match(run.blue, { lost: 0, duplicates: 0 }, `blue of ${run.blue.sent}`);
  }
  const run = await runOnce(lab, { vswitch: VSWITCH, to: 's3', strategy: 'freeze', busy: true });
  t.ok(run.red.lost > 0, `freeze-and-copy lost ${run.red.lost} of ${run.red.sent}`);
  t.match(run.blue, { lost: 0, duplicates: 0 }, 'blue did not move');
});

t.test('any vswitch moves anywhere: with its hosts, and onto its neighbours', async (t) => {
  const moves = [
    ['red/v1', 's4'],
    ['red/v3', 's1'],
    ['red/v2', 's1'],
    ['red/v1', 's1'],
    ['red/v1', 's2'],
    ['red/v2', 's2'],
  ] as const;
  for (const [vswitch, to] of moves) {
    const run = await runOnce(lab, { vswitch, to, strategy: 'lime', busy: false });
    t.match(run.red, { lost: 0, duplicates: 0 }, `${vswitch} to ${to}: red of ${run.red.sent}`);
    t.match(run.blue, { lost: 0, duplicates: 0 }, `${vswitch} to ${to}: blue of ${run.blue.sent}`);
  }
});

t.test('a full-size frame fits on a link, under the tag', async (t) => {
  const ping = ['ping', '-c', '3', '-i', '0.2', '-W', '1', '-M', 'do', '-s', '1472', '10.0.0.2'];
  const ended = await lab.inside.attempt(lab.on('red-h1', ping));
  t.equal(ended.code, 0, ended.stdout);
});

t.test("a tenant's own VLAN tag arrives as it was sent", async (t) => {
  const python = (host: string, ...args: readonly string[]) =>
    lab.on(host, ['/usr/bin/python3', `${root}/examples/lab/vlan.py`, ...args]);
  const receiver = lab.inside.start(python('red-h2', 'receive', 'eth0', '2'));
  let said = '';
  receiver.child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  await until('the receiver being ready', 5_000, () => (said === '' ? undefined : true));
  await lab.inside.run(python('red-h1', 'send', 'eth0', '02:00:00:00:00:02', '7'));
  await until('the frame with VLAN 7', 3_000, () => (said.includes('vlan 7') ? true : undefined));
  t.pass('VLAN 7, inside our own tag on the links');
});
