/**
 * Tenants that an operator has frozen, of the file or of owners: nobody may change anything of
 * theirs, and their frames are forwarded as their rules say.
 */
import { tenantOf, type VswitchName } from '../../slices/ids.ts';
import type { Frozen } from '../../translation/stored/stored-networks.ts';
import { textEntry } from '../store/journal-entries.ts';
import { type Keeper, perform, told } from '../store/ready.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';

export interface FreezingContext {
  readonly boundary: Boundary;
  readonly log: Log;
  readonly journal: Keeper;
  runtimes(): readonly VswitchRuntime[];
}

export class Freezing {
  readonly #world: Pick<World, 'wallClockMs'>;
  readonly #context: FreezingContext;
  readonly #all: Map<string, Frozen>;

  constructor(
    world: Pick<World, 'wallClockMs'>,
    context: FreezingContext,
    frozen: ReadonlyMap<string, Frozen>,
  ) {
    this.#world = world;
    this.#context = context;
    this.#all = new Map(frozen);
  }

  of(tenant: string): Frozen | undefined {
    return this.#all.get(tenant);
  }

  /** Why a vswitch serves no controllers, whatever its datapaths do. */
  whyNot(name: VswitchName): string | undefined {
    const frozen = this.#all.get(tenantOf(name));
    return frozen && `the operator has frozen this network: ${frozen.why}`;
  }

  /** `done` when a restart would find it so. */
  freeze(tenant: string, why: string, done: () => void): void {
    this.#set(tenant, { why, sinceMs: this.#world.wallClockMs() }, 'network frozen', done);
  }

  unfreeze(tenant: string, done: () => void): void {
    this.#set(tenant, undefined, 'network unfrozen', done);
  }

  forget(tenant: string): void {
    this.#all.delete(tenant);
  }

  #set(tenant: string, to: Frozen | undefined, what: string, done: () => void): void {
    const { journal, log, boundary, runtimes } = this.#context;
    const then = (): void => {
      if (to === undefined) this.#all.delete(tenant);
      else this.#all.set(tenant, to);
      for (const runtime of runtimes()) {
        if (tenantOf(runtime.name) !== tenant) continue;
        boundary.run(runtime, () => runtime.refresh());
      }
      log.info({ tenant, ...(to && { why: to.why }) }, what);
    };
    perform(journal, told([textEntry(`frozen/${tenant}`, to)], then, done));
  }
}
