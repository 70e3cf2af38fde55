/**
 * Probes between hosts: 64-byte ICMP echoes at a fixed rate, losses and duplicates by sequence
 * number (the measurement of LIME section 5).
 *
 * Every probe that was due when `stop` was called gets its time to come back, so a network that is
 * dead at the end counts as losses; and a pinger that did not run is an error, not "0 lost". That
 * time is long: what comes late is late, as `rttMs` says, and has not been lost.
 */
import { createInterface } from 'node:readline';
import type { Lab } from './lab.ts';
import { hasEnded, type Running } from './processes.ts';
import { sleep } from './wait.ts';

export interface PingResult {
  readonly sent: number;
  /** With those that were sent while the last of these were waited for. */
  readonly sentInAll: number;
  readonly received: number;
  readonly lost: number;
  /** Answers beyond the first, of probes that were answered. */
  readonly duplicates: number;
  /** ICMP errors that came instead of answers, and what else fping complained of. */
  readonly errors: number;
  /** Sequence numbers without an answer. */
  readonly lostSeqs: readonly number[];
  /** Of first answers; without any, undefined. */
  readonly rttMs: RttMs | undefined;
  /** Of first answers that came in any of these times, from and to, in ms since 1970. */
  rttIn(times: readonly (readonly [number, number])[]): RttMs | undefined;
  /** All of them, in ms. */
  rttsIn(times: readonly (readonly [number, number])[]): readonly number[];
}

export type RttMs = { readonly [of in 'min' | 'p50' | 'p99' | 'max']: number };

export interface Ping {
  stop(): Promise<PingResult>;
}

/** 56 bytes of payload and 8 of ICMP header: the paper's "64-byte packets". */
const PAYLOAD_BYTES = '56';
const TIMEOUT_MS = 3_000;
/** For fping to say that a probe timed out, and for us to read it. */
const SLACK_MS = 500;

/** What fping has said so far. */
interface Heard {
  /** Round trips in milliseconds by sequence number; more than one are duplicates. */
  readonly answers: Map<number, number[]>;
  /** When the first answer of each was heard. */
  readonly heardMs: Map<number, number>;
  readonly silent: Set<number>;
  readonly complaints: string[];
  firstAtMs: number | undefined;
}

/** fping keeps its interval to a tenth of a millisecond; ping's own slips by half. */
export function startPing(lab: Lab, host: string, ip: string, intervalMs = 10): Ping {
  // -i 1: after a pause that the machine made, fping catches up instead of staying late.
  const pace = ['-l', '-i', '1', '-p', String(intervalMs), '-t', String(TIMEOUT_MS)];
  const argv = ['fping', ...pace, '-b', PAYLOAD_BYTES, ip];
  const startedMs = Date.now();
  const running = lab.inside.start(lab.on(host, argv));
  const heard = listenTo(running);
  return {
    async stop() {
      const dueCount = Math.max(1, Math.ceil((Date.now() - startedMs) / intervalMs));
      const lateMs = (heard.firstAtMs ?? Date.now()) - startedMs;
      const endMs = Date.now() + lateMs + TIMEOUT_MS + SLACK_MS;
      while (!hasEnded(running.child) && !settled(heard, dueCount) && Date.now() < endMs) {
        await sleep(20);
      }
      const endedItself = hasEnded(running.child);
      await running.end('SIGINT');
      if (endedItself || heard.firstAtMs === undefined) {
        throw new Error(`fping did not run on ${host}: ${heard.complaints.join('; ')}`);
      }
      return count(heard, dueCount);
    },
  };
}

/**
 * fping's lines: `10.0.0.2 : [7], 64 bytes, 0.5 ms (...)` and `[8], timed out (...)`. With -l it
 * has no word for a duplicate: the line comes again, and its closing sums are wrong.
 */
function listenTo({ child }: Running): Heard {
  const heard: Heard = {
    answers: new Map(),
    heardMs: new Map(),
    silent: new Set(),
    complaints: [],
    firstAtMs: undefined,
  };
  if (child.stdout === null || child.stderr === null) throw new Error('the output is not piped');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const found = /\[(\d+)\], (?:\d+ bytes, ([\d.]+) ms|timed out)/.exec(line);
    if (found === null) return;
    heard.firstAtMs ??= Date.now();
    const seq = Number(found[1]);
    if (found[2] === undefined) heard.silent.add(seq);
    else {
      heard.answers.set(seq, [...(heard.answers.get(seq) ?? []), Number(found[2])]);
      if (!heard.heardMs.has(seq)) heard.heardMs.set(seq, Date.now());
    }
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line !== '' && !line.includes('xmt/rcv')) heard.complaints.push(line);
  });
  return heard;
}

/** Whether each of the first `dueCount` probes has come back or timed out. */
function settled({ answers, silent }: Heard, dueCount: number): boolean {
  if (answers.size + silent.size < dueCount) return false;
  for (let seq = 0; seq < dueCount; seq += 1) {
    if (!answers.has(seq) && !silent.has(seq)) return false;
  }
  return true;
}

function count({ answers, heardMs, silent, complaints }: Heard, dueCount: number): PingResult {
  const lostSeqs: number[] = [];
  const rtts: number[] = [];
  let duplicates = 0;
  for (let seq = 0; seq < dueCount; seq += 1) {
    const [first, ...again] = answers.get(seq) ?? [];
    if (first === undefined) lostSeqs.push(seq);
    else rtts.push(first);
    duplicates += again.length;
  }
  const [received, lost] = [rtts.length, lostSeqs.length];
  const errors = complaints.length;
  const rttsIn: PingResult['rttsIn'] = (times) =>
    [...heardMs].flatMap(([seq, atMs]) => {
      const isIn = times.some(([from, to]) => atMs >= from && atMs < to);
      return isIn ? [answers.get(seq)?.[0] ?? 0] : [];
    });
  const rttIn: PingResult['rttIn'] = (times) => spread(rttsIn(times));
  const last = [...answers.keys(), ...silent].reduce((max, seq) => Math.max(max, seq), 0);
  const sentInAll = Math.max(dueCount, last + 1);
  const counts = { sent: dueCount, sentInAll, received, lost, duplicates, errors, lostSeqs };
  return { ...counts, rttMs: spread(rtts), rttIn, rttsIn };
}

function spread(rtts: readonly number[]): RttMs | undefined {
  const sorted = [...rtts].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return sorted.length === 0 ? undefined : { min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Whether one echo comes back within a second. */
export async function reaches(
  lab: Lab,
  host: string,
  ip: string,
  withinMs = 1_000,
): Promise<boolean> {
  // A neighbour that was asked for in vain a moment ago is not asked for again: what is sent to it
  // is dropped when the third request has failed, though it could be reached by then.
  const flush = `ip neigh flush to ${ip}`;
  const ended = await lab.inside.attempt(
    lab.on(host, ['sh', '-c', `${flush}; exec fping -q -c 1 -t ${withinMs} ${ip}`]),
  );
  return ended.code === 0;
}
