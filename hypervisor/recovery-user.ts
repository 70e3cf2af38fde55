/**
 * The hypervisor's reaction when a vswitch's rules have been loaded, or cannot be.
 */
import type { VswitchName } from '../slices/ids.ts';
import type { Journal } from './store/journal.ts';
import type { LoadingUser } from './store/recovery.ts';
import { messageOf } from './world/error-text.ts';
import type { Boundary, Party } from './world/fault-boundary.ts';
import type { Log } from './world/log.ts';

/** Who serves vswitches whose rules are loaded. */
export interface RecoveryContext {
  readonly boundary: Boundary;
  readonly journal: Journal;
  readonly executor: { loaded(name: VswitchName): void };
  readonly reopening: { failed(name: VswitchName, why: string): void };
  runtime(name: VswitchName): (Party & { refresh(): void }) | undefined;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

export function loadingUser(context: RecoveryContext, log: Log): LoadingUser {
  const { boundary, journal } = context;
  return {
    onLoaded(name: VswitchName): void {
      journal.leftOut.say(log, (what) => context.alarm(what));
      const runtime = context.runtime(name);
      boundary.run(runtime, () => {
        context.executor.loaded(name);
        runtime?.refresh();
      });
    },
    onUnreadable(name: VswitchName, error: unknown): void {
      const why = `${name}: its rules cannot be read from the store: ${messageOf(error)}`;
      log.error({ why }, 'its stored rules stay as they are, and it is not served');
      context.alarm(why);
      context.runtime(name)?.close({ why, stack: '', message: '' });
      context.reopening.failed(name, why);
    },
  };
}
