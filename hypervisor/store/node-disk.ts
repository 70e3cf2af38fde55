/**
 * The disk of this machine (disk.ts).
 */
import fs from 'node:fs';
import type { Disk, DiskFile } from './disk.ts';

const modes = { new: 'w+', existing: 'r+', read: 'r' } as const;

export const nodeDisk: Disk = {
  open(path, how) {
    const fd = fs.openSync(path, modes[how], 0o600);
    if (how === 'read') return fileOf(fd, undefined);
    try {
      return fileOf(fd, new Tail(fs.openSync(path, 'a')));
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  },
  exists: (path) => fs.existsSync(path),
  isFolder: (path) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  syncFolder(path) {
    const folder = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  },
};

/**
 * A file's end: `O_APPEND` has the kernel put zeros behind whatever else was written, so they can
 * be written at any time and never over anything. Zeros and not a hole, which has no room on the
 * disk.
 */
class Tail {
  readonly #fd: number;
  #isBusy = false;
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  lengthen(size: number, done: (isLonger: boolean) => void): void {
    this.#isBusy = true;
    fs.write(this.#fd, new Uint8Array(size), (error, count) => {
      this.#isBusy = false;
      if (this.#isClosed) fs.closeSync(this.#fd);
      done(error === null && count === size);
    });
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isBusy) fs.closeSync(this.#fd);
  }
}

function fileOf(fd: number, tail: Tail | undefined): DiskFile {
  return {
    size: () => fs.fstatSync(fd).size,
    read(into, at) {
      let count = 0;
      while (count < into.length) {
        const more = fs.readSync(fd, into, count, into.length - count, at + count);
        if (more === 0) break;
        count += more;
      }
      return count;
    },
    write: (bytes, at, done) => fs.write(fd, bytes, 0, bytes.length, at, done),
    // The size of a file that grew is part of what `fdatasync` makes durable.
    sync: (done) => fs.fdatasync(fd, done),
    lengthen(size, done) {
      if (tail === undefined) done(false);
      else tail.lengthen(size, done);
    },
    writeNow(bytes, at) {
      for (let from = 0; from < bytes.length; ) {
        from += fs.writeSync(fd, bytes, from, bytes.length - from, at + from);
      }
    },
    syncNow: () => fs.fsyncSync(fd),
    truncate: (size) => fs.ftruncateSync(fd, size),
    close() {
      fs.closeSync(fd);
      tail?.close();
    },
  };
}
