/**
 * What becomes of a vswitch when its rules have been loaded, or cannot be.
 */
import type { VswitchName } from '../slices/ids.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { LoadingUser } from './store/recovery.ts';
import { messageOf } from './world/error-text.ts';
import type { Log } from './world/log.ts';

export function loadingUser(hypervisor: Hypervisor, log: Log): LoadingUser {
  const { boundary, executor, ledger } = hypervisor;
  return {
    onLoaded(name: VswitchName): void {
      ledger.leftOut.say(log, (what) => hypervisor.alarm(what));
      const runtime = hypervisor.runtime(name);
      boundary.run(runtime, () => {
        executor.loaded(name);
        runtime?.refresh();
      });
    },
    onUnreadable(name: VswitchName, error: unknown): void {
      const why = `${name}: its rules cannot be read from the store: ${messageOf(error)}`;
      log.error({ why }, 'its stored rules stay as they are, and it is not served');
      hypervisor.alarm(why);
      hypervisor.runtime(name)?.close({ why, stack: '', message: '' });
      hypervisor.reopening.failed(name, why);
    },
    onEnd(hasFailed: boolean): void {
      // What cannot be read would be lost if the store were made anew.
      if (!hasFailed) ledger.reads(false);
    },
  };
}
