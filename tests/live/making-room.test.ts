/**
 * On real switches whose table has room for one tenant's rules: two vswitches change places. By
 * cloning there is no room, which is said before anything moves; with `auto` both are frozen and
 * emptied before they are filled, no switch refuses anything, and traffic goes on afterwards.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  limevisorJson,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';

const RULES = 60;
const ROOM = 80;

const lab = await startLab(square('s1:1', 's2:1'));
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'room.yaml');
const capacity = `capacity: { rules: ${ROOM} }`;
writeFileSync(
  file,
  `
listen: ['ptcp:6653:127.0.0.1']
control: limevisor.sock
store: limevisor.db
datapaths: { s1: { dpid: 1, ${capacity} }, s2: { dpid: 2, ${capacity} } }
links: ['s1:3 - s2:3']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:${path.join(lab.dir, 'red')}'] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 } }
  blue:
    vswitches: { v: { dpid: 1, on: s2, listen: ['punix:${path.join(lab.dir, 'blue')}'] } }
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
const drops = Array.from(
  { length: RULES - 1 },
  (_, i) => `priority=9,tcp,tp_dst=${i},actions=drop`,
);
const rules = path.join(lab.dir, 'rules');
writeFileSync(rules, ['priority=1,actions=flood', ...drops, ''].join('\n'));
for (const tenant of ['red', 'blue']) {
  const at = path.join(lab.dir, tenant);
  await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flows', at, rules]);
}
const limit = ['--', '--id=@one', 'create', 'Flow_Table', `flow_limit=${ROOM}`];
// The first table of tenants.
for (const bridge of ['s1', 's2']) {
  await lab.vsctl('set', 'Bridge', bridge, 'flow_tables:2=@one', ...limit);
}

const homes = async (): Promise<string> => {
  const { vswitches } = await statusOf(lab);
  return vswitches.map(({ name, on }) => `${name} ${on}`).join(', ');
};
const exchange = ['migrate', 'red/v', 'blue/v', '--to', 'red/v=s2', '--to', 'blue/v=s1'];

t.test('cloned there would be no room, and nothing moves', async (t) => {
  const { code, stderr } = await attempt(lab, exchange);
  t.equal(code, 4);
  t.match(stderr, /s2 would have 120 rules at the peak, and has room for 80/);
  t.match(stderr, /with "--strategy auto" .* would make room first/);
  const { code: one, stderr: why } = await attempt(lab, ['migrate', 'red/v', '--to', 's2']);
  t.equal(one, 4);
  t.match(why, /s2 would have 120 rules at the peak, and has room for 80/);
  t.equal(await homes(), 'red/v s1, blue/v s2');
});

t.test('auto makes room: they change places, and back', async (t) => {
  const { stdout } = await attempt(lab, [...exchange, '--strategy', 'auto', '--dry-run']);
  t.match(stdout, /red\/v s1 -> s2 \(frozen, and emptied before it is filled, since s. would/);
  t.match(stdout, /room at the peak: s2 60 rules of 80, .*s1 60 rules of 80/);
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(300);
  const back = ['migrate', 'red/v', 'blue/v', '--to', 'red/v=s1', '--to', 'blue/v=s2'];
  for (const [args, where] of [
    [exchange, 'red/v s2, blue/v s1'],
    [back, 'red/v s1, blue/v s2'],
  ] as const) {
    const result = await limevisorJson<MigrateResult>(lab, ...args, '--strategy', 'auto');
    t.equal(result.ensemble?.state.type, 'done');
    t.equal(await homes(), where);
    for (const one of result.members ?? []) {
      t.ok(one.emptiesFirst);
      t.match(one.whyStrategy, /would have 120 rules at the peak, and has room for 80/);
    }
    const { stdout } = await attempt(lab, ['migrations', 'show', `${result.ensemble?.id}`]);
    t.match(stdout, /strategy {5}freeze: s. would have 120 rules/);
    t.ok(await reaches(lab, 'h1', '10.0.0.2'), 'and packets flow');
  }
  const seen = await ping.stop();
  t.ok(seen.lost > 0, 'frozen, packets are lost');
  t.comment(`${seen.lost} of ${seen.sent} pings were lost in two exchanges`);
});
