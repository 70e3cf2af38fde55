/**
 * A tenant's whole network as a package, on real switches: exported at one moment while its
 * controller changes rules, brought up beside it with everything that is in its tables, and refused
 * or taken back as a whole where something prevents it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { ExportResult } from '../../hypervisor/operator/control-export.ts';
import type { DeployResult } from '../../hypervisor/operator/control-packages.ts';
import { packageFrom, packageText } from '../../hypervisor/operator/package-text.ts';
import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import { TestController } from './mirror/controller.ts';
import { bytesOf, output, rule } from './mirror/conversation.ts';

const host = (name: string, at: string, last: number) => {
  return { name, at, ip: `10.0.0.${last}/24`, mac: `02:00:00:00:00:0${last}` };
};
const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:9', 's2:9']],
  hosts: [
    ...[host('red1', 's1:1', 1), host('red2', 's2:1', 2)],
    ...[host('copy1', 's1:2', 1), host('copy2', 's2:2', 2)],
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());
const at = (name: string) => path.join(lab.dir, name);
const churner = new TestController(at('churner'), version.of13);
const owner = new TestController(at('owner'), version.of13);
t.teardown(() => {
  churner.close();
  owner.close();
});
await churner.listening();
await owner.listening();

/** A namespace of that name, with the last digit of its address from the host's name. */
fs.writeFileSync(
  at('start-host'),
  `#!/bin/sh -e
test "$2" = - && test "$LIMEVISOR_VPORT" = "$4"
name=$(echo "$1" | tr / -) bridge=\${3%:*} port=\${3#*:} last=\${1##*h}
test "$last" != 9 || { echo "no such image"; exit 3; }
ip netns add "$name"
ip link add "$bridge-p$port" type veth peer name eth0 netns "$name"
ip link set "$bridge-p$port" up
ip -n "$name" link set eth0 address "02:00:00:00:00:0$last" up
ip -n "$name" addr add "10.0.0.$last/24" dev eth0
ovs-vsctl "--db=unix:${at('db.sock')}" add-port "$bridge" "$bridge-p$port" \\
  -- set interface "$bridge-p$port" "ofport_request=$port"
`,
  { mode: 0o755 },
);
fs.writeFileSync(
  at('first.yaml'),
  `control: ${at('limevisor.sock')}
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1, capacity: { vswitches: 4 } }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
drivers: { exec: ['${at('start-host')}'] }
zones: { right: [s2] }
schedules: { nights: { move: red, every: 24h, jitter: 24h, to: right } }
tenants:
  red:
    limits: { rules: 900 }
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:${at('v1')}'], controllers: ['unix:${at('churner')}'] }
      v2: { dpid: 2, on: s2, listen: ['punix:${at('v2')}'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`,
);
await startLimevisor(lab, at('first.yaml'));
await untilReady(lab);
await churner.up();

const ofctl = (command: string, vswitch: string, ...args: readonly string[]) =>
  lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, at(vswitch), ...args]);

const MANY = 300;
const VERSIONED = 9;

for (const name of ['v1', 'v2']) {
  await ofctl('add-meter', name, 'meter=1,pktps,bands=type=drop,rate=100000');
  await ofctl('add-group', name, 'group_id=7,type=all,bucket=output:2');
  await ofctl('mod-port', name, '1', 'no-flood');
  await addRule(lab, name, 'table=0,priority=5,in_port=1,actions=meter:1,goto_table:1');
  await addRule(lab, name, 'table=0,priority=5,in_port=2,actions=output:1');
  await addRule(lab, name, 'table=1,cookie=0x77,send_flow_rem,actions=group:7');
}
for (let i = 0; i < MANY; i += 1) {
  const match = matchOf(
    oxm('eth_dst', `02:00:00:01:${String(i % 100).padStart(2, '0')}:0${i % 7}`),
  );
  churner.send(bytesOf(rule(match, [output(1)], { tableId: VERSIONED, priority: 100 + i })));
}
await churner.barrier();

/** What `limevisor export` prints: asked over the socket, for each command is a process. */
async function exported(tenant: string, name: string): Promise<string> {
  const { whole } = await ask<ExportResult>(socketOf(lab), 'export', { tenant });
  fs.writeFileSync(at(name), packageText(whole));
  return at(name);
}

function packageIn(file: string) {
  const read = packageFrom(fs.readFileSync(file, 'utf8'));
  if ('why' in read) throw new Error(read.why);
  return read;
}

const deployed = (...args: readonly string[]) => attempt(lab, ['deploy', ...args]);

async function flowsOf(vswitch: string): Promise<readonly string[]> {
  return (await ask<FlowsReport>(socketOf(lab), 'flows', { vswitch })).flows;
}

