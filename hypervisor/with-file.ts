/**
 * `limevisor run | check`: the commands that read a configuration file.
 */
import { type Problem, problemText } from '../slices/config/config.ts';
import { smallLinks } from '../slices/config/links.ts';
import { plural } from '../slices/plural.ts';
import { isTrouble, type Remedy, remedyText } from '../slices/remedy.ts';
import { checkStart, checkWith, leftOutLines } from './operator/check.ts';
import { missingProofs, whyNotHere } from './operator/check-places.ts';
import { readFile, rejectProblems } from './operator/file.ts';
import { run } from './run.ts';
import { Ending, exitCodes, say } from './world/exit-codes.ts';
import { logFormats } from './world/log.ts';
import { logLevels } from './world/log-levels.ts';

export interface RunFlags {
  readonly log: string;
  readonly logFormat: string;
  readonly newStore?: boolean;
  readonly adopt?: boolean;
}

export async function serveFile(file: string, options: RunFlags): Promise<void> {
  if (!logLevels.some((one) => one === options.log)) {
    const known = `known: ${logLevels.join(', ')}`;
    throw new Ending(exitCodes.usage, `"${options.log}" is not a log level; ${known}`);
  }
  const format = logFormats.find((one) => one === options.logFormat);
  if (format === undefined) {
    const known = `known: ${logFormats.join(', ')}`;
    throw new Ending(exitCodes.usage, `"${options.logFormat}" is not a log format; ${known}`);
  }
  const read = readFile(file);
  rejectProblems(file, read);
  if (options.newStore && options.adopt) {
    throw new Ending(exitCodes.usage, 'use --new-store or --adopt, not both');
  }
  const takeOver = options.newStore ? 'newStore' : options.adopt ? 'adopt' : 'none';
  if ('config' in read) await run(file, read.config, { level: options.log, format, takeOver });
}

export interface CheckOptions {
  readonly json?: boolean;
  /** True: the one that the file names. */
  readonly store?: string | true;
}

export function check(file: string, { json, store }: CheckOptions): void {
  const read = readFile(file);
  if ('problems' in read) {
    if (json) say(JSON.stringify({ file, ok: false, problems: read.problems, remedies: [] }));
    rejectProblems(file, read);
    return;
  }
  const { config, placed } = read;
  const storeFile = store === true ? config.store : store;
  const isNamed = typeof store === 'string';
  const places = whyNotHere(config, file);
  const proofs = missingProofs(config);
  // What is no store at all would not be read.
  const isReadable = !places.some((one) => one.path === 'store');
  const checked = isNamed
    ? checkWith(config, store)
    : checkStart(config, isReadable ? storeFile : undefined);
  const { problem, remedies, leftOut } = checked;
  // A start with an earlier store comes up with what works; a file by itself is to be whole.
  const isAlone = storeFile === undefined;
  const wrong = isAlone ? remedies.filter(isTrouble).map(remedyProblem) : [];
  const problems = [
    ...(problem === undefined ? [] : [{ path: storeFile ?? '(top)', why: problem }]),
    ...wrong,
    ...places,
    ...(isAlone ? proofs : []),
  ].map(placed);
  const isFine = problems.length === 0;
  const tooSmall = smallLinks(config);
  const small = tooSmall.length === 0 ? undefined : tooSmall;
  if (json) say(JSON.stringify({ file, ok: isFine, problems, remedies, leftOut, tooSmall: small }));
  rejectProblems(file, isFine ? read : { problems });
  if (json) return;
  const { datapaths, vswitches, hosts } = config;
  const counts = Object.entries({ datapath: datapaths, vswitch: vswitches, host: hosts });
  const texts = counts.map(([what, list]) => plural(list.length, what));
  const notYet = isAlone ? [] : proofs.map(problemText);
  const warned = [...notYet, ...tooSmall];
  const troubles = remedies.filter(isTrouble).length + (leftOut?.count ?? 0) + warned.length;
  const how = troubles === 0 ? 'is fine' : `can be run, with ${plural(troubles, 'warning')}`;
  const all = [...remedies.map(remedyText), ...leftOutLines(checked), ...warned];
  const lines = all.map((one) => `\n  ${one}`).join('');
  say(`${file} ${how}: ${texts.join(', ')}${lines}`);
}

/** Of a vswitch, or its port, the place in the file; of a datapath, too. */
function remedyProblem(remedy: Remedy): Problem {
  const [, tenant, vswitch] = /^([^ /]+)\/([^ /]+)/.exec(remedy.object) ?? [];
  const isVswitch = tenant !== undefined && vswitch !== undefined;
  return {
    path: isVswitch ? `tenants.${tenant}.vswitches.${vswitch}` : '(top)',
    why: remedyText(remedy),
  };
}
