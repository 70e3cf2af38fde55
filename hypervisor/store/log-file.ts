/**
 * A file of commits, one behind the other, each whole or not there at all (log-format.ts).
 *
 * What is appended while a commit is on its way to the disk makes up the next one, so that one sync
 * serves everybody who waits, and only the last commit of a file can be torn. A write for which
 * there is no room may be tried again: its bytes are still here. After a failed sync nobody knows
 * what the disk has, and asking again would be answered as if all were well: such a log is broken,
 * and tells nobody that anything is durable any more.
 */
import { Writer } from '../../openflow/layout/writer.ts';
import { limits } from '../../slices/limits.ts';
import type { LogSlot } from '../world/world.ts';
import type { Disk, DiskFile } from './disk.ts';
import {
  commitHead,
  endOfCommits,
  HEAD_BYTES,
  headOf,
  payloadsIn,
  type Salt,
  saltOf,
  seal,
} from './log-format.ts';

/** Whose log it is. */
export interface LogUser {
  /** A write failed. Calls `again` when it is to be tried again, and else the log is broken. */
  onWriteFailed(log: LogFile, error: Error, again: () => void): void;
  /** A sync failed, and the log is broken. */
  onSyncFailed(log: LogFile, error: Error): void;
  /** A commit is durable. */
  onKept(log: LogFile): void;
}

interface Commit {
  /** Its own memory, and the whole commit in it; nothing when only somebody waits. */
  readonly writer: Writer;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly waiting: readonly (() => void)[];
}

export class LogFile {
  readonly #file: DiskFile;
  readonly #salt: Salt;
  readonly #user: LogUser;
  /** Where the next commit goes. */
  #end: number;
  /** When commits come so far the file is made longer. */
  #lengthenAt = 0;
  #isLengthening = false;
  /** What the next commit will hold, behind room for its head. */
  #pending = newCommit();
  /** Memory for the one after it. */
  #spare: Writer | undefined;
  #waiting: (() => void)[] = [];
  #underWay: Commit | undefined;
  #isClosed = false;
  /** Whether the disk has something to do, and with it the file. */
  #isBusy = false;

  private constructor(file: DiskFile, salt: Salt, end: number, user: LogUser) {
    this.#file = file;
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
    return this.#pending.at + (this.#underWay?.bytes.length ?? 0);
  }

  /** What every commit holds, in order; each until the next is asked for. */
  payloads(): Iterable<LogSlot> {
    return payloadsIn(this.#file, this.#end, this.#salt);
  }

  /** Part of a payload that was there when the file was opened. */
  read(into: Uint8Array, at: number): void {
    if (this.#file.read(into, at) < into.length) throw new Error('the store has become shorter');
  }

  /** `done` when it is durable, with all before it; the bytes may be used again at once. */
  append(payload: Uint8Array, done?: () => void): void {
    this.#pending.put(payload);
    if (done !== undefined) this.#waiting.push(done);
    this.#next();
  }

  /** For a log that nobody has yet: written when this returns, and durable when it is closed. */
  appendNow(payload: Uint8Array): void {
    this.#pending.put(payload);
    const commit = this.#take();
    if (commit === undefined) return;
    this.#file.writeNow(commit.bytes, commit.at);
    this.#reuse(commit.writer);
  }

  /**
   * Everything that was appended is durable when this returns; nobody is told any more. Throws when
   * it cannot be made durable.
   */
  close(): void {
    this.#isClosed = true;
    const late = this.#underWay;
    // One behind the other: else a crash might keep the last one and not the one before it.
    for (const one of [late, this.#take()]) {
      if (one === undefined || one.bytes.length === 0) continue;
      this.#file.writeNow(one.bytes, one.at);
      this.#file.syncNow();
    }
    if (this.#file.size() > this.#end) this.#file.truncate(this.#end);
    this.#file.syncNow();
    this.#closeIdle();
  }

  /** Nothing of it matters any more. */
  drop(): void {
    this.#isClosed = true;
    this.#closeIdle();
  }

  /** What the disk is about to do still needs the file. */
  #closeIdle(): void {
    if (!this.#isBusy) this.#file.close();
  }

  #next(): void {
    if (this.#underWay !== undefined || this.#isClosed) return;
    const commit = this.#take();
    if (commit === undefined) return;
    this.#underWay = commit;
    if (commit.bytes.length === 0) this.#finish();
    else {
      this.#lengthen(commit);
      this.#write(commit, 0);
    }
  }

  /**
   * A file that becomes longer with every commit has its inode synced with every commit, too, which
   * takes several times as long as the commit does: so it has zeros behind it, which are no commit.
   * For one that is large that matters little. Where zeros have no room commits have to find it.
   */
  #lengthen({ bytes }: Commit): void {
    if (this.#end < this.#lengthenAt || bytes.length > limits.smallCommitBytesMax) return;
    if (this.#isLengthening) return;
    this.#isLengthening = true;
    const { least, most } = limits.storeZerosBytes;
    const size = Math.min(most, Math.max(least, this.#end));
    this.#file.lengthen(size, (isLonger) => {
      this.#isLengthening = false;
      if (this.#isClosed) return;
      const from = isLonger ? this.#file.size() - size : this.#end;
      this.#lengthenAt = from + size / 2;
    });
  }

  /** All that waits, as one commit. */
  #take(): Commit | undefined {
    const writer = this.#pending;
    const isEmpty = writer.at === commitHead.size;
    if (isEmpty && this.#waiting.length === 0) return undefined;
    const bytes = isEmpty ? noBytes : writer.bytes.subarray(0, writer.at);
    if (!isEmpty) seal(bytes, writer.dv, this.#salt, this.#end);
    const commit = { writer, bytes, at: this.#end, waiting: this.#waiting };
    this.#pending = this.#spare ?? newCommit();
    this.#spare = undefined;
    this.#waiting = [];
    this.#end += bytes.length;
    return commit;
  }

  #write(commit: Commit, from: number): void {
    const { bytes, at } = commit;
    if (this.#isClosed) return;
    this.#isBusy = true;
    this.#file.write(bytes.subarray(from), at + from, (error, count) => {
      this.#isBusy = false;
      if (this.#isClosed) this.#file.close();
      else if (error !== null) {
        this.#user.onWriteFailed(this, error, () => this.#write(commit, from));
      } else if (from + count < bytes.length) this.#write(commit, from + count);
      else this.#sync();
    });
  }

  #sync(): void {
    this.#isBusy = true;
    this.#file.sync((error) => {
      this.#isBusy = false;
      if (this.#isClosed) this.#file.close();
      else if (error !== null) this.#user.onSyncFailed(this, error);
      else {
        this.#user.onKept(this);
        this.#finish();
      }
    });
  }

  #finish(): void {
    const { waiting, writer } = this.#underWay ?? { waiting: [], writer: undefined };
    this.#underWay = undefined;
    if (writer !== undefined) this.#reuse(writer);
    for (const done of waiting) done();
    this.#next();
  }

  #reuse(writer: Writer): void {
    if (writer.bytes.length > limits.commitBytesKeptMax) return;
    writer.reset();
    writer.claim(commitHead.size);
    this.#spare = writer;
  }
}

const noBytes = new Uint8Array(0);

function newCommit(): Writer {
  const writer = new Writer(limits.outboxBytesAtFirst);
  writer.claim(commitHead.size);
  return writer;
}
