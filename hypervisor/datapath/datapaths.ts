/**
 * Datapaths by name: where messages to them go, and who is asked what they hold.
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Datapath } from './datapath.ts';

export interface Datapaths {
  /** Throws for a name that is not in the snapshot. */
  datapath(name: DatapathName): Datapath;
}
