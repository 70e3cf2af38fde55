/**
 * After a restart: both datapaths of a migration have the time to connect before their absence
 * means much, and its vswitch the time to be loaded.
 */
import { limits } from '../../slices/limits.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { ExecutorUser } from './executor-user.ts';

/** `run` runs for the vswitch. */
export function whenDatapathsAreBack(
  user: ExecutorUser,
  migration: Migration,
  run: () => void,
): void {
  const { from, to, vswitch } = migration;
  const { world } = user;
  const look = (startedMs: number): void => {
    const both = user.datapath(from).isReady && user.datapath(to).isReady;
    if (both || world.nowMs() - startedMs >= limits.datapathLostMs) run();
    else world.after(LOOK_MS, () => look(startedMs));
  };
  user.loading.whenThere([vswitch], () => {
    user.boundary.run(user.runtime(vswitch), () => look(world.nowMs()));
  });
}

const LOOK_MS = 100;
