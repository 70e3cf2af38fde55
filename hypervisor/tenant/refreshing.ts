/**
 * Passes changes of datapaths, their ports and placements of vswitches on to those vswitches that
 * each concerns, and to nobody else (slices/network/places.ts, slices/network/affected.ts).
 *
 * A vswitch whose body is gone is a switch that is gone. They are told a few at a time, for over a
 * datapath may go the links of all of them; what is told is looked at then, so it does not matter
 * what came first.
 */
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { eachWithPeers } from '../../slices/network/changed-ways.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { bodyNamesOn, eachNameAt, namesAtPort } from '../../slices/network/places.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Next } from '../datapath/paced-snapshots.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { VswitchRuntime } from './vswitch.ts';

interface RefreshingUser {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  snapshot(): Snapshot;
  runtime(name: VswitchName): VswitchRuntime | undefined;
}

type Concerns = (end: PhysicalEnd) => boolean;

export class Refreshing {
  readonly #user: RefreshingUser;

  constructor(user: RefreshingUser) {
    this.#user = user;
  }

  /** The datapath came, or is refused; `also` is for whom it is a body, before that. */
  datapath(name: DatapathName, also: (runtime: VswitchRuntime) => void = () => undefined): void {
    this.#datapath(name, (runtime) => {
      also(runtime);
      runtime.refresh();
    });
  }

  /** It went: controllers of those who need it are let go, though it may be back by then. */
  lost(name: DatapathName, why: string): void {
    this.#datapath(name, (runtime) => {
      const isGone = runtime.needed.has(name);
      if (isGone) runtime.refresh(why);
      if (!isGone || runtime.whyDown() === undefined) runtime.refresh();
    });
  }

  #datapath(name: DatapathName, refresh: (runtime: VswitchRuntime) => void): void {
    const snapshot = this.#user.snapshot();
    this.#each(bodyNamesOn(snapshot, name), refresh);
    const concerns = ({ device }: PhysicalEnd): boolean => device === name;
    this.#ports(eachWithPeers(snapshot, eachNameAt(snapshot, name)), concerns);
  }

  /** Does something for each that has anything on the datapath. */
  eachAt(name: DatapathName, work: (runtime: VswitchRuntime) => void): void {
    this.#each(eachNameAt(this.#user.snapshot(), name), work);
  }

  port({ device, port }: PhysicalEnd): void {
    const snapshot = this.#user.snapshot();
    const concerns = (end: PhysicalEnd): boolean => end.device === device && end.port === port;
    this.#ports(eachWithPeers(snapshot, namesAtPort(snapshot, device, port)), concerns);
  }

  /** Another snapshot serves. */
  changed(before: Snapshot, { snapshot, touched }: Pick<Next, 'snapshot' | 'touched'>): void {
    const placed = changedKeys(before.placements, snapshot.placements);
    this.#each(placed, (runtime) => runtime.refresh());
    this.#ports(touched.map(({ name }) => name));
  }

  all(): void {
    this.#ports(this.#user.snapshot().vswitches.keys());
  }

  #ports(names: Iterable<VswitchName>, concerns?: Concerns): void {
    this.#each(names, (runtime) => runtime.ports.refresh(undefined, concerns));
  }

  /**
   * A few in each turn, and they are looked for then, too. For nobody: what is for a datapath that
   * is gone is forgotten.
   */
  #each(names: Iterable<VswitchName>, work: (runtime: VswitchRuntime) => void): void {
    const { boundary, scheduler } = this.#user;
    const left = names[Symbol.iterator]();
    const step = (): boolean => {
      const { done, value } = left.next();
      if (done === true) return false;
      this.#call(value, work);
      return true;
    };
    boundary.run(undefined, () => scheduler.run({ step }));
  }

  /** What throws is that vswitch's. */
  #call(name: VswitchName, work: (runtime: VswitchRuntime) => void): void {
    const runtime = this.#user.runtime(name);
    if (runtime !== undefined) this.#user.boundary.call(runtime, work, runtime);
  }
}
