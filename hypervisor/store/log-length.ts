/**
 * The length of a log's file, which is greater than that of its commits.
 *
 * A file that becomes longer with every commit has its inode synced with every commit, too, which
 * takes several times as long as the commit does: so it has zeros behind it, which are no commit.
 * For a commit that is large that matters little. Where zeros have no room commits have to find it.
 */
import { limits } from '../../slices/limits.ts';
import type { DiskFile } from './disk.ts';

export class LogLength {
  readonly #file: DiskFile;
  /** When commits come so far the file is made longer. */
  #growAt = 0;
  #isGrowing = false;
  #isClosed = false;

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** So many bytes are about to be written, up to `end`. */
  grow(bytes: number, end: number): void {
    if (end < this.#growAt || bytes > limits.smallCommitBytesMax) return;
    if (this.#isGrowing) return;
    this.#isGrowing = true;
    const { least, most } = limits.storeZerosBytes;
    const size = Math.min(most, Math.max(least, end));
    this.#file.lengthen(size, (isLonger) => {
      this.#isGrowing = false;
      if (this.#isClosed) return;
      const from = isLonger ? this.#file.size() - size : end;
      this.#growAt = from + size / 2;
    });
  }

  close(): void {
    this.#isClosed = true;
  }
}
