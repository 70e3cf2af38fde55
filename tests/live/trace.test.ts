/**
 * `limevisor trace` says what Open vSwitch says: packets of several kinds, through groups, meters
 * and later tables, over a virtual link that crosses two other datapaths, to datapaths of either
 * encoding, and while a vswitch has two bodies.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  migrate,
  root,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { TraceReport } from '../../hypervisor/operator/trace-report.ts';

type Tap = Pick<typeof t, 'equal' | 'match' | 'ok' | 'same'>;

const line = {
  switches: ['s1', 's2', 's3', 's4'],
  links: [
    ['s1:9', 's2:8'],
    ['s2:9', 's3:8'],
    ['s3:9', 's4:8'],
  ] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's4:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'h3', at: 's4:2', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

/** Times are acknowledgements here, so that each state of a migration lasts. */
const file = (encoding: string) => `
control: here
datapaths:
  s1: { dpid: 1, ack: settle 400ms }
  s2: { dpid: 2, ack: settle 400ms }
  s3: { dpid: 3, ack: settle 400ms }
  s4: { dpid: 4, ack: settle 400ms${encoding} }
links: ['s1:9 - s2:8', 's2:9 - s3:8', 's3:9 - s4:8']
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1.sock'] }
      v2: { dpid: 2, on: s4, listen: ['punix:DIR/v2.sock'] }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v2:1', at: 's4:1' },
             h3: { port: 'v2:3', at: 's4:2' } }
    links: ['v1:2 - v2:2']
`;

async function start(lab: Lab, encoding: string): Promise<void> {
  fs.writeFileSync(path.join(lab.dir, 'trace.yaml'), file(encoding));
  // Where Open vSwitch has its sockets here.
  const run = ['env', `OVS_RUNDIR=${lab.dir}`, path.join(root, 'limevisor'), 'run'];
  await startLimevisor(lab, path.join(lab.dir, 'trace.yaml'), run);
  await untilReady(lab);
  const ofctl = ['ovs-ofctl', '-O', 'OpenFlow13'];
  const v1 = path.join(lab.dir, 'v1.sock');
  await lab.inside.run([...ofctl, 'add-meter', v1, 'meter=1,kbps,band=type=drop,rate=1000']);
  const group = 'group_id=7,type=all,bucket=output:2,bucket=set_field:9->ip_dscp,output:2';
  await lab.inside.run([...ofctl, 'add-group', v1, group]);
  for (const rule of [
    'priority=9,tcp,nw_dst=10.0.0.2,actions=meter:1,write_metadata:0x5,goto_table:1',
    'table=1,metadata=0x5,actions=set_field:02:00:00:00:00:02->eth_dst,write_actions(output:2)',
    'priority=8,udp,actions=group:7',
    'priority=65535,arp,actions=flood',
    'priority=7,icmp,actions=CONTROLLER:65535,output:2',
    'priority=6,dl_vlan=5,actions=pop_vlan,output:2',
    'priority=5,in_port=2,actions=output:1',
  ]) {
    await addRule(lab, 'v1.sock', rule);
  }
  await addRule(lab, 'v2.sock', 'priority=3,in_port=2,actions=flood');
  await addRule(lab, 'v2.sock', 'priority=4,tcp,tp_dst=80,in_port=2,actions=output:1');
  await addRule(lab, 'v2.sock', 'priority=3,in_port=1,actions=output:2');
}

const TO_H2 = 'in_port=1,tcp,nw_dst=10.0.0.2,tp_dst=80,dl_src=02:00:00:00:00:01';

/** At which vswitch, what, and who gets it. */
const packets: readonly [vswitch: string, words: string, gets: readonly string[]][] = [
  ['red/v1', TO_H2, ['host red/h2']],
  [
    'red/v1',
    'in_port=1,udp,nw_dst=10.0.0.9',
    ['h2', 'h2', 'h3', 'h3'].map((one) => `host red/${one}`),
  ],
  ['red/v1', 'in_port=1,arp,arp_op=1', ['host red/h2', 'host red/h3']],
  ['red/v1', 'in_port=1,icmp', ['host red/h2', 'host red/h3', 'the controllers of red/v1']],
  ['red/v1', 'in_port=1,dl_vlan=5,dl_type=0x88b6', ['host red/h2', 'host red/h3']],
  ['red/v1', 'in_port=1,ipv6', []],
  ['red/v1', 'in_port=2,ip', ['host red/h1']],
  ['red/v2', 'in_port=1,udp6,ipv6_dst=fe80::1', ['host red/h1']],
];

