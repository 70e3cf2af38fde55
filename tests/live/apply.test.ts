/**
 * Another configuration while frames flow, on real switches: one that a switch has no room for is
 * taken back, then a tenant comes, a host is plugged in elsewhere, a tenant goes. The tenant whom
 * none of it concerns loses no packet, keeps its rules with their counters, and its controller
 * stays connected.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches as reachesIn, startPing } from '../../examples/lab/ping.ts';
import { attempt, limevisorJson, startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import type { ApplyResult } from '../../hypervisor/operator/control-apply.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule } from './mirror/conversation.ts';

const ip = (last: number) => `10.0.0.${last}`;
const host = (name: string, at: string, last: number) => {
  return { name, at, ip: `${ip(last)}/24`, mac: `02:00:00:00:00:0${last}` };
};
const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:9', 's2:9']],
  hosts: [
    host('blue1', 's1:1', 1),
    host('blue2', 's2:1', 2),
    host('red1', 's1:2', 1),
    host('red2', 's2:2', 2),
    host('red3', 's2:3', 3),
    host('green1', 's1:4', 1),
    host('green2', 's2:4', 2),
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());
const at = (name: string) => path.join(lab.dir, name);
const names = ['red', 'blue', 'green'] as const;
const controllers = names.map((name) => new TestController(at(name), version.of13));
const [red, blue, green] = controllers as [TestController, TestController, TestController];
t.teardown(() => {
  for (const one of controllers) one.close();
});
for (const one of controllers) await one.listening();

function tenant(name: string, one: string, other: string): string {
  return `
  ${name}:
    vswitches: { v: { dpid: 1, on: s1, controllers: ['unix:${at(name)}'] } }
    hosts: { h1: { port: v:1, at: ${one} }, h2: { port: v:2, at: ${other} } }`;
}

/** At the path of a file of this name. */
function written(name: string, ...tenants: readonly string[]): string {
  const text = `control: ${at('limevisor.sock')}
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:${tenants.join('')}
`;
  fs.writeFileSync(at(name), text);
  return at(name);
}

const reds = tenant('red', 's1:2', 's2:2');
const blues = tenant('blue', 's1:1', 's2:1');
const greens = tenant('green', 's1:4', 's2:4');

function apply(file: string, ...more: readonly string[]): Promise<ApplyResult> {
  return limevisorJson<ApplyResult>(lab, 'apply', file, ...more);
}

/** The very first packet, however busy the machine. */
const reaches = (from: string, last: number) => reachesIn(lab, from, ip(last), 10_000);
const isApart = async (from: string, last: number) => !(await reachesIn(lab, from, ip(last)));

/** Of ours; what they have counted is no matter. */
async function entriesOf(bridge: string): Promise<readonly string[]> {
  const lines = (await lab.ofctl('dump-flows', bridge)).split('\n');
  const own = lines.filter((one) => one.includes('cookie=') && !one.includes('table=248'));
  return own
    .map((one) => one.replace(/(duration|n_packets|n_bytes|idle_age)=[^,]*, ?/g, ''))
    .sort();
}

async function isServed(name: string): Promise<true | undefined> {
  const { vswitches } = await statusOf(lab);
  const own = vswitches.find((one) => one.name === name);
  return own?.controllers.every((one) => one.state === 'up') === true ? true : undefined;
}

async function forwards(controller: TestController): Promise<void> {
  controller.send(bytesOf(rule([], [output(ofpp.flood)])));
  await controller.barrier();
}

await startLimevisor(lab, written('first.yaml', reds, blues));
await red.up();
await blue.up();
await forwards(red);
await forwards(blue);
blue.take();
red.take();
const packets = async (): Promise<number> => {
  const { flows } = await limevisorJson<FlowsReport>(lab, 'flows', 'blue/v');
  return Number(/n_packets=([0-9]+)/.exec(flows.join())?.[1]);
};
const countedBefore = await packets();
const ping = startPing(lab, 'blue1', ip(2));

