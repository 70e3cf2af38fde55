/**
 * Registers and resubmits of Nicira's on real switches: two linked vswitches of a tenant on one
 * datapath, where Open vSwitch would keep registers across; and one of them moves while traffic
 * flows.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import { socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';

const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:9', 's2:9']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const listener = (name: string): string => path.join(lab.dir, `${name}.sock`);
const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:${listener('v1')}'] }
      v2: { dpid: 2, on: s1, listen: ['punix:${listener('v2')}'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s1:2 } }
    links: [v1:2 - v2:2]
`;
writeFileSync(path.join(lab.dir, 'registers.yaml'), network);
await startLimevisor(lab, path.join(lab.dir, 'registers.yaml'));
await untilReady(lab);

const loads = [0, 1, 2, 3].map((number) => `load:0x${number + 5}->NXM_NX_REG${number}[]`).join();
const zeros = [0, 1, 2, 3].map((number) => `reg${number}=0`).join();
const [LOADED, ZERO, LEFT] = ['0x10', '0x20', '0x30'];
/** What comes from a host goes to the link with all registers set; what comes by it has none. */
const rules = [
  `cookie=${LOADED},priority=9,in_port=1,actions=${loads},resubmit(,3)`,
  'table=3,priority=9,reg0=5,reg1=6,reg2=7,reg3=8,actions=output:2',
  `cookie=${ZERO},priority=9,in_port=2,${zeros},actions=resubmit(,7)`,
  'table=7,actions=output:1',
  `cookie=${LEFT},priority=1,actions=drop`,
];

async function ofctl(name: string, ...words: readonly string[]): Promise<string> {
  const [command = '', ...more] = words;
  const argv = ['ovs-ofctl', '-O', 'OpenFlow13', command, listener(name), ...more];
  return await lab.inside.run(argv);
}

for (const name of ['v1', 'v2']) {
  for (const rule of rules) await ofctl(name, 'add-flow', rule);
}

async function packetsOf(name: string, cookie = ''): Promise<number> {
  const said = await ofctl(name, 'dump-flows', `cookie=${cookie}/-1`);
  return Number(/n_packets=(\d+)/.exec(said)?.[1]);
}

t.test('registers are zero in the neighbour, also while one of the two moves', async (t) => {
  const ping = startPing(lab, 'h1', '10.0.0.2');
  for (const to of ['s2', 's1']) {
    const { migration } = await ask<MigrateResult>(socketOf(lab), 'migrate', {
      vswitch: 'red/v2',
      to,
      noWatch: true,
    });
    t.equal(migration?.state.type, 'done', to);
  }
  const result = await ping.stop();
  t.ok(result.received > 20, `${result.received} pings`);
  t.match(result, { lost: 0, duplicates: 0 });
  for (const name of ['v1', 'v2']) {
    t.ok((await packetsOf(name, LOADED)) > 20, `${name} loads`);
    t.ok((await packetsOf(name, ZERO)) > 20, `${name} sees zeros`);
    t.equal(await packetsOf(name, LEFT), 0, `${name}: nothing came with anything in a register`);
  }
});
