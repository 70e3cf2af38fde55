/**
 * New conversations while something else is measured (conversations.py): rules change all the time.
 */
import { once } from 'node:events';
import path from 'node:path';
import type { Lab } from './lab.ts';
import { lastLineOf, type Running } from './processes.ts';
import { root } from './programs.ts';
import { arrival, sleep } from './wait.ts';

export interface Conversations {
  stop(): Promise<{ readonly sent: number; readonly lost: number; readonly duplicates: number }>;
}

const script = path.join(root, 'examples/lab/conversations.py');

/** A frame from a new address every `intervalMs`, from one host to another's address. */
export async function startConversations(
  lab: Lab,
  from: string,
  to: string,
  toMac: string,
  intervalMs: number,
): Promise<Conversations> {
  const python = (host: string, ...args: readonly string[]): Running =>
    lab.inside.start(lab.on(host, ['/usr/bin/python3', script, ...args]));
  const receiver = python(to, 'receive', 'eth0');
  const received = lastLineOf(receiver);
  if (receiver.child.stdout !== null) await once(receiver.child.stdout, 'data');
  const sender = python(from, 'send', 'eth0', toMac, String(intervalMs));
  const sent = lastLineOf(sender);
  return {
    async stop() {
      await sender.end('SIGINT');
      const count = (JSON.parse(sent()) as { sent: number }).sent;
      await sleep(200); // What comes twice has come.
      await arrival(() => countIn(received()) >= count, received);
      await receiver.end('SIGINT');
      const times = (JSON.parse(received()) as { received: Record<string, number> }).received;
      const arrivals = Object.values(times);
      return {
        sent: count,
        lost: count - arrivals.length,
        duplicates: arrivals.reduce((sum, n) => sum + n - 1, 0),
      };
    },
  };
}

/** A line that is not whole says nothing yet. */
function countIn(line: string): number {
  return Number(/^\{"count": (\d+)\}$/.exec(line)?.[1] ?? 0);
}
