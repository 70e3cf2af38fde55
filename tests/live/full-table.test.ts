/**
 * An Open vSwitch whose table is full, far away, and a tenant who asks for the same rule again and
 * again: each time it is told that the table is full, and nobody else notices. (Each refusal is
 * followed by leading the switch back to what stands, which has the next of them in it; it was hung
 * up on for refusing that.)
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  listens,
  root,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';

/** Each way. */
const FAR_MS = 100;
const ASKED = 6;
const BETWEEN_MS = 50;

const mac = (n: number): string => `02:00:00:00:00:0${n}`;
const lab = await startLab({
  switches: ['s1'],
  links: [],
  hosts: [1, 2, 3, 4].map((n) => ({
    name: `h${n}`,
    at: `s1:${n}`,
    ip: `10.0.0.${n}/24`,
    mac: mac(n),
  })),
  controller: 'tcp:127.0.0.1:6654',
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'full.yaml');
const listening = (tenant: string): string => `listen: ['punix:${lab.dir}/${tenant}']`;
fs.writeFileSync(
  file,
  `control: limevisor.sock
store: ${lab.dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, ${listening('red')} } }
    hosts: { h1: { port: v:1, at: s1:3 }, h2: { port: v:2, at: s1:4 } }
  blue:
    vswitches: { v: { dpid: 1, on: s1, ${listening('blue')} } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s1:2 } }
`,
);
await startLimevisor(lab, file);
const relay = [process.execPath, path.join(root, 'examples/lab/delay.ts'), '6654', '6653'];
lab.inside.start([...relay, `${FAR_MS}`], path.join(lab.dir, 'delay.log'));
await listens(lab, 6654, 'the relay');
await untilReady(lab);

const add = (rule: string) =>
  lab.inside.attempt(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', `${lab.dir}/red`, rule]);

t.test('each is told that the table is full, and the others go on', async (t) => {
  await addRule(lab, 'red', 'priority=1,actions=drop');
  await addRule(lab, 'blue');
  const rows = (await lab.ofctl('dump-flows', 's1')).match(/table=2,/g)?.length ?? 0;
  t.ok(rows >= 2, 'the first table of tenants has their rules');
  const limit = ['--', '--id=@full', 'create', 'Flow_Table', `flow_limit=${rows}`];
  await lab.vsctl('set', 'Bridge', 's1', 'flow_tables:2=@full', ...limit);
  const ping = startPing(lab, 'h1', '10.0.0.2');
  const asked = [];
  for (let i = 0; i < ASKED; i += 1) {
    asked.push(add(`priority=7,udp,actions=output:${(i % 2) + 1}`));
    await sleep(BETWEEN_MS);
  }
  for (const { code, stderr } of await Promise.all(asked)) {
    t.equal(code, 1);
    t.match(stderr, /OFPFMFC_TABLE_FULL/);
  }
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  const { vswitches } = await statusOf(lab);
  const down = vswitches.map((one) => one.down).filter((why) => why !== undefined);
  t.strictSame(down, [], 'nobody is down');
  const log = fs.readFileSync(path.join(lab.dir, 'limevisor.log'), 'utf8');
  t.notMatch(log, /refused to restore/);
  await lab.vsctl('clear', 'Bridge', 's1', 'flow_tables');
  t.match(await add('priority=7,udp,actions=output:1'), { code: 0 }, 'with room it is there');
});
