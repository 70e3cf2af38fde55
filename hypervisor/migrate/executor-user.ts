/**
 * What carrying out migrations needs of the hypervisor (executor.ts).
 */
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Migration } from '../../translation/migration.ts';
import type { Rewiring } from '../datapath/tables.ts';
import type { Loading } from '../store/recovery.ts';
import type { Hub } from '../tenant/hub.ts';

/** Besides being a hub. */
export interface ExecutorUser extends Hub {
  /** Makes `snapshot` the one that serves; the change is journalled in this turn. */
  swap(snapshot: Snapshot): void;
  /** Leads every datapath's wiring to the snapshot's. */
  rewire(rewiring: Rewiring, done: (trouble?: string) => void): void;
  onMigration(migration: Migration): void;
  readonly loading: Loading;
}
