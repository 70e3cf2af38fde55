/**
 * `make rapid-deployment`: a tenant of three switches is exported with all its rules, and three
 * copies of it are brought up beside it, placed where there is room, each with hosts of its own at
 * the same addresses. Prints how long it took, and what each copy's hosts reach. Ends with 0 if all
 * of them reach their own, and nobody else's.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DeployResult } from '../../hypervisor/operator/control-packages.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { reaches, startPing } from '../lab/ping.ts';
import { addRule, attempt, root, startLimevisor, untilReady } from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';

const COPIES = ['red2', 'red3', 'red4'];
const RULES = 500;

export interface Seen {
  readonly tookMs: number;
  readonly rules: number;
  /** Of each tenant: packets of 20 that were lost, or came twice. */
  readonly wrong: Readonly<Record<string, number>>;
}

export async function run(tell: (line: string) => void = () => undefined): Promise<Seen> {
  const tenants = ['red', ...COPIES];
  const lab = await startLab({
    switches: ['s1', 's2', 's3', 's4'],
    links: [
      ['s1:9', 's3:1'],
      ['s1:10', 's4:1'],
      ['s2:9', 's3:2'],
      ['s2:10', 's4:2'],
    ],
    hosts: tenants.flatMap((tenant, i) =>
      [1, 2].map((n) => ({
        ...{ name: `${tenant}-h${n}`, at: `s${n}:${i + 1}`, ip: `10.0.0.${n}/24` },
        mac: `02:00:00:00:00:0${n}`,
      })),
    ),
    controller: 'tcp:127.0.0.1:6653',
  });
  try {
    await startLimevisor(lab, path.join(root, 'examples/rapid-deployment/network.yaml'));
    await untilReady(lab);
    await makeRules(lab);
    tell(`$ limevisor export red > red.lime`);
    const file = path.join(lab.dir, 'red.lime');
    fs.writeFileSync(file, (await command(lab, 'export', 'red')).stdout);
    tell(`  ${fs.statSync(file).size} bytes`);
    const ports = COPIES.flatMap((as, i) => [1, 2].map((n) => `${as}/h${n}=s${n}:${i + 2}`));
    const args = [file, '--as', COPIES.join(','), '--hosts', ports.join(',')];
    tell(`$ limevisor deploy red.lime ${args.slice(1).join(' ')}`);
    const { stdout } = await command(lab, 'deploy', ...args, '--json');
    const result = JSON.parse(stdout) as DeployResult;
    for (const { name, on, rules } of result.vswitches ?? []) {
      tell(`  ${name} on ${on} with ${rules} rules`);
    }
    const wrong: Record<string, number> = {};
    for (const tenant of tenants) wrong[tenant] = await wrongOf(lab, tenant);
    const rules = (result.vswitches ?? []).reduce((sum, one) => sum + one.rules, 0);
    return { tookMs: result.tookMs ?? Number.NaN, rules, wrong };
  } finally {
    await lab.stop();
  }
}

/** What a controller would have installed: those that forward, and many that are only there. */
async function makeRules(lab: Lab): Promise<void> {
  for (const name of ['red-v1', 'red-v2', 'red-v3']) {
    await addRule(lab, name, 'priority=1,actions=flood');
    const many = Array.from({ length: RULES }, (_, i) => {
      return `table=1,priority=${i + 10},ip,nw_dst=10.9.${i >> 8}.${i & 255},actions=output:1`;
    });
    const rules = path.join(lab.dir, 'rules');
    fs.writeFileSync(rules, many.join('\n'));
    const at = path.join(lab.dir, name);
    await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'add-flows', at, rules]);
  }
}

async function command(lab: Lab, ...args: readonly string[]) {
  const ended = await attempt(lab, args);
  if (ended.code !== 0) throw new Error(`limevisor ${args[0]}: ${ended.stderr}`);
  return ended;
}

/** Twice a copy of somebody else would be a duplicate: all have the same addresses. */
async function wrongOf(lab: Lab, tenant: string): Promise<number> {
  const host = `${tenant}-h1`;
  await until(`an answer to ${host}`, 20_000, async () =>
    (await reaches(lab, host, '10.0.0.2')) ? true : undefined,
  );
  const ping = startPing(lab, host, '10.0.0.2', 20);
  await sleep(400);
  const { lost, duplicates } = await ping.stop();
  return lost + duplicates;
}

export function isWhole({ wrong }: Seen): boolean {
  return Object.values(wrong).every((count) => count === 0);
}

if (process.argv[1] === import.meta.filename) {
  const seen = await run((line) => console.log(line));
  const { tookMs, rules, wrong } = seen;
  console.log(`${COPIES.length} copies with ${rules} rules in ${(tookMs / 1_000).toFixed(2)} s`);
  for (const [tenant, count] of Object.entries(wrong)) {
    console.log(`${tenant}: h1 reaches its own h2; ${count} packets lost or doubled`);
  }
  process.exitCode = isWhole(seen) ? 0 : 1;
}
