/**
 * Messages to the operator when the store cannot be written.
 */
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

/** For who was not told what to do then. */
export function throwing(why: string): never {
  throw new Error(why);
}
