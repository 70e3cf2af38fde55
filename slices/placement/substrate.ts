/**
 * Datapaths and cables, and what is left of each: what networks are placed on.
 *
 * What is reserved can be released again, so a search goes back the way it came.
 */
import type { Amounts, Counted, Kbps } from '../config/reservations.ts';
import type { PathWish } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';

/** A cable; what the file gives no bandwidth has no end. */
export interface Cable {
  readonly key: string;
  readonly ends: readonly [DatapathName, DatapathName];
  readonly kbps: Kbps;
}

/** Cables in a row; none from a datapath to itself. */
export type Path = readonly Cable[];

/** Where frames come to from a datapath. */
export interface Reach {
  /** In cables; infinite when there is no path. */
  distance(to: DatapathName): number;
  path(to: DatapathName): Path | undefined;
}

/** The ways that there are from one datapath to another, the first ones preferred. */
export type WaysOf = (
  from: DatapathName,
  to: DatapathName,
  wish: PathWish | undefined,
) => Iterable<Path>;

export interface DatapathCapacity {
  readonly name: DatapathName;
  readonly capacity: Amounts;
}

/** What is set aside of something, and what there is of it. */
export interface Shortage {
  readonly what: string;
  readonly wanted: number;
  readonly left: number;
}

export class Substrate {
  readonly names: readonly DatapathName[];
  readonly cables: readonly Cable[];
  readonly #cablesAt = new Map<DatapathName, { readonly cable: Cable; next: DatapathName }[]>();
  readonly #capacity: ReadonlyMap<DatapathName, Amounts>;
  readonly #used: ReadonlyMap<DatapathName, Map<Counted, number>>;
  readonly #carried = new Map<Cable, Kbps>();
  /** Frames are not led through them. */
  readonly #avoided: ReadonlySet<DatapathName>;

  readonly #waysOf: WaysOf | undefined;

  /** Where `waysOf` says which ways there are, no others are looked for. */
  constructor(
    datapaths: readonly DatapathCapacity[],
    cables: readonly Cable[],
    avoided: ReadonlySet<DatapathName> = new Set(),
    waysOf?: WaysOf,
  ) {
    this.#waysOf = waysOf;
    this.names = datapaths.map(({ name }) => name);
    this.cables = cables;
    this.#capacity = new Map(datapaths.map(({ name, capacity }) => [name, capacity]));
    this.#used = new Map(this.names.map((name) => [name, new Map<Counted, number>()]));
    this.#avoided = avoided;
    for (const cable of cables) {
      const [one, other] = cable.ends;
      this.#cablesAt.set(one, [...(this.#cablesAt.get(one) ?? []), { cable, next: other }]);
      if (one === other) continue;
      this.#cablesAt.set(other, [...(this.#cablesAt.get(other) ?? []), { cable, next: one }]);
    }
  }

  has(name: DatapathName): boolean {
    return this.#capacity.has(name);
  }

  /** May be less than nothing, where what is there is more than the file has. */
  leftOf(name: DatapathName, counted: Counted): number {
    const capacity = this.#capacity.get(name)?.[counted] ?? Number.POSITIVE_INFINITY;
    return capacity - (this.#used.get(name)?.get(counted) ?? 0);
  }

  leftOn(cable: Cable): Kbps {
    return cable.kbps - (this.#carried.get(cable) ?? 0);
  }

  /** What of `amounts` there is not enough of. */
  shortages(name: DatapathName, amounts: Amounts): readonly Shortage[] {
    return Object.entries(amounts).flatMap(([key, wanted]) => {
      const left = this.leftOf(name, key as Counted);
      return wanted <= left ? [] : [{ what: key, wanted, left: Math.max(0, left) }];
    });
  }

  /** `sign` -1 releases. */
  reserve(name: DatapathName, amounts: Amounts, sign: 1 | -1 = 1): void {
    const used = this.#used.get(name);
    for (const [key, amount] of Object.entries(amounts)) {
      used?.set(key as Counted, (used.get(key as Counted) ?? 0) + sign * amount);
    }
  }

  carry(path: Path, kbps: Kbps, sign: 1 | -1 = 1): void {
    if (kbps === 0) return;
    for (const cable of path) {
      this.#carried.set(cable, (this.#carried.get(cable) ?? 0) + sign * kbps);
    }
  }

  /** How much is free there and around: kilobits a second on its cables, by the share of rules. */
  rankOf(name: DatapathName): number {
    const cables = this.#cablesAt.get(name) ?? [];
    const width = cables.reduce((sum, { cable }) => {
      return sum + Math.min(this.leftOn(cable), UNLIMITED_KBPS);
    }, 0);
    return width * this.#shareLeft(name);
  }

  /** Of what the file limits, the part that is left of what is scarcest. */
  #shareLeft(name: DatapathName): number {
    const capacity = Object.entries(this.#capacity.get(name) ?? {});
    const shares = capacity.map(([key, all]) => this.leftOf(name, key as Counted) / (all || 1));
    return Math.min(1, ...shares);
  }

  /** What is reached from here over cables with so much room, as the file wants to be led. */
  reach(from: DatapathName, kbps: Kbps, wish?: PathWish): Reach {
    const waysOf = this.#waysOf;
    if (waysOf === undefined) return this.#breadthFirst(from, kbps);
    const path = (to: DatapathName): Path | undefined => {
      for (const way of waysOf(from, to, wish)) {
        if (way.every((cable) => this.leftOn(cable) >= kbps)) return way;
      }
      return undefined;
    };
    return { path, distance: (to) => path(to)?.length ?? Number.POSITIVE_INFINITY };
  }

  /** The path to each is the first of the shortest that have the room. */
  #breadthFirst(from: DatapathName, kbps: Kbps): Reach {
    const back = new Map<DatapathName, Step>([[from, { distance: 0 }]]);
    const queue = [from];
    for (let i = 0; i < queue.length; i++) {
      const at = queue[i] as DatapathName;
      if (at !== from && this.#avoided.has(at)) continue;
      const distance = (back.get(at)?.distance ?? 0) + 1;
      for (const { cable, next } of this.#cablesAt.get(at) ?? []) {
        if (back.has(next) || this.leftOn(cable) < kbps) continue;
        back.set(next, { distance, cable, at });
        queue.push(next);
      }
    }
    return {
      distance: (to) => back.get(to)?.distance ?? Number.POSITIVE_INFINITY,
      path: (to) => pathBack(back, to),
    };
  }
}

/** How one came to a datapath. */
interface Step {
  readonly distance: number;
  readonly cable?: Cable;
  readonly at?: DatapathName;
}

function pathBack(back: ReadonlyMap<DatapathName, Step>, to: DatapathName): Path | undefined {
  if (!back.has(to)) return undefined;
  const path: Cable[] = [];
  for (let step = back.get(to); step?.cable && step.at !== undefined; step = back.get(step.at)) {
    path.push(step.cable);
  }
  return path.reverse();
}

/** What counts for a cable whose bandwidth the file does not say. */
const UNLIMITED_KBPS = 10_000_000;
