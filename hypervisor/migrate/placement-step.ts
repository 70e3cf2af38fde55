/**
 * One step of a migration that changes a vswitch's placement: no other request of the vswitch runs
 * meanwhile, and its bodies have accepted or refused everything that they were sent before.
 */

import { tenantOf } from '../../slices/ids.ts';
import type { Rewiring } from '../datapath/rewiring.ts';
import { eachAnswers } from '../tenant/acknowledged.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Rewired } from './executor-user.ts';

export interface Placing extends Omit<Rewiring, 'vswitch'> {
  /**
   * Takes the placement; why not, when it cannot be. Requests of the vswitch go on when it is over,
   * or `letGo` is called before.
   */
  place(then: (trouble?: string) => void, letGo: () => void): void;
}

export function place(
  user: Rewired,
  runtime: VswitchRuntime,
  placing: Placing,
  done: (trouble?: string) => void,
): void {
  const { name } = runtime;
  user.planning.locks.shared(tenantOf(name), name, (leave) => {
    placeNow(user, runtime, placing, (trouble) => {
      leave();
      done(trouble);
    });
  });
}

function placeNow(
  user: Rewired,
  runtime: VswitchRuntime,
  { place: take, ...rewiring }: Placing,
  done: (trouble?: string) => void,
): void {
  // What is behind it goes to the bodies that there are then.
  runtime.exclusive((release) => {
    let isHeld = true;
    const letGo = (): void => {
      if (isHeld) release();
      isHeld = false;
    };
    eachAnswers(user, runtime, () => {
      const placed = (why?: string): void => {
        letGo();
        if (why !== undefined) done(why);
        else user.rewire({ vswitch: runtime.vswitch, ...rewiring }, done);
      };
      user.planning.whenIdle(() => {
        // What was just settled may have shown that the clone cannot be the primary.
        const wanted = rewiring.giveUp();
        if (wanted !== undefined) placed(wanted);
        else take(placed, letGo);
      });
    });
  });
}
