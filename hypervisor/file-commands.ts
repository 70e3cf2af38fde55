/**
 * `limevisor show` and `limevisor diff`: the running configuration as a file, and the difference
 * between a file and it, or another file.
 */
import path from 'node:path';
import { type Config, problemText, readConfig } from '../slices/config/config.ts';
import { fileTree } from '../slices/config/config-print.ts';
import { ofTenants } from '../slices/config/config-tenants.ts';
import { type Difference, differenceOf } from '../slices/config/difference.ts';
import { carriedNetworks } from '../slices/config/owned.ts';
import type { Amounts } from '../slices/config/reservations.ts';
import type { DatapathName } from '../slices/ids.ts';
import { noSuchText } from '../slices/near-names.ts';
import { seenByTenants } from '../slices/network/difference-seen.ts';
import { differenceText } from '../slices/network/difference-text.ts';
import { type Avoiding, avoidingNothing } from '../slices/network/drained-datapaths.ts';
import { admitBeside } from '../slices/placement/admission.ts';
import { ask } from './operator/client.ts';
import type { RunningResult } from './operator/control-running.ts';
import { configOf } from './operator/file.ts';
import { fileText } from './operator/file-text.ts';
import { Ending, exitCodes, note, type Options, say } from './world/exit-codes.ts';

interface Running {
  readonly config: Config;
  readonly avoiding: Avoiding;
}

async function running(socket: string): Promise<Running> {
  const { file, avoided, held, told } = await ask<RunningResult>(socket, 'running', {});
  // What runs was read from a file, and its paths are whole.
  const read = readConfig(file, [], '/');
  const said = new Map(Object.entries(told) as [DatapathName, Amounts][]);
  if ('config' in read) {
    const goal = new Set(avoided);
    const avoiding = { now: goal, goal, held: new Set(held) };
    return { config: { ...read.config, told: said }, avoiding };
  }
  throw new Error(`what runs cannot be written as a file: ${read.problems.map(problemText)}`);
}

export async function show(tenants: readonly string[], { socket, json }: Options): Promise<void> {
  const { config } = await running(socket);
  const known = new Set(config.vswitches.map(({ tenant }) => tenant));
  const unknown = tenants.find((one) => !known.has(one));
  if (unknown !== undefined) {
    throw new Ending(exitCodes.rejected, noSuchText('tenant', unknown, known));
  }
  const shown = tenants.length === 0 ? config : ofTenants(config, new Set(tenants));
  if (json) say(JSON.stringify(fileTree(shown)));
  else say(fileText(shown, commentsOf(tenants, known.size)).trimEnd());
}

function commentsOf(tenants: readonly string[], count: number): readonly string[] {
  const isAll = tenants.length === 0 || new Set(tenants).size === count;
  return isAll ? [] : [`Without the other tenants: a file that is applied names all that stay.`];
}

/** With one file, what runs is compared with it; with two, the first with the second. */
export async function diff(
  file: string,
  other: string | undefined,
  { socket, json }: Options,
): Promise<void> {
  const wanted = configOf(other ?? file);
  // An earlier version of a file is somewhere else; where it was counts.
  const { config: from, avoiding } =
    other === undefined
      ? await running(socket)
      : { config: earlier(file, path.dirname(path.resolve(other))), avoiding: avoidingNothing };
  const asked = other === undefined ? withNetworksOf(wanted, from) : wanted;
  const {
    config: to,
    unplaced,
    overbooked,
  } = admitBeside(from, { ...asked, told: from.told }, avoiding);
  for (const [name, why] of unplaced) note(`${name} would have no place: ${why}`);
  for (const { object, why } of overbooked) note(`${object} would be overbooked: ${why}`);
  const difference = differenceOf(from, to);
  const seen = seenByTenants(from, to, avoiding.goal);
  if (json) say(JSON.stringify({ changes: difference, seen: Object.fromEntries(seen) }));
  else say(differenceText(difference, seen));
  process.exitCode = codeOf(difference);
}

/** What owners have made is in no file, and stays. */
function withNetworksOf(wanted: Config, from: Config): Config {
  const whole = carriedNetworks(wanted, from);
  if ('why' in whole) throw new Ending(exitCodes.rejected, whole.why);
  return whole;
}

/** As if it had been run: with the places that are chosen for what it leaves open. */
function earlier(file: string, folder: string): Config {
  return admitBeside(undefined, configOf(file, folder)).config;
}

/** As diff(1) and `terraform plan -detailed-exitcode` tell scripts: 0 is the same. */
function codeOf(difference: Difference): number {
  return difference.length === 0 ? 0 : exitCodes.differs;
}