/** All of it: who gets the packet, and that switches say the same. */
function isRight(t: Tap, words: string, report: TraceReport, gets: readonly string[]): void {
  const { virtual, physical, differences, verified = [] } = report;
  const to = (ends: readonly { readonly to: string }[]) => ends.map((one) => one.to).sort();
  t.same(to(virtual.ends), gets, `${words}: as the tenant has it`);
  t.same(to(physical.ends), gets, `${words}: as the datapaths have it`);
  t.same(differences, [], words);
  t.ok(verified.length > 0, `${words}: ${verified.length} looks`);
  for (const { datapath, asked, why, differences: off } of verified) {
    t.same({ why, off }, { why: '', off: [] }, `${datapath}: ${asked}`);
  }
}

for (const [name, encoding] of [
  ['with several tables', ''],
  ['to a flat datapath', ', encoding: flat'],
] as const) {
  t.test(`packets over two transit datapaths, ${name}`, async (t) => {
    const lab = await startLab(line);
    t.teardown(() => lab.stop());
    await start(lab, encoding);
    for (const [vswitch, words, gets] of packets) {
      const asked = { vswitch, packet: words, verify: true };
      const report = await ask<TraceReport>(socketOf(lab), 'trace', asked);
      isRight(t, words, report, gets);
      t.match(report.physical.visits.length, gets.length > 0 ? /[1-9]/ : '1');
    }
    if (encoding !== '') return;
    await t.test('as text, and what it refuses', (t) => asText(t, lab));
    await t.test('while it has two bodies', (t) => cloned(t, lab));
  });
}

async function asText(t: Tap, lab: Lab): Promise<void> {
  const { stdout, code } = await attempt(lab, ['trace', 'red/v1', TO_H2, '--verify']);
  t.equal(code, 0, stdout);
  t.match(stdout, /^red\/v1, in by port 1: tcp,dl_src=02:00:00:00:00:01,/m);
  t.match(stdout, /^ {4}meter:1 \(.*rate=1000/m);
  t.match(stdout, /^s2, in by port 8, from s1:9: /m);
  t.match(stdout, /the way to vport 2 of red\/v2 passes|the way to vport 2 of red\/v2/);
  t.match(stdout, /^ {2}host red\/h2 gets: tcp,/m);
  t.match(stdout, /^Both come to the same\.$/m);
  t.match(stdout, /^s4 says the same \(ovs-appctl ofproto\/trace-packet-out /m);
  const json = await limevisorJson<TraceReport>(lab, 'trace', 'red/v1', 'in_port=1,ipv6');
  t.same([json.vswitch, json.differences], ['red/v1', []]);
  for (const [words, why] of [
    [['red/v9', 'in_port=1'], /there is no vswitch "red\/v9"; known: red\/v1, red\/v2/],
    [['red/v1', 'tcp'], /in_port is missing; its ports: 1 \(host red\/h1\), 2 \(red\/v2:2\)/],
    [['red/v1', 'in_port=7'], /it has no port 7 that leads anywhere/],
    [['red/v1', 'in_port=1,tcpp'], /did you mean tcp/],
  ] as const) {
    t.match(await attempt(lab, ['trace', ...words]), { code: 4, stderr: why });
  }
}

/** At each state of a migration that lasts while it is asked, again and again until one did. */
async function cloned(t: Tap, lab: Lab): Promise<void> {
  const seen = new Set<string>();
  const now = async (): Promise<string> => {
    const { migrations } = await statusOf(lab);
    return migrations.at(-1)?.state.type ?? '';
  };
  for (const to of ['s2', 's1', 's2']) {
    const moving = migrate(lab, 'red/v1', to);
    let isOver = false;
    const over = moving.then((end) => {
      isOver = true;
      return end;
    });
    while (!isOver) {
      const before = await now();
      const asked = { vswitch: 'red/v1', packet: TO_H2, verify: true };
      const report = await ask<TraceReport>(socketOf(lab), 'trace', asked);
      const isWhole = (await now()) === before && !isOver;
      const isTwice = new Set(report.physical.visits.map(({ where }) => where.split(',')[0]));
      const isOff = report.verified?.some(({ differences }) => differences.length > 0) === true;
      // Between two parts of a step the intent is ahead of the switch.
      if (!isWhole || isOff || report.differences.length > 0) continue;
      isRight(t, `${to}, ${before}`, report, ['host red/h2']);
      seen.add(before);
      t.ok(isTwice.has('s1') && isTwice.has('s4'));
    }
    t.equal(await over, 'done');
    if (seen.size >= 3) break;
  }
  await until('three states', 1_000, () => (seen.size >= 3 ? true : undefined));
  t.ok(seen.size >= 3, [...seen].join());
}
