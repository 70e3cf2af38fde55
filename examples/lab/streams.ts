/**
 * Steady streams from one host to another while something else happens (streams.py), each to an
 * address of its own: rules can tell them apart, and so can Open vSwitch's cached flows.
 */
import { once } from 'node:events';
import path from 'node:path';
import type { Lab } from './lab.ts';
import { lastLineOf, type Running } from './processes.ts';
import { root } from './programs.ts';
import { arrival, sleep } from './wait.ts';

/** Of one stream. */
export interface StreamResult {
  readonly sent: number;
  readonly lost: number;
  readonly doubled: number;
  /** Frames that came behind a later one. */
  readonly late: number;
}

export interface Receiver {
  /** How many have come for each address, as it was some time ago. */
  counts(): Readonly<Record<string, number>>;
  /** What came for each address. */
  stop(): Promise<Readonly<Record<string, Omit<StreamResult, 'sent' | 'lost'> & Received>>>;
}

interface Received {
  readonly received: number;
}

export interface Sender {
  /** How many each address was sent. */
  stop(): Promise<Readonly<Record<string, number>>>;
}

const script = path.join(root, 'examples/lab/streams.py');
const COUNTS_MS = 100;

/** `everyMs`: how often `counts` is made new. */
export async function startReceiver(
  lab: Lab,
  host: string,
  everyMs = COUNTS_MS,
): Promise<Receiver> {
  const running = python(lab, host, 'receive', 'eth0', String(everyMs));
  const said = lastLineOf(running);
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  return {
    counts: () => countsIn(said()),
    async stop() {
      await running.end('SIGINT');
      return JSON.parse(said());
    },
  };
}

/** A frame to each address every `intervalMs`. */
export function startSender(
  lab: Lab,
  from: string,
  toMac: string,
  intervalMs: number,
  addresses: readonly string[],
): Sender {
  const running = python(lab, from, 'send', 'eth0', toMac, String(intervalMs), ...addresses);
  const said = lastLineOf(running);
  return {
    async stop() {
      await running.end('SIGINT');
      return JSON.parse(said());
    },
  };
}

/** Ends senders, waits for what is on its way, and compares: by address. */
export async function compared(
  senders: readonly Sender[],
  receiver: Receiver,
): Promise<Readonly<Record<string, StreamResult>>> {
  const sent: Record<string, number> = {};
  for (const sender of senders) Object.assign(sent, await sender.stop());
  await sleep(2 * COUNTS_MS); // What comes twice has come.
  /** Of each no more than were sent: what goes in circles comes any number of times. */
  const arrived = (): readonly number[] => {
    const counts = receiver.counts();
    return Object.entries(sent).map(([address, count]) => Math.min(counts[address] ?? 0, count));
  };
  const isWhole = (): boolean => Object.values(sent).every((count, i) => arrived()[i] === count);
  await arrival(isWhole, () => arrived().join());
  const came = await receiver.stop();
  return Object.fromEntries(
    Object.entries(sent).map(([address, count]) => {
      const { received = 0, doubled = 0, late = 0 } = came[address] ?? {};
      return [address, { sent: count, lost: count - received, doubled, late }];
    }),
  );
}

/** A line that is not whole says nothing yet. */
function countsIn(line: string): Readonly<Record<string, number>> {
  return line.startsWith('{') && line.endsWith('}') ? JSON.parse(line) : {};
}

function python(lab: Lab, host: string, ...args: readonly string[]): Running {
  return lab.inside.start(lab.on(host, ['/usr/bin/python3', script, ...args]));
}
