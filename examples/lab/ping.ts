/**
 * Probes between hosts: 64-byte ICMP echoes at a fixed rate, losses and duplicates by sequence
 * number (the measurement of LIME section 5).
 */
import type { Lab } from './lab.ts';
import type { Running } from './processes.ts';

export interface PingResult {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Sequence numbers without an answer. */
  readonly lostSeqs: readonly number[];
}

export interface Ping {
  stop(): Promise<PingResult>;
}

/** 56 bytes of payload and 8 of ICMP header: the paper's "64-byte packets". */
const PAYLOAD_BYTES = '56';

/** fping keeps its interval to a tenth of a millisecond; ping's own slips by half. */
export function startPing(lab: Lab, host: string, ip: string, intervalMs = 10): Ping {
  const argv = ['fping', '-l', '-p', String(intervalMs), '-t', '1000', '-b', PAYLOAD_BYTES, ip];
  const running: Running = lab.inside.start(lab.on(host, argv));
  let text = '';
  running.child.stdout?.on('data', (chunk) => {
    text += String(chunk);
  });
  running.child.stderr?.on('data', (chunk) => {
    text += String(chunk);
  });
  return {
    async stop() {
      await running.end('SIGINT');
      return count(text);
    },
  };
}

/**
 * What fping's lines say: `10.0.0.2 : [7], 64 bytes, 0.5 ms`, `[8], timed out`, `duplicate for
 * [7]`. What was on its way when we stopped is neither lost nor sent: only what timed out, or what
 * later answers overtook, is lost.
 */
export function count(text: string): PingResult {
  const answered = new Set<number>();
  const silent = new Set<number>();
  let duplicates = 0;
  for (const line of text.split('\n')) {
    const seq = Number(/\[(\d+)\]/.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(seq)) continue;
    if (line.includes('duplicate')) duplicates += 1;
    else if (line.includes('timed out')) silent.add(seq);
    else if (/\d+ bytes/.test(line)) answered.add(seq);
  }
  const last = Math.max(-1, ...answered, ...silent);
  const lostSeqs: number[] = [];
  for (let seq = 0; seq <= last; seq += 1) if (!answered.has(seq)) lostSeqs.push(seq);
  return { sent: last + 1, lost: lostSeqs.length, duplicates, lostSeqs };
}

/** Whether one echo comes back within a second. */
export async function reaches(lab: Lab, host: string, ip: string): Promise<boolean> {
  const ended = await lab.inside.attempt(
    lab.on(host, ['fping', '-q', '-c', '1', '-t', '1000', ip]),
  );
  return ended.code === 0;
}
