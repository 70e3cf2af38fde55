/**
 * Vswitches that come back to the configuration while limevisor runs, with their former state: it
 * is read from the store, and their bodies are filled with it before they serve.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Journal } from '../store/journal.ts';
import type { Recovered } from '../store/recovered.ts';
import type { Load, Loading, LoadingUser } from '../store/recovery.ts';
import { type Reread, reread } from '../store/rereading.ts';
import { copyRules, type FillingContext } from '../tenant/bodies.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Store } from '../world/world.ts';

export interface ReturningContext extends FillingContext, Datapaths {
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  readonly loading: Loading;
  readonly loadingUser: LoadingUser;
  runtime(name: VswitchName): VswitchRuntime | undefined;
}

type TenantStates = ReadonlyMap<VswitchName, { readonly load: Load | undefined }>;

export class Returning {
  readonly #context: ReturningContext;
  readonly #store: Store;
  /** What was read, until those that come back have what they need of it. */
  #reread: Reread | undefined;
  /** Until their bodies have the rules that were kept. */
  readonly #all = new Set<VswitchName>();

  constructor(context: ReturningContext, store: Store) {
    this.#context = context;
    this.#store = store;
  }

  has(name: VswitchName): boolean {
    return this.#all.has(name);
  }

  /** Reads what the store has now, in turns; why not, when it cannot. */
  read(then: (recovered: Recovered | string) => void): void {
    const { scheduler, journal } = this.#context;
    reread(this.#store, scheduler, journal, (read) => {
      if (typeof read === 'string') then(read);
      else {
        this.#reread = read;
        then(read.recovered);
      }
    });
  }

  /** What was read is needed no more, but for the rules that are being loaded. */
  release(): void {
    this.#reread?.release();
    this.#reread = undefined;
  }

  /** They are to come back, with the counters of their ports. */
  expect(names: ReadonlySet<VswitchName>, { portCounters }: Recovered): void {
    for (const name of names) this.#all.add(name);
    const { journal } = this.#context;
    const own = [...portCounters].filter(([name]) => names.has(name));
    journal.portCounters = new Map([...journal.portCounters, ...own]);
  }

  /** They do not come back after all: what the store keeps of them stays there. */
  forget(names: ReadonlySet<VswitchName>): void {
    for (const name of names) this.#all.delete(name);
  }

  /** The same of all of these. */
  fillAll(names: Iterable<VswitchName>, states: TenantStates, done: Ended): void {
    const fill = (name: VswitchName, ended: Ended): void => {
      const runtime = this.#context.runtime(name);
      if (runtime === undefined) ended();
      else this.fill(runtime, states.get(name)?.load, ended);
    };
    whenAll(names, fill, done);
  }

  /** One is there, and its rules are to be loaded yet; `done` says what a body refused of them. */
  fill(runtime: VswitchRuntime, load: Load | undefined, done: Ended): void {
    const { loading, loadingUser } = this.#context;
    loading.add(runtime.name, load, loadingUser, () => {
      const fill = (on: DatapathName, ended: Ended): void => {
        const { isReady } = this.#context.datapath(on);
        // One that is away is corrected when it returns.
        if (!isReady) ended();
        else {
          copyRules(this.#context, runtime, on, (trouble) => {
            ended(this.#context.datapath(on).isReady ? trouble : undefined);
          });
        }
      };
      whenAll(runtime.placement.bodies, fill, (trouble) => {
        this.#all.delete(runtime.name);
        done(trouble);
      });
    });
  }
}
