/**
 * A tenant's groups on real switches while their vswitch moves: what they do, what they counted,
 * group-mods in the middle, and a restart that was no goodbye. Fast failover, too, far from the
 * cable that it watches (translation/requests/group-mod.ts).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { portName, startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, restartLimevisor, startLimevisor } from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { oxm } from '../../openflow/match/match.ts';
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import type { Action, Bucket, GroupStats } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import { ask, bytesOf, output, rule, type Unsent } from './mirror/conversation.ts';

const lab = await startLab(triangle('s1:1', 's1:2'));
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const controller = new TestController(at('v1'), version.of13);
t.teardown(() => controller.close());
fs.writeFileSync(
  at('groups.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: ['unix:${at('v1')}'] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`,
);
await controller.listening();
let limevisor = await startLimevisor(lab, at('groups.yaml'));
await controller.up();

function bucket(actions: readonly Action[], more: Partial<Bucket> = {}): Bucket {
  return { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions, ...more };
}

function groupMod(
  command: keyof typeof groupCommand,
  groupId: number,
  type: keyof typeof groupType,
  ...buckets: readonly Bucket[]
): Unsent {
  const [number, kind] = [groupCommand[command], groupType[type]];
  return { type: 'groupMod', command: number, groupType: kind, groupId, buckets };
}

const to = (groupId: number): Action => ({ type: 'group', groupId });

/** What the controller hears of it, less the barrier's reply. */
async function tell(...messages: readonly Unsent[]): Promise<void> {
  for (const message of messages) controller.send(bytesOf(message));
  await controller.barrier();
}

async function stats(groupId: number): Promise<GroupStats> {
  controller.take();
  controller.send(bytesOf(ask({ kind: 'groupStats', groupId })));
  await controller.until('group statistics', () => controller.count('multipartReply') > 0);
  const rows = controller.take().flatMap(({ message }) => {
    const isStats = message.type === 'multipartReply' && message.reply.kind === 'groupStats';
    return isStats ? message.reply.groups : [];
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`no row for group ${groupId}`);
  return row;
}

async function ping(count: number): Promise<number> {
  const argv = ['ping', '-q', '-c', String(count), '-i', '0.05', '-W', '1', '10.0.0.2'];
  const { stdout } = await lab.inside.attempt(lab.on('h1', argv));
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}

for (const [host, ip, other] of [
  ['h1', '10.0.0.2', '02:00:00:00:00:02'],
  ['h2', '10.0.0.1', '02:00:00:00:00:01'],
] as const) {
  const argv = ['ip', 'neigh', 'replace', ip, 'lladdr', other, 'dev', 'eth0', 'nud', 'permanent'];
  await lab.inside.run(lab.on(host, argv));
}

/** Packets that group 1 has seen, once the switches' counters have caught up. */
async function counted(): Promise<bigint> {
  await sleep(1_200);
  return (await stats(1)).packetCount;
}

await tell(
  groupMod('add', 2, 'indirect', bucket([output(2)])),
  groupMod('add', 1, 'all', bucket([to(2)])),
  rule([oxm('in_port', 1)], [to(1)]),
  rule([oxm('in_port', 2)], [output(1)]),
);

t.test('groups move with their vswitch, and their counters go on', async (t) => {
  t.equal(await ping(10), 10);
  const home = await counted();
  t.equal(home, 10n);
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's3', '--no-watch');
  t.equal(await ping(10), 10, 'far away');
  t.equal(await counted(), home + 10n);
  const left = await lab.ofctl('dump-groups', 's1');
  t.notMatch(left, /group_id=42781/, 'nothing of it stays behind');
});

t.test('group-mods while it moves lose nothing', async (t) => {
  const moving = limevisorJson(lab, 'migrate', 'red/v1', '--to', 's2', '--no-watch');
  const pinging = ping(60);
  for (let i = 0; i < 20; i += 1) {
    const more = i % 2 === 0 ? [bucket([output(2)])] : [bucket([to(2)])];
    await tell(
      groupMod('modify', 1, 'all', ...more),
      groupMod('add', 100 + i, 'all', bucket([output(2)])),
    );
  }
  t.equal(await pinging, 60);
  await moving;
  t.equal((await stats(119)).groupId, 119);
  await tell(...Array.from({ length: 20 }, (_, i) => groupMod('delete', 100 + i, 'all')));
  t.equal(controller.count('error'), 0);
});

t.test('a kill, and what was counted before it', async (t) => {
  const before = await counted();
  await limevisor.end('SIGKILL');
  limevisor = await restartLimevisor(lab);
  await until('the controller again', 15_000, () =>
    tell().then(
      () => true,
      () => undefined,
    ),
  );
  t.equal(await ping(5), 5);
  t.equal(await counted(), before + 5n);
  await tell(groupMod('add', 7, 'all'), groupMod('delete', 7, 'all'));
  t.equal(controller.count('error'), 0);
});

t.test('fast failover: a cable far from the body', async (t) => {
  const watching = [
    bucket([output(1)], { watchPort: 2 }),
    bucket([output(ofpp.inPort)], { watchPort: 1 }),
  ];
  await tell(groupMod('add', 3, 'ff', ...watching), rule([oxm('in_port', 1)], [to(3)]));
  const bodies = await lab.ofctl('dump-groups', 's2');
  t.match(bodies, /type=ff,bucket=watch_group:\d+/, 's2 cannot watch a port of s1');
  controller.take();
  await lab.inside.run(['ip', 'link', 'set', portName('s1:2'), 'down']);
  await controller.until('port-status', () => controller.count('portStatus') > 0);
  await until('the first bucket to be dead', 5_000, async () => {
    const now = await lab.ofctl('dump-groups', 's2');
    return /type=ff,bucket=watch_group:4278190079/.test(now) || undefined;
  });
  await ping(3);
  await sleep(1_200);
  t.strictSame(
    (await stats(3)).buckets.map((one) => one.packetCount),
    [0n, 3n],
  );
});
