/**
 * A disk in memory that does what a disk may do: it is slow, writes less than it was given, fills
 * up, fails, and forgets at a crash whatever was not synced: all of it, or some sectors of it in
 * any order, contents and names alike.
 *
 * Operations with a callback end when `step` is called, or when `later` says. What a crash leaves
 * is another disk.
 */
import type { Disk, DiskFile } from '../../hypervisor/store/disk.ts';
import type { Random } from '../openflow/random.ts';

/** A crash keeps or loses so many bytes of a write at a time. */
const SECTOR_BYTES = 64;

/** What is written in one of these, over what is there, is written as a whole. */
const PAGE_BYTES = 4096;
const pageOf = (at: number): number => Math.floor(at / PAGE_BYTES);

type Change =
  | { readonly type: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'truncate'; readonly size: number };

/** Bytes that change, and become more at little cost. */
class Bytes {
  #memory: Uint8Array;
  size: number;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#memory = bytes.slice();
    this.size = bytes.length;
  }

  get all(): Uint8Array {
    return this.#memory.subarray(0, this.size);
  }

  change(one: Change): void {
    if (one.type === 'truncate') {
      this.#memory.fill(0, one.size, this.size);
      this.size = Math.min(this.size, one.size);
      return;
    }
    const end = Math.max(this.size, one.at + one.bytes.length);
    if (end > this.#memory.length) {
      const more = new Uint8Array(2 * end);
      more.set(this.all);
      this.#memory = more;
    }
    this.#memory.set(one.bytes, one.at);
    this.size = end;
  }
}

/** A file's bytes as they would be found after a crash at best, and as they are read. */
interface Inode {
  readonly kept: Bytes;
  readonly now: Bytes;
  /** What was done since the last sync, in order. */
  readonly unsynced: Change[];
}

function newInode(bytes?: Uint8Array): Inode {
  return { kept: new Bytes(bytes), now: new Bytes(bytes), unsynced: [] };
}

export type Operation = 'open' | 'write' | 'sync' | 'rename' | 'syncFolder' | 'read';

