/**
 * The operator's log: pino's JSON lines, on stderr so that stdout stays for answers.
 */
import { type Logger, pino } from 'pino';

/** What the shell's parts need of a logger. */
export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

export function openLog(level: string): Logger {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}
