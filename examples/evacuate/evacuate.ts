/**
 * `make evacuate`: a switch begins to fail (one of its cables comes and goes), and what lives there
 * is moved away by itself, the most important tenant first; then it fails for good, and nobody
 * loses anything by that. Ends with 0 if so.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Evacuation } from '../../hypervisor/operator/evacuation-report.ts';
import { type Lab, portName, startLab } from '../lab/lab.ts';
import { type PingResult, startPing } from '../lab/ping.ts';
import { attempt, limevisorJson, statusOf } from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';
import { figure3, serveByRules } from '../live-migration/experiment.ts';

const PINGERS = { red: 'red-h1', blue: 'blue-h1' } as const;
const CABLES = ['s3:1', 's3:2'] as const;
const FAILED_MS = 1_000;

export interface Seen {
  readonly evacuation: Evacuation;
  /** How many vswitches lived on s3, and do in the end. */
  readonly there: number;
  readonly left: number;
  readonly text: string;
  readonly html: string;
  /** While it began to fail, and when it failed for good. */
  readonly begins: Readonly<Record<string, PingResult>>;
  readonly fails: Readonly<Record<string, PingResult>>;
}

export async function run(tell: (line: string) => void = () => undefined): Promise<Seen> {
  const lab = await startLab(figure3);
  try {
    await serveByRules(lab, 'examples/evacuate/network.yaml', Object.values(PINGERS));
    const there = await onS3(lab);
    let evacuation: Evacuation | undefined;
    const begins = await whilePinging(lab, async () => {
      evacuation = await beginToFail(lab, tell);
    });
    if (evacuation === undefined) throw new Error('there was no evacuation');
    const { stdout: text } = await attempt(lab, ['evacuations']);
    const { stdout: html } = await attempt(lab, ['evacuations', '--html']);
    tell('-- s3 fails for good: both of its cables are cut');
    const fails = await whilePinging(lab, async () => {
      for (const cable of CABLES) await plug(lab, cable, 'down');
      await sleep(FAILED_MS);
    });
    return { evacuation, there, left: await onS3(lab), text, html, begins, fails };
  } finally {
    await lab.stop();
  }
}

async function onS3(lab: Lab): Promise<number> {
  const s3 = (await statusOf(lab)).datapaths.find(({ name }) => name === 's3');
  return s3?.bodies.length ?? 0;
}

async function whilePinging(
  lab: Lab,
  work: () => Promise<void>,
): Promise<Readonly<Record<string, PingResult>>> {
  const pings = Object.entries(PINGERS).map(
    ([tenant, host]) => [tenant, startPing(lab, host, '10.0.0.2')] as const,
  );
  await work();
  const ended = await Promise.all(
    pings.map(async ([tenant, ping]) => [tenant, await ping.stop()] as const),
  );
  return Object.fromEntries(ended);
}

/** Its cable to s2 goes and comes, until that is enough. */
async function beginToFail(lab: Lab, tell: (line: string) => void): Promise<Evacuation> {
  for (let times = 1; ; times += 1) {
    tell(`-- the cable in s3:2 goes, and comes back: ${times}`);
    await plug(lab, 's3:2', 'down');
    await plug(lab, 's3:2', 'up');
    if (times >= 3) break;
  }
  return await until('an evacuation', 40_000, async () => {
    const all = await limevisorJson<readonly Evacuation[]>(lab, 'evacuations');
    return all.at(-1);
  });
}

/** Until Limevisor has seen it. */
async function plug(lab: Lab, cable: string, state: 'up' | 'down'): Promise<void> {
  await lab.inside.run(['ip', 'link', 'set', portName(cable), state]);
  await until(`${cable} ${state}`, 20_000, async () => {
    const { links } = await statusOf(lab);
    const own = links.filter(({ ends }) => ends.some((end) => end === cable));
    return own.every((one) => (one.state === 'down') === (state === 'down')) ? true : undefined;
  });
}

/** Everything was away in time, and the failure itself cost nobody anything. */
export function isWhole({ evacuation, left, fails }: Seen): boolean {
  const isInTime = evacuation.left.every((one) => one.isAway && one.isInTime);
  return isInTime && left === 0 && Object.values(fails).every(({ lost }) => lost === 0);
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run((line) => console.log(line));
  const page = path.join(os.tmpdir(), 'limevisor-evacuate.html');
  fs.writeFileSync(page, seen.html);
  console.log(`${seen.text}As a page with a chart: ${page}`);
  for (const tenant of Object.keys(PINGERS)) {
    const [begins, fails] = [seen.begins[tenant], seen.fails[tenant]];
    console.log(
      `${tenant}: while it began to fail ${begins?.lost} of ${begins?.sent} probes lost, ` +
        `when it failed ${fails?.lost} of ${fails?.sent}`,
    );
  }
  process.exitCode = isWhole(seen) ? 0 : 1;
}
