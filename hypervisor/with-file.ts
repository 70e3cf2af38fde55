/** `limevisor run | check`: what the command line does with a configuration file. */
import fs from 'node:fs';
import path from 'node:path';
import type { Config, Problem } from '../slices/config/config.ts';
import { plural } from '../slices/plural.ts';
import { isTrouble, remedyText } from '../slices/remedy.ts';
import { checkStart, checkWith, leftOutLines } from './operator/check.ts';
import { readFile, rejectProblems } from './operator/file.ts';
import { run } from './run.ts';
import { Ending, exitCodes, say } from './world/exit-codes.ts';
import { logLevels } from './world/log.ts';

export interface RunFlags {
  readonly log: string;
  readonly newStore?: boolean;
  readonly adopt?: boolean;
}

export async function serveFile(file: string, options: RunFlags): Promise<void> {
  if (!logLevels.some((one) => one === options.log)) {
    const known = `known: ${logLevels.join(', ')}`;
    throw new Ending(exitCodes.usage, `"${options.log}" is not a log level; ${known}`);
  }
  const read = readFile(file);
  rejectProblems(file, read);
  if (options.newStore && options.adopt) {
    throw new Ending(exitCodes.usage, 'use --new-store or --adopt, not both');
  }
  const takeOver = options.newStore ? 'newStore' : options.adopt ? 'adopt' : 'none';
  if ('config' in read) await run(file, read.config, { level: options.log, takeOver });
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
  const { config } = read;
  const storeFile = store === true ? config.store : store;
  const isNamed = typeof store === 'string';
  const checked = isNamed ? checkWith(config, store) : checkStart(config, storeFile);
  const { problem, remedies, leftOut } = checked;
  // A start with an earlier store comes up with what works; a file by itself is to be whole.
  const wrong = storeFile === undefined ? remedies.filter(isTrouble).map(remedyText) : [];
  const found = [...(problem === undefined ? [] : [problem]), ...wrong].map((why) => {
    return { path: storeFile ?? '(top)', why };
  });
  const problems = [...found, ...noFolders(config)];
  const isFine = problems.length === 0;
  if (json) say(JSON.stringify({ file, ok: isFine, problems, remedies, leftOut }));
  rejectProblems(file, isFine ? read : { problems });
  if (json) return;
  const { datapaths, vswitches, hosts } = config;
  const counts = Object.entries({ datapath: datapaths, vswitch: vswitches, host: hosts });
  const texts = counts.map(([what, list]) => plural(list.length, what));
  const troubles = remedies.filter(isTrouble).length + (leftOut?.count ?? 0);
  const how = troubles === 0 ? 'is fine' : `can be run, with ${plural(troubles, 'warning')}`;
  const all = [...remedies.map(remedyText), ...leftOutLines(checked)];
  const lines = all.map((one) => `\n  ${one}`).join('');
  say(`${file} ${how}: ${texts.join(', ')}${lines}`);
}

/** Where `run` would find no folder for what it makes. */
function noFolders({ control, store }: Config): readonly Problem[] {
  return Object.entries({ control, store }).flatMap(([key, file]) => {
    const folder = path.dirname(file);
    if (fs.existsSync(folder)) return [];
    return [{ path: key, why: `there is no folder ${folder}; make it, or change "${key}"` }];
  });
}
