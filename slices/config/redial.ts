/**
 * The delay after which a controller that went away is dialled again: `redial: { first: 250ms, max:
 * 2s }`. It doubles from the first to the longest.
 */
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

export interface Redial {
  readonly firstMs: number;
  readonly maxMs: number;
}

export function readRedial(at: Reader | undefined): Redial {
  at?.onlyKeys(['first', 'max']);
  const time = (key: string, otherwise: number): number =>
    at?.optional(key)?.parsed(parseTime)[0] ?? otherwise;
  const firstMs = time('first', limits.redialMinMs);
  const maxMs = time('max', Math.max(firstMs, limits.redialMaxMs));
  if (maxMs < firstMs) at?.problem('has a "max" below its "first"; make it at least as long');
  return { firstMs, maxMs };
}

/** A time in the file: `250ms`, `2s`. */
export function parseTime(text: string): Parsed<number> {
  const [, number = '', unit] = /^([0-9]{1,6}) ?(ms|s)$/.exec(text) ?? [];
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  if (unit !== undefined && ms >= 1 && ms <= limits.redialLongestMs) {
    return { ok: true, value: ms };
  }
  const most = limits.redialLongestMs / 1000;
  return { ok: false, why: `"${text}" is not a valid delay; write 250ms or 2s (at most ${most}s)` };
}

export function timeText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
