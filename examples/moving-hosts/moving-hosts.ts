/**
 * `make moving-hosts`: h1 moves from s1 to s3 and back while h2 and h1 send each other 1,000
 * packets/s and h2 pings it every 2 ms. Ends with 0 if no more was lost than while its interface
 * was at neither switch, and nothing came twice but for some milliseconds (`isWhole` says why).
 *
 * Then a guest of QEMU moves with its vswitch, if there is a QEMU (moving-guest.ts).
 */
import path from 'node:path';
import type { HostMoveResult } from '../../hypervisor/operator/control-hosts.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { startPing } from '../lab/ping.ts';
import {
  addRule,
  limevisorJson,
  root,
  startLimevisor,
  statusOf,
  untilReady,
} from '../lab/programs.ts';
import { compared, startReceiver, startSender } from '../lab/streams.ts';
import { hostAt } from '../lab/topologies.ts';
import { sleep } from '../lab/wait.ts';
import { showGuest } from './moving-guest.ts';

const [h1, h2, h3] = [hostAt(1, 's1:1'), hostAt(2, 's2:1'), hostAt(3, 's2:2')];
const streams = { h1: '10.9.0.1', h2: '10.9.0.2' } as const;

export interface Moved {
  readonly what: string;
  /** While the driver ran, in ms: its own gap is the shorter part of it. */
  readonly droveMs: number;
  readonly tookMs: number;
  /** Frames to the host and from it, and pings. */
  readonly to: Loss;
  readonly from: Loss;
  readonly pings: Loss;
  /** Whether its tenant's port was up afterwards. */
  readonly isUp: boolean;
}

export interface Loss {
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
}

export async function startMovingLab(): Promise<Lab> {
  const lab = await startLab({
    switches: ['s1', 's2', 's3'],
    links: [
      ['s1:3', 's2:3'],
      ['s2:4', 's3:3'],
    ],
    hosts: [h1, h2, h3],
    controller: 'tcp:127.0.0.1:6653',
  });
  try {
    await startLimevisor(lab, path.join(root, 'examples/moving-hosts/network.yaml'));
    await untilReady(lab);
    for (const vswitch of ['v', 'g']) await addRule(lab, vswitch);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** h1 moves to a port, under traffic. */
async function move(lab: Lab, to: string): Promise<Moved> {
  const receivers = [await startReceiver(lab, 'h1'), await startReceiver(lab, 'h2')] as const;
  const ping = startPing(lab, 'h2', '10.0.0.1', 2);
  const senders = [
    startSender(lab, 'h2', h1.mac, 1, [streams.h1]),
    startSender(lab, 'h1', h2.mac, 1, [streams.h2]),
  ] as const;
  await sleep(500);
  const asked = ['move', 'red/h1', '--to', to, '--driver', 'netns'];
  const { move } = await limevisorJson<HostMoveResult>(lab, ...asked);
  await sleep(500);
  const pings = await ping.stop();
  const [toHost, fromHost] = [
    await compared([senders[0]], receivers[0]),
    await compared([senders[1]], receivers[1]),
  ];
  const { vswitches } = await statusOf(lab);
  const port = vswitches
    .find(({ name }) => name === 'red/v')
    ?.ports.find((one) => one.port === '1');
  const ran = move?.phases.find(({ name }) => name === 'run');
  return {
    what: `h1 moves to ${to}`,
    droveMs: (ran?.endedMs ?? 0) - (ran?.startedMs ?? 0),
    tookMs: (move?.stateSinceMs ?? 0) - (move?.startedMs ?? 0),
    to: lossOf(toHost[streams.h1]),
    from: lossOf(fromHost[streams.h2]),
    pings: { sent: pings.sent, lost: pings.lost, doubled: pings.duplicates },
    isUp: move?.state.type === 'done' && port?.state === 'up',
  };
}

function lossOf(one: Loss | undefined): Loss {
  const { sent, lost, doubled } = one ?? { sent: 0, lost: Number.NaN, doubled: 0 };
  return { sent, lost, doubled };
}

/** There and back. */
export async function moveHost(
  lab: Lab,
  tell: (moved: Moved) => void = () => undefined,
): Promise<readonly Moved[]> {
  const all: Moved[] = [];
  for (const to of ['s3:4', 's1:1']) {
    const moved = await move(lab, to);
    tell(moved);
    all.push(moved);
  }
  return all;
}

/**
 * For how long frames may come twice: for the milliseconds in which the two bridges, which are one
 * Open vSwitch's here, both lead to the one interface. The new bridge's port gets the number that
 * the old one's had in the data path that they share, and cached flows of the old bridge follow it
 * until they are looked at again: later on a machine on which the driver takes longer, too.
 */
export function twiceMs(droveMs: number): number {
  return Math.max(20, droveMs / 10);
}

/** What is lost is what was on its way while the host was nowhere. */
export function isWhole({ droveMs, to, from, pings, isUp }: Moved): boolean {
  const slackMs = twiceMs(droveMs);
  const most = droveMs + slackMs;
  const isFew = to.lost <= most && from.lost <= most && pings.lost <= most;
  return isUp && isFew && to.doubled + pings.doubled <= slackMs && from.doubled === 0;
}

if (process.argv[1] === import.meta.filename) {
  const lab = await startMovingLab();
  try {
    console.log('h2 and h1 send each other 1,000 packets/s, and h2 pings h1 every 2 ms');
    const all = await moveHost(lab, ({ what, droveMs, tookMs, to, from, pings }) => {
      const lost = `lost: ${to.lost} to it, ${from.lost} from it, ${pings.lost} pings`;
      const doubled = to.doubled + from.doubled + pings.doubled;
      console.log(
        `  ${what}: ${tookMs} ms, the driver ${droveMs} ms; ${lost}; doubled: ${doubled}`,
      );
    });
    const isGuestWhole = await showGuest(lab, (line) => console.log(line));
    process.exitCode = all.every(isWhole) && isGuestWhole ? 0 : 1;
  } finally {
    await lab.stop();
  }
}
