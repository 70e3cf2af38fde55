/**
 * After a restart datapaths have time to connect before their absence counts. A migration needs
 * both of its datapaths, and its vswitch must be loaded.
 */
import { limits } from '../../slices/limits.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { World } from '../world/world.ts';
import type { ExecutorUser } from './executor-user.ts';

/** `run` runs for the vswitch. */
export function whenDatapathsAreBack(
  user: ExecutorUser,
  migration: Migration,
  run: () => void,
): void {
  const { from, to, vswitch } = migration;
  const both = (): readonly Datapath[] => [user.datapath(from), user.datapath(to)];
  user.loading.whenThere([vswitch], () => {
    user.boundary.run(user.runtime(vswitch), () =>
      whenReady(user.world, both, () => user.startOrder.whenOver(run)),
    );
  });
}

/** `run` when all of them are ready, or have had the time to be. */
export function whenReady(
  world: World,
  datapaths: () => readonly Pick<Datapath, 'isReady'>[],
  run: () => void,
): void {
  const startedMs = world.nowMs();
  const look = (): void => {
    const isBack = datapaths().every((one) => one.isReady);
    if (isBack || world.nowMs() - startedMs >= limits.datapathLostMs) run();
    else world.after(LOOK_MS, look);
  };
  look();
}

const LOOK_MS = 100;
