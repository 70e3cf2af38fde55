/**
 * A file of commits, one behind the other, each whole or not there at all.
 *
 *   'limevisor log 1\n', salt     then for each commit:   mark, size, checksum, payload
 *
 * What is appended while a commit is on its way to the disk makes up the next one, so that one sync
 * serves everybody who waits, and only the last commit of a file can be torn. The salt is a secret
 * of the file: no tenant can put bytes into a rule that look like a commit.
 */
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { layout, u32 } from '../openflow/layout.ts';
import { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';

const MAGIC = Buffer.from('limevisor log 1\n');
const HEAD_BYTES = MAGIC.length + 4;
const MARK = 0x4c696d65;
const commitHead = layout('Commit', { mark: u32, size: u32, checksum: u32 });

interface Commit {
  /** Its own memory, and the whole commit in it; nothing when only somebody waits. */
  readonly writer: Writer;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly waiting: readonly (() => void)[];
}

export class LogFile {
  readonly #fd: number;
  readonly #salt: number;
  /** Where the next commit goes. */
  #end: number;
  /** What the next commit will hold, behind room for its head. */
  #pending = newCommit();
  /** Memory for the one after it. */
  #spare: Writer | undefined;
  #waiting: (() => void)[] = [];
  #underWay: Commit | undefined;
  #isClosed = false;

  private constructor(fd: number, salt: number, end: number) {
    this.#fd = fd;
    this.#salt = salt;
    this.#end = end;
  }

  /** A new file; `salt` has 32 bits. */
  static create(path: string, salt: number): LogFile {
    const fd = fs.openSync(path, 'w+', 0o600);
    const head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(head);
    head.writeUInt32BE(salt, MAGIC.length);
    fs.writeSync(fd, head, 0, head.length, 0);
    fs.fsyncSync(fd);
    return new LogFile(fd, salt, HEAD_BYTES);
  }

  /**
   * An existing one; a torn last commit is cut off, unless it is only to be read. Throws when it is
   * no such file, or damaged.
   */
  static open(path: string, mode: 'r+' | 'r' = 'r+'): LogFile {
    const fd = fs.openSync(path, mode);
    try {
      const head = read(fd, 0, HEAD_BYTES);
      if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it is not a store');
      const salt = head.readUInt32BE(MAGIC.length);
      const { size } = fs.fstatSync(fd);
      let end = HEAD_BYTES;
      for (let at = end; at !== undefined && at < size; ) {
        const payload = readCommit(fd, at, salt);
        if (payload === undefined) break;
        at += commitHead.size + payload.length;
        end = at;
      }
      if (hasCommitAfter(fd, end, size, salt)) throw new Error(`it is damaged at byte ${end}`);
      if (end < size && mode === 'r+') fs.ftruncateSync(fd, end);
      return new LogFile(fd, salt, end);
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  get size(): number {
    return this.#end;
  }

  /** Of one that was opened to be read. */
  leave(): void {
    fs.closeSync(this.#fd);
  }

  /** What every commit holds, in order. */
  *payloads(): Iterable<Uint8Array> {
    for (let at = HEAD_BYTES; at < this.#end; ) {
      const payload = readCommit(this.#fd, at, this.#salt);
      if (payload === undefined) throw new Error(`the store is damaged at byte ${at}`);
      yield payload;
      at += commitHead.size + payload.length;
    }
  }

  /** `done` when it is durable, with all before it; the bytes may be used again at once. */
  append(payload: Uint8Array, done?: () => void): void {
    this.#pending.put(payload);
    if (done !== undefined) this.#waiting.push(done);
    this.#next();
  }

  /** Everything that was appended is durable when this returns; nobody is told any more. */
  close(): void {
    this.#isClosed = true;
    const late = this.#underWay;
    const last = this.#take();
    for (const one of [late, last]) {
      if (one !== undefined) fs.writeSync(this.#fd, one.bytes, 0, one.bytes.length, one.at);
    }
    fs.fdatasyncSync(this.#fd);
    // What is under way still needs the descriptor.
    if (late === undefined) fs.closeSync(this.#fd);
  }

  #next(): void {
    if (this.#underWay !== undefined) return;
    const commit = this.#take();
    if (commit === undefined) return;
    this.#underWay = commit;
    if (commit.bytes.length === 0) this.#finish();
    else this.#write(commit, 0);
  }

  /** All that waits, as one commit. */
  #take(): Commit | undefined {
    const writer = this.#pending;
    const isEmpty = writer.at === commitHead.size;
    if (isEmpty && this.#waiting.length === 0) return undefined;
    const bytes = isEmpty ? noBytes : sealed(writer, this.#salt);
    const commit = { writer, bytes, at: this.#end, waiting: this.#waiting };
    this.#pending = this.#spare ?? newCommit();
    this.#spare = undefined;
    this.#waiting = [];
    this.#end += bytes.length;
    return commit;
  }

  #write({ bytes, at }: Commit, from: number): void {
    fs.write(this.#fd, bytes, from, bytes.length - from, at + from, (error, count) => {
      if (error !== null) throw new Error(`cannot write the store: ${error.message}`);
      const commit = this.#underWay;
      if (commit !== undefined && from + count < bytes.length) this.#write(commit, from + count);
      else fs.fdatasync(this.#fd, (trouble) => this.#synced(trouble));
    });
  }

  #synced(trouble: Error | null): void {
    if (trouble !== null) throw new Error(`cannot sync the store: ${trouble.message}`);
    this.#finish();
  }

  #finish(): void {
    const { waiting, writer } = this.#underWay ?? { waiting: [], writer: undefined };
    this.#underWay = undefined;
    if (writer !== undefined && writer.bytes.length <= limits.commitBytesKeptMax) {
      writer.reset();
      writer.claim(commitHead.size);
      this.#spare = writer;
    }
    if (this.#isClosed) {
      fs.closeSync(this.#fd);
      return;
    }
    for (const done of waiting) done();
    this.#next();
  }
}

const noBytes = new Uint8Array(0);

function newCommit(): Writer {
  const writer = new Writer(limits.outboxBytesAtFirst);
  writer.claim(commitHead.size);
  return writer;
}

/** The commit that a writer holds, with its head. */
function sealed({ bytes, dv, at: end }: Writer, salt: number): Uint8Array {
  const size = end - commitHead.size;
  const checksum = crc32(bytes.subarray(commitHead.size, end), (salt ^ size) >>> 0);
  commitHead.write(dv, 0, { mark: MARK, size, checksum });
  return bytes.subarray(0, end);
}

/** The payload of the commit at `at`; undefined when there is no whole one. */
function readCommit(fd: number, at: number, salt: number): Uint8Array | undefined {
  const head = read(fd, at, commitHead.size);
  if (head.length < commitHead.size) return undefined;
  const dv = new DataView(head.buffer, head.byteOffset);
  const { mark, size, checksum } = commitHead.read(dv, 0);
  if (mark !== MARK || size === 0 || at + size > fs.fstatSync(fd).size) return undefined;
  const payload = read(fd, at + commitHead.size, size);
  if (payload.length < size || crc32(payload, (salt ^ size) >>> 0) !== checksum) return undefined;
  return payload;
}

/** Whether a whole commit follows what is none: then this is not the end, torn by a crash. */
function hasCommitAfter(fd: number, from: number, size: number, salt: number): boolean {
  const rest = read(fd, from, size - from);
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(MARK);
  for (let at = rest.indexOf(mark, 1); at >= 0; at = rest.indexOf(mark, at + 1)) {
    if (readCommit(fd, from + at, salt) !== undefined) return true;
  }
  return false;
}

/** Up to `size` bytes. */
function read(fd: number, at: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let count = 0;
  while (count < size) {
    const more = fs.readSync(fd, bytes, count, size - count, at + count);
    if (more === 0) break;
    count += more;
  }
  return bytes.subarray(0, count);
}
