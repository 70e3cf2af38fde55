/**
 * Faults of ours in tests that are not about them: they fail the test, as if there were no boundary
 * (hypervisor/world/fault-boundary.ts).
 */
import type { OnFault } from '../../hypervisor/world/fault-boundary.ts';

export const failing: OnFault = (_party, _fault, error) => {
  throw error;
};
