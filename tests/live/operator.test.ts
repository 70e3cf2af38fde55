/**
 * What an operator sees of a network on real switches: when it is ready, why a port is down, where
 * the way of a vswitch leads below, and what each entry there is for.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, portName, startLab } from '../../examples/lab/lab.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  startLimevisor,
  statusOf,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'notMatch' | 'ok' | 'same'>;

const line = {
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:9', 's2:8'],
    ['s2:9', 's3:8'],
  ] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's3:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const file = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:9 - s2:8', 's2:9 - s3:8']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:DIR/red.sock'] } }
    hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'v:2', at: 's3:1' } }
  blue:
    vswitches: { v: { dpid: 1, on: s1 } }
    hosts: { b1: { port: 'v:1', at: 's1:7' } }
`;

async function start(lab: Lab): Promise<void> {
  fs.writeFileSync(path.join(lab.dir, 'operator.yaml'), file);
  await startLimevisor(lab, path.join(lab.dir, 'operator.yaml'));
}

/** Why each port of red's that is down is so. */
async function causes(lab: Lab, vswitch: string): Promise<readonly string[]> {
  const { vswitches } = await statusOf(lab);
  const ports = vswitches.find(({ name }) => name === vswitch)?.ports ?? [];
  return ports.flatMap(({ port, state, why }) => {
    return state === 'down' && port !== 'LOCAL' ? [`${port}: ${why}`] : [];
  });
}

async function becomes(lab: Lab, vswitch: string, wanted: RegExp | undefined): Promise<void> {
  await until(`${vswitch} ${wanted}`, 20_000, async () => {
    const [found, ...more] = await causes(lab, vswitch);
    if (wanted === undefined) return found === undefined ? true : undefined;
    return more.length === 0 && wanted.test(found ?? '') ? true : undefined;
  });
}

async function theWay(t: Tap, lab: Lab): Promise<void> {
  await addRule(lab, 'red.sock', 'priority=7,actions=flood');
  const pings = ['ping', '-c', '3', '-i', '0.1', '-W', '5', '10.0.0.2'];
  await lab.inside.run(lab.on('h1', pings));
  // Open vSwitch counts a packet half a second later.
  const report = await until('its counters', 20_000, async () => {
    const found = await limevisorJson<FlowsReport>(lab, 'flows', 'red/v', '--physical');
    const there = found.ways?.find(({ to }) => to === 'host red/h2');
    return there?.hops.every(({ packets = 0 }) => packets >= 3) ? found : undefined;
  });
  const ways = report.ways?.map(({ to, hops }) => [
    to,
    ...hops.map(({ datapath, by = '' }) => `${datapath} ${by}`.trimEnd()),
  ]);
  t.same(ways?.sort(), [
    ['host red/h2', 's1 s1:9', 's2 s2:9', 's3'],
    ['vport 2 of red/v', 's3 s3:8', 's2 s2:8', 's1'],
  ]);
  t.same(
    report.physical.map(({ datapath }) => datapath),
    ['s1', 's2', 's3'],
  );
  const [s1, s2, s3] = report.physical.map(({ purposes = [] }) => purposes);
  t.ok(s1?.includes('a rule of table 0') && s1.includes('what enters by port 1'));
  t.same([...(s2 ?? [])].sort(), [
    'the way to host red/h2 passes',
    'the way to vport 2 of red/v passes',
  ]);
  t.ok(s3?.includes('the way to host red/h2 ends here'));
  const { stdout } = await attempt(lab, ['flows', 'red/v', '--physical']);
  t.match(stdout, /^ to host red\/h2: s1 \(s1:9, \d+ packets\) > s2 \(s2:9, \d+ packets\) > s3 /m);
  t.match(stdout, /priority=7 actions=FLOOD/);
  t.match(stdout, /actions=.* {2}# the way to host red\/h2 passes$/m);
}

async function theCauses(t: Tap, lab: Lab): Promise<void> {
  t.match(await causes(lab, 'blue/v'), [/^1: host blue\/b1: s1 has no port 7; it has 1, 9$/]);
  await lab.inside.run(lab.on('h1', ['ip', 'link', 'set', 'eth0', 'down']));
  await becomes(lab, 'red/v', /^1: host red\/h1: no cable in s1:1, or nothing at its other end$/);
  await lab.inside.run(lab.on('h1', ['ip', 'link', 'set', 'eth0', 'up']));
  await becomes(lab, 'red/v', undefined);
  await lab.inside.run(['ip', 'link', 'set', portName('s2:9'), 'down']);
  await becomes(lab, 'red/v', /^2: link s2:9 - s3:8: no cable in s[23]:[98], or nothing at its/);
  const part = await attempt(lab, ['status', 'red/v', '--down']);
  t.match(part.stdout, /^red\/v .* up, down: (port 2 \(link s2:9 - s3:8: no cable|see below)/m);
  t.match(part.stdout, /^red\/h2 +red\/v:2 +s3:1 +down: link s2:9 - s3:8: /m);
  t.notMatch(part.stdout, /red\/h1|blue/);
  await lab.inside.run(['ip', 'link', 'set', portName('s2:9'), 'up']);
  await becomes(lab, 'red/v', undefined);
}

async function theLog(t: Tap, lab: Lab): Promise<void> {
  const moved = await attempt(lab, ['migrate', 'red/v', '--to', 's3']);
  t.equal(moved.code, 0, moved.stderr);
  const log = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8').trim().split('\n');
  const lines = log.map((one) => JSON.parse(one) as Record<string, unknown>);
  const over = lines.filter(({ msg }) => msg === 'migration over');
  t.match(over, [{ vswitch: 'red/v', from: 's1', to: 's3', end: 'done', rules: 1, ports: 2 }]);
  t.match(over[0], { held: 0, redirected: Number, lost: 0, level: 'info' });
  t.match(over[0]?.['time'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const [command] = lines.filter(({ msg }) => msg === 'command');
  t.match(command, { command: 'migrate', by: /, process \d+$/, params: { to: ['s3'] } });
  const told = (await attempt(lab, ['events', '--json'])).stdout.trim().split('\n');
  const happened = told.map((one) => JSON.parse(one) as { what: string; id: number });
  t.same(happened.filter(({ what }) => what === 'migration over').length, 1);
  t.same(
    happened.map(({ id }) => id),
    happened.map((_, i) => i + 1),
  );
  const history = await attempt(lab, ['migrations']);
  t.match(history.stdout, /BEGAN \(UTC\).*\n1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +red\/v +s1 -> s3 /);
}

t.test('a network as its operator sees it', async (t) => {
  const lab = await startLab(line);
  t.teardown(() => lab.stop());
  await start(lab);
  const waited = await attempt(lab, ['wait']);
  t.match(waited, { code: 0, stdout: 'ready\n' });
  t.ok((await statusOf(lab)).datapaths.every(({ state }) => state === 'ready'));

  await t.test('the way, hop by hop, with what each entry is for', (t) => theWay(t, lab));
  await t.test('a port that is down: which of the causes it is', (t) => theCauses(t, lab));
  await t.test('a migration is one line of the log', (t) => theLog(t, lab));
});
