/**
 * A tenant's meters on real switches while their vswitch moves: what they drop, what they counted,
 * meter-mods in the middle, and a restart that was no goodbye; and a bridge without meters.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, restartLimevisor, startLimevisor } from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { oxm } from '../../openflow/match/match.ts';
import {
  meterCommand,
  meterFlag,
  meter as ofpm,
  version,
} from '../../openflow/values/constants.ts';
import type { MeterStats } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import {
  applying,
  ask,
  bytesOf,
  flowMod,
  output,
  toController,
  type Unsent,
} from './mirror/conversation.ts';

const lab = await startLab(triangle('s1:1', 's1:2'));
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const controller = new TestController(at('v1'), version.of13);
t.teardown(() => controller.close());
fs.writeFileSync(
  at('meters.yaml'),
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
let limevisor = await startLimevisor(lab, at('meters.yaml'));
await controller.up();

const { kbps, pktps, burst, stats } = meterFlag;

function meterMod(command: keyof typeof meterCommand, meterId: number, ...rates: number[]): Unsent {
  const bands = rates.map((rate) => ({ type: 'drop', rate, burstSize: rate }) as const);
  const flags = kbps | burst | stats;
  return { type: 'meterMod', command: meterCommand[command], meterId, flags, bands };
}

async function tell(...messages: readonly Unsent[]): Promise<void> {
  for (const message of messages) controller.send(bytesOf(message));
  await controller.barrier();
}

/** Until the switch is there for its controller again. */
async function back(): Promise<void> {
  await until('the controller again', 15_000, () =>
    tell().then(
      () => true,
      () => undefined,
    ),
  );
}

async function statsOf(meterId: number): Promise<readonly MeterStats[]> {
  controller.take();
  controller.send(bytesOf(ask({ kind: 'meterStats', meterId })));
  await controller.until('meter statistics', () => controller.count('multipartReply') > 0);
  return controller.take().flatMap(({ message }) => {
    const isStats = message.type === 'multipartReply' && message.reply.kind === 'meterStats';
    return isStats ? message.reply.meters : [];
  });
}

/** How many of `count` echoes of so many bytes come back. */
async function ping(count: number, size: number): Promise<number> {
  const argv = ['ping', '-q', '-c', `${count}`, '-s', `${size}`, '-i', '0.05', '-W', '1'];
  const { stdout } = await lab.inside.attempt(lab.on('h1', [...argv, '10.0.0.2']));
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}

for (const [host, ip, other] of [
  ['h1', '10.0.0.2', '02:00:00:00:00:02'],
  ['h2', '10.0.0.1', '02:00:00:00:00:01'],
] as const) {
  const argv = ['ip', 'neigh', 'replace', ip, 'lladdr', other, 'dev', 'eth0', 'nud', 'permanent'];
  await lab.inside.run(lab.on(host, argv));
}

/** What came to meter 1, and what it dropped. */
async function counted(): Promise<readonly [bigint, bigint]> {
  await sleep(1_200);
  const [row] = await statsOf(1);
  return [row?.packetCount ?? 0n, row?.bands[0]?.packetCount ?? 0n];
}

/** Far more than small packets need, and less than one large one: 1,250 bytes at most. */
const KBITS = 10;
const SMALL = 10;
const LARGE = 1_400;

await tell(
  meterMod('add', 1, KBITS),
  flowMod('add', {
    match: [oxm('in_port', 1)],
    instructions: [{ type: 'meter', meterId: 1 }, ...applying(output(2))],
  }),
  flowMod('add', { match: [oxm('in_port', 2)], instructions: applying(output(1)) }),
);

t.test('a meter drops, and goes along when its vswitch moves; its counters go on', async (t) => {
  t.equal(await ping(5, SMALL), 5);
  t.equal(await ping(5, LARGE), 0);
  t.strictSame(await counted(), [10n, 5n]);
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's3', '--no-watch');
  t.equal(await ping(5, SMALL), 5, 'far away');
  t.equal(await ping(5, LARGE), 0);
  t.strictSame(await counted(), [20n, 10n]);
  t.notMatch(await lab.ofctl('dump-meters', 's1'), /meter=/, 'nothing of it stays behind');
  t.match(await lab.ofctl('dump-meters', 's3'), /meter=/);
});

