/**
 * The queues of a host's port that its tenant may use, in the file: by the tenant's number, the
 * datapath's number of the queue.
 *
 *   h1: { port: v1:1, at: s1:1, queues: { 1: 5, 2: 7 } }
 */
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

export type Queues = ReadonlyMap<number, number>;

const QUEUE_MAX = 0xffff_fffe;

/** Of nearly all hosts. */
const noQueues: Queues = new Map();

export function readQueues(at: Reader | undefined): Queues {
  if (at === undefined) return noQueues;
  const entries = at.entries();
  if (entries.length > limits.queuesPerPortMax) {
    at.problem(`has ${entries.length} queues; the limit is ${limits.queuesPerPortMax} for a port`);
  }
  return new Map(
    entries.flatMap(([key, entry]) => {
      const theirs = parseQueue(key);
      if (!theirs.ok) entry.problem(theirs.why);
      const [below] = entry.parsed(parseQueue);
      return theirs.ok && below !== undefined ? [[theirs.value, below] as const] : [];
    }),
  );
}

function parseQueue(text: string): Parsed<number> {
  const number = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= QUEUE_MAX) return { ok: true, value: number };
  return { ok: false, why: `"${text}" is not a queue; write a number from 0 to ${QUEUE_MAX}` };
}
