/**
 * A cached flow that Open vSwitch 3.1 never corrects by itself (docs/DESIGN.md, section 6), with
 * default caches: a narrow one and a wide one that overlap, whose output changes. Every change of
 * ours that packets follow must leave none: a vswitch that moves while its host talks, a neighbour
 * that moves, and one that goes round a ring (tests/soak/ring.soak.ts is the long form).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  limevisorJson,
  revalidated,
  startLimevisor,
  startTestController,
  untilReady,
} from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { partsOf } from './parts.ts';
import { startRing } from './ring.ts';

const NARROW = '10.1.2.2';
/** Whether an old flow is made anew before another is there is Open vSwitch's affair. */
const ATTEMPTS = 5;
/** Has the wide one's mask, and is there first: so the wide one is found before the narrow one. */
const FIRST = '10.2.0.1';
const H2 = '02:00:00:00:00:02';

/** Three datapaths in a ring, both hosts at the first. */
const ring = {
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:20', 's2:21'],
    ['s2:20', 's3:21'],
    ['s3:20', 's1:21'],
  ] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.0.0.2/24', mac: H2 },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const physical = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:20 - s2:21', 's2:20 - s3:21', 's3:20 - s1:21']
`;

interface Scene {
  readonly tenants: string;
  /** Whether a wide and a narrow one come about for certain, at home and away. */
  readonly overlaps: boolean;
  readonly moves: readonly (readonly [vswitch: string, to: string])[];
}

const scenes: Readonly<Record<string, Scene>> = {
  'the vswitch of the host moves': {
    tenants: `tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, listen: ['ptcp:6701:127.0.0.1'] } }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v1:2', at: 's1:2' } }
`,
    overlaps: true,
    moves: [
      ['red/v1', 's2'],
      ['red/v1', 's1'],
    ],
  },
  'its neighbour moves': {
    tenants: `tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['ptcp:6701:127.0.0.1'] }
      v2: { dpid: 2, on: s1, listen: ['ptcp:6702:127.0.0.1'] }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v2:2', at: 's1:2' } }
    links: ['v1:2 - v2:1']
`,
    overlaps: false,
    moves: [
      ['red/v2', 's2'],
      ['red/v2', 's1'],
    ],
  },
};

const ofctl = (lab: Lab, command: string, port: number, ...rest: readonly string[]) =>
  lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, `tcp:127.0.0.1:${port}`, ...rest]);

// The ring has neighbours, too; tests/soak/stale-flows.soak.ts has both.
const all = Object.entries(scenes);
for (const [name, scene] of partsOf(all, all.slice(0, 1))) {
  t.test(name, async (t) => {
    const lab = await startLab(ring);
    t.teardown(() => lab.stop());
    const file = path.join(lab.dir, 'ring.yaml');
    fs.writeFileSync(file, physical + scene.tenants);
    await startLimevisor(lab, file);
    await untilReady(lab);
    if (scene.tenants.includes('v2')) {
      await ofctl(lab, 'add-flow', 6702, 'in_port=1,actions=output:2');
    }
    for (const [vswitch, to] of scene.moves) {
      const receiver = await startReceiver(lab, 'h2');
      const streams = await overlapping(lab, scene.overlaps);
      const { migration } = await limevisorJson<MigrateResult>(
        lab,
        ...['migrate', vswitch, '--to', to, '--no-watch'],
      );
      t.equal(migration?.state.type, 'done', `moved to ${to}`);
      await sleep(1_500);
      for (const [address, { lost, doubled, sent }] of Object.entries(
        await compared(streams, receiver),
      )) {
        t.strictSame({ lost, doubled }, { lost: 0, doubled: 0 }, `${address}: of ${sent} frames`);
      }
      await ofctl(lab, 'del-flows', 6701);
    }
  });
}

t.test(
  'with OpenFlow 1.0 all is looked at anew, flows of rules that match everything too',
  async (t) => {
    const lab = await startLab({ ...ring, speaks: { s1: 'OpenFlow10', s2: 'OpenFlow10' } });
    t.teardown(() => lab.stop());
    const file = path.join(lab.dir, 'ring.yaml');
    const tenants = `tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:6661] } }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v1:2', at: 's1:2' } }
