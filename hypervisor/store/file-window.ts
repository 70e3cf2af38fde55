/**
 * Reads a file from its beginning to its end through one reused buffer.
 */
import type { DiskFile } from './disk.ts';

const WINDOW_BYTES = 1024 * 1024;

export class FileWindow {
  readonly #file: DiskFile;
  #bytes = new Uint8Array(0);
  /** Which part of the file is in memory. */
  #from = 0;
  #count = 0;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** Up to `size` bytes from `at` on; they stand until the next call. */
  view(at: number, size: number): Uint8Array {
    if (at < this.#from || at + size > this.#from + this.#count) this.#fill(at, size);
    const start = at - this.#from;
    return this.#bytes.subarray(start, Math.min(start + size, this.#count));
  }

  #fill(at: number, size: number): void {
    // Most files are smaller than a window, which is not to be made for nothing.
    const wanted = Math.max(size, Math.min(WINDOW_BYTES, this.#file.size() - at));
    if (wanted > this.#bytes.length) this.#bytes = new Uint8Array(wanted);
    this.#from = at;
    this.#count = this.#file.read(this.#bytes, at);
  }
}
