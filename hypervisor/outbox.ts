/**
 * Memory for outboxes: a few writers that all channels share, one turn at a time.
 *
 * A channel that has nothing to say holds no memory, however many channels there are; one that has
 * borrows a writer for the turn, and returns it when the kernel took the bytes.
 */
import { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';

const free: Writer[] = [];

export function borrowOutbox(): Writer {
  return free.pop() ?? new Writer(limits.outboxBytesAtFirst);
}

export function returnOutbox(outbox: Writer): void {
  if (free.length >= limits.outboxesKeptMax) return;
  if (outbox.bytes.length > limits.outboxBytesKeptMax) return;
  outbox.reset();
  free.push(outbox);
}
