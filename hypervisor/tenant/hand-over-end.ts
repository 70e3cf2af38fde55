/**
 * What a process waits for that is told to end: packets that wait for a hand-over would end with
 * it, and those that are sent up meanwhile with the connections.
 */
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';

/** Calls back when no vswitch hands over; one that takes longer than others is left. */
export function whenHandedOver(
  world: Pick<World, 'nowMs' | 'after'>,
  vswitches: () => readonly { readonly singleBody: { readonly isHandingOver: boolean } }[],
  done: () => void,
): void {
  const lastMs = world.nowMs() + limits.endWaitsMs;
  const look = (): void => {
    const isOn = vswitches().some(({ singleBody }) => singleBody.isHandingOver);
    if (isOn && world.nowMs() < lastMs) world.after(END_LOOK_MS, look);
    else done();
  };
  look();
}

const END_LOOK_MS = 5;
