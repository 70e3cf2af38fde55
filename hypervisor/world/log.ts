/**
 * The operator's log: pino's JSON lines, on stderr so that stdout stays for answers.
 */
import { LRUCache } from 'lru-cache';
import { type Logger, pino } from 'pino';
import { limits } from '../../slices/limits.ts';

/** What the shell's parts need of a logger: who and why, and what happened. */
export interface Log {
  info(about: About, what: string): void;
  warn(about: About, what: string): void;
  error(about: About, what: string): void;
}

type About = Readonly<Record<string, unknown>>;
type Level = keyof Log;

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

export function openLog(level: string): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}

interface Said {
  sinceMs: number;
  lines: number;
  /** Lines that were not written. */
  passedOver: number;
}

/**
 * A log that says the same of the same one only a few times a minute: what a peer can bring about
 * as often as it likes must not fill a disk. The next line that is written says how many were not.
 */
export function patient(log: Log, nowMs: () => number): Log {
  const all = new LRUCache<string, Said>({ max: limits.logSubjectsMax });
  const say = (level: Level, about: About, what: string): void => {
    const subject = subjectOf(about, what);
    let said = all.get(subject);
    let passedOver = 0;
    if (said === undefined || nowMs() - said.sinceMs >= limits.logWindowMs) {
      passedOver = said?.passedOver ?? 0;
      said = { sinceMs: nowMs(), lines: 0, passedOver: 0 };
      all.set(subject, said);
    }
    said.lines += 1;
    if (said.lines > limits.logLinesPerWindowMax) {
      said.passedOver += 1;
      return;
    }
    const isLast = said.lines === limits.logLinesPerWindowMax;
    const more = passedOver > 0 ? { passedOver } : {};
    const note = isLast ? { note: 'further lines like this are only counted for a minute' } : {};
    log[level]({ ...about, ...more, ...note }, what);
  };
  return {
    info: (about, what) => say('info', about, what),
    warn: (about, what) => say('warn', about, what),
    error: (about, what) => say('error', about, what),
  };
}

/**
 * What happened, and to whom: of a peer its address, for its port is another each time. States of
 * a migration are told apart: its end is said, however many ports moved before.
 */
function subjectOf(about: About, what: string): string {
  const { vswitch, datapath, port, controller, peer, id, state } = about;
  const host = String(peer ?? '').replace(/:\d+$/, '');
  return [what, vswitch, datapath, port, controller, id, state, host].join(' ');
}
