/**
 * Memory for outboxes: a few writers that all channels share, one turn at a time.
 *
 * A channel that has nothing to say holds no memory, however many channels there are; one that has
 * borrows a writer for the turn, and returns it when the kernel took the bytes.
 */
import { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';

const free: Writer[] = [];
/** Bytes of those. */
let kept = 0;

export function borrowOutbox(): Writer {
  const outbox = free.pop();
  kept -= outbox?.bytes.length ?? 0;
  return outbox ?? new Writer(limits.outboxBytesAtFirst);
}

/**
 * As many are kept as were needed at once: thousands of controllers may be written to in one turn,
 * and memory that is made for each of them in every turn is the collector's to find again.
 */
export function returnOutbox(outbox: Writer): void {
  const size = outbox.bytes.length;
  if (size > limits.outboxBytesKeptMax || kept + size > limits.outboxesBytesKeptMax) return;
  outbox.reset();
  free.push(outbox);
  kept += size;
}
