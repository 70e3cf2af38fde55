/**
 * The configuration file: YAML to a plain tree whose scalars are all strings, then slices/.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { type Config, type Problem, readConfig } from '../slices/config.ts';
import { compile, isInfeasible, nothingRemembered } from '../slices/snapshot.ts';
import { isUnix } from '../slices/target.ts';
import { nodeWorld } from './node-world.ts';
import { whyUnusable } from './tls-socket.ts';

export type ReadFile = { readonly config: Config } | { readonly problems: readonly Problem[] };

/** Reads and checks; never throws on what a person wrote. */
export function readFile(file: string): ReadFile {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    return { problems: [{ path: file, why: `cannot be read: ${messageOf(error)}` }] };
  }
  // "failsafe": every scalar stays the text that was written; 0000000000000010 is no number.
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: true });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => ({
        path: `line ${error.linePos?.[0].line ?? '?'}`,
        why: error.message.split('\n')[0] ?? 'is not YAML',
      })),
    };
  }
  let tree: unknown;
  try {
    tree = document.toJS();
  } catch (error) {
    // Aliases of aliases of aliases: small to write, too large to read.
    return { problems: [{ path: '(top)', why: `cannot be unfolded: ${messageOf(error)}` }] };
  }
  const folder = path.dirname(path.resolve(file));
  const checked = readConfig(tree, ownAddresses(), folder);
  if ('problems' in checked) return checked;
  const problems = keyProblems(checked.config);
  if (problems.length > 0) return { problems };
  const config = { ...checked.config, store: storePath(file, checked.config.store) };
  const compiled = compile(config, nothingRemembered);
  return isInfeasible(compiled) ? { problems: [{ path: 'links', why: compiled.why }] } : { config };
}

/** Keys and certificates that are missing, over, or do not fit each other: TLS fails closed. */
function keyProblems({ listen, vswitches }: Config): readonly Problem[] {
  const all = [...listen, ...vswitches.flatMap((one) => [...one.controllers, ...one.listen])];
  const wallClockMs = nodeWorld().wallClockMs();
  const files = new Set(all.flatMap((one) => (!isUnix(one) && one.tls ? [one.tls] : [])));
  return [...files].flatMap((one) => {
    const why = whyUnusable(one, wallClockMs);
    return why === undefined ? [] : [{ path: 'tls', why }];
  });
}

/** A relative store is beside the file that names it. */
function storePath(file: string, store: string): string {
  return path.resolve(path.dirname(file), store);
}

function ownAddresses(): readonly string[] {
  return Object.values(os.networkInterfaces()).flatMap((all) => (all ?? []).map((a) => a.address));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
