/**
 * How well an observer of a vswitch's past places guesses the next: three simple adversaries, and
 * the entropy of its places.
 */

/** Sees places one after the other, and guesses the next; the last seen is where it is. */
interface Adversary {
  guess(): string | undefined;
  see(place: string): void;
}

type Counts = Map<string, number>;

function count(counts: Counts, place: string): void {
  counts.set(place, (counts.get(place) ?? 0) + 1);
}

/** What came most often; the first of those that came as often. */
function mostOf(counts: Counts, but?: string): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const [place, times] of counts) {
    if (times <= most || place === but) continue;
    best = place;
    most = times;
  }
  return best;
}

export const predictors = {
  /** It goes back to where it was before. */
  last: (): Adversary => {
    let [before, now]: readonly (string | undefined)[] = [];
    return {
      guess: () => before,
      see(place) {
        [before, now] = [now, place];
      },
    };
  },
  /** It goes to where it was most often, but for where it is. */
  frequent: (): Adversary => {
    const counts: Counts = new Map();
    let now: string | undefined;
    return {
      guess: () => mostOf(counts, now),
      see(place) {
        count(counts, place);
        now = place;
      },
    };
  },
  /** It goes to where it went most often from here. */
  markov: (): Adversary => {
    const from = new Map<string, Counts>();
    let now: string | undefined;
    return {
      guess: () => mostOf(from.get(now ?? '') ?? new Map()),
      see(place) {
        if (now !== undefined) {
          const counts = from.get(now) ?? new Map();
          from.set(now, counts);
          count(counts, place);
        }
        now = place;
      },
    };
  },
} as const;

export type PredictorName = keyof typeof predictors;

export interface Guesses {
  readonly hits: number;
  /** How often it had a guess. */
  readonly tried: number;
}

/** Over all moves of a vswitch, of whose places in a row this is. */
export function guessesOf(name: PredictorName, places: readonly string[]): Guesses {
  const adversary = predictors[name]();
  let [hits, tried] = [0, 0];
  for (const place of places) {
    const guess = adversary.guess();
    if (guess !== undefined) tried += 1;
    if (guess === place) hits += 1;
    adversary.see(place);
  }
  return { hits, tried };
}

/** In bits, of shares that need not be scaled. */
export function entropyOf(weights: readonly number[]): number {
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.reduce((bits, one) => {
    return one <= 0 ? bits : bits - (one / sum) * Math.log2(one / sum);
  }, 0);
}
