/**
 * A commit that has a place in a log and is not durable yet (log-file.ts).
 */
import { Writer } from '../../openflow/layout/writer.ts';
import { limits } from '../../slices/limits.ts';
import type { DiskFile } from './disk.ts';
import { commitHead, type Salt, seal } from './log-format.ts';

/** Who waits for what was appended. */
export interface Waiting {
  /** When it is durable. */
  readonly done: () => void;
  /** Before that, when it is written, if a sync may be put off; absent: the disk is waited for. */
  readonly written: (() => void) | undefined;
}

export class Commit {
  /** Its own memory: room for the head, and what it holds. */
  readonly writer: Writer;
  readonly at: number;
  readonly waiting: Waiting[] = [];
  /** Whether its sync is put off no longer. */
  isDue = false;

  constructor(writer: Writer, at: number) {
    this.writer = writer;
    this.at = at;
  }

  /** Whether nothing more is put into it: its checksum is made anew each time. */
  get isLong(): boolean {
    return this.writer.at > limits.growingCommitBytesMax;
  }

  /** All of it, its head last: it may be longer than what was written, and told to be. */
  writeNow(file: DiskFile, salt: Salt): void {
    const bytes = this.sealed(salt);
    file.writeNow(bytes.subarray(commitHead.size), this.at + commitHead.size);
    file.writeNow(bytes.subarray(0, commitHead.size), this.at);
  }

  /** All of it, with its head; they stand until more is put into it. */
  sealed(salt: Salt): Uint8Array {
    const bytes = this.writer.bytes.subarray(0, this.writer.at);
    seal(bytes, this.writer.dv, salt, this.at);
    return bytes;
  }
}

/** What went wrong, if anything did. */
export function whyNot(write: () => void): Error | undefined {
  try {
    write();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Memory for what a commit will hold, behind room for its head. */
export function newPayload(): Writer {
  const writer = new Writer(limits.outboxBytesAtFirst);
  writer.claim(commitHead.size);
  return writer;
}
