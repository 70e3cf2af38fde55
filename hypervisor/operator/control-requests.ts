/**
 * Log lines about commands that change something (control.ts).
 */
import type { Log } from '../world/log.ts';
import type { Params } from './control-values.ts';

export interface Command {
  readonly method: string;
  readonly params: Params;
  /** Who gave it. */
  readonly by: string;
}

const PARAMS_CHARACTERS_MAX = 1_000;

/** Methods that change something; the others only ask. */
export const changing: ReadonlySet<string> = new Set([
  ...['migrate', 'undo', 'drain', 'undrain', 'move', 'moved', 'abort'],
  ...['apply', 'deploy', 'mirror', 'purge', 'restore', 'reopen', 'evacuate', 'setLog'],
]);

/** The log has who gave which command. Answers what to say when it is refused. */
export function noteCommand(log: Log, { method, params, by }: Command): (why: string) => void {
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
