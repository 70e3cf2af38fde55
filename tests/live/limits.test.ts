/**
 * A tenant's limits on real switches: rules, groups and meters beyond them are refused with the
 * specification's errors, packets beyond the rate do not come up and are counted, `top` and
 * `status` say so; and none of it is another tenant's concern.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { attempt, limevisorJson, startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import type { TopReport } from '../../hypervisor/operator/top.ts';
import { oxm } from '../../openflow/match/match.ts';
import { groupCommand, meterCommand, version } from '../../openflow/values/constants.ts';
import { errorName } from '../../openflow/values/errors.ts';
import { TestController } from './mirror/controller.ts';
import {
  ask,
  bytesOf,
  flowMod,
  output,
  rule,
  toController,
  type Unsent,
} from './mirror/conversation.ts';

const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'h3', at: 's1:4', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const MAC = '02:00:00:00:00:09';
const at = (name: string) => path.join(lab.dir, name);
const controllers = {
  red: new TestController(at('red'), version.of13),
  blue: new TestController(at('blue'), version.of13),
};
t.teardown(() => {
  for (const one of Object.values(controllers)) one.close();
});
fs.writeFileSync(
  at('limits.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    limits: { rules: 5, groups: 1, meters: 1, packet-ins: 10/s burst 10, statistics: 5/s }
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('red')}'] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h3: { port: v1:2, at: s1:4 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('blue')}'] } }
    hosts: { h2: { port: v1:1, at: s1:2 } }
`,
);
const { red, blue } = controllers;
await Promise.all([red.listening(), blue.listening()]);
await startLimevisor(lab, at('limits.yaml'));
await Promise.all([red.up(), blue.up()]);

const added = (i: number) => rule([oxm('eth_dst', i)], [output(1)], { priority: 3456 });

/** The errors that a controller got, after a barrier. */
async function errorsOf(controller: TestController): Promise<readonly string[]> {
  await controller.barrier();
  return controller.take().flatMap(({ message }) => {
    const isRefusal = 'type' in message && message.type === 'error';
    return isRefusal ? [errorName(message.errorType, message.errorCode)] : [];
  });
}

async function rulesOn(name: string): Promise<number> {
  const flows = (await lab.ofctl('dump-flows', name)).split('\n');
  // Those of a tenant's first table stand one higher (translation/entries/pipeline.ts, `slotOf`).
  return flows.filter((one) => /priority=3457,/.test(one)).length;
}

t.test('rules, groups and meters, also after a move', async (t) => {
  for (let i = 0; i < 7; i++) red.send(bytesOf(added(i)));
  for (let i = 0; i < 7; i++) blue.send(bytesOf(added(i)));
  t.strictSame(await errorsOf(red), Array(2).fill('flowModFailed/tableFull'));
  t.strictSame(await errorsOf(blue), []);
  t.equal(await rulesOn('s1'), 12, 'so many are on the switch');
  const to = ['--to', 's2', '--no-watch'];
  const { migration } = await limevisorJson<MigrateResult>(lab, 'migrate', 'red/v1', ...to);
  t.equal(migration?.state.type, 'done', 'its rules were on two datapaths for a while');
  red.send(bytesOf(added(8)));
  t.strictSame(await errorsOf(red), ['flowModFailed/tableFull'], 'they are counted once');
  t.equal(await rulesOn('s2'), 5);
  red.send(bytesOf(flowMod('delete', { match: [oxm('eth_dst', 0)] })));
  red.send(bytesOf(added(8)));
  t.strictSame(await errorsOf(red), [], 'where one went there is room for one');
  for (const id of [1, 2]) {
    red.send(bytesOf(group(id)));
    red.send(bytesOf(meter(id)));
  }
  const refused = ['groupModFailed/outOfGroups', 'meterModFailed/outOfMeters'];
  t.strictSame(await errorsOf(red), refused);
  const { atLimits } = await statusOf(lab);
  const what = ['5 of 5 rules', '1 of 1 groups', '1 of 1 meters'];
  t.strictSame(atLimits, [{ tenant: 'red', what }], 'status says so');
});

