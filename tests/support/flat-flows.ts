/** Everything that a flat datapath, or a body there, has sent. */
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';

interface Sent {
  flows(): Iterable<readonly PhysicalFlow[]>;
}

export function flowsOf(sent: Sent): readonly PhysicalFlow[] {
  return [...sent.flows()].flat();
}
