/**
 * The operator's decisions about a store that no limevisor serves: the same as through the control
 * socket, with the file that names the vswitches.
 */
import type { Config } from '../../slices/config/config.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { isInfeasible } from '../../slices/network/snapshot.ts';
import { type Decided, Departures, type Purger, purgeAll } from '../store/departures.ts';
import { Journal } from '../store/journal.ts';
import { found, foundFull, starting } from '../store/starting.ts';
import { openStore } from '../store/store.ts';
import { messageOf } from '../world/error-text.ts';
import { nodeWorld } from '../world/node-world.ts';

export interface Asked {
  readonly vswitch: string;
  readonly left?: boolean;
}

/** Locks the store; why not, when somebody serves it. */
export function offline(
  config: Config,
  verb: 'purge' | 'restore',
  { vswitch, left = false }: Asked,
): { readonly done: readonly string[] } | { readonly whyNot: string } {
  const world = nodeWorld();
  try {
    const store = openStore(config.store, () => world.random());
    try {
      const journal = new Journal(world, store);
      const loaded = journal.load();
      const begun = starting({ world, journal }, config, loaded);
      const all = isInfeasible(begun) ? foundFull(world, config, loaded) : found(begun);
      const departures = new Departures(journal, loaded, all);
      const purger: Purger = {
        departures,
        purge: (name) => departures.purge(name),
        datapaths: () => config.datapaths.map((one) => ({ config: one })),
      };
      const decided: readonly Decided[] =
        verb === 'purge'
          ? purgeAll(purger, vswitch, left)
          : [departures.restore(vswitch as VswitchName)];
      journal.flush();
      const whyNot = decided.flatMap((one) => ('whyNot' in one ? [one.whyNot] : []))[0];
      if (whyNot !== undefined) return { whyNot };
      return { done: decided.flatMap((one) => ('done' in one ? [one.done] : [])) };
    } finally {
      store.close();
    }
  } catch (error) {
    return { whyNot: messageOf(error) };
  }
}
