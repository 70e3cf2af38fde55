/**
 * `make maintenance`: a switch is drained with all that lives there, its cables are unplugged, and
 * it is brought back, while the hosts of two tenants ping each other. Ends with 0 if nothing is
 * lost.
 */
import { type Lab, portName, startLab } from '../lab/lab.ts';
import { type PingResult, startPing } from '../lab/ping.ts';
import { attempt, statusOf } from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';
import { figure3, serveByRules } from '../live-migration/experiment.ts';

const PINGERS = { red: 'red-h1', blue: 'blue-h1' } as const;
const CABLES = ['s3:1', 's3:2'];
const UNPLUGGED_MS = 500;

export interface Seen {
  /** How many vswitches lived on s3: before, while it was drained, and in the end. */
  readonly there: number;
  readonly whileDrained: number;
  readonly back: number;
  /** Ways that led through it while it was drained. */
  readonly through: number;
  readonly pings: Readonly<Record<string, PingResult>>;
}

export async function run(tell: (line: string) => void = () => undefined): Promise<Seen> {
  const lab = await startLab(figure3);
  try {
    await serveByRules(lab, 'examples/maintenance/network.yaml', Object.values(PINGERS));
    const { there } = await onS3(lab);
    const pings = Object.entries(PINGERS).map(
      ([tenant, host]) => [tenant, startPing(lab, host, '10.0.0.2')] as const,
    );
    await sleep(UNPLUGGED_MS);
    await command(lab, tell, 'drain', 's3', '--everything', '--dry-run');
    await command(lab, tell, 'drain', 's3', '--everything');
    const drained = await onS3(lab);
    tell(`-- s3: ${drained.there} vswitches, ${drained.through} ways; its cables are unplugged`);
    await plug(lab, 'down');
    await sleep(UNPLUGGED_MS);
    await plug(lab, 'up');
    await command(lab, tell, 'undrain', 's3', '--everything');
    const { there: back } = await onS3(lab);
    await sleep(UNPLUGGED_MS);
    const ended = await Promise.all(
      pings.map(async ([tenant, ping]) => [tenant, await ping.stop()] as const),
    );
    const { there: whileDrained, through } = drained;
    return { there, whileDrained, back, through, pings: Object.fromEntries(ended) };
  } finally {
    await lab.stop();
  }
}

async function onS3(lab: Lab) {
  const s3 = (await statusOf(lab)).datapaths.find(({ name }) => name === 's3');
  return { there: s3?.bodies.length ?? 0, through: s3?.through.length ?? 0 };
}

async function plug(lab: Lab, state: 'up' | 'down'): Promise<void> {
  for (const cable of CABLES) {
    await lab.inside.run(['ip', 'link', 'set', portName(cable), state]);
  }
  await until(`s3's cables ${state}`, 20_000, async () => {
    const links = (await statusOf(lab)).links.filter(({ ends }) =>
      ends.some((end) => CABLES.includes(end)),
    );
    return links.every((one) => (one.state === 'down') === (state === 'down')) ? true : undefined;
  });
}

async function command(
  lab: Lab,
  tell: (line: string) => void,
  ...args: readonly string[]
): Promise<void> {
  tell(`$ limevisor ${args.join(' ')}`);
  const { code, stdout, stderr } = await attempt(lab, args);
  if (code !== 0) throw new Error(`limevisor ${args.join(' ')}: exit ${code}: ${stderr}`);
  for (const line of `${stderr}${stdout}`.trimEnd().split('\n')) tell(`  ${line}`);
}

export function isWhole({ pings }: Seen): boolean {
  return Object.values(pings).every(({ lost, duplicates }) => lost === 0 && duplicates === 0);
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run((line) => console.log(line));
  for (const [tenant, { sent, lost }] of Object.entries(seen.pings)) {
    console.log(`${tenant}: ${sent} probes, ${lost} lost`);
  }
  process.exitCode = isWhole(seen) && seen.back === seen.there ? 0 : 1;
}
