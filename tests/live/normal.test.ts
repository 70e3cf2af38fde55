/**
 * NORMAL on real switches: a firewall that leaves forwarding to its switch, as Ryu's rest_firewall
 * does. The switch is red's, and migrates while its hosts talk; blue has the same addresses; then
 * one of red's hosts floods its switch with addresses. Nobody loses a packet, what a tenant has
 * learnt is its own and bounded, and it goes with its vswitch.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import { addRule, migrate, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { limits } from '../../slices/limits.ts';

const places = ['s1', 's2', 's3'] as const;
const hostOf = (tenant: string, n: number) => `${tenant}${n}`;
const tenants = ['red', 'blue'] as const;
const lab = await startLab({
  switches: [...places],
  links: [
    ['s1:21', 's2:20'],
    ['s2:21', 's3:20'],
    ['s3:21', 's1:20'],
  ],
  hosts: tenants.flatMap((tenant, i) =>
    places.map((place, j) => ({
      name: hostOf(tenant, j + 1),
      at: `${place}:${i + 1}`,
      ip: `10.0.0.${j + 1}/24`,
      mac: `02:00:00:00:00:0${j + 1}`,
    })),
  ),
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const ports = (i: number) =>
  places.map((place, j) => `h${j + 1}: { port: 'v:${j + 1}', at: '${place}:${i + 1}' }`).join(', ');
const file = path.join(lab.dir, 'normal.yaml');
fs.writeFileSync(
  file,
  `control: here
store: DIR/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:21 - s2:20', 's2:21 - s3:20', 's3:21 - s1:20']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:DIR/red.sock'] } }
    hosts: { ${ports(0)} }
  blue:
    vswitches: { v: { dpid: 1, on: s1, listen: ['punix:DIR/blue.sock'] } }
    hosts: { ${ports(1)} }
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
await addRule(lab, 'blue.sock', 'priority=1,actions=normal');
await addRule(lab, 'red.sock', 'priority=0,actions=normal');
await addRule(lab, 'red.sock', 'priority=10,icmp,nw_src=10.0.0.1,nw_dst=10.0.0.3,actions=drop');

/** What a datapath has learnt of all tenants. */
async function learntOn(bridge: string): Promise<readonly string[]> {
  const text = await lab.ofctl('dump-flows', bridge, 'table=243');
  return text.split('\n').filter((line) => line.includes('load:'));
}

async function untilReached(host: string, ip: string): Promise<void> {
  const answer = async () => ((await reaches(lab, host, ip)) ? true : undefined);
  await until(`an answer to ${host}`, 60_000, answer);
}

t.test('a firewall that forwards by NORMAL, while its switch moves', async (t) => {
  for (const tenant of tenants) await untilReached(hostOf(tenant, 1), '10.0.0.2');
  t.notOk(await reaches(lab, 'red1', '10.0.0.3'), 'what it denies');
  t.ok(await reaches(lab, 'blue1', '10.0.0.3'), 'is red’s affair');
  const learnt = await learntOn('s1');
  t.ok(learnt.length >= 5, `${learnt.length} addresses, of two tenants`);
  const pings = ['red1', 'red3', 'blue1', 'blue3'].map((host) => startPing(lab, host, '10.0.0.2'));
  for (const to of ['s2', 's3', 's1', 's3']) {
    t.equal(await migrate(lab, 'red/v', to), 'done', to);
    t.ok((await learntOn(to)).length > 0, `${to} learns`);
  }
  for (const bridge of ['s2']) t.same(await learntOn(bridge), [], 'and who is left knows nothing');
  for (const [i, ping] of pings.entries()) {
    const { sent, lost, duplicates } = await ping.stop();
    t.comment(`${sent} sent, ${lost} lost, ${duplicates} doubled`);
    t.same([lost, duplicates], [0, 0], `ping ${i}`);
  }
});

t.test('one that floods its own switch with addresses', async (t) => {
  const ping = startPing(lab, 'blue1', '10.0.0.2');
  const count = limits.learntPerVswitchMax + 1_000;
  const flood = `
import socket, struct, sys, time
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
for i in range(${count}):
    out.send(b'\\xff' * 6 + b'\\x06\\x00' + struct.pack('>I', i) + b'\\x88\\xb6' + bytes(46))
    time.sleep(0.001)
`;
  const names = await lab.inside.run(lab.on('red1', ['ls', '/sys/class/net']));
  const port = names.split(/\s+/).find((name) => name !== '' && name !== 'lo') ?? '';
  await lab.inside.run(lab.on('red1', ['python3', '-c', flood, port]));
  const learnt = await learntOn('s3');
  t.ok(learnt.length > 1_000, `${learnt.length} learnt`);
  t.ok(learnt.length <= limits.learntPerVswitchMax, 'and no more than it may');
  const { sent, lost } = await ping.stop();
  t.comment(`blue: ${sent} sent, ${lost} lost`);
  t.equal(lost, 0, 'its neighbour notices nothing');
  t.ok(await reaches(lab, 'red3', '10.0.0.2'), 'and its own hosts are reached');
  t.equal(await migrate(lab, 'red/v', 's2'), 'done');
  t.same(await learntOn('s3'), [], 'with the vswitch all of that is gone');
  await sleep(100);
  t.ok(await reaches(lab, 'red3', '10.0.0.2'));
});
