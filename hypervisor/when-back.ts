/**
 * After a restart: both datapaths of a migration have the time to connect before their absence
 * means much.
 */
import { limits } from '../slices/limits.ts';
import type { Migration } from '../translation/migration.ts';
import type { Hub } from './vswitch.ts';

export function whenBack(hub: Hub, { from, to }: Migration, run: () => void): void {
  const { world } = hub;
  const startedMs = world.nowMs();
  const look = (): void => {
    const both = hub.datapath(from).isReady && hub.datapath(to).isReady;
    if (both || world.nowMs() - startedMs >= limits.datapathLostMs) run();
    else world.after(LOOK_MS, look);
  };
  look();
}

const LOOK_MS = 100;
