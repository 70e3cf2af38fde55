/**
 * `make mirror`: a switch of a tenant is copied to a datapath for tests, which receives copies of
 * its traffic and sends what it makes of them to a port where somebody captures it, while the
 * tenant's hosts ping each other, a rule changes, and the switch migrates. Ends with 0 if no packet
 * of anybody is lost or doubled, and what was captured is what the switch itself has sent.
 */
import path from 'node:path';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MirrorResult } from '../../hypervisor/operator/control-mirrors.ts';
import { mirrorText } from '../../hypervisor/operator/mirror-commands.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type PingResult, reaches, startPing } from '../lab/ping.ts';
import { lastLineOf } from '../lab/processes.ts';
import {
  addRule,
  limevisorJson,
  migrate,
  root,
  socketOf,
  startLimevisor,
  untilReady,
} from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';

const PINGED_MS = 400;

/** By VLAN, ICMP echoes of each kind. */
export type Captured = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Seen {
  /** At rest; while the switch migrates; when the mirror is gone. */
  readonly phases: Readonly<
    Record<'rest' | 'moving' | 'off', { readonly red: PingResult; readonly captured: Captured }>
  >;
  readonly blue: PingResult;
  /** VLANs of the ports to the other switch and to the host. */
  readonly vlans: { readonly link: number; readonly host: number };
  readonly moved: string | undefined;
}

export const spec = {
  switches: ['s1', 's2', 's3', 's9'],
  links: [
    ['s1:9', 's2:8'],
    ['s2:9', 's3:8'],
    ['s3:9', 's9:8'],
  ],
  hosts: [
    { name: 'red-h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'red-h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'blue-h1', at: 's1:2', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'blue-h2', at: 's2:2', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    { name: 'lab', at: 's9:4', ip: '10.9.9.9/24', mac: '02:00:00:00:00:09' },
  ],
  controller: 'tcp:127.0.0.1:6653',
} as const;

/** `meanwhile` is called when the mirror is there. */
export async function run(
  tell: (line: string) => void = () => undefined,
  meanwhile: (lab: Lab) => Promise<void> = async () => undefined,
  before: (lab: Lab) => Promise<void> = async () => undefined,
): Promise<Seen> {
  const lab = await startLab(spec);
  try {
    await before(lab);
    await startLimevisor(lab, path.join(root, 'examples/mirror/network.yaml'));
    await untilReady(lab);
    for (const name of ['red-v1', 'red-v2', 'blue-v']) await addRule(lab, name);
    for (const host of ['red-h1', 'blue-h1']) {
      await until(`an answer to ${host}`, 20_000, async () =>
        (await reaches(lab, host, '10.0.0.2')) ? true : undefined,
      );
    }
    const blue = startPing(lab, 'blue-h1', '10.0.0.2');
    const { mirrors } = await limevisorJson<MirrorResult>(lab, 'mirror', 'red/v2', '--to', 's9:4');
    tell('$ limevisor mirror red/v2 --to s9:4');
    tell(mirrorText(mirrors));
    await meanwhile(lab);
    const rest = await phase(lab, async () => {
      // A rule that changes nothing of what is sent, and is one more.
      await addRule(lab, 'red-v2', 'priority=40007,icmp,actions=flood');
    });
    let moved: string | undefined;
    const moving = await phase(lab, async () => {
      tell('$ limevisor migrate red/v2 --to s3');
      moved = await migrate(lab, 'red/v2', 's3');
    });
    await ask(socketOf(lab), 'mirror', { names: ['red/v2'], off: true });
    tell('$ limevisor mirror red/v2 --off');
    const off = await phase(lab, async () => undefined);
    const vlans = { link: mirrors[0]?.vlans[2] ?? 0, host: mirrors[0]?.vlans[1] ?? 0 };
    return { phases: { rest, moving, off }, blue: await blue.stop(), vlans, moved };
  } finally {
    await lab.stop();
  }
}

/** Red's hosts ping each other, and the port for tests is listened at. */
async function phase(lab: Lab, work: () => Promise<void>) {
  let red: PingResult | undefined;
  const captured = await captureAt(lab, 'lab', async () => {
    const ping = startPing(lab, 'red-h1', '10.0.0.2');
    await work();
    await sleep(PINGED_MS);
    red = await ping.stop();
  });
  if (red === undefined) throw new Error('nothing was pinged');
  return { red, captured };
}

/** What comes to a host's interface meanwhile. */
async function captureAt(lab: Lab, host: string, work: () => Promise<void>): Promise<Captured> {
  const program = path.join(root, 'examples/lab/capture.py');
  const capture = lab.inside.start(lab.on(host, ['python3', program, 'eth0']));
  const said = lastLineOf(capture);
  await until('the capture', 20_000, () => (said() === 'ready' ? true : undefined));
  await work();
  await capture.end('SIGINT');
  const text = await until('what was captured', 20_000, () =>
    said().startsWith('{') ? said() : undefined,
  );
  return JSON.parse(text) as Captured;
}

const isOnce = (captured: Captured) => Object.values(captured).every((row) => row['twice'] === 0);

export function isWhole({ phases, blue, vlans }: Seen): boolean {
  const pings = [...Object.values(phases).map(({ red }) => red), blue];
  const { rest, off } = phases;
  return (
    pings.every(({ lost, duplicates }) => lost === 0 && duplicates === 0) &&
    Object.values(phases).every(({ captured }) => isOnce(captured)) &&
    // Some pings are behind the last that counts.
    (rest.captured[vlans.host]?.['request'] ?? 0) >= rest.red.sent &&
    (rest.captured[vlans.link]?.['reply'] ?? 0) >= rest.red.sent &&
    Object.keys(off.captured).length === 0
  );
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run((line) => console.log(line));
  for (const [name, { red, captured }] of Object.entries(seen.phases)) {
    const text = JSON.stringify(captured);
    console.log(`${name}: ${red.sent} pings, ${red.lost} lost; captured by VLAN: ${text}`);
  }
  const { sent, lost, duplicates } = seen.blue;
  console.log(`blue: ${sent} pings, ${lost} lost, ${duplicates} doubled`);
  process.exitCode = isWhole(seen) ? 0 : 1;
}
