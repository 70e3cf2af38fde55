/**
 * The configuration file: YAML to a plain tree whose scalars are all strings, then slices/.
 */
import fs from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { type Config, type Problem, readConfig } from '../../slices/config/config.ts';
import { isUnix } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import { plural } from '../../slices/plural.ts';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes } from '../world/exit-codes.ts';
import { ownAddresses } from '../world/local-addresses.ts';
import { nodeWorld } from '../world/node-world.ts';
import { whyUnusable } from '../world/tls-socket.ts';
import { FilePlaces, type FileProblem, firstProblems } from './file-places.ts';
import { repeatedKeys, yamlProblem } from './yaml-words.ts';

/** `placed` finds the line of a problem that is found later. */
export type ReadFile =
  | { readonly config: Config; placed(problem: Problem): FileProblem }
  | Problems;

interface Problems {
  readonly problems: readonly FileProblem[];
}

/** "failsafe": every scalar stays the text that was written; 0000000000000010 is no number. */
const yamlOptions = {
  schema: 'failsafe',
  // repeatedKeys: the library compares each key with all others.
  uniqueKeys: false,
  resolveKnownTags: false,
  logLevel: 'error',
} as const;

/**
 * Reads and checks; never throws on what a person wrote. Relative paths in it are those of
 * `folder`: where the file is, unless told otherwise. `said`: what stands in it, if that is known.
 */
export function readFile(
  file: string,
  folder = path.dirname(path.resolve(file)),
  said?: string,
): ReadFile {
  const yaml = readYaml(file, said);
  if ('problems' in yaml) return yaml;
  const { tree, placed } = yaml;
  const read = readTree(tree, folder);
  return 'problems' in read ? { problems: read.problems.map(placed) } : { ...read, placed };
}

/** A file of ours as a tree, whatever it is about; never throws on what a person wrote. */
export function readYaml(
  file: string,
  said?: string,
): { readonly tree: unknown; placed(problem: Problem): FileProblem } | Problems {
  let text: string;
  try {
    text = said ?? readText(file);
  } catch (error) {
    return { problems: [{ path: file, why: `cannot be read: ${messageOf(error)}` }] };
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...yamlOptions, lineCounter });
  const places = new FilePlaces(document, lineCounter, text);
  const troubles = [...document.errors, ...document.warnings];
  const tooDeep = troubles.find(({ message }) => /call stack/.test(message));
  if (tooDeep !== undefined) return { problems: [places.atLine(yamlProblem(tooDeep))] };
  const mistakes = firstMistakes(troubles.map(yamlProblem));
  const problems = mistakes.length > 0 ? mistakes : repeatedKeys(document, lineCounter);
  if (problems.length > 0) return { problems: problems.map((one) => places.atLine(one)) };
  if (document.contents === null) {
    const why = 'is empty; copy the first file of docs/GUIDE.md';
    return { problems: [{ path: '(top)', why }] };
  }
  try {
    return { tree: document.toJS(), placed: (problem) => places.placed(problem) };
  } catch {
    // Aliases of aliases of aliases: small to write, too large to read.
    const why = 'has aliases (*NAME) that repeat too much; write the values where they belong';
    return { problems: [{ path: '(top)', why }] };
  }
}

/** One for a line, and few: a bracket too many makes a mistake of each line behind it. */
function firstMistakes(problems: readonly Problem[]): readonly Problem[] {
  const lines = new Map<string, Problem>();
  for (const one of problems) if (!lines.has(one.path)) lines.set(one.path, one);
  return [...lines.values()].slice(0, limits.yamlMistakesMax);
}

/** The same of a file as a tree. */
export function readTree(
  tree: unknown,
  folder: string,
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const checked = readConfig(tree, ownAddresses(), folder);
  if ('problems' in checked) return checked;
  const wrongKeys = keyProblems(checked.config);
  if (wrongKeys.length > 0) return { problems: wrongKeys };
  return { config: { ...checked.config, store: path.resolve(folder, checked.config.store) } };
}

/** A file with problems ends the command with them. */
export function rejectProblems(file: string, read: ReadFile): void {
  if (!('problems' in read)) return;
  const list = firstProblems(read.problems).map((one) => `\n  ${one}`);
  const count = plural(read.problems.length, 'problem');
  throw new Ending(exitCodes.rejected, `${file} has ${count}:${list.join('')}`);
}

/** As `readFile`, where a file with problems ends the command. */
export function configOf(file: string, folder?: string): Config {
  const read = readFile(file, folder);
  rejectProblems(file, read);
  if ('problems' in read) throw new Error(`${file} has problems`);
  return read.config;
}

/** At most what a person would write: no binary file is YAML. */
function readText(file: string): string {
  const text = textIn(file, limits.fileBytesMax, 'a configuration file');
  const lines = text.split('\n');
  const line = lines.findIndex((one) => [...one].some(isControl)) + 1;
  if (line > 0)
    throw new Error(`line ${line} has a control character; save the file as plain text`);
  return text;
}

/** Of any file: /dev/zero is read no further. `what` it should be is for people. */
export function textIn(file: string, bytesMax: number, what: string): string {
  const from = fs.openSync(file, 'r');
  const chunks: Buffer[] = [];
  try {
    for (let size = 0; size <= bytesMax; ) {
      const chunk = Buffer.alloc(65_536);
      const got = fs.readSync(from, chunk);
      if (got === 0) return textOf(Buffer.concat(chunks));
      chunks.push(chunk.subarray(0, got));
      size += got;
    }
  } finally {
    fs.closeSync(from);
  }
  throw new Error(`it has more than ${bytesMax} bytes, too many for ${what}`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('it is not UTF-8 text; save it as UTF-8');
  }
}

function isControl(character: string): boolean {
  return character < ' ' && character !== '\t' && character !== '\r';
}

/** Keys and certificates that are missing, over, or do not fit each other: TLS fails closed. */
function keyProblems({ listen, api, vswitches, quotas }: Config): readonly Problem[] {
  const theirs = vswitches.flatMap((one) => [...one.controllers, ...one.listen]);
  const all = [...listen, ...api, ...theirs];
  const wallClockMs = nodeWorld().wallClockMs();
  const files = new Set(all.flatMap((one) => (!isUnix(one) && one.tls ? [one.tls] : [])));
  for (const { tls } of quotas.values()) if (tls !== undefined) files.add(tls);
  return [...files].flatMap((one) => {
    const why = whyUnusable(one, wallClockMs);
    return why === undefined ? [] : [{ path: 'tls', why }];
  });
}
