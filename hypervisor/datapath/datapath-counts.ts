/**
 * Counters of a datapath's connections and messages since this process began, for metrics.
 */
import { DurationsByKind } from '../../slices/durations.ts';
import type { Ack } from './acknowledgements.ts';

export class DatapathCounts {
  connections = 0;
  losses = 0;
  packetIns = 0;
  errors = 0;
  /** From sending something to when it counts as done, by how sure that was to be. */
  readonly acknowledged = new DurationsByKind<Ack>();
}
