/**
 * The options of a hypervisor (hypervisor.ts).
 */
import type { Config } from '../slices/config/config.ts';
import type { TakeOver } from './datapath/identity.ts';
import type { Drivers, RunCommand } from './drivers/driver.ts';
import type { Guard } from './tenant/single-body.ts';
import type { OnFault } from './world/fault-boundary.ts';
import type { Log } from './world/log.ts';
import type { Store, World } from './world/world.ts';

/** Told that another configuration serves, with whoever else wants to be. */
export function followedBy({ store, onConfig }: HypervisorOptions): (config: Config) => void {
  return (config) => {
    store.follow(config.storeSync);
    onConfig?.(config);
  };
}

export interface HypervisorOptions {
  readonly world: World;
  readonly store: Store;
  readonly config: Config;
  readonly log: Log;
  readonly guard?: Guard;
  /** What moves hosts; absent: people only. */
  readonly drivers?: Drivers;
  /** What runs the operator's commands; absent: none are run. */
  readonly runCommand?: RunCommand;
  /** What becomes of datapaths that hold what another store has written. */
  readonly takeOver?: TakeOver;
  /** Whether datapaths are looked at now and then; absent: they are. */
  readonly isAudited?: boolean;
  /** It cannot serve: an address to listen on is taken. Throws unless told otherwise. */
  readonly onFatal?: (why: string) => void;
  /** Told of every fault before the one whose it was is closed (fault-boundary.ts). */
  readonly onFault?: OnFault;
  /** Another configuration serves. */
  readonly onConfig?: (config: Config) => void;
  /** The store fails: what is not acknowledged is lost, and nothing more may be. Throws, too. */
  readonly onStoreLost?: (why: string) => void;
}
