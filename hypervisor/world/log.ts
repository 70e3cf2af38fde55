/**
 * The operator's log: pino's JSON lines, on stderr so that stdout stays for answers.
 */
import { LRUCache } from 'lru-cache';
import { type Logger, pino } from 'pino';
import { limits } from '../../slices/limits.ts';
import type { EventLog } from './event-log.ts';
import { printable } from './exit-codes.ts';
import type { LogLevels, LogModule } from './log-levels.ts';

/** What the shell's parts need of a logger: who and why, and what happened. */
export interface Log {
  info(about: About, what: string, module?: LogModule): void;
  warn(about: About, what: string, module?: LogModule): void;
  error(about: About, what: string, module?: LogModule): void;
  /** The same for one part, whose lines may be fewer; absent: all are treated alike. */
  of?(module: LogModule): Log;
  /** What it has said, where that is kept. */
  readonly events?: EventLog | undefined;
  /** How much it says, where that may be changed. */
  readonly logLevels?: LogLevels | undefined;
}

/** As one part says it, where parts are told apart. */
export function logOf(log: Log, module: LogModule): Log {
  return log.of?.(module) ?? log;
}

export function logsOf(log: Log, ...modules: readonly [LogModule, LogModule, LogModule]) {
  const [one, two, three] = modules;
  return [logOf(log, one), logOf(log, two), logOf(log, three)] as const;
}

type About = Readonly<Record<string, unknown>>;
type Level = 'info' | 'warn' | 'error';

export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Levels by name, times as ISO 8601 of UTC; nothing in it commands a terminal that shows it. */
export function openLog(level: string, format: LogFormat = 'json'): Logger {
  const standardError = pino.destination({ fd: 2, sync: true });
  const lineOf = format === 'json' ? (line: string) => line : textLine;
  return pino(
    {
      ...{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      formatters: { level: (name) => ({ level: name }) },
    },
    { write: (line: string) => void standardError.write(printable(lineOf(line))) },
  );
}

/** `2026-11-28T07:43:05.123Z warn  switch refused: peer=10.0.0.7:41 why="..."`, of such JSON. */
export function textLine(line: string): string {
  const { level, time, msg, ...about } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const parts = Object.entries(about).map(([name, value]) => `${name}=${valueText(value)}`);
  const more = parts.length === 0 ? '' : `: ${parts.join(' ')}`;
  return `${String(time)} ${String(level).padEnd(5)} ${String(msg)}${more}\n`;
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value);
}

/** What the levels let pass, with the module that it comes from. */
export function levelled(log: Logger, logLevels: LogLevels): Log {
  const say = (level: Level, about: About, what: string, module: LogModule = 'process'): void => {
    if (logLevels.lets(level, module)) log[level]({ module, ...about }, what);
  };
  return {
    info: (about, what, module) => say('info', about, what, module),
    warn: (about, what, module) => say('warn', about, what, module),
    error: (about, what, module) => say('error', about, what, module),
    logLevels,
  };
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
  const isNews = newsTeller(nowMs);
  const say = (level: Level, about: About, what: string, module?: LogModule): void => {
    const subject = subjectOf(about, what);
    if (always.has(what)) {
      log[level](about, what, module);
      return;
    }
    const again = repeated.has(what) ? isNews(`${subject} ${String(about['why'])}`) : 0;
    if (again === undefined) return;
    let said = all.get(subject);
    let passedOver = again;
    if (said === undefined || nowMs() - said.sinceMs >= limits.logWindowMs) {
      passedOver += said?.passedOver ?? 0;
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
    log[level]({ ...about, ...more, ...note }, what, module);
  };
  const of = (module?: LogModule): Log => ({
    info: (about, what) => say('info', about, what, module),
    warn: (about, what) => say('warn', about, what, module),
    error: (about, what) => say('error', about, what, module),
    events: log.events,
    logLevels: log.logLevels,
    of,
  });
  return of();
}

/** What only the operator brings about: none of it is ever passed over. */
const always: ReadonlySet<string> = new Set(['command', 'migration over']);

/** What comes again and again as long as nobody does anything about it: a switch dials for ever. */
const repeated: ReadonlySet<string> = new Set(['switch refused']);

/**
 * Whether something is news: how often it was not since it was the last time; undefined: it is
 * none. What goes on is news again after a while, twice as long each time.
 */
function newsTeller(nowMs: () => number): (subject: string) => number | undefined {
  const all = new LRUCache<string, { nextMs: number; pauseMs: number; times: number }>({
    max: limits.logSubjectsMax,
  });
  return (subject) => {
    const now = nowMs();
    const known = all.get(subject);
    if (known === undefined || now >= known.nextMs + known.pauseMs) {
      const pauseMs = limits.logWindowMs;
      all.set(subject, { nextMs: now + pauseMs, pauseMs, times: 0 });
      return known?.times ?? 0;
    }
    if (now < known.nextMs) {
      known.times += 1;
      return undefined;
    }
    const { times } = known;
    known.pauseMs = Math.min(known.pauseMs * 2, limits.logRepeatedMsMax);
    known.nextMs = now + known.pauseMs;
    known.times = 0;
    return times;
  };
}

/**
 * What happened, and to whom: of a peer its address, for its port is another each time. States of
 * a migration are told apart: its end is said, however many ports moved before.
 */
function subjectOf(about: About, what: string): string {
  const { vswitch, datapath, port, controller, peer, id, state, request, error } = about;
  const host = String(peer ?? '').replace(/:\d+$/, '');
  return [what, vswitch, datapath, port, controller, id, state, request, error, host].join(' ');
}
