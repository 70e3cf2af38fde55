/**
 * The interface that the executor (executor.ts) needs of the hypervisor.
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Ensemble, JoinedBody } from '../../translation/migration/ensemble.ts';
import type { HostMove, WhatMoves } from '../../translation/migration/host-move.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { InForce } from '../datapath/in-force.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import type { Next } from '../datapath/paced-snapshots.ts';
import type { Rewiring } from '../datapath/rewiring.ts';
import type { StartOrder } from '../datapath/start-order.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Loading } from '../store/recovery.ts';
import type { VswitchContext } from '../tenant/vswitch-context.ts';

/** Moves of hosts that are part of ensembles. */
export interface EnsembleHosts {
  all(): readonly HostMove[];
  /** Begins one, by the same checks as any; one that these refuse fails at once. */
  startPart(what: WhatMoves, ensemble: number): void;
  /** Why not, when it cannot be taken back. */
  abort(host: string, why: string): string | undefined;
  forget(ensembles: readonly number[]): void;
}

/** Bodies that come and go with an ensemble; one that is there, or gone, already is no trouble. */
interface PartialBodies {
  join(body: JoinedBody, done: (trouble?: string) => void): void;
  leave(body: JoinedBody, done: (trouble?: string) => void): void;
}

/** The snapshot that serves, and how datapaths are led to another. */
export interface Rewired extends Datapaths {
  snapshot(): Snapshot;
  /**
   * Makes this snapshot the one that serves; a `Next` was computed from the one that does now. The
   * change, and these entries, are kept in one commit; `onDisk` runs when the disk has them.
   */
  swap(to: Next | Snapshot, also?: readonly Entry[], onDisk?: () => void): void;
  /** Until what is being planned is planned, whoever can wait does not change the snapshot. */
  readonly planning: Pick<Planning, 'whenIdle' | 'follow' | 'locks' | 'changeovers'>;
  /** Leads every datapath's wiring to the snapshot's. */
  rewire(rewiring: Rewiring, done: (trouble?: string) => void): void;
}

/** Who is told of migrations; besides, it serves vswitches. */
export interface ExecutorUser extends VswitchContext, Rewired {
  readonly planning: Planning;
  readonly startOrder: Pick<StartOrder, 'whenOver'>;
  datapaths(): readonly Datapath[];
  onMigration(migration: Migration): void;
  onEnsemble(ensemble: Ensemble): void;
  readonly draining: {
    leadAround(
      datapaths: readonly DatapathName[],
      isHeld: boolean,
      done: (trouble?: string) => void,
    ): void;
  };
  /** Who has a body join for hosts that move there, or leave again. */
  readonly remaps: { readonly partialBodies: PartialBodies };
  readonly hostMoves: EnsembleHosts;
  readonly loading: Loading;
  readonly inForce: Pick<InForce, 'prove' | 'isOnlyCached' | 'unprovedSince' | 'of'>;
}
