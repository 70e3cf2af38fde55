/**
 * What the processors have left: nothing to do, or only what is nice. Test files that wait more
 * than they compute run many at a time where there is some, and no more than they need where there
 * is none: switches that get no time lose frames, and nobody learns anything from that.
 */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

interface Times {
  readonly allMs: number;
  readonly spareMs: number;
}

export function timesOf(all: readonly { readonly times: NodeJS.Dict<number> }[]): Times {
  let [allMs, spareMs] = [0, 0];
  for (const { times } of all) {
    for (const [kind, ms = 0] of Object.entries(times)) {
      allMs += ms;
      if (kind === 'idle' || kind === 'nice') spareMs += ms;
    }
  }
  return { allMs, spareMs };
}

const LOOK_MSEC = 2_000;
/** Of all processors' time. */
const ENOUGH = 0.35;

export class SpareTime {
  #turn: Promise<void> = Promise.resolve();

  /** Ends when there is some, or `isOver`; whoever asks next waits behind. */
  some(isOver: () => boolean): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look(isOver));
    return this.#turn;
  }

  async #look(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const before = timesOf(cpus());
      await sleep(LOOK_MSEC);
      const after = timesOf(cpus());
      const spare = (after.spareMs - before.spareMs) / (after.allMs - before.allMs);
      if (spare >= ENOUGH) return;
    }
  }
}
