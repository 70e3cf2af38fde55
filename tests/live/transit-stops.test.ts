/**
 * A datapath on the way to the old body stands still for some seconds in the middle of a migration,
 * with packets in it (issue 10, C6): its ovs-vswitchd is stopped, and what comes to it waits in its
 * sockets. Nothing is lost but what these do not hold, and here they hold all of it.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import type { Migration } from '../../translation/migration/migration.ts';

const H2 = '02:00:00:00:00:02';
/** Four streams of 100 frames/s: a socket holds some 250 small frames. */
const STREAMS = ['10.1.0.1', '10.1.0.2', '10.1.0.3', '10.1.0.4'];
const INTERVAL_MS = 10;

const ATTEMPTS = 12;

/** From s1 to s2 by t, whose ports there are the lower ones; s3 is the other way. */
const ring = {
  switches: ['s1', 's2', 's3', 't'],
  apart: ['t'],
  links: [
    ['s1:20', 't:21'],
    ['t:20', 's2:21'],
    ['s2:30', 's3:31'],
    ['s3:30', 's1:31'],
  ] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's3:1', ip: '10.0.0.2/24', mac: H2 },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const file = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, t: { dpid: 4 } }
links: ['s1:20 - t:21', 't:20 - s2:21', 's2:30 - s3:31', 's3:30 - s1:31']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s2, listen: ['ptcp:6701:127.0.0.1'] } }
    hosts: { h1: { port: 'v:1', at: 's1:1' }, h2: { port: 'v:2', at: 's3:1' } }
`;

async function start(lab: Lab): Promise<void> {
  const config = path.join(lab.dir, 'still.yaml');
  fs.writeFileSync(config, file);
  await startLimevisor(lab, config);
  await untilReady(lab);
  const ofctl = ['ovs-ofctl', '-O', 'OpenFlow13', 'add-flow', 'tcp:127.0.0.1:6701'];
  await lab.inside.run([...ofctl, 'in_port=1,actions=output:2']);
}

/** The last moment in which frames are sent to the old body by the one that stops. */
const isLast = ({ state }: Migration): boolean => state.type === 'move';

/**
 * Migrates until t stood still at that moment, and says how that migration ended. A migration takes
 * a fifth of a second: all may have left t before it stands still, and that the old body is left
 * then is right. So the moment is tried again, from the old place.
 */
async function stoodStill(
  lab: Lab,
  isThen: (migration: Migration) => boolean,
  stillMs: number,
): Promise<string | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    let isLeft = false;
    let stopped: Promise<void> | undefined;
    const moving = migrate(lab, 's3', (migration) => {
      isLeft ||= migration.state.type === 'retire';
      if (isThen(migration)) stopped ??= lab.signal('t', 'SIGSTOP');
    });
    await until('the moment', 30_000, () => (stopped === undefined ? undefined : true));
    await stopped;
    const endMs = Date.now() + stillMs;
    while (!isLeft && Date.now() < endMs) await sleep(100);
    const isHeld = !isLeft;
    await lab.signal('t', 'SIGCONT');
    const ended = await moving;
    if (isHeld) return ended;
    await migrate(lab, 's2');
  }
  return `the old body was left while t stood still, ${ATTEMPTS} times`;
}

async function migrate(
  lab: Lab,
  to: string,
  onState: (migration: Migration) => void = () => undefined,
): Promise<string | undefined> {
  const params = { vswitch: 'red/v', to, noWatch: true };
  const { migration } = await ask<MigrateResult>(socketOf(lab), 'migrate', params, (event) =>
    onState(event as Migration),
  );
  return migration?.state.type;
}

for (const [when, isThen, stillMs] of [
  ['as the ports move', isLast, 2_500],
  ['in the drain', ({ state }: Migration) => state.type === 'drain', 5_000],
] as const) {
  t.test(`${when} a transit datapath stands still for ${stillMs} ms`, async (t) => {
    const lab = await startLab(ring);
    t.teardown(() => lab.stop());
    await start(lab);
    const receiver = await startReceiver(lab, 'h2');
    const sender = startSender(lab, 'h1', H2, INTERVAL_MS, STREAMS);
    await sleep(1_000);
    t.equal(await stoodStill(lab, isThen, stillMs), 'done', 'it moved, and not before it went on');
    // They come behind later ones, which went the new way.
    let waited = 0;
    for (const [address, { lost, doubled, late, sent }] of Object.entries(
      await compared([sender], receiver),
    )) {
      waited += late;
      t.strictSame({ lost, doubled }, { lost: 0, doubled: 0 }, `${address}: of ${sent} frames`);
    }
    t.comment(`${waited} frames waited in it`);
  });
}
