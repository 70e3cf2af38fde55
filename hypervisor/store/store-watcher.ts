/**
 * Messages to the operator when the store cannot be written.
 */
import type { StoreSync } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import type { Log } from '../world/log.ts';
import type { StoreWatcher } from '../world/world.ts';

/** Who is told. */
export interface StoreUser {
  alarm(what: string): void;
  /** Why nothing is kept at the moment; undefined while everything is. */
  storeWaits: string | undefined;
}

/** `lost` is to end the process. */
export function storeWatcher(log: Log, user: StoreUser, lost: (why: string) => void): StoreWatcher {
  const tell = (why: string, what: string): void => {
    log.error({ why }, what);
    user.alarm(`${what}: ${why}`);
  };
  return {
    onFull(why) {
      user.storeWaits = `nothing is acknowledged until the disk has room again: ${why}`;
      tell(why, 'nothing is acknowledged until the disk has room again');
    },
    onRoom() {
      user.storeWaits = undefined;
      log.info({}, 'the disk has room again; what waited is kept');
    },
    onGivenUp: (why) => tell(why, 'the store stays as large as it is, and is tried again later'),
    onFailure: lost,
  };
}

/** How long a sync may be put off that nobody waits for, milliseconds. */
export function syncDelayOf(sync: StoreSync = 'always'): number {
  return sync === 'background' ? limits.syncDelayMs : 0;
}

export function whyNotDurable(file: string, syncDelayMs: number, error: Error): string {
  const why = `the store ${file} cannot be made durable: ${messageOf(error)}`;
  if (syncDelayMs === 0) return why;
  return `${why}; of what was acknowledged before, the last ${syncDelayMs} ms may be lost`;
}

/** For who was not told what to do then. */
export function throwing(why: string): never {
  throw new Error(why);
}
