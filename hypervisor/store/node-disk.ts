/**
 * The disk of this machine (disk.ts).
 */
import fs from 'node:fs';
import type { Disk, DiskFile } from './disk.ts';

const modes = { new: 'w+', existing: 'r+', read: 'r' } as const;

export const nodeDisk: Disk = {
  open: (path, how) => fileOf(fs.openSync(path, modes[how], 0o600)),
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

function fileOf(fd: number): DiskFile {
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
    writeNow(bytes, at) {
      for (let from = 0; from < bytes.length; ) {
        from += fs.writeSync(fd, bytes, from, bytes.length - from, at + from);
      }
    },
    syncNow: () => fs.fsyncSync(fd),
    truncate: (size) => fs.ftruncateSync(fd, size),
    close: () => fs.closeSync(fd),
  };
}
