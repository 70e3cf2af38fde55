/**
 * `log` on the control socket (control.ts): the log levels of modules, and changes of them.
 */
import type { Log } from '../world/log.ts';
import {
  type LogLevel,
  type LogModule,
  levelOf,
  logModules,
  logLevels as names,
} from '../world/log-levels.ts';
import { type Params, textOf, textsOf } from './control-values.ts';

export interface LogResult {
  readonly levels: Readonly<Record<string, LogLevel>>;
}

interface LogReply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

export const logMethods = { log, setLog: log } as const;

function log({ log: own }: { readonly log: Log }, params: Params, reply: LogReply): void {
  const { logLevels: levels } = own;
  const [named, asked] = [textsOf(params, 'modules'), textOf(params, 'level')];
  const unknown = named.find((one) => !logModules.some((module) => module === one));
  const level = levelOf(asked);
  if (levels === undefined && asked !== '')
    reply.error('rejected', 'the log of this limevisor has no levels');
  else if (unknown !== undefined) {
    const why = `there is no module "${unknown}"; known: ${logModules.join(', ')}`;
    reply.error('usage', why);
  } else if (asked !== '' && level === undefined) {
    reply.error('usage', `"${asked}" is not a log level; known: ${names.join(', ')}`);
  } else {
    const modules = named.length === 0 ? logModules : (named as readonly LogModule[]);
    if (level !== undefined) levels?.set(modules, level);
    const all = Object.entries(levels?.all ?? {}).filter(([one]) =>
      modules.some((each) => each === one),
    );
    reply.result({ levels: Object.fromEntries(all) } satisfies LogResult);
  }
}
