/**
 * Copies of a store: they are made while a Limevisor writes to it, inspected, and put back.
 */
import fs from 'node:fs';
import path from 'node:path';
import { nodeDisk } from './node-disk.ts';
import { readStore, whyNotOpened } from './store.ts';
import { lockStore } from './store-lock.ts';

const CHUNK_BYTES = 1024 * 1024;

/** An opened file, and who it is whatever its name is later. */
export interface OpenedStore {
  readonly fd: number;
  readonly inode: number;
  readonly bytes: number;
}

export function openToCopy(store: string): OpenedStore {
  const fd = fs.openSync(store, 'r');
  const { ino, size } = fs.fstatSync(fd);
  return { fd, inode: ino, bytes: size };
}

/** Copies the beginning to a new file, durably; it has its name when it is whole and reads well. */
export function copyTo(fd: number, bytes: number, to: string): void {
  const fresh = `${to}.part`;
  const out = fs.openSync(fresh, 'w', 0o600);
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let at = 0; at < bytes; ) {
      const count = fs.readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, bytes - at), at);
      if (count === 0) throw new Error(`store truncated at byte ${at}`);
      fs.writeSync(out, chunk, 0, count);
      at += count;
    }
    fs.fsyncSync(out);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw error;
  } finally {
    fs.closeSync(out);
  }
  try {
    lookThrough(fresh);
    fs.renameSync(fresh, to);
    nodeDisk.syncFolder(path.dirname(path.resolve(to)));
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw error;
  }
}

/**
 * The file that a backup may replace, or make: an older backup, or an empty file. Throws when what
 * is there is anything else, such as the store itself, whose writer would go on in a file without a
 * name, or another file of the operator's.
 */
export function backupPlace(fd: number, to: string): string {
  const found = fs.statSync(to, { throwIfNoEntry: false });
  if (found === undefined) return to;
  if (found.isDirectory()) throw new Error('it is a folder');
  const hint = 'name another';
  if (!found.isFile()) throw new Error(`it is no file; ${hint}`);
  const copied = fs.fstatSync(fd);
  if (found.ino === copied.ino && found.dev === copied.dev) {
    throw new Error(`it is the store itself; ${hint}`);
  }
  const place = fs.realpathSync(to);
  if (found.size > 0 && whyNotOpened(place) !== undefined) {
    throw new Error(`it is there already, and is not a backup; ${hint}`);
  }
  if (isServed(place)) throw new Error(`a limevisor uses it as its store; ${hint}`);
  return place;
}

function isServed(file: string): boolean {
  if (!fs.existsSync(`${file}.lock`)) return false;
  try {
    lockStore(file)();
    return false;
  } catch {
    return true;
  }
}

/** Throws when it is no store, or damaged; answers how many commits it has. */
export function lookThrough(file: string): number {
  const why = whyNotOpened(file);
  if (why !== undefined) throw new Error(`${file}: ${why}`);
  const store = readStore(file);
  let commits = 0;
  try {
    for (const { bytes } of store.scan()) commits += bytes.length > 0 ? 1 : 0;
  } finally {
    store.close();
  }
  return commits;
}

/**
 * Puts a copy in the place of a store that no Limevisor serves; the one that was there is kept
 * beside it, under the name that is answered. Throws when somebody serves it, or the copy is none.
 */
export function putBack(copy: string, store: string, isoTime: string): string | undefined {
  lookThrough(copy);
  const unlock = lockStore(store);
  try {
    const before = fs.existsSync(store) ? `${store}.before-${isoTime}` : undefined;
    if (before !== undefined) fs.linkSync(store, before);
    const { fd, bytes } = openToCopy(copy);
    try {
      copyTo(fd, bytes, store);
    } finally {
      fs.closeSync(fd);
    }
    // Whoever serves it is who had it before, or has the folder.
    const { uid, gid } = fs.statSync(before ?? path.dirname(path.resolve(store)));
    if (process.getuid?.() === 0) fs.chownSync(store, uid, gid);
    return before;
  } finally {
    unlock();
  }
}
