/**
 * The embedded store: a log that is synced at every commit, or a moment later if the file says so,
 * and written anew when it has grown (DESIGN 8). The journal knows what the entries mean.
 *
 * Under kill -9 and power loss nothing that `append` reported durable is lost, and under kill -9
 * nothing that it reported written. While a smaller log
 * is being made, what is appended goes into both; one rename makes the new one the store.
 *
 * When the disk fails: what finds no room waits, and is tried again; after any other failure
 * nothing is reported durable any more, and whoever watches is told to end. A smaller log that
 * cannot be made is given up: the old one has everything.
 */
import path from 'node:path';
import type { StoreSync } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import { openLog as operatorsLog } from '../world/log.ts';
import { nodeWorld } from '../world/node-world.ts';
import type { LogSlot, Rewriting, Store, StoreWatcher, World } from '../world/world.ts';
import { type Disk, isFull } from './disk.ts';
import { LogFile, type LogUser } from './log-file.ts';
import type { Salt } from './log-format.ts';
import { nodeDisk } from './node-disk.ts';
import { lockStore } from './store-lock.ts';
import {
  hintFor,
  lookAt,
  openLog,
  readLog,
  renameIntoPlace,
  type StorePlace,
} from './store-opening.ts';
import {
  type StoreUser,
  storeWatcher,
  syncDelayOf,
  throwing,
  whyNotDurable,
} from './store-watcher.ts';

/** What a store is on. */
export interface StoreGround {
  readonly disk: Disk;
  /** Takes the file for this process; how to give it back. */
  readonly lock: (file: string) => () => void;
  readonly after: World['after'];
  /** When it is synced at first; absent: always. */
  readonly sync?: StoreSync;
}

/** This machine. */
export function ownGround(sync: StoreSync = 'always'): StoreGround {
  return { disk: nodeDisk, lock: lockStore, after: nodeWorld().after, sync };
}

/**
 * Opens or makes the file; throws with what to do when it is not ours or is in use. `random` is at
 * least 0, less than 1.
 */
export function openStore(file: string, random: () => number, on = ownGround()): Store {
  try {
    return new LogStore(file, random, on);
  } catch (error) {
    throw new Error(`cannot open the store ${file}: ${hintFor(on.disk, file, error)}`);
  }
}

/** Takes away a store that was made for nothing: its `limevisor run` did not come to serve. */
export function removeStore(file: string): void {
  for (const name of [file, `${file}.new`, `${file}.lock`]) nodeDisk.remove(name);
}

/** An empty store that keeps nothing. */
export const noStore: Store = {
  watch: () => undefined,
  follow: () => undefined,
  scan: () => [],
  read: () => undefined,
  append: (_, done) => done(),
  size: () => 0,
  pendingBytes: () => 0,
  rewrite() {
    throw new Error('a store that keeps nothing never grows');
  },
  close: () => undefined,
};

/** What a store holds, which may be in use: nothing is written, and nothing locked. */
export function readStore(file: string): Store {
  try {
    const { scan, read, close } = readLog(nodeDisk, file);
    return { ...noStore, scan, read, close };
  } catch (error) {
    throw new Error(`cannot read the store ${file}: ${hintFor(nodeDisk, file, error)}`);
  }
}

