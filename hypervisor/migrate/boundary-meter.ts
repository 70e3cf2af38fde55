/**
 * Measures the traffic between the two sides of an ensemble while it is under way: the traffic of
 * its members is read every second, and when the ensemble enters a state. The order of the members
 * that have not moved yet follows from it, and the ensemble keeps the amount.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type Boundary, type Ensemble, isEnded } from '../../translation/migration/ensemble.ts';
import type { Traffic } from '../../translation/migration/move-order.ts';
import {
  crossingNow,
  isThereIn,
  measuredVswitches,
  type Sample,
  trafficBetween,
} from '../../translation/migration/traffic.ts';
import { type MeteringContext, sample } from './traffic-meter.ts';

interface Metered {
  readonly names: readonly VswitchName[];
  last: Sample | undefined;
  /** Of the interval that began with the last sample. */
  isThere: (name: string) => boolean;
  traffic: Traffic | undefined;
  crossed: Boundary | undefined;
  isReading: boolean;
}

export class BoundaryMeter {
  readonly #context: MeteringContext;
  readonly #ensembleOf: (id: number) => Ensemble | undefined;
  readonly #all = new Map<number, Metered>();

  constructor(context: MeteringContext, ensembleOf: (id: number) => Ensemble | undefined) {
    this.#context = context;
    this.#ensembleOf = ensembleOf;
  }

  /** What was measured last. */
  trafficOf(id: number): Traffic | undefined {
    return this.#all.get(id)?.traffic;
  }

  /** What has crossed since this process looks; with what an earlier one has seen. */
  crossedIn({ id, boundary }: Ensemble): Boundary | undefined {
    return this.#all.get(id)?.crossed ?? boundary;
  }

  /** It has entered a state; the first time, it is looked at from then on. */
  entered(ensemble: Ensemble): void {
    const { id, members, boundary } = ensemble;
    const known = this.#all.get(id);
    if (isEnded(ensemble)) {
      this.#all.delete(id);
    } else if (known !== undefined) this.#read(id, known);
    else if (members.length > 1) {
      const names = measuredVswitches(members.map(({ move }) => move));
      const isThere = isThereIn(ensemble, this.#context.snapshot());
      const fresh = { last: undefined, traffic: undefined, crossed: boundary, isReading: false };
      const metered: Metered = { names, isThere, ...fresh };
      this.#all.set(id, metered);
      this.#read(id, metered);
      this.#goOn(id, metered);
    }
  }

  #goOn(id: number, metered: Metered): void {
    this.#context.world.after(limits.trafficMeasureMs, () => {
      if (this.#all.get(id) !== metered) return;
      this.#read(id, metered);
      this.#goOn(id, metered);
    });
  }

  #read(id: number, metered: Metered): void {
    if (metered.isReading) return;
    metered.isReading = true;
    sample(this.#context, metered.names, (now) => {
      metered.isReading = false;
      const { last, crossed, isThere } = metered;
      const ensemble = this.#ensembleOf(id);
      if (now === undefined || ensemble === undefined) return;
      metered.isThere = isThereIn(ensemble, this.#context.snapshot());
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
    });
  }
}
