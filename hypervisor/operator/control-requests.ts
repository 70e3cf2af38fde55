/**
 * Requests on the control socket (control.ts): one JSON object a line, and what the log says of
 * those that change something.
 */
import type { Log } from '../world/log.ts';
import { type Params, textOf } from './control-values.ts';

export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: Params;
  /** Who gave the command, as the other end says: only its owner may open the socket. */
  readonly by: string;
}

/** Undefined when it is no such object. */
export function parseRequest(line: string): Request | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { id, method, params, by } = value as Params;
    const named = typeof params === 'object' && params !== null ? (params as Params) : {};
    return {
      id: typeof id === 'number' ? id : 0,
      method: textOf({ method }, 'method'),
      params: named,
      by: textOf({ by }, 'by', 'somebody').slice(0, BY_CHARACTERS_MAX),
    };
  } catch {
    return undefined; // Answered as a usage error by the caller.
  }
}

const BY_CHARACTERS_MAX = 200;
const PARAMS_CHARACTERS_MAX = 1_000;

/** Methods that change something; the others only ask. */
const changing: ReadonlySet<string> = new Set([
  ...['migrate', 'undo', 'drain', 'undrain', 'move', 'moved', 'abort'],
  ...['apply', 'deploy', 'purge', 'restore', 'reopen'],
]);

/** The log has who gave which command. Answers what to say when it is refused. */
export function noteRequest(log: Log, { method, params, by }: Request): (why: string) => void {
  if (!changing.has(method)) return () => undefined;
  log.info({ command: method, by, params: shown(params) }, 'command');
  return (why) => log.warn({ command: method, by, why }, 'command refused');
}

function shown(params: Params): unknown {
  const text = JSON.stringify(params);
  return text.length <= PARAMS_CHARACTERS_MAX
    ? params
    : `${text.slice(0, PARAMS_CHARACTERS_MAX)}...`;
}
