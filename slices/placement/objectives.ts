/**
 * The objectives by which placements are compared; less is better.
 *
 *   latency  what a byte waits on its way on average: milliseconds, a tenth of one for each hop
 *   load     how far the busiest cables are used; the next busiest count a little, so that a search
 *            sees them (the norm of order 8 of what each carries of its bandwidth)
 *   energy   datapaths in use, and a tenth for each cable in use
 *   spread   pairs of vswitches that share a datapath
 */
import { type Objective, objectives } from '../config/remaps.ts';
import type { Landscape } from './landscape.ts';

export { type Objective, objectives };

export function isObjective(text: string): text is Objective {
  return objectives.some((one) => one === text);
}

const score: Readonly<Record<Objective, (of: Landscape) => number>> = {
  latency: (of) => (of.totalRate === 0 ? 0 : of.delayed / of.totalRate),
  load: (of) => {
    let sum = 0;
    for (let i = 0; i < of.loads.length; i++) {
      const square = of.usedBy(i) ** 2;
      const fourth = square * square;
      sum += fourth * fourth;
    }
    return sum ** (1 / 8);
  },
  energy: (of) => datapathsUsed(of) + cablesUsed(of) / 10,
  spread: (of) => {
    const counts = of.terrain.substrate.names.map((_, i) => of.livingOn(i));
    return counts.reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  },
};

export function scoreOf(of: Landscape, objective: Objective): number {
  return score[objective](of);
}

/** What people compare placements by. */
export interface Figures {
  /** Of the busiest cable, of what it can carry. */
  readonly busiest: number;
  /** On average, for each byte. */
  readonly hops: number;
  readonly latencyMs: number;
  readonly datapaths: number;
  readonly cables: number;
  readonly pairs: number;
}

export function figuresOf(of: Landscape): Figures {
  const rate = of.totalRate === 0 ? 1 : of.totalRate;
  return {
    busiest: rounded(of.loads.reduce((most, _, i) => Math.max(most, of.usedBy(i)), 0)),
    hops: rounded(of.carried / rate),
    latencyMs: rounded(scoreOf(of, 'latency')),
    datapaths: datapathsUsed(of),
    cables: cablesUsed(of),
    pairs: scoreOf(of, 'spread'),
  };
}

/** A sum of very many numbers that came and went is not quite nothing. */
function rounded(value: number): number {
  return Math.max(0, Math.round(value * 1e6) / 1e6);
}

function datapathsUsed(of: Landscape): number {
  return of.terrain.substrate.names.filter((_, i) => of.isUsed(i)).length;
}

function cablesUsed(of: Landscape): number {
  return of.passing.reduce((count, flows) => count + (flows > 0 ? 1 : 0), 0);
}
