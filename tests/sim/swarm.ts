/**
 * One seed, one configuration: how many datapaths, cables and vswitches, which of them speak what
 * and use how many tables, how long they take, how long frames are on the way, how many migrations,
 * what of the process dies or is late, how much is done in a turn. A fixed set of these finds what
 * goes wrong in that set.
 */
import { limits } from '../../slices/limits.ts';
import { Random } from '../openflow/random.ts';
import { allOver, type Options, type Result, run } from './scenario.ts';
import { troublesIn } from './troubles.ts';

/** Limits that change how work is cut into turns, and when one looks again. */
interface Paces {
  readonly stepsPerTurnMax: number;
  readonly slotsPerStep: number;
  readonly drainPollMs: number;
}

export interface Drawn {
  readonly options: Options;
  readonly paces: Paces;
}

export function drawn(seed: number): Drawn {
  const random = new Random(seed);
  const datapathCount = 2 + random.number(7);
  const each = <T>(draw: () => T): readonly T[] => Array.from({ length: datapathCount }, draw);
  const isSlow = random.number(4) === 0;
  const hasFlat = random.number(3) === 0;
  const shape = {
    datapathCount,
    extraCount: random.number(5),
    middleCount: 1 + random.number(3),
    lieMs: each(() => random.pick(isSlow ? [0, 60, 120] : [0, 5, 20])),
    isFlat: each(() => hasFlat && random.number(2) === 0),
  };
  const options = {
    ...{ seed, shape },
    old: random.pick(['none', 'none', 'some', 'all'] as const),
    crash: random.number(3) === 0,
    moves: 1 + random.number(3),
    cableMs: random.pick([1, 2, 3]),
    clocksStep: random.number(2) === 0,
  };
  const paces = {
    stepsPerTurnMax: random.pick([1, 4, limits.stepsPerTurnMax]),
    slotsPerStep: random.pick([1, limits.slotsPerStep]),
    drainPollMs: random.pick([10, limits.drainPollMs]),
  };
  return { options, paces };
}

/** Runs it with its limits, and leaves those as they were. */
export function runDrawn({ options, paces }: Drawn): Result {
  const { stepsPerTurnMax, slotsPerStep, drainPollMs } = limits;
  try {
    Object.assign(limits, paces);
    return run(options);
  } finally {
    Object.assign(limits, { stepsPerTurnMax, slotsPerStep, drainPollMs });
  }
}

/** What is wrong with a run, in words. */
export function troublesOf({ options }: Drawn, result: Result): readonly string[] {
  const { crash = false, old, shape } = options;
  const isFlat = old !== 'none' || shape?.isFlat.includes(true) === true;
  const found = troublesIn(result, { isFlat, isKilled: crash });
  // One that was killed before the store had it has not begun.
  const isForgotten = crash && options.moves === 1;
  const isNone = !isForgotten && result.migrations.length + result.refused.length === 0;
  if (isNone || (result.migrations.length > 0 && !allOver(result))) {
    found.push('a migration did not begin, or did not end');
  }
  return found;
}