t.test('meter-mods while it moves lose nothing', async (t) => {
  const moving = limevisorJson(lab, 'migrate', 'red/v1', '--to', 's2', '--no-watch');
  const pinging = ping(60, LARGE);
  await tell(meterMod('modify', 1, 1_000_000));
  for (let i = 0; i < 20; i += 1) {
    await tell(meterMod('add', 100 + i, 1_000 + i), meterMod('modify', 1, 1_000_000 + i));
  }
  t.ok((await pinging) >= 55, 'all but those before the first change');
  await moving;
  t.equal((await statsOf(ofpm.all)).length, 21);
  const below = await lab.ofctl('dump-meters', 's2');
  t.equal(below.match(/meter=/g)?.length, 21);
  t.match(below, /rate=1000019 burst_size=1000019/, 'of meter 1 the last');
  await tell(...Array.from({ length: 20 }, (_, i) => meterMod('delete', 100 + i)));
  t.equal(controller.count('error'), 0);
});

t.test('a kill, and what was counted before it', async (t) => {
  await tell(meterMod('modify', 1, KBITS));
  t.equal(await ping(2, LARGE), 0);
  t.strictSame(await counted(), [2n, 2n], 'a modify counts anew');
  await limevisor.end('SIGKILL');
  limevisor = await restartLimevisor(lab);
  await back();
  t.equal(await ping(2, LARGE), 0);
  t.strictSame(await counted(), [4n, 4n]);
  await tell(meterMod('add', 7, 5), meterMod('delete', 7));
  t.equal(controller.count('error'), 0);
});

t.test('a foreign meter goes when the switch connects again', async (t) => {
  await lab.ofctl('add-meter', 's2', 'meter=9999,kbps,bands=type=drop,rate=1');
  // To a port where nobody listens and back: a bridge without any controller deletes all it has.
  await lab.vsctl('set-controller', 's2', 'tcp:127.0.0.1:6654');
  await sleep(200);
  const alone = await lab.ofctl('dump-meters', 's2');
  t.match(alone, /meter=9999/, 'the bridge itself keeps it');
  await lab.vsctl('set-controller', 's2', 'tcp:127.0.0.1:6653');
  const left = await until('the foreign meter to go', 15_000, async () => {
    const now = await lab.ofctl('dump-meters', 's2');
    return now.includes('meter=9999') ? undefined : now;
  });
  t.match(left, /meter=\d+ kbps burst stats/, 'ours stays');
});

t.test('the controllers’ meter while it moves, and over a kill', async (t) => {
  const most = { type: 'meterMod', meterId: ofpm.controller, flags: pktps | stats } as const;
  const bands = [{ type: 'drop', rate: 1, burstSize: 1 }] as const;
  await back();
  // No packet of these is another's: two in a second, and the second of them is above the rate.
  await tell({ ...most, command: meterCommand.add, bands });
  await tell(flowMod('delete'), flowMod('add', { instructions: applying(toController) }));
  const counts = async (): Promise<readonly bigint[]> => {
    const [row] = await statsOf(ofpm.controller);
    return [row?.packetCount ?? 0n, row?.bands[0]?.packetCount ?? 0n];
  };
  const up = (): number => controller.count('packetIn');
  const moving = limevisorJson(lab, 'migrate', 'red/v1', '--to', 's3', '--no-watch');
  for (let sent = 0; sent < 10; sent += 1) await ping(2, SMALL);
  const [came = 0n, dropped = 0n] = await counts();
  await moving;
  t.equal(came, 20n, 'each of them is counted once, wherever it came up');
  t.ok(dropped >= 10n, `${dropped} were dropped`);
  await limevisor.end('SIGKILL');
  limevisor = await restartLimevisor(lab);
  await back();
  t.strictSame(await counts(), [came, dropped], 'what was shown is remembered');
  t.equal(up(), 0);
  await ping(2, SMALL);
  await controller.until('a packet-in', () => up() === 1);
  t.strictSame(await counts(), [came + 2n, dropped + 1n]);
  await tell({ ...most, command: meterCommand.delete, bands: [] });
  t.notOk((await statsOf(ofpm.all)).some(({ meterId }) => meterId === ofpm.controller));
});
