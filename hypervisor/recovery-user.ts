/**
 * The hypervisor's reaction when a vswitch's rules have been loaded, or cannot be.
 */
import type { VswitchName } from '../slices/ids.ts';
import type { Ledger } from './store/ledger.ts';
import type { LoadingUser } from './store/recovery.ts';
import { messageOf } from './world/error-text.ts';
import type { Boundary, Party } from './world/fault-boundary.ts';
import type { Log } from './world/log.ts';

/** Who serves vswitches whose rules are loaded. */
export interface RecoveryHub {
  readonly boundary: Boundary;
  readonly ledger: Ledger;
  readonly executor: { loaded(name: VswitchName): void };
  readonly reopening: { failed(name: VswitchName, why: string): void };
  runtime(name: VswitchName): (Party & { refresh(): void }) | undefined;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

export function loadingUser(hub: RecoveryHub, log: Log): LoadingUser {
  const { boundary, ledger } = hub;
  return {
    onLoaded(name: VswitchName): void {
      ledger.leftOut.say(log, (what) => hub.alarm(what));
      const runtime = hub.runtime(name);
      boundary.run(runtime, () => {
        hub.executor.loaded(name);
        runtime?.refresh();
      });
    },
    onUnreadable(name: VswitchName, error: unknown): void {
      const why = `${name}: its rules cannot be read from the store: ${messageOf(error)}`;
      log.error({ why }, 'its stored rules stay as they are, and it is not served');
      hub.alarm(why);
      hub.runtime(name)?.close({ why, stack: '', message: '' });
      hub.reopening.failed(name, why);
    },
    onEnd(hasFailed: boolean): void {
      // What cannot be read would be lost if the store were made anew.
      if (!hasFailed) ledger.reads(false);
    },
  };
}