/** Why it was refused, a line each. */
async function refused(file: string, asked: object): Promise<string> {
  const result = await ask<DeployResult>(socketOf(lab), 'deploy', { file, ...asked });
  return result.type === 'refused' ? result.whyNot.join('\n') : result.type;
}

/** Without what they have counted, and since when. */
function bare(flows: readonly string[]): readonly string[] {
  return flows.map((one) => one.replace(/(duration|n_packets|n_bytes)=[^,]*, /g, '')).sort();
}

t.test('what is exported is one moment, while a controller changes all of it', async (t) => {
  let isOver = false;
  const churn = async (): Promise<void> => {
    for (let port = 2; !isOver; port = 3 - port) {
      const command = flowCommand.modify;
      churner.send(bytesOf(rule([], [output(port)], { tableId: VERSIONED, command })));
      await churner.barrier();
    }
  };
  const churned = churn();
  for (let i = 0; i < 4; i += 1) {
    const { contents } = packageIn(await exported('red', 'churned.lime'));
    const rules = contents['v1']?.rules.filter(({ table }) => table === VERSIONED) ?? [];
    t.equal(rules.length, MANY);
    t.equal(new Set(rules.map(({ instructions }) => instructions)).size, 1, 'one version');
  }
  isOver = true;
  await churned;
});

t.test('it comes up beside the first, complete before its controller connects', async (t) => {
  t.ok(await reaches(lab, 'red1', '10.0.0.2', 10_000));
  const ping = startPing(lab, 'red1', '10.0.0.2');
  await until('packets of red', 10_000, async () => {
    const [first] = (await flowsOf('red/v1')).filter((one) => one.includes('in_port=1'));
    return Number(/n_packets=([0-9]+)/.exec(first ?? '')?.[1]) > 100 ? true : undefined;
  });
  const file = await exported('red', 'red.lime');
  const { network, hints, schedules } = packageIn(file);
  t.notMatch(JSON.stringify([network, packageIn(file).contents]), /"s[12]"|s[12]:/, 'no places');
  t.match(hints, { vswitches: { v1: { on: 's1' } }, hosts: { h2: { at: 's2:1' } } });
  t.hasOwnProp(schedules, 'nights');
  const ports = ['--hosts', 'h1=s1:2,h2=s2:2'];
  const { code: exitCode, stdout: text } = await attempt(lab, ['export', 'red']);
  t.equal(exitCode, 0);
  t.hasOwnProp(packageFrom(text), 'network', 'the command prints it');
  const dry = await deployed(file, '--as', 'red2', ...ports, '--dry-run');
  t.equal(dry.code, 0, dry.stderr);
  t.match(dry.stdout, /\+ vswitch v1/);
  t.equal((await statusOf(lab)).vswitches.length, 2, 'a dry run brings nothing');
  const more = ['--controller', `unix:${at('owner')}`, '--json'];
  const { code, stdout, stderr } = await deployed(file, '--as', 'red2', ...ports, ...more);
  t.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as DeployResult;
  t.match(result, { type: 'applied' });
  t.strictSame('said' in result && result.said, []);
  t.equal(result.vswitches?.find(({ name }) => name === 'red2/v1')?.rules, MANY + 3);
  await owner.up();
  t.same(bare(await flowsOf('red2/v1')), bare(await flowsOf('red/v1')));
  t.same(bare(await flowsOf('red2/v2')), bare(await flowsOf('red/v2')));
  for (const one of await flowsOf('red2/v1')) {
    t.ok(Number(/n_packets=([0-9]+)/.exec(one)?.[1]) < 100, `counters began anew: ${one}`);
  }
  t.ok(await reaches(lab, 'copy1', '10.0.0.2', 10_000), 'frames take its rules, group and meter');
  const { lost, duplicates } = await ping.stop();
  t.same([lost, duplicates], [0, 0], 'red notices nothing');
  const shown = await attempt(lab, ['show', 'red2']);
  t.match(shown.stdout, /red2-nights/);
  t.match(packageIn(await exported('red2', 'again.lime')), {
    contents: packageIn(file).contents,
  });
});

