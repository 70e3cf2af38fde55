/**
 * `limevisor export TENANT` and `limevisor deploy FILE`.
 */
import path from 'node:path';
import { plural } from '../../slices/plural.ts';
import { Ending, exitCodes, note, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { Differing } from './control-apply.ts';
import type { ExportResult } from './control-export.ts';
import type { DeployResult } from './control-packages.ts';
import { packageText } from './package-text.ts';
import { table } from './report-text.ts';

export interface DeployOptions extends Options {
  readonly as: readonly string[];
  readonly on: readonly string[];
  readonly hosts: readonly string[];
  readonly controller: readonly string[];
  readonly driver?: string;
  readonly asItWas?: boolean;
  readonly dryRun?: boolean;
}

export async function exportTenant(tenant: string, { socket }: Options): Promise<void> {
  const { whole, leftOut } = await ask<ExportResult>(socket, 'export', { tenant });
  for (const one of leftOut) note(`limevisor: not in the package: ${one}`);
  say(packageText(whole).trimEnd());
}

export async function deploy(file: string, options: DeployOptions): Promise<void> {
  const { socket, json, as, on, hosts, controller, driver, asItWas, dryRun } = options;
  const params = {
    ...{ file: path.resolve(file), as, on, hosts, controllers: controller },
    ...{ asItWas: asItWas === true, dryRun: dryRun === true },
    ...(driver !== undefined && { driver }),
  };
  let differing: Differing | undefined;
  const result = await ask<DeployResult>(socket, 'deploy', params, (event) => {
    differing = event as Differing;
    if (!json) say(differing.text);
  });
  if (json) {
    const { changes = [], seen = {} } = differing ?? {};
    say(JSON.stringify({ ...result, changes, seen }));
  }
  if (result.type === 'refused' || result.type === 'takenBack') {
    const list = result.whyNot.map((one) => `  ${one}`).join('\n');
    const [code, what] =
      result.type === 'refused'
        ? [exitCodes.rejected, 'nothing has changed']
        : [exitCodes.undone, 'what it had added is taken back, and all is as it was'];
    throw new Ending(code, `${file} is not deployed, ${what}:\n${list}`);
  }
  if (!json) say(['', ...deployedLines(result)].join('\n'));
  const isWhole = result.type !== 'applied' || !result.hosts?.some(({ why }) => why !== undefined);
  if (!isWhole) process.exitCode = exitCodes.failed;
}

function deployedLines(result: DeployResult): readonly string[] {
  if (result.type !== 'applied' && result.type !== 'dryRun') return [];
  const waiting = result.waits.map((one) => `waiting: ${one}`);
  if (result.type === 'dryRun') return waiting;
  const { vswitches = [], hosts = [], tookMs = 0 } = result;
  const rows = [
    ...vswitches.map(({ name, on, rules }) => [name, on, plural(rules, 'rule')]),
    ...hosts.map(({ name, at, why }) => [name, at, why === undefined ? '' : `not started: ${why}`]),
  ];
  const next = 'a start has it if its file does: limevisor show > FILE';
  const time = `${(tookMs / 1_000).toFixed(2)} s`;
  const said = [...result.said, ...waiting];
  return [table([['DEPLOYED', 'ON', ''], ...rows]), ...said, '', `deployed in ${time}; ${next}`];
}
