/**
 * The operator's command that is called when datapaths and cables become idle, and when they are
 * needed again (hypervisor/migrate/idle-watch.ts): to switch ports off and on. Each word is an
 * argument: no shell reads it.
 *
 *   on-idle: { exec: [/usr/local/bin/ports], limit: 30s, after: 10s }
 */
import { limits } from '../limits.ts';
import { parsePath } from './drivers.ts';
import type { Reader } from './reader.ts';
import type { OnIdle } from './remaps.ts';
import { parseSpan, spanText } from './schedules.ts';

export function readOnIdle(at: Reader | undefined): OnIdle | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(['exec', 'limit', 'after']);
  const words = at.required('exec').items('is an empty list; write [/path/to/program]');
  const exec = words.flatMap((word, i) => {
    return word.parsed((text) => (i === 0 ? parsePath(text) : { ok: true, value: text }));
  });
  if (exec.length === 0) return undefined;
  const limitMs = at.optional('limit')?.parsed(parseSpan)[0] ?? limits.idleCommandMs;
  const afterMs = at.optional('after')?.parsed(parseSpan)[0] ?? limits.idleAfterMs;
  return { exec, limitMs, afterMs };
}

/** The inverse of its reading. */
export function onIdleFields({ exec, limitMs, afterMs }: OnIdle) {
  return {
    exec,
    ...(limitMs !== limits.idleCommandMs && { limit: spanText(limitMs) }),
    ...(afterMs !== limits.idleAfterMs && { after: spanText(afterMs) }),
  };
}