t.test('what cannot be is refused, with the cause', async (t) => {
  const text = fs.readFileSync(at('red.lime'), 'utf8');
  const files = {
    torn: [text.slice(0, -200), /torn/],
    edited: [text.replace('"priority":5', '"priority":6'), /damaged or was edited/],
    newer: [text.replace('"version": 1', '"version": 2'), /version 2.*reads version 1/],
    foreign: ['tenants: {}', /no package/],
    greedy: [
      packageText(greedy(packageFrom(text))),
      /in the package: a resubmit may not change the ingress port to 0/,
    ],
  } as const;
  for (const [name, [made, why]] of Object.entries(files)) {
    fs.writeFileSync(at(name), made);
    t.match(await refused(at(name), { as: 'red3', hosts: 'auto' }), why, name);
  }
  const hosts = 'auto';
  const asked: readonly (readonly [object, RegExp])[] = [
    [{ as: 'red2', hosts }, /a tenant "red2" already; name another with --as/],
    [{ as: 'red3' }, /red3\/h1 has no port to be plugged in at; say where: --hosts h1=/],
    [{ as: 'red3', hosts: ['h1=s1:1', 'h2=s2:7'] }, /s1:1, which tenants.red.hosts.h1 uses/],
    [{ as: 'red3', on: 's7', hosts }, /no datapath or zone "s7"/],
    [{ as: 'red3', on: 'v9=s1', hosts }, /no vswitch "v9"; known: v1, v2/],
    [{ as: ['r3', 'r4', 'r5'], on: 's1', hosts }, /vswitches.*of s1, where|are left on s1/],
  ];
  for (const [args, why] of asked) {
    t.match(await refused(at('red.lime'), args), why, JSON.stringify(args));
  }
  const { code, stderr } = await deployed(at('torn'), '--as', 'red3', '--hosts', 'auto');
  t.equal(code, 4);
  t.match(stderr, /torn is not deployed, nothing has changed:\n .*\/torn: it is torn/);
});

/** With an action that no controller may ask for. */
function greedy(read: ReturnType<typeof packageFrom>) {
  if ('why' in read) throw new Error(read.why);
  const contents = Object.entries(read.contents).map(([name, one]) => {
    // Nicira's resubmit to table 0, as from port 0: applyActions of one experimenter's action.
    const instructions = '0004001800000000ffff001000002320000e000000000000';
    const rules = one.rules.map((rule) => ({ ...rule, instructions }));
    return [name, { ...one, rules }] as const;
  });
  return { ...read, contents: Object.fromEntries(contents) };
}

async function entriesOf(bridge: string): Promise<readonly string[]> {
  const lines = (await lab.ofctl('dump-flows', bridge)).split('\n');
  const own = lines.filter((one) => one.includes('cookie=') && !one.includes('table=248'));
  return own
    .map((one) => one.replace(/(duration|n_packets|n_bytes|idle_age)=[^,]*, ?/g, ''))
    .sort();
}

t.test('what a full switch refuses some of is taken back whole, in the store too', async (t) => {
  const held = () => Promise.all(['s1', 's2'].map(entriesOf));
  const before = await held();
  // The tenant's table 1 is the datapath's 3: it holds the rules that are there, and one more.
  const rows = before[1]?.filter((one) => one.includes('table=3,')).length ?? 0;
  const limit = ['--', '--id=@full', 'create', 'Flow_Table', `flow_limit=${rows + 1}`];
  await lab.vsctl('set', 'Bridge', 's2', 'flow_tables:3=@full', ...limit);
  const many = [at('red.lime'), '--as', 'red3,red4', '--on', 's2', '--hosts', 'auto'];
  const { code, stderr } = await deployed(...many);
  t.equal(code, 5, stderr);
  t.match(stderr, /all is as it was:\n {2}red[34]\/v[12]: 1 request of what it brings refused/);
  const isAsBefore = async () => (isDeepStrictEqual(await held(), before) ? true : undefined);
  await until('the entries of before', 10_000, isAsBefore).catch(() => undefined);
  t.strictSame(await held(), before);
  await lab.vsctl('clear', 'Bridge', 's2', 'flow_tables');
  t.strictSame((await statusOf(lab)).left, [], 'nothing is kept of it');
  const asked = { as: ['red3', 'red4'], on: 's2', hosts: 'auto' };
  t.equal(await refused(at('red.lime'), asked), 'applied', 'with room it is there');
  t.equal((await flowsOf('red4/v1')).length, MANY + 3);
});

t.test('the operator’s program starts its hosts when all else is there', async (t) => {
  const ports = ['--on', 's2', '--hosts', 'h1=s2:51,h2=s2:52'];
  const wrong = await deployed(at('red.lime'), '--as', 'red5', ...ports, '--driver', 'netns');
  t.equal(wrong.code, 4);
  t.match(wrong.stderr, /"--driver netns" starts no hosts; "--driver exec" does/);
  const { code, stdout, stderr } = await deployed(
    ...[at('red.lime'), '--as', 'red5', ...ports, '--driver', 'exec'],
  );
  t.equal(code, 0, stderr);
  t.match(stdout, /red5\/h1 +s2:51/);
  t.ok(await reaches(lab, 'red5-h1', '10.0.0.2', 10_000), 'they talk by its rules');
  const again = await deployed(
    ...[at('red.lime'), '--as', 'red6', '--on', 's2', '--hosts', 'h1=s2:51,h2=s2:53'],
  );
  t.match(again.stderr, /s2:51/, 'a port that is somebody’s');
});
