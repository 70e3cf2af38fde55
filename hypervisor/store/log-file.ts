/**
 * A file of commits, one behind the other, each whole or not there at all (log-format.ts).
 *
 * What is appended while a commit is on its way to the disk makes up the next one, so that one sync
 * serves everybody who waits, and only the last commit of a file can be torn. Where nobody waits
 * for the disk a sync may be put off: until then what is appended makes the same commit longer, its
 * bytes first, and when they are written its head. So a killed process leaves all of what was
 * written, and when power is lost it is still the last commit alone that may be torn.
 *
 * A write for which there is no room may be tried again: its bytes are still here. After a failed
 * sync nobody knows what the disk has, and asking again would be answered as if all were well: such
 * a log is broken, and tells nobody that anything is durable any more.
 */
import type { Writer } from '../../openflow/layout/writer.ts';
import { limits } from '../../slices/limits.ts';
import type { LogSlot, World } from '../world/world.ts';
import { Commit, newPayload, type Waiting, whyNot } from './commit.ts';
import type { Disk, DiskFile } from './disk.ts';
import {
  commitHead,
  endOfCommits,
  HEAD_BYTES,
  headOf,
  isInOnePage,
  payloadsIn,
  type Salt,
  saltOf,
} from './log-format.ts';
import { LogLength } from './log-length.ts';

/** Whose log it is. */
export interface LogUser {
  /** How long a sync may be put off that nobody waits for, milliseconds; 0: no time at all. */
  readonly syncDelayMs: number;
  readonly after: World['after'];
  /** A write failed. Calls `again` when it is to be tried again, and else the log is broken. */
  onWriteFailed(log: LogFile, error: Error, again: () => void): void;
  /** A sync failed, and the log is broken. */
  onSyncFailed(log: LogFile, error: Error): void;
  /** A commit is durable. */
  onKept(log: LogFile): void;
}

export class LogFile {
  readonly #file: DiskFile;
  readonly #salt: Salt;
  readonly #user: LogUser;
  /** Where the next commit goes. */
  #end: number;
  readonly #length: LogLength;
  /** What the next commit will hold, behind room for its head. */
  #pending = newPayload();
  /** Memory for the one after it. */
  #spare: Writer | undefined;
  #waiting: Waiting[] = [];
  /** The last commit, from its first write until its sync has ended. */
  #open: Commit | undefined;
  /** Whether it is being written or synced. */
  #isUnderWay = false;
  #isSyncPlanned = false;
  #isClosed = false;
  /** Whether the disk has something to do, and with it the file. */
  #isBusy = false;

  private constructor(file: DiskFile, salt: Salt, end: number, user: LogUser) {
    this.#file = file;
    this.#length = new LogLength(file);
    this.#salt = salt;
    this.#end = end;
    this.#user = user;
  }

