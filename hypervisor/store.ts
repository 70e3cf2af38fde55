/**
 * The embedded store: a log that is synced at every commit, and made anew when it has grown
 * (DESIGN 8). What the entries mean is the ledger's.
 *
 * Under kill -9 and power loss nothing that `append` reported durable is lost. While a smaller log
 * is being made, what is appended goes into both; one rename makes the new one the store.
 */
import fs from 'node:fs';
import path from 'node:path';
import { LogFile } from './log-file.ts';
import { lockStore } from './store-lock.ts';
import type { Rewriting, Store } from './world.ts';

/**
 * Opens or makes the file; throws with what to do when it is not ours or is in use. `random` is at
 * least 0, less than 1.
 */
export function openStore(file: string, random: () => number): Store {
  try {
    return new LogStore(file, random);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot open the store ${file}: ${hintFor(file, why)}`);
  }
}

/** An empty store that keeps nothing. */
export const noStore: Store = {
  load: () => [],
  append: (_, done) => done(),
  size: () => 0,
  rewrite: () => ({ add: () => undefined, finish: (done) => done() }),
  close: () => undefined,
};

/** What a store holds, which may be in use: nothing is written, and nothing locked. */
export function readStore(file: string): Store {
  try {
    const log = LogFile.open(file, 'r');
    return { ...noStore, load: () => log.payloads(), close: () => log.leave() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read the store ${file}: ${hintFor(file, why)}`);
  }
}

/** Why no store can be made there; undefined when it can. */
export function whyNoStore(file: string): string | undefined {
  const folder = path.dirname(file);
  if (!fs.existsSync(folder)) return `cannot make the store ${file}: ${hintFor(file, '')}`;
  return undefined;
}

function hintFor(file: string, why: string): string {
  if (why.startsWith('another limevisor')) return why;
  const name = 'name another under "store"';
  if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) return `a folder; ${name}`;
  const folder = path.dirname(file);
  if (!fs.existsSync(folder)) return `there is no folder ${folder}; make it, or ${name}`;
  return `${why}; ${name}`;
}

class LogStore implements Store {
  readonly #file: string;
  readonly #random: () => number;
  readonly #unlock: () => void;
  #log: LogFile;
  /** The smaller log while it is made; from `finish` on, what waits for it to be the store. */
  #fresh: LogFile | undefined;
  #held: (() => void)[] | undefined;
  #isClosed = false;

  constructor(file: string, random: () => number) {
    this.#file = file;
    this.#random = random;
    this.#unlock = lockStore(file);
    try {
      fs.rmSync(this.#freshFile, { force: true });
      this.#log = fs.existsSync(file) ? LogFile.open(file) : this.#create(file);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  load(): Iterable<Uint8Array> {
    return this.#log.payloads();
  }

  size(): number {
    return this.#log.size;
  }

  append(entries: Uint8Array, done: () => void): void {
    if (this.#held === undefined) {
      this.#fresh?.append(entries);
      this.#log.append(entries, done);
      return;
    }
    this.#fresh?.append(entries);
    this.#held.push(done);
  }

  rewrite(): Rewriting {
    const fresh = LogFile.create(this.#freshFile, this.#salt());
    this.#fresh = fresh;
    return {
      add: (entries) => fresh.append(entries),
      finish: (done) => {
        // From here on the new log is the one that counts; it is not yet where a start looks.
        this.#held = [done];
        fresh.append(new Uint8Array(0), () => this.#replace(fresh));
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#fresh?.close();
    this.#log.close();
    if (this.#held !== undefined) this.#rename();
    this.#unlock();
  }

  get #freshFile(): string {
    return `${this.#file}.new`;
  }

  #salt(): number {
    return Math.floor(this.#random() * 0x1_0000_0000);
  }

  #create(file: string): LogFile {
    const log = LogFile.create(file, this.#salt());
    syncFolderOf(file);
    return log;
  }

  /** The new log holds all that the old one does, on disk. */
  #replace(fresh: LogFile): void {
    if (this.#isClosed) return;
    this.#rename();
    const old = this.#log;
    const held = this.#held ?? [];
    this.#log = fresh;
    this.#fresh = undefined;
    this.#held = undefined;
    old.append(new Uint8Array(0), () => old.close());
    // What came meanwhile is durable when the log is, up to here.
    fresh.append(new Uint8Array(0), () => {
      for (const done of held) done();
    });
  }

  #rename(): void {
    fs.renameSync(this.#freshFile, this.#file);
    syncFolderOf(this.#file);
  }
}

/** Makes a file's name durable. */
function syncFolderOf(file: string): void {
  const folder = fs.openSync(path.dirname(file), 'r');
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}