`;
    fs.writeFileSync(file, physical + tenants);
    // Its rules say every field that 1.0 knows.
    await startTestController(lab, 6661, 60);
    await startLimevisor(lab, file);
    await untilReady(lab);
    await until('an answer', 10_000, async () =>
      (await reaches(lab, 'h1', '10.0.0.2')) ? true : undefined,
    );
    const isHealing = async (): Promise<boolean> => {
      const flows = await Promise.all(['s1', 's2'].map((name) => lab.ofctl('dump-flows', name)));
      return flows.some((text) => text.includes('dl_src=01:00:00:00:00:0'));
    };
    const untilHealed = (): Promise<true> =>
      until('the entry gone', 10_000, async () => ((await isHealing()) ? undefined : true));
    await untilHealed();
    await lab.appctl('revalidator/purge');
    const ping = startPing(lab, 'h1', '10.0.0.2', 20);
    await until('cached flows that look at no mark', 5_000, async () => {
      const flows = await echoes(lab);
      return flows.length > 1 && !flows.some(looksAtMark) ? true : undefined;
    });
    const { migration } = await limevisorJson<MigrateResult>(
      lab,
      ...['migrate', 'red/v1', '--to', 's2', '--no-watch'],
    );
    t.equal(migration?.state.type, 'done');
    t.ok((await echoes(lab)).some(looksAtMark), 'what is cached was made anew');
    await untilHealed();
    t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  },
);

function looksAtMark(flow: string): boolean {
  return /skb_mark\(0\/0x[1-3]\)/.test(flow);
}

/** Cached flows of echoes. */
async function echoes(lab: Lab): Promise<readonly string[]> {
  const flows = await lab.appctl('dpctl/dump-flows');
  return flows.split('\n').filter((flow) => /icmp\(type=[08]/.test(flow));
}

t.test('it goes on round the ring while rules of every grain come and go', async (t) => {
  const ring = await startRing({ switches: 3, intervalMs: 5, changesPerSec: 200, burners: 0 });
  t.teardown(() => ring.stop());
  const { troubles, streams, changes } = await ring.goRound(['s3', 's1'], (text) =>
    t.comment(text),
  );
  t.strictSame(troubles, [], 'no conversation is dead, nothing circles');
  t.ok(changes > 50 && streams.every(({ sent }) => sent > 100), 'there was something to see');
});

/**
 * A narrow flow, kept by packets that come and by the cache of exact
 * matches; then the rule that it was made for goes, and a packet to another address makes the wide
 * one.
 */
async function overlapping(lab: Lab, isWanted: boolean) {
  await ofctl(lab, 'add-flow', 6701, 'priority=10,ip,nw_dst=10.1.0.0/16,actions=output:2');
  await ofctl(lab, 'add-flow', 6701, 'priority=10,ip,nw_dst=10.2.0.0/16,actions=output:2');
  await revalidated(lab);
  const first = startSender(lab, 'h1', H2, 50, [FIRST]);
  await sleep(500);
  const senders = [first, startSender(lab, 'h1', H2, 4, [NARROW])];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    await ofctl(lab, 'add-flow', 6701, 'priority=20,ip,nw_dst=10.1.2.0/24,actions=output:2');
    await revalidated(lab);
    await sleep(2_500);
    const gone = ['del-flows', 'tcp:127.0.0.1:6701', 'priority=20,ip,nw_dst=10.1.2.0/24'];
    await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', '--strict', ...gone]);
    await revalidated(lab);
    senders.push(startSender(lab, 'h1', H2, 50, [`10.1.${attempt + 10}.2`]));
    await sleep(1_000);
    if (!isWanted || (await haveOverlap(lab))) return senders;
  }
  throw new Error(`no wide and narrow cached flow in ${ATTEMPTS} attempts`);
}

async function haveOverlap(lab: Lab): Promise<boolean> {
  const flows = await lab.appctl('dpctl/dump-flows', 'netdev@ovs-netdev');
  const masks = flows.match(/dst=10\.1\.[0-9.]+\/255\.255\.[0-9.]+/g) ?? [];
  return new Set(masks.map((mask) => mask.split('/')[1])).size > 1;
}