  /** A new file, which is durable, but for its name. Throws when it cannot be made. */
  static create(disk: Disk, path: string, salt: Salt, user: LogUser): LogFile {
    const file = disk.open(path, 'new');
    try {
      file.writeNow(headOf(salt), 0);
      file.syncNow();
      return new LogFile(file, salt, HEAD_BYTES, user);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** An existing one; a torn last commit is cut off. Throws when it is damaged. */
  static open(file: DiskFile, user: LogUser): LogFile {
    const salt = saltOf(file);
    const end = endOfCommits(file, salt);
    if (end < file.size()) {
      file.truncate(end);
      file.syncNow();
    }
    return new LogFile(file, salt, end, user);
  }

  get size(): number {
    return this.#end;
  }

  /** Bytes that wait to be written. */
  get pendingBytes(): number {
    return this.#pending.at + (this.#isUnderWay ? (this.#open?.writer.at ?? 0) : 0);
  }

  /** What every commit holds, in order; each until the next is asked for. */
  payloads(): Iterable<LogSlot> {
    return payloadsIn(this.#file, this.#end, this.#salt);
  }

  /** Part of a payload that was there when the file was opened. */
  read(into: Uint8Array, at: number): void {
    if (this.#file.read(into, at) < into.length) throw new Error('the store has become shorter');
  }

  /**
   * `done` when it is durable, with all before it; the bytes may be used again at once. With
   * `written`, which runs when it is written if the user lets syncs wait, nobody waits for the
   * disk.
   */
  append(payload: Uint8Array, done?: () => void, written?: () => void): void {
    this.#pending.put(payload);
    if (done !== undefined) this.#waiting.push({ done, written });
    this.#next();
  }

  /** For a log that nobody has yet: written when this returns, and durable when it is closed. */
  appendNow(payload: Uint8Array): void {
    this.#pending.put(payload);
    const commit = this.#take();
    this.#file.writeNow(commit.sealed(this.#salt), commit.at);
    this.#reuse(commit.writer);
  }

  /**
   * Everything that was appended is durable when this returns; nobody is told any more. Throws when
   * it cannot be made durable.
   */
  close(): void {
    this.#isClosed = true;
    this.#length.close();
    // One behind the other: else a crash might keep the last one and not the one before it.
    for (const one of [this.#open, this.#isEmpty ? undefined : this.#take()]) {
      if (one === undefined) continue;
      one.writeNow(this.#file, this.#salt);
      this.#file.syncNow();
    }
    if (this.#file.size() > this.#end) this.#file.truncate(this.#end);
    this.#file.syncNow();
    this.#closeIdle();
  }

  /** Nothing of it matters any more. */
  drop(): void {
    this.#isClosed = true;
    this.#length.close();
    this.#closeIdle();
  }

  /** What the disk is about to do still needs the file. */
  #closeIdle(): void {
    if (!this.#isBusy) this.#file.close();
  }

  get #isEmpty(): boolean {
    return this.#pending.at === commitHead.size;
  }

  #next(): void {
    if (this.#isUnderWay || this.#isClosed) return;
    if (this.#isEmpty && this.#waiting.length === 0) return;
    this.#isUnderWay = true;
    if (this.#isEmpty) this.#wrote(this.#drainWaiting());
    else if (this.#open === undefined) this.#begin();
    else if (this.#fits(this.#open)) this.#grow(this.#open);
    else this.#sync(this.#open);
  }

  /** All that waits, as a new commit. */
  #begin(): void {
    const commit = this.#take();
    this.#open = commit;
    const waiting = this.#drainWaiting();
    const bytes = commit.sealed(this.#salt);
    this.#length.grow(bytes.length, this.#end);
    this.#write(bytes, commit.at, () => this.#wrote(waiting));
  }

  /** Whether all that waits may be part of this commit: none is too long to be sealed again. */
  #fits({ writer, at }: Commit): boolean {
    return writer.at + this.#pending.at <= limits.growingCommitBytesMax && isInOnePage(at);
  }

  /**
   * All that waits, at the end of the commit. Its head follows when that is written, by a write
   * that no kill divides: in one page, over what is there.
   */
  #grow(commit: Commit): void {
    const { writer, at } = commit;
    const from = writer.at;
    writer.put(this.#pending.bytes.subarray(commitHead.size, this.#pending.at));
    this.#end += writer.at - from;
    this.#pending.reset();
    this.#pending.claim(commitHead.size);
    const waiting = this.#drainWaiting();
    const bytes = commit.sealed(this.#salt);
    this.#length.grow(bytes.length - from, this.#end);
    this.#write(bytes.subarray(from), at + from, () => {
      this.#writeHead(bytes.subarray(0, commitHead.size), at, waiting);
    });
  }

  /** What waits gets its place, behind all there is. */
  #take(): Commit {
    const commit = new Commit(this.#pending, this.#end);
    this.#end += commit.writer.at;
    this.#pending = this.#spare ?? newPayload();
    this.#spare = undefined;
    return commit;
  }

  #drainWaiting(): readonly Waiting[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  #write(bytes: Uint8Array, at: number, done: () => void): void {
    if (this.#isClosed) return;
    this.#isBusy = true;
    this.#file.write(bytes, at, (error, count) => {
      this.#isBusy = false;
      if (this.#isClosed) this.#file.close();
      else if (error !== null) {
        this.#user.onWriteFailed(this, error, () => this.#write(bytes, at, done));
      } else if (count < bytes.length) this.#write(bytes.subarray(count), at + count, done);
      else done();
    });
  }

  /** Over another, at once: this costs a few microseconds, where another turn costs hundreds. */
  #writeHead(head: Uint8Array, at: number, waiting: readonly Waiting[]): void {
    if (this.#isClosed) return;
    const why = whyNot(() => this.#file.writeNow(head, at));
    if (why === undefined) this.#wrote(waiting);
    else this.#user.onWriteFailed(this, why, () => this.#writeHead(head, at, waiting));
  }

  /** All that these waited for is written; without a commit all of it is durable. */
  #wrote(waiting: readonly Waiting[]): void {
    const commit = this.#open;
    if (commit === undefined) {
      this.#isUnderWay = false;
      for (const { done } of waiting) done();
      this.#next();
      return;
    }
    for (const one of waiting) commit.waiting.push(one);
    const { syncDelayMs } = this.#user;
    const isAwaited = waiting.some(({ written }) => written === undefined);
    const isNow = syncDelayMs === 0 || isAwaited || commit.isLong || commit.isDue;
    if (isNow) this.#sync(commit);
    if (syncDelayMs > 0) for (const { written } of waiting) written?.();
    if (isNow) return;
    if (!this.#isSyncPlanned) this.#user.after(syncDelayMs, () => this.#syncDue());
    this.#isSyncPlanned = true;
    this.#isUnderWay = false;
    this.#next();
  }

  /** What has been put off is put off no longer. */
  #syncDue(): void {
    this.#isSyncPlanned = false;
    const commit = this.#open;
    if (commit === undefined || this.#isClosed) return;
    commit.isDue = true;
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    this.#sync(commit);
  }

  #sync(commit: Commit): void {
    this.#isBusy = true;
    this.#file.sync((error) => {
      this.#isBusy = false;
      if (this.#isClosed) this.#file.close();
      else if (error !== null) this.#user.onSyncFailed(this, error);
      else {
        this.#user.onKept(this);
        this.#finish(commit);
      }
    });
  }

  #finish({ writer, waiting }: Commit): void {
    this.#open = undefined;
    this.#isUnderWay = false;
    this.#reuse(writer);
    for (const { done } of waiting) done();
    this.#next();
  }

  #reuse(writer: Writer): void {
    if (writer.bytes.length > limits.commitBytesKeptMax) return;
    writer.reset();
    writer.claim(commitHead.size);
    this.#spare = writer;
  }
}
