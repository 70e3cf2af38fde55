/** What a migration has cost, and what crossed meanwhile, as it is remembered. */
import type { DatapathName } from '../../slices/ids.ts';

/**
 * What crossed between what lives, or is plugged in, on a target and what does not, as ports have
 * counted it, of those that migrate and of what they exchange frames with.
 */
export interface Boundary {
  readonly bytes: number;
  /** Bytes a second, at most; 0 where it took too short to say. */
  readonly peakRate: number;
  /** Between the first and the last time that the ports were read. */
  readonly forMs: number;
}

export interface MigrationCost {
  /** Flow-mods, group-mods and meter-mods to all datapaths meanwhile. */
  readonly messages: number;
  /** The most entries that one of its two datapaths held: ours, and tenants' rules. */
  readonly peak: { readonly on: DatapathName; readonly entries: number };
}
