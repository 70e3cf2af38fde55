/**
 * Leads all ways around a datapath, and back, while traffic flows: new ways are made beside the old
 * ones, then used, then the old ones go (slices/network/drained-datapaths.ts). Each state is in the
 * store before it is carried out, and carried out again after a restart.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type Avoided, stepsTo } from '../../slices/network/drained-datapaths.ts';
import { isInfeasible, withAvoiding } from '../../slices/network/snapshot.ts';
import type { Hypervisor } from '../hypervisor.ts';
import type { Log } from '../world/log.ts';

type Done = (trouble?: string) => void;

export class Draining {
  readonly #hypervisor: Hypervisor;
  readonly #log: Log;
  #isUnderWay = false;

  constructor(hypervisor: Hypervisor, log: Log) {
    this.#hypervisor = hypervisor;
    this.#log = log;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Goes on with what an earlier process had begun, when its datapaths are back. */
  resume(): void {
    for (const one of this.#hypervisor.remedies) {
      if (one.type !== 'undrained') continue;
      const { warnings } = this.#hypervisor.datapath(one.object as DatapathName);
      warnings.set('undrained', `${one.cause}; ${one.done}; ${one.next}`);
    }
    const { avoiding } = this.#hypervisor.snapshot();
    if (avoiding.spare === undefined) return;
    this.#isUnderWay = true;
    const { world } = this.#hypervisor;
    const startedMs = world.nowMs();
    const look = (): void => {
      const isBack = this.#hypervisor.datapaths().every((one) => one.isReady);
      const isLate = world.nowMs() - startedMs >= limits.datapathLostMs;
      if (isBack || isLate) this.#go(avoiding.goal, () => undefined);
      else world.after(limits.pollIntervalMinMs, look);
    };
    look();
  }

  /** `done` when all ways in use are around these datapaths, and only those are left. */
  lead(avoided: Avoided, done: Done): void {
    this.#isUnderWay = true;
    for (const name of avoided) this.#hypervisor.datapath(name).warnings.delete('undrained');
    this.#go(avoided, done);
  }

  #go(avoided: Avoided, done: Done): void {
    const steps = stepsTo(this.#hypervisor.snapshot().avoiding, avoided);
    const run = (i: number): void => {
      const step = steps[i];
      if (step === undefined) {
        this.#isUnderWay = false;
        this.#log.info({ avoided: [...avoided] }, 'ways lead around these datapaths');
        done();
        return;
      }
      const next = withAvoiding(this.#hypervisor.snapshot(), step);
      if (isInfeasible(next)) {
        this.#isUnderWay = false;
        done(next.why);
        return;
      }
      const { ledger, world } = this.#hypervisor;
      ledger.putAvoiding(step);
      this.#hypervisor.swap(next);
      ledger.sync(() => {
        this.#hypervisor.rewire({ parts: 'all', giveUp: () => undefined }, (trouble) => {
          // What is away is made right when it returns; nothing is taken back half-way.
          if (trouble !== undefined) this.#log.warn({ why: trouble }, 'ways are led elsewhere');
          // What is on an old way arrives before that goes.
          world.after(limits.drainMs, () => run(i + 1));
        });
      });
    };
    run(0);
  }
}
