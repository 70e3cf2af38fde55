/**
 * The disk as the store needs it: a few operations that may fail, and two that make the ones before
 * durable. Without these, a crash may keep any part of the operations, in any order, or nothing.
 *
 * The product's is node-disk.ts; the tests have one that crashes, tears, fails and fills up.
 */
export interface Disk {
  /** Opens a file for reading and writing, or only for reading; makes or empties a `new` one. */
  open(path: string, how: 'new' | 'existing' | 'read'): DiskFile;
  exists(path: string): boolean;
  isFolder(path: string): boolean;
  /** One file takes another's name. Durable after `syncFolder`. */
  rename(from: string, to: string): void;
  /** Whether it is there does not matter. */
  remove(path: string): void;
  /** The names in a folder are durable when this returns. */
  syncFolder(path: string): void;
}

/** Those without a callback return when they are done, and throw what went wrong. */
export interface DiskFile {
  size(): number;
  /** Fills `into` from `at` on, as far as the file goes; how many bytes. */
  read(into: Uint8Array, at: number): number;
  /** Some of the bytes at least; they must stand until `done`. */
  write(bytes: Uint8Array, at: number, done: (error: Error | null, count: number) => void): void;
  /** What was written before this call is durable. */
  sync(done: (error: Error | null) => void): void;
  /**
   * Writes zeros behind all that is there, or is there when they are written: what takes their
   * place makes the file no longer. Whether that went well is no error of anybody's.
   */
  lengthen(size: number, done: (isLonger: boolean) => void): void;
  /** In one page, over what is there, all of it or nothing, also when the process is killed. */
  writeNow(bytes: Uint8Array, at: number): void;
  syncNow(): void;
  truncate(size: number): void;
  close(): void;
}

/** Errors after which the same write may go well later, and nothing is lost until then. */
const passing = new Set(['ENOSPC', 'EDQUOT']);

export function isFull(error: Error): boolean {
  return 'code' in error && passing.has(String(error.code));
}