/** Why a file cannot be opened as a store, as far as its beginning says. */
export function whyNotOpened(file: string): string | undefined {
  try {
    lookAt(nodeDisk, file);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Why no store can be made there; undefined when it can. */
export function whyNoStore(file: string): string | undefined {
  if (nodeDisk.exists(path.dirname(file))) return undefined;
  return `cannot make the store ${file}: ${hintFor(nodeDisk, file, '')}`;
}

/** What was appended while the smaller log is about to become the store. */
interface InBoth {
  isOld: boolean;
  isFresh: boolean;
  readonly done: () => void;
}

const nobody: StoreUser = { alarm: () => undefined, storeWaits: undefined };

class LogStore implements Store, LogUser {
  readonly #at: StorePlace;
  readonly after: World['after'];
  syncDelayMs: number;
  readonly #unlock: () => void;
  /** Until somebody else watches, what goes wrong is at least said. */
  #watcher: StoreWatcher = storeWatcher(operatorsLog('info'), nobody, throwing);
  readonly #log: { file: LogFile };
  /** The smaller log while it is made; once it has all that matters, who waits for that. */
  #fresh: LogFile | undefined;
  #finish: ((isMade: boolean) => void) | undefined;
  readonly #inBoth = new Set<InBoth>();
  #isOver = false;
  #isWaiting = false;

  constructor(file: string, random: () => number, { disk, lock, after, sync }: StoreGround) {
    const word = (): number => Math.floor(random() * 0x1_0000_0000);
    const salt = (): Salt => ({ payload: word(), head: word() });
    this.#at = { disk, file, freshFile: `${file}.new`, salt };
    this.after = after;
    this.syncDelayMs = syncDelayOf(sync);
    this.#unlock = lock(file);
    try {
      this.#log = { file: openLog(this.#at, this) };
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  watch(watcher: StoreWatcher): void {
    this.#watcher = watcher;
  }

  follow(sync: StoreSync): void {
    this.syncDelayMs = syncDelayOf(sync);
  }

  scan(): Iterable<LogSlot> {
    return this.#log.file.payloads();
  }

  read(into: Uint8Array, at: number): void {
    this.#log.file.read(into, at);
  }

  size(): number {
    return this.#log.file.size;
  }

  pendingBytes(): number {
    return this.#log.file.pendingBytes;
  }

  /** While the new log becomes the store everybody waits for the disk. */
  append(entries: Uint8Array, done: () => void, written?: () => void): void {
    if (this.#isOver) return;
    const { file } = this.#log;
    if (this.#finish === undefined) {
      this.#fresh?.append(entries);
      file.append(entries, done, written);
      return;
    }
    const one: InBoth = { isOld: false, isFresh: false, done };
    this.#inBoth.add(one);
    this.#fresh?.append(entries, () => this.#note(one, { isOld: one.isOld, isFresh: true }));
    file.append(entries, () => this.#note(one, { isOld: true, isFresh: one.isFresh }));
  }

  rewrite(): Rewriting {
    const fresh = this.#begin();
    const isGivenUp = (): boolean => fresh === undefined || this.#fresh !== fresh;
    return {
      add: (entries) => {
        if (!isGivenUp()) fresh?.append(entries);
      },
      isGivenUp,
      giveUp: (why) => {
        if (!isGivenUp()) this.#giveUp(new Error(why));
      },
      pendingBytes: () => fresh?.pendingBytes ?? 0,
      finish: (done) => {
        if (fresh === undefined || isGivenUp()) done(false);
        else {
          this.#finish = done;
          fresh.append(new Uint8Array(0), () => this.#replace(fresh));
        }
      },
    };
  }

  close(): void {
    const wasOver = this.#isOver;
    this.#isOver = true;
    this.#dropFresh();
    try {
      if (wasOver) this.#log.file.drop();
      else this.#log.file.close();
    } catch (error) {
      const why = `what was not acknowledged yet is lost: ${messageOf(error)}`;
      throw new Error(`the store ${this.#at.file} could not be closed cleanly; ${why}`);
    } finally {
      this.#unlock();
    }
  }

  onWriteFailed(log: LogFile, error: Error, again: () => void): void {
    if (this.#isOver) return;
    const { file } = this.#at;
    if (log === this.#fresh) this.#giveUp(error);
    else if (log !== this.#log.file) log.drop();
    else if (!isFull(error)) this.#fail(`the store ${file} cannot be written: ${messageOf(error)}`);
    else {
      if (!this.#isWaiting) {
        this.#isWaiting = true;
        this.#watcher.onFull(`there is no room for the store ${file}: ${messageOf(error)}`);
      }
      this.after(limits.storeRetryMs, again);
    }
  }

  onSyncFailed(log: LogFile, error: Error): void {
    if (this.#isOver) return;
    if (log === this.#fresh) this.#giveUp(error);
    else if (log !== this.#log.file) log.drop();
    else this.#fail(whyNotDurable(this.#at.file, this.syncDelayMs, error));
  }

  onKept(log: LogFile): void {
    if (!this.#isWaiting || log !== this.#log.file) return;
    this.#isWaiting = false;
    this.#watcher.onRoom();
  }

  /** The smaller log; nothing when it cannot be made. */
  #begin(): LogFile | undefined {
    const { disk, freshFile, salt } = this.#at;
    try {
      this.#fresh = LogFile.create(disk, freshFile, salt(), this);
    } catch (error) {
      this.#giveUp(error);
    }
    return this.#fresh;
  }

  #note(one: InBoth, { isOld, isFresh }: Omit<InBoth, 'done'>): void {
    one.isOld = isOld;
    one.isFresh = isFresh;
    if (isOld && isFresh && this.#inBoth.delete(one) && !this.#isOver) one.done();
  }

  /** The new log holds all that the old one does, and what was reported since, on disk. */
  #replace(fresh: LogFile): void {
    if (this.#isOver || this.#fresh !== fresh) return;
    try {
      renameIntoPlace(this.#at);
    } catch (error) {
      // Which of the two has the name now, and after a crash, is not known.
      this.#fail(`the store ${this.#at.file} cannot be replaced: ${messageOf(error)}`);
      return;
    }
    const old = this.#log.file;
    const done = this.#finish;
    this.#log.file = fresh;
    this.#fresh = undefined;
    this.#finish = undefined;
    old.append(new Uint8Array(0), () => old.drop());
    for (const one of [...this.#inBoth]) this.#note(one, { isOld: true, isFresh: one.isFresh });
    done?.(true);
  }

  #giveUp(error: unknown): void {
    const done = this.#finish;
    this.#dropFresh();
    this.#watcher.onGivenUp(`${this.#at.freshFile} cannot be made: ${messageOf(error)}`);
    for (const one of [...this.#inBoth]) this.#note(one, { isOld: one.isOld, isFresh: true });
    done?.(false);
  }

  #dropFresh(): void {
    this.#fresh?.drop();
    this.#fresh = undefined;
    this.#finish = undefined;
    this.#at.disk.remove(this.#at.freshFile);
  }

  #fail(why: string): void {
    this.#isOver = true;
    this.#watcher.onFailure(why);
  }
}
