/**
 * `make cloud-move`: a tenant of two vswitches and four hosts crosses a link of 20 Mbit/s and 5 ms
 * from one site to the other, as one migration, while its hosts ping each other. Ends with 0 if no
 * more was lost than while hosts' interfaces were at neither site.
 */
import path from 'node:path';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import type { Lab } from '../lab/lab.ts';
import { reaches, startPing } from '../lab/ping.ts';
import { attempt, limevisorJson, root, statusOf } from '../lab/programs.ts';
import { until } from '../lab/wait.ts';
import { twiceMs } from '../moving-hosts/moving-hosts.ts';
import { carriedByWan, startSites } from './sites.ts';

const WAN = { delayMs: 5, mbit: 20 } as const;
const INTERVAL_MS = 10;
/** Who pings whom: neighbours much, over the virtual link a little. */
const PINGERS = [
  ['h1', 'h2', '10.0.0.2'],
  ['h4', 'h3', '10.0.0.3'],
  ['h1', 'h3', '10.0.0.3'],
] as const;

export interface Seen {
  readonly state: string;
  /** Where everything is at the end, by datapath. */
  readonly where: string;
  readonly tookMs: number;
  /** For so long each host's driver ran: for less than that it was at neither site. */
  readonly droveMs: Readonly<Record<string, number>>;
  readonly pings: readonly Pinged[];
  readonly crossedBytes: number;
}

interface Pinged {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
}

const command = ['migrate', 'red', '--hosts', '--to', 'there', '--driver', 'netns'];

export async function run(tell: (line: string) => void = () => undefined): Promise<Seen> {
  const lab = await startSites(path.join(root, 'examples/cloud-move/network.yaml'), 4, WAN);
  try {
    for (const [from, , ip] of PINGERS) {
      await until(`an answer to ${from}`, 20_000, async () =>
        (await reaches(lab, from, ip)) ? true : undefined,
      );
    }
    const pings = PINGERS.map(([from, to, ip]) => {
      return { from, to, ping: startPing(lab, from, ip, INTERVAL_MS) };
    });
    await told(lab, tell, [...command, '--dry-run']);
    const before = await carriedByWan(lab);
    tell(`$ limevisor ${command.join(' ')}`);
    const { ensemble, hosts = [] } = await limevisorJson<MigrateResult>(lab, ...command);
    const crossedBytes = (await carriedByWan(lab)) - before;
    const ended = await Promise.all(
      pings.map(async ({ from, to, ping }): Promise<Pinged> => {
        const { sent, lost, duplicates: doubled } = await ping.stop();
        return { from, to, sent, lost, doubled };
      }),
    );
    await told(lab, tell, ['migrations', 'show', String(ensemble?.id)]);
    const drove = hosts.map(({ host, phases }) => {
      const ran = phases.find(({ name }) => name === 'run');
      return [host.replace('red/', ''), (ran?.endedMs ?? 0) - (ran?.startedMs ?? 0)] as const;
    });
    return {
      state: ensemble?.state.type ?? 'refused',
      where: await where(lab),
      tookMs: (ensemble?.stateSinceMs ?? 0) - (ensemble?.startedMs ?? 0),
      droveMs: Object.fromEntries(drove),
      pings: ended,
      crossedBytes,
    };
  } finally {
    await lab.stop();
  }
}

async function told(lab: Lab, tell: (line: string) => void, args: readonly string[]) {
  tell(`$ limevisor ${args.join(' ')}`);
  const { code, stdout, stderr } = await attempt(lab, args);
  if (code !== 0) throw new Error(`limevisor ${args.join(' ')}: exit ${code}: ${stderr}`);
  for (const line of stdout.trimEnd().split('\n')) tell(`  ${line}`);
}

async function where(lab: Lab): Promise<string> {
  const { datapaths } = await statusOf(lab);
  return datapaths.map(({ name, bodies, hosts }) => `${name}: ${[...bodies, ...hosts]}`).join('; ');
}

/**
 * What is lost is what was on its way while one of the two was at neither site; what comes twice,
 * what examples/moving-hosts/ says of two bridges that are one Open vSwitch's.
 */
export function isWhole({ state, where, droveMs, pings }: Seen): boolean {
  const isFew = pings.every(({ from, to, lost, doubled }) => {
    const both = (droveMs[from] ?? 0) + (droveMs[to] ?? 0);
    const slack = twiceMs(both) / INTERVAL_MS;
    return lost <= both / INTERVAL_MS + slack && doubled <= slack;
  });
  return state === 'done' && where.startsWith('s1: ; s2: ; ') && isFew;
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run((line) => console.log(line));
  for (const { from, to, sent, lost, doubled } of seen.pings) {
    console.log(`${from} pinged ${to}: ${sent} sent, ${lost} lost, ${doubled} doubled`);
  }
  const { where: places, tookMs, crossedBytes, droveMs } = seen;
  const drove = Object.entries(droveMs).map(([host, ms]) => `${host} ${ms} ms`);
  console.log(`${places}; ${tookMs} ms; drivers: ${drove.join(', ')}`);
  console.log(`${(crossedBytes / 1000).toFixed(0)} kB crossed the slow link meanwhile`);
  process.exitCode = isWhole(seen) ? 0 : 1;
}
