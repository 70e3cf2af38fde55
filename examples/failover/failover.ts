/**
 * `make failover`: 1,000 packets/s from h1 to h2 while cables are cut and a switch on the way is
 * killed; how many are lost, and what the tenant sees of it. Ends with 0 if each loss is as short
 * as it should be.
 */
import path from 'node:path';
import { type Lab, portName, startLab } from '../lab/lab.ts';
import type { Running } from '../lab/processes.ts';
import { addRule, root, startLimevisor, statusOf, untilReady } from '../lab/programs.ts';
import { compared, startReceiver, startSender } from '../lab/streams.ts';
import { diamond } from '../lab/topologies.ts';
import { sleep, until } from '../lab/wait.ts';

const H2 = '02:00:00:00:00:02';
const STREAM = '10.9.0.1';
const LOOK_MS = 50;

export interface Loss {
  readonly what: string;
  readonly lost: number;
  /** How many may be lost: more is a failure. */
  readonly most: number;
  readonly why: string;
}

export interface Losses {
  readonly all: readonly Loss[];
  /** The tenant's ports that were down during a step or after it, and which step. */
  readonly down: readonly string[];
}

/** What is done, how many may be lost at 1,000/s on a busy machine, and why. */
const steps = [
  ['the cable between s1 and s3 is cut', 150, 's1 goes over by itself', cut('s1:3')],
  ['it is back', 0, 'a new way is made before it is used', back('s1:3')],
  ['the cable between s3 and s2 is cut', 600, 's1 is told of a new way', cut('s2:3')],
  ['it is back', 0, 'the same', back('s2:3')],
  ['s3 is killed', 3_500, 'after a second of grace, its cables are alight', kill],
] as const;

type Step = (lab: Lab) => Promise<unknown>;

function cut(end: string): Step {
  return (lab) => lab.inside.run(['ip', 'link', 'set', portName(end), 'down']);
}

/** Until its ways are used again. */
function back(end: string): Step {
  return async (lab) => {
    await lab.inside.run(['ip', 'link', 'set', portName(end), 'up']);
    await until('ways through s3', 30_000, async () => {
      const s3 = (await statusOf(lab)).datapaths.find(({ name }) => name === 's3');
      return (s3?.through.length ?? 0) > 0 ? true : undefined;
    });
  };
}

/** When h1's packets go by it, as its counters say. */
async function kill(lab: Lab): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  await until('packets from s1 through s3', 30_000, async () => {
    const s3 = (await statusOf(lab)).datapaths.find(({ name }) => name === 's3');
    const now = s3?.through.find(({ from }) => from === 's1')?.packets ?? before;
    const isMore = now > before;
    before = now;
    return isMore ? true : undefined;
  });
  await lab.daemons.get('s3')?.end('SIGKILL');
}

async function downIn(lab: Lab, what: string): Promise<readonly string[]> {
  const { vswitches } = await statusOf(lab);
  const ports = vswitches.flatMap(({ name, ports }) =>
    ports.map(({ port, state, why }) => ({
      port,
      state,
      text: `${name}:${port} (${why}): ${what}`,
    })),
  );
  const wrong = ports.filter(({ port, state }) => port !== 'LOCAL' && state !== 'up');
  return wrong.map(({ text }) => text);
}

/** Looks from now on, and as long as `meanwhile` lasts, at which of the tenant's ports are down. */
async function downDuring(
  lab: Lab,
  what: string,
  meanwhile: Promise<unknown>,
): Promise<readonly string[]> {
  let isOver = false;
  const over = meanwhile.finally(() => {
    isOver = true;
  });
  const down = new Set<string>();
  while (!isOver) {
    for (const one of await downIn(lab, what)) down.add(one);
    await sleep(LOOK_MS);
  }
  await over;
  for (const one of await downIn(lab, what)) down.add(one);
  return [...down];
}

/** The example's network, and Limevisor, which serves it. */
export async function startExample(): Promise<{
  readonly lab: Lab;
  readonly limevisor: Running;
}> {
  const lab = await startLab({ ...diamond, apart: ['s3'] });
  try {
    return { lab, limevisor: await serve(lab) };
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Losses of each step, as they are told. */
export async function run(tell: (loss: Loss) => void): Promise<Losses> {
  const { lab } = await startExample();
  try {
    const all: Loss[] = [];
    const down: string[] = [];
    for (const [what, most, why, act] of steps) {
      const receiver = await startReceiver(lab, 'h2');
      const sender = startSender(lab, 'h1', H2, 1, [STREAM]);
      await sleep(500);
      await act(lab);
      down.push(...(await downDuring(lab, what, sleep(act === kill ? 2_500 : 700))));
      const { lost } = (await compared([sender], receiver))[STREAM] ?? { lost: Number.NaN };
      const loss: Loss = { what, lost, most, why };
      tell(loss);
      all.push(loss);
    }
    return { all, down };
  } finally {
    await lab.stop();
  }
}

async function serve(lab: Lab): Promise<Running> {
  const limevisor = await startLimevisor(lab, path.join(root, 'examples/failover/network.yaml'));
  await untilReady(lab);
  for (const name of ['v', 'w']) await addRule(lab, name);
  return limevisor;
}

export function isShort({ lost, most }: Loss): boolean {
  return lost <= most;
}

if (process.argv[1] === import.meta.filename) {
  console.log('h1 sends 1,000 packets/s to h2, by s1 - s3 - s2; the other way is s1 - s4 - s2');
  const { all, down } = await run(({ what, lost, why }) => {
    console.log(`  ${what.padEnd(36)}${String(lost).padStart(6)} lost   (${why})`);
  });
  const ports = down.length === 0 ? 'up after each' : `DOWN: ${down.join('; ')}`;
  console.log(`the tenant's ports were ${ports}`);
  process.exitCode = all.every(isShort) && down.length === 0 ? 0 : 1;
}