function group(groupId: number): Unsent {
  const { add: command } = groupCommand;
  return { type: 'groupMod', command, groupType: 0, groupId, buckets: [] };
}

function meter(meterId: number): Unsent {
  const bands = [{ type: 'drop', rate: 1, burstSize: 1 } as const];
  return { type: 'meterMod', command: meterCommand.add, flags: 1, meterId, bands };
}

/** How many packets the datapath drops of those that would come up, before they do. */
async function droppedBelow(name: string): Promise<number> {
  const stats = await lab.ofctl('meter-stats', name);
  return [...stats.matchAll(/^0: packet_count:(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

async function sentBy(port: string): Promise<number> {
  const [, count = 'none'] = /tx pkts=(\d+)/.exec(await lab.ofctl('dump-ports', 's1', port)) ?? [];
  return Number(count);
}

t.test('packets that come up faster than the rate are dropped, and counted', async (t) => {
  red.send(bytesOf(flowMod('delete')));
  blue.send(bytesOf(flowMod('delete')));
  red.send(bytesOf(rule([], [toController, output(2)])));
  blue.send(bytesOf(rule([], [toController])));
  t.strictSame([...(await errorsOf(red)), ...(await errorsOf(blue))], []);
  const neighbour = (host: string, ip: string) =>
    lab.inside.run(lab.on(host, ['ip', 'neigh', 'replace', ip, 'lladdr', MAC, 'dev', 'eth0']));
  await Promise.all([neighbour('h1', '10.0.0.2'), neighbour('h2', '10.0.0.1')]);
  const [began, sentBefore] = [await limevisorJson<TopReport>(lab, 'top'), await sentBy('4')];
  const flood = (from: string, to: string, count: number, everyMs: number) => {
    const rate = ['-c', String(count), '-p', String(everyMs), '-t', '10'];
    return lab.inside.attempt(lab.on(from, ['fping', '-q', ...rate, to]));
  };
  await Promise.all([flood('h1', '10.0.0.2', 400, 2), flood('h2', '10.0.0.1', 300, 5)]);
  await until('all of blue', 10_000, async () =>
    blue.count('packetIn') >= 300 ? true : undefined,
  );
  const shedOf = ({ tenants }: TopReport): number => tenants[0]?.messages.shed.packetIns ?? 0;
  const ended = await until('all of red is counted', 10_000, async () => {
    const now = await limevisorJson<TopReport>(lab, 'top');
    return red.count('packetIn') + shedOf(now) - shedOf(began) >= 400 ? now : undefined;
  });
  const seconds = (ended.atMs - began.atMs) / 1000;
  const passed = red.count('packetIn');
  t.ok(passed >= 10 && passed <= 10 + 10 * seconds, `${passed} in ${seconds} s`);
  const below = await droppedBelow('s2');
  const shed = shedOf(ended) - shedOf(began);
  t.ok(below > 100 && below <= shed, `${below} of ${shed} went no further than the datapath`);
  const sent = (await sentBy('4')) - sentBefore;
  t.ok(sent >= 400, `what else the rule does is done to all: ${sent}`);
  const { stdout } = await attempt(lab, ['status']);
  t.match(stdout, /AT ITS LIMIT: red: .*packet-ins dropped since the start/);
  t.match((await attempt(lab, ['top'])).stdout, /red +1 of 5 +1 of 1 +1 of 1 /);
});

t.test(
  'statistics beyond the rate are refused, and a barrier behind them is answered',
  async (t) => {
    const beganMs = performance.now();
    for (let i = 0; i < 20; i++) red.send(bytesOf(ask({ kind: 'desc' })));
    const refused = await errorsOf(red);
    // A burst, and what the rate gives while they are on their way.
    const seconds = (performance.now() - beganMs) / 1_000;
    const least = 20 - 5 - Math.ceil(5 * seconds);
    const what = `${refused.length} of 20 in ${seconds} s`;
    t.ok(refused.length >= least && refused.length <= 15, what);
    t.ok(refused.length > 0, what);
    t.ok(refused.every((one) => one === 'badRequest/eperm'));
  },
);
