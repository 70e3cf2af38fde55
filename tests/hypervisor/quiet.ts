/**
 * Quiet moments of a hypervisor in a world in memory: nothing moves, is applied or waits to be
 * broken. Each datapath's intent is then what owners contribute to it now, whichever way it was led
 * there (translation/datapath/contribution.ts).
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { isEnded } from '../../translation/migration/ensemble.ts';
import { isHostMoveOver } from '../../translation/migration/host-move.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { outdated } from '../support/intent.ts';

/** Larger networks are looked at by the tests that have them, and not at every moment. */
const OWNERS_MAX = 100;

export class QuietMoments {
  readonly #hypervisor: Hypervisor;
  /** The snapshot that was looked at last: contributions are another with another snapshot. */
  #seen: unknown;

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor;
  }

  /** Throws when it is quiet and an intent is not what it should be. */
  look(): void {
    const hypervisor = this.#hypervisor;
    const snapshot = hypervisor.snapshot();
    if (snapshot === this.#seen || !isQuiet(hypervisor)) return;
    this.#seen = snapshot;
    if (snapshot.vswitches.size * snapshot.datapaths.size > OWNERS_MAX) return;
    const wrong = hypervisor.datapaths().flatMap((one) => outdated(hypervisor, one));
    if (wrong.length > 0) throw new Error(`a quiet moment: ${wrong.slice(0, 10).join('\n')}`);
  }
}

export function isQuiet(hypervisor: Hypervisor): boolean {
  const { executor, applying, hostMoves, planning } = hypervisor;
  let isIdle = false;
  planning.whenIdle(() => {
    isIdle = true;
  });
  return (
    isIdle &&
    planning.changeovers.left.length === 0 &&
    executor.all().every(isOver) &&
    [...executor.ensembles.all.values()].every(isEnded) &&
    hostMoves.all().every(isHostMoveOver) &&
    applying.underWay === undefined &&
    hypervisor.datapaths().every(({ isReady, intent }) => {
      return isReady && intent.unfinished().next().done === true;
    })
  );
}