t.test('a dry run and a refused file change nothing', async (t) => {
  const before = await statusOf(lab);
  const dry = await apply(written('three.yaml', reds, blues, greens), '--dry-run');
  t.equal(dry.type, 'dryRun');
  const wrong = written('wrong.yaml', reds, blues, greens.replace('on: s1', 'on: s7'));
  const refused = await attempt(lab, ['apply', wrong]);
  t.equal(refused.code, 4);
  t.match(refused.stderr, /s7/);
  const after = await statusOf(lab);
  t.strictSame(
    after.vswitches.map((one) => one.name),
    before.vswitches.map((one) => one.name),
  );
});

t.test('a file that a full switch refuses some of is taken back whole', async (t) => {
  const held = () => Promise.all(['s1', 's2'].map((bridge) => entriesOf(bridge)));
  const before = await held();
  const rows = before[1]?.filter((one) => one.includes('table=0,')).length ?? 0;
  // Open vSwitch refuses the next entry of that table: OFPFMFC_TABLE_FULL.
  const limit = ['--', '--id=@full', 'create', 'Flow_Table', `flow_limit=${rows}`];
  await lab.vsctl('set', 'Bridge', 's2', 'flow_tables:0=@full', ...limit);
  // Red goes in it, too: until all is certain its controller is not let go.
  const { code, stderr } = await attempt(lab, ['apply', written('full.yaml', blues, greens)]);
  t.equal(code, 5);
  t.match(
    stderr,
    /all is as it was:\n {2}datapath s2 refused a flow entry of green\/v: .*tableFull/,
  );
  // Cached flows are rebuilt with an entry that stands there for a moment.
  const isAsBefore = async () => (isDeepStrictEqual(await held(), before) ? true : undefined);
  await until('the entries of before', 10_000, isAsBefore).catch(() => undefined);
  t.strictSame(await held(), before);
  t.notOk(red.isDown);
  t.strictSame(red.take(), []);
  t.ok(await reaches('red1', 2));
  await lab.vsctl('clear', 'Bridge', 's2', 'flow_tables');
  const names = (await statusOf(lab)).vswitches.map((one) => one.name);
  t.strictSame(names, ['red/v', 'blue/v']);
});

t.test('a tenant comes', async (t) => {
  t.equal((await apply(at('three.yaml'))).type, 'applied');
  await green.up();
  await forwards(green);
  t.ok(await reaches('green1', 2));
  t.ok(await isApart('green1', 3), 'that is red’s');
});

t.test('a host is plugged in elsewhere', async (t) => {
  t.ok(await reaches('red1', 2));
  t.ok(await isApart('red1', 3));
  const moved = written('moved.yaml', tenant('red', 's1:2', 's2:3'), blues, greens);
  const result = await apply(moved);
  t.equal(result.type, 'applied', JSON.stringify(result));
  t.ok(await reaches('red1', 3));
  t.ok(await isApart('red1', 2));
  t.equal(red.count('portStatus'), 0, 'the vport is as it was');
});

t.test('a tenant goes', async (t) => {
  t.equal((await apply(written('last.yaml', blues, greens))).type, 'applied');
  await until('red’s disconnection', 10_000, async () => (red.isDown ? true : undefined));
  t.ok(await isApart('red1', 3));
  t.ok(await reaches('green1', 2));
  for (const bridge of ['s1', 's2']) {
    const flows = await lab.ofctl('dump-flows', bridge);
    t.notMatch(flows, /in_port="?s[12]-[23]"?[ ,]/, 'nothing enters by its ports');
  }
});

t.test('nobody else has noticed', async (t) => {
  const { sent, lost, duplicates, errors } = await ping.stop();
  t.ok(sent > 100);
  t.strictSame({ lost, duplicates, errors }, { lost: 0, duplicates: 0, errors: 0 });
  t.ok(await isServed('blue/v'));
  t.strictSame(blue.take(), []);
  t.equal(blue.connections, 1);
  // A switch counts what its caches forwarded up to half a second later.
  let counted = 0;
  const whole = until('its rule’s counter', 5_000, async () => {
    counted = (await packets()) - countedBefore;
    return counted >= 2 * sent ? true : undefined;
  });
  await whole.catch(() => t.fail(`its rule counted ${counted} of ${2 * sent} packets`));
  const { alarms } = await statusOf(lab);
  t.strictSame(alarms, {});
});
