/**
 * The reports of a start on vswitches that it has placed, and on those that have no room.
 */
import type { Remedy } from '../remedy.ts';
import type { Admitted, Chosen } from './admission.ts';
import type { Overbooked } from './configured-substrate.ts';

export function placementRemedies({ chosen, unplaced, overbooked }: Admitted): readonly Remedy[] {
  return [
    ...chosen.map(placed),
    ...[...unplaced].map(([object, cause]): Remedy => {
      return { type: 'held', object, cause, done: 'it is down until it has a place', next: '' };
    }),
    ...overbooked.map(crowded),
  ];
}

function placed({ object, where }: Chosen): Remedy {
  const cause = 'the file leaves open where it is placed';
  return { type: 'placed', object, cause, done: `it is placed on ${where}`, next: '' };
}

function crowded({ object, why }: Overbooked): Remedy {
  const done = 'it is served all the same';
  const next = 'reserve less, move a vswitch, or raise a "capacity" or a "bandwidth"';
  return { type: 'overbooked', object, cause: why, done, next };
}