/** The error with this code. */
export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: the fake disk was told to`), { code });
}

export class FakeDisk implements Disk {
  readonly #random: Random;
  /** Names as they are, and all that a crash may make of them. */
  #names = new Map<string, Inode>();
  #nameStates: Map<string, Inode>[] = [new Map()];
  readonly #ends: (() => void)[] = [];
  /** All files together may have so many bytes. */
  capacity = Number.POSITIVE_INFINITY;
  /** The error that an operation on a file ends with. */
  fails: (operation: Operation, path: string) => string | undefined = () => undefined;
  /** So many zeros may be written behind what a file holds, at a time. */
  zerosBytesMax = 0;
  /** A disk, or code, that does not do what it says. */
  ignores: 'nothing' | 'sync' | 'syncFolder' = 'nothing';

  /** Who ends operations, in their order, if it is not `step`. */
  later: (end: () => void) => void = (end) => void this.#ends.push(end);

  constructor(random: Random) {
    this.#random = random;
  }

  /** Bytes of all files together. */
  get size(): number {
    const inodes = new Set(this.#names.values());
    return [...inodes].reduce((sum, { now }) => sum + now.size, 0);
  }

  /** Ends the next operation; false when there is none. */
  step(): boolean {
    const end = this.#ends.shift();
    end?.();
    return end !== undefined;
  }

  open(path: string, how: 'new' | 'existing' | 'read'): DiskFile {
    this.#mayFail('open', path);
    if (how !== 'new' && !this.#names.has(path)) throw diskError('ENOENT');
    const empty = newInode();
    const inode = (how === 'new' ? undefined : this.#names.get(path)) ?? empty;
    if (inode === empty) this.#rename((names) => names.set(path, inode));
    return this.#file(path, inode);
  }

  exists(path: string): boolean {
    return path === '/' || this.#names.has(path);
  }

  isFolder(path: string): boolean {
    return path === '/';
  }

  rename(from: string, to: string): void {
    this.#mayFail('rename', from);
    const inode = this.#names.get(from);
    if (inode === undefined) throw diskError('ENOENT');
    this.#rename((names) => {
      names.delete(from);
      names.set(to, inode);
    });
  }

  remove(path: string): void {
    this.#rename((names) => names.delete(path));
  }

  syncFolder(path: string): void {
    this.#mayFail('syncFolder', path);
    if (this.ignores !== 'syncFolder') this.#nameStates = [this.#names];
  }

  /** What is there when the process starts again that had it: what it wrote, durable or not. */
  kill(): void {
    this.#ends.length = 0;
  }

  /** What is there when the machine starts again. */
  crash(random: Random): FakeDisk {
    const left = new FakeDisk(random);
    const names = this.#nameStates[random.number(this.#nameStates.length)] ?? new Map();
    const copies = new Map<Inode, Inode>();
    for (const [path, inode] of names) {
      const copy = copies.get(inode) ?? newInode(leftOf(inode, random));
      copies.set(inode, copy);
      left.#names.set(path, copy);
    }
    left.#nameStates = [left.#names];
    return left;
  }

  /** A crash is found with one of these: names change in order. */
  #rename(change: (names: Map<string, Inode>) => void): void {
    this.#names = new Map(this.#names);
    change(this.#names);
    this.#nameStates.push(this.#names);
  }

  #mayFail(operation: Operation, path: string): void {
    const code = this.fails(operation, path);
    if (code !== undefined) throw diskError(code);
  }

  #room(): number {
    return this.capacity - this.size;
  }

  #file(path: string, inode: Inode): DiskFile {
    const later = (end: () => void): void => this.later(end);
    const write = (bytes: Uint8Array, at: number): number => {
      this.#mayFail('write', path);
      const more = at + bytes.length - inode.now.size;
      const count = bytes.length - Math.max(0, more - Math.max(0, this.#room()));
      if (count <= 0) throw diskError('ENOSPC');
      change(inode, { type: 'write', at, bytes: bytes.slice(0, count) });
      return count;
    };
    return {
      size: () => inode.now.size,
      read: (into, at) => {
        this.#mayFail('read', path);
        const bytes = inode.now.all.subarray(at, at + into.length);
        into.set(bytes);
        return bytes.length;
      },
      write: (bytes, at, done) => {
        const last = at + bytes.length - 1;
        const isWhole = pageOf(at) === pageOf(last) && last < inode.now.size;
        const isShort = !isWhole && this.#random.number(3) === 0;
        const size = isShort ? 1 + this.#random.number(bytes.length) : 1e9;
        try {
          const count = write(bytes.subarray(0, size), at);
          later(() => done(null, count));
        } catch (error) {
          later(() => done(error as Error, 0));
        }
      },
      sync: (done) => {
        const before = inode.unsynced.length;
        const code = this.fails('sync', path);
        later(() => {
          if (code === undefined && this.ignores !== 'sync') keep(inode, before);
          done(code === undefined ? null : diskError(code));
        });
      },
      lengthen: (size, done) => {
        const some = Math.min(size, this.zerosBytesMax);
        if (some === 0) done(false);
        else {
          later(() => {
            change(inode, { type: 'write', at: inode.now.size, bytes: new Uint8Array(some) });
            done(some === size);
          });
        }
      },
      writeNow: (bytes, at) => {
        for (let from = 0; from < bytes.length; ) from += write(bytes.subarray(from), at + from);
      },
      syncNow: () => {
        this.#mayFail('sync', path);
        if (this.ignores !== 'sync') keep(inode, inode.unsynced.length);
      },
      truncate: (size) => change(inode, { type: 'truncate', size }),
      close: () => undefined,
    };
  }
}

function change(inode: Inode, one: Change): void {
  inode.unsynced.push(one);
  inode.now.change(one);
}

/** The first changes are durable. */
function keep(inode: Inode, count: number): void {
  for (const one of inode.unsynced.splice(0, count)) inode.kept.change(one);
}

/** What was synced, and of the rest any sectors. */
function leftOf({ kept, unsynced }: Inode, random: Random): Uint8Array {
  const left = new Bytes(kept.all);
  const luck = random.number(3);
  for (const one of unsynced) {
    if (one.type === 'truncate') {
      if (luck > 0) left.change(one);
      continue;
    }
    for (let from = 0; from < one.bytes.length; from += SECTOR_BYTES) {
      if (luck === 0 || (luck === 1 && random.number(2) === 0)) continue;
      const bytes = one.bytes.subarray(from, from + SECTOR_BYTES);
      left.change({ type: 'write', at: one.at + from, bytes });
    }
  }
  return left.all;
}
