/**
 * The logins of `limevisor login`: addresses of Limevisors elsewhere, with a token and the
 * certificate that each showed, in a file of the user's own (mode 0600).
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { noSuchText } from '../../slices/near-names.ts';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes } from '../world/exit-codes.ts';

export interface Remote {
  /** `https://192.0.2.1:8643`. */
  readonly url: string;
  readonly token: string;
  /** What the server showed at the login, as PEM: it has to show the same again. */
  readonly certificate?: string;
}

interface Contexts {
  /** The one that is used where nothing is said. */
  readonly current?: string;
  readonly remotes: Readonly<Record<string, Remote>>;
}

function fileOf(): string {
  const home = process.env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config');
  return path.join(home, 'limevisor', 'contexts.json');
}

/** Empty when there is none yet. */
export function readContexts(): Contexts {
  const file = fileOf();
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { remotes: {} };
    throw new Ending(exitCodes.failed, `${file} cannot be read: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(text) as Contexts;
  } catch {
    const hint = 'delete it, and log in again';
    throw new Ending(exitCodes.failed, `${file} is no file of contexts; ${hint}`);
  }
}

export function writeContexts(contexts: Contexts): string {
  const file = fileOf();
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.new`;
  fs.rmSync(next, { force: true });
  fs.writeFileSync(next, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  fs.renameSync(next, file);
  return file;
}

/** What the client goes by instead of a socket's path: `context:NAME`. */
const PREFIX = 'context:';

export function contextAt(name: string): string {
  return PREFIX + name;
}

export function isElsewhere(at: string): boolean {
  return at.startsWith(PREFIX);
}

/** Undefined when `at` is a socket's path. */
export function remoteAt(at: string): Remote | undefined {
  if (!isElsewhere(at)) return undefined;
  const name = at.slice(PREFIX.length);
  const { remotes } = readContexts();
  const found = Object.hasOwn(remotes, name) ? remotes[name] : undefined;
  if (found !== undefined) return found;
  const why = noSuchText('context', name, Object.keys(remotes));
  throw new Ending(exitCodes.usage, `${why}; "limevisor login URL" makes one`);
}
