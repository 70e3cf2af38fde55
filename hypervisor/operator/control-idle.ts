/**
 * `idle` on the control socket (control.ts): datapaths and cables that carry nothing.
 */
import type { IdleState } from '../migrate/idle-watch.ts';
import type { Params } from './control-values.ts';
import type { Remaps } from './remaps.ts';

export interface IdleSources {
  readonly remaps: Remaps;
}

interface Reply {
  result(value: readonly IdleState[]): void;
}

export const idleMethods = { idle } as const;

function idle(context: IdleSources, _: Params, reply: Reply): void {
  context.remaps.idle.list((all) => reply.result(all));
}
