/**
 * The audit log has a line for each requested change: who asked for it, its result, and the values
 * before and after. It is a file beside the store, and the previous one: when both are full, the
 * older one is deleted.
 */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import type { Config, HostConfig } from '../../slices/config/values.ts';
import { endText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { messageOf } from '../world/error-text.ts';
import type { Log } from '../world/log.ts';

export interface Changed {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface AuditEntry {
  /** Milliseconds since 1970, when it was over. */
  readonly atMs: number;
  readonly by: string;
  readonly role: string;
  /** As the command line calls it: migrate, apply, makeToken, ... */
  readonly did: string;
  readonly asked: unknown;
  readonly outcome: 'done' | 'refused';
  /** Of one that was refused. */
  readonly why?: string;
  readonly changed: readonly Changed[];
}

/** What is looked for; all of it has to be so. */
export interface AuditQuery {
  readonly by?: string;
  readonly did?: string;
  /** Anywhere in the line. */
  readonly text?: string;
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly limit: number;
}

export class AuditLog {
  readonly #file: string | undefined;
  readonly #log: Log;
  readonly #recent: AuditEntry[] = [];
  #bytes = 0;

  /** Without a file, the last ones only, and as long as the process lives. */
  constructor(file: string | undefined, log: Log) {
    this.#file = file;
    this.#log = log;
    if (file !== undefined) this.#bytes = sizeOf(file);
  }

  note(entry: AuditEntry): void {
    if (this.#file === undefined) {
      this.#recent.push(entry);
      if (this.#recent.length > limits.auditRecentMax) this.#recent.shift();
      return;
    }
    const line = `${JSON.stringify(entry)}\n`;
    try {
      if (this.#bytes > limits.auditFileBytesMax) {
        fs.renameSync(this.#file, earlier(this.#file));
        this.#bytes = 0;
      }
      fs.appendFileSync(this.#file, line, { mode: 0o600 });
      this.#bytes += Buffer.byteLength(line);
    } catch (error) {
      const why = messageOf(error);
      this.#log.error({ file: this.#file, why }, 'cannot write the audit log');
    }
  }

  /** The newest of those that match, the oldest of them first. */
  async find(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    const take = (entry: AuditEntry, line: string): void => {
      if (!fits(entry, line, query)) return;
      found.push(entry);
      if (found.length > query.limit) found.shift();
    };
    for (const one of this.#recent) take(one, JSON.stringify(one));
    const files = this.#file === undefined ? [] : [earlier(this.#file), this.#file];
    for (const file of files.filter((one) => fs.existsSync(one))) {
      for await (const line of createInterface({ input: fs.createReadStream(file) })) {
        const entry = parsed(line);
        if (entry !== undefined) take(entry, line);
      }
    }
    return found;
  }
}

function fits(entry: AuditEntry, line: string, query: AuditQuery): boolean {
  const { by, did, text, sinceMs = 0, untilMs = Number.POSITIVE_INFINITY } = query;
  return (
    (by === undefined || entry.by.includes(by)) &&
    (did === undefined || entry.did === did) &&
    (text === undefined || line.includes(text)) &&
    entry.atMs >= sinceMs &&
    entry.atMs <= untilMs
  );
}

function earlier(file: string): string {
  return `${file}.1`;
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last line of a process that was killed may be cut. */
function parsed(line: string): AuditEntry | undefined {
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined; // Nobody wrote it whole, so nobody was told that it was done.
  }
}

/** What is another between two snapshots: places of vswitches and hosts, what is drained. */
export function changesBetween(before: Snapshot, after: Snapshot): readonly Changed[] {
  if (before === after) return [];
  const changed: Changed[] = [];
  const note = (what: string, was: string, is: string): void => {
    if (was !== is) changed.push({ what, before: was, after: is });
  };
  const names = new Set([...before.vswitches.keys(), ...after.vswitches.keys()]);
  for (const name of names) {
    const [was, is] = [before.placements.get(name), after.placements.get(name)];
    if (was !== is) note(name, placeText(was?.bodies), placeText(is?.bodies));
  }
  if (before.config.hosts !== after.config.hosts) {
    const [was, is] = [hostsOf(before.config), hostsOf(after.config)];
    for (const name of new Set([...was.keys(), ...is.keys()])) {
      note(`host ${name}`, was.get(name) ?? '', is.get(name) ?? '');
    }
  }
  const drained = ({ avoiding }: Snapshot): string => [...avoiding.goal].sort().join(', ');
  note('drained', drained(before), drained(after));
  return changed.slice(0, limits.auditChangesMax);
}

function placeText(bodies: readonly string[] = []): string {
  return bodies.join(' + ');
}

function hostsOf({ hosts }: Pick<Config, 'hosts'>): ReadonlyMap<string, string> {
  return new Map(hosts.map(({ name, at }: HostConfig) => [name, endText(at)]));
}
