/**
 * Routes all ways around a datapath, and back, while traffic flows: new ways are made beside the
 * old ones, then used, then the old ones are removed (slices/network/drained-datapaths.ts). Each
 * state is in the store before it is carried out, and carried out again after a restart.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type Avoided, heldIn, stepsTo } from '../../slices/network/drained-datapaths.ts';
import { isInfeasible, led } from '../../slices/network/snapshot.ts';
import type { Remedy } from '../../slices/remedy.ts';
import { avoidedAfter } from '../../translation/migration/drain-plan.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { computeNext } from '../datapath/paced-snapshots.ts';
import type { Rewiring } from '../datapath/rewiring.ts';
import type { Journal } from '../store/journal.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import { whenReady } from './after-restart.ts';
import type { Rewired } from './executor-user.ts';

/** Where ways lead, and where it is kept. */
export interface DrainingUser extends Rewired {
  readonly world: World;
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  datapaths(): readonly Datapath[];
}

type Done = (trouble?: string) => void;

export class Draining {
  readonly #user: DrainingUser;
  readonly #log: Log;
  #isUnderWay = false;

  constructor(user: DrainingUser, log: Log) {
    this.#user = user;
    this.#log = log;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Goes on with what an earlier process had begun, when its datapaths are back. */
  resume(remedies: readonly Remedy[]): void {
    for (const one of remedies) {
      if (one.type !== 'undrained') continue;
      const { warnings } = this.#user.datapath(one.object as DatapathName);
      warnings.set('undrained', `${one.cause}; ${one.done}; ${one.next}`);
    }
    const { avoiding } = this.#user.snapshot();
    if (avoiding.spare === undefined) return;
    this.#isUnderWay = true;
    this.#whenBack(() => this.#go(avoiding.goal, () => undefined));
  }

  #whenBack(run: () => void): void {
    whenReady(this.#user.world, () => this.#user.datapaths(), run);
  }

  /** Some datapaths more, when nothing else is being led elsewhere; `done` when that is so. */
  leadAround(datapaths: readonly DatapathName[], isHeld: boolean, done: Done): void {
    const { world } = this.#user;
    const look = (): void => {
      if (this.#isUnderWay) {
        world.after(limits.pollIntervalMinMs, look);
        return;
      }
      const { avoiding } = this.#user.snapshot();
      const { now, held } = avoidedAfter(avoiding, datapaths, { isAvoided: true, isHeld });
      this.lead(now, done, held);
    };
    this.#whenBack(look);
  }

  /** From now on nothing is placed there, until it is undrained; ways lead where they did. */
  hold(datapaths: readonly DatapathName[]): void {
    const before = this.#user.snapshot();
    const held = new Set([...heldIn(before.avoiding), ...datapaths]);
    const avoiding = { ...before.avoiding, held };
    this.#user.swap({ ...before, avoiding }, [{ type: 'avoiding', avoiding }]);
  }

  /**
   * `done` when all ways in use are around these datapaths, and only those are left; what is held
   * stays so, if nothing else is said.
   */
  lead(avoided: Avoided, done: Done, held?: Avoided): void {
    this.#isUnderWay = true;
    for (const name of avoided) this.#user.datapath(name).warnings.delete('undrained');
    this.#go(avoided, done, held);
  }

  #go(avoided: Avoided, done: Done, held?: Avoided): void {
    const steps = stepsTo(this.#user.snapshot().avoiding, avoided, held);
    const run = (i: number): void => {
      const step = steps[i];
      if (step === undefined) {
        this.#isUnderWay = false;
        this.#log.info({ avoided: [...avoided] }, 'ways are routed around these datapaths');
        done();
        return;
      }
      const send = (broken: () => void) => (): void => {
        const rewiring: Rewiring = { parts: 'all', giveUp: () => undefined };
        this.#user.rewire(rewiring, (trouble) => {
          broken();
          // What is away is corrected when it returns; nothing is taken back half-way.
          if (trouble !== undefined) this.#log.warn({ why: trouble }, 'ways rerouted');
          run(i + 1);
        });
      };
      computeNext(
        this.#user,
        (before) => led(before, step),
        (next) => {
          if (next === undefined || isInfeasible(next)) {
            this.#isUnderWay = false;
            done(next?.why);
          } else {
            const broken = this.#user.planning.changeovers.leave([this.#user.snapshot()]);
            this.#user.swap(next, [{ type: 'avoiding', avoiding: step }], send(broken));
          }
        },
      );
    };
    run(0);
  }
}
