/**
 * The hypervisor as its parts see it.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Controller } from '../controller/controller.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Markers } from '../datapath/markers.ts';
import type { Heals } from '../datapath/stale-flow-healing.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Turns } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import type { VswitchRuntime } from './vswitch.ts';

/**
 * Only the tests' canaries have another than `redirect`, and order must break then: with `off` each
 * body processes what enters there, with `unheld` nothing is held while the primary changes.
 */
export type Guard = 'redirect' | 'off' | 'unheld';

/** What a vswitch needs of the rest. */
export interface Hub {
  /** Its callbacks run for whom they were registered (fault-boundary.ts). */
  readonly world: World;
  readonly boundary: Boundary;
  /** For what is too long for one turn of the event loop. */
  readonly turns: Turns;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly heals: Heals;
  readonly markers: Markers;
  readonly guard: Guard;
  readonly startedMs: number;
  snapshot(): Snapshot;
  /** Takes a snapshot that is another only in what the wiring of some vswitches depends on. */
  reconfigure(next: Snapshot, touched: readonly Vswitch[], done: () => void): void;
  datapath(name: DatapathName): Datapath;
  /** Why a vswitch serves nobody, whatever its datapaths do; undefined when it may. */
  whyHeld(name: VswitchName): string | undefined;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  /** One that is dialled came, or went. */
  onController(vswitch: Vswitch, controller: Controller): void;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
  /**
   * A body cannot hold what the primary holds, and is processed around from now on
   * (excluded-bodies.ts).
   */
  setAside(vswitch: Vswitch, body: DatapathName, why: string): void;
  /** The body that is about to be the primary again. */
  returnsTo(vswitch: Vswitch): DatapathName | undefined;
}
