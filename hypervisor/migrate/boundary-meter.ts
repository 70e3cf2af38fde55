/**
 * Measures what crosses between the two sides of a migration while it is under way, of one vswitch
 * or of an ensemble: the traffic of its members is read by their ports' counters every second, when
 * an ensemble enters a state, and once more at the end. The order of the members that have not
 * moved yet follows from it, and the amount is kept.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Member } from '../../translation/migration/ensemble-members.ts';
import type { Boundary } from '../../translation/migration/migration-costs.ts';
import type { Traffic } from '../../translation/migration/move-order.ts';
import {
  crossingNow,
  isThereIn,
  measuredVswitches,
  type Sample,
  trafficBetween,
} from '../../translation/migration/traffic.ts';
import { type MeteringContext, sample } from './traffic-meter.ts';

/** What moves as one; `boundary`: what has crossed, as far as it is kept. */
export interface Crossing {
  readonly id: number;
  readonly members: readonly Pick<Member, 'move'>[];
  readonly boundary?: Boundary;
}

interface BoundaryUser {
  /** As it is now; undefined: it is forgotten. */
  crossing(id: number): Crossing | undefined;
  /** What crossed of one that is over, until its end. */
  crossed(id: number, boundary: Boundary): void;
}

interface Metered {
  readonly names: readonly VswitchName[];
  last: Sample | undefined;
  /** Of the interval that began with the last sample. */
  isThere: (name: string) => boolean;
  traffic: Traffic | undefined;
  crossed: Boundary | undefined;
  isReading: boolean;
  isOver: boolean;
}

export class BoundaryMeter {
  readonly #context: MeteringContext;
  readonly #user: BoundaryUser;
  readonly #all = new Map<number, Metered>();

  constructor(context: MeteringContext, user: BoundaryUser) {
    this.#context = context;
    this.#user = user;
  }

  /** What was measured last. */
  trafficOf(id: number): Traffic | undefined {
    return this.#all.get(id)?.traffic;
  }

  /** What has crossed since this process looks; with what an earlier one has seen. */
  crossedIn({ id, boundary }: Pick<Crossing, 'id' | 'boundary'>): Boundary | undefined {
    return this.#all.get(id)?.crossed ?? boundary;
  }

  /** It is looked at from now on, if it is not already. */
  begin(crossing: Crossing): void {
    const { id, members, boundary } = crossing;
    if (this.#all.has(id) || members.length === 0) return;
    const names = measuredVswitches(members.map(({ move }) => move));
    const isThere = isThereIn(crossing, this.#context.snapshot());
    const fresh = { last: undefined, traffic: undefined, crossed: boundary };
    const metered: Metered = { names, isThere, ...fresh, isReading: false, isOver: false };
    this.#all.set(id, metered);
    this.#read(id, metered);
    this.#goOn(id, metered);
  }

  /** One side, or the other, has more than before. */
  read(crossing: Crossing): void {
    const known = this.#all.get(crossing.id);
    if (known === undefined) this.begin(crossing);
    else this.#read(crossing.id, known);
  }

  /** It is over: what is read now is the last of it. */
  end(id: number): void {
    const known = this.#all.get(id);
    if (known === undefined || known.isOver) return;
    known.isOver = true;
    this.#read(id, known);
  }

  #goOn(id: number, metered: Metered): void {
    this.#context.world.after(limits.trafficMeasureMs, () => {
      if (metered.isOver) return;
      this.#read(id, metered);
      this.#goOn(id, metered);
    });
  }

  #read(id: number, metered: Metered): void {
    if (metered.isReading) return;
    metered.isReading = true;
    const isLast = metered.isOver;
    sample(this.#context, metered.names, (now) => {
      metered.isReading = false;
      if (now !== undefined) this.#count(id, metered, now);
      if (!metered.isOver) return;
      // It ended while this was read.
      if (!isLast) this.#read(id, metered);
      else {
        this.#all.delete(id);
        if (metered.crossed !== undefined) this.#user.crossed(id, metered.crossed);
      }
    });
  }

  #count(id: number, metered: Metered, now: Sample): void {
    const { last, crossed, isThere } = metered;
    const crossing = this.#user.crossing(id);
    if (crossing === undefined) return;
    metered.isThere = isThereIn(crossing, this.#context.snapshot());
    metered.last = now;
    const traffic = last && trafficBetween(last, now);
    if (traffic === undefined || last === undefined) return;
    const ms = now.atMs - last.atMs;
    // Counters of rules lag: what a short while shows is no rate.
    const isRate = ms >= limits.trafficMeasureMs / 2;
    if (isRate) metered.traffic = traffic;
    const rate = crossingNow(traffic, isThere);
    const { bytes = 0, peakRate = 0, forMs = 0 } = crossed ?? {};
    metered.crossed = {
      bytes: Math.round(bytes + (rate * ms) / 1000),
      peakRate: Math.round(Math.max(peakRate, isRate ? rate : 0)),
      forMs: Math.round(forMs + ms),
    };
  }
}
