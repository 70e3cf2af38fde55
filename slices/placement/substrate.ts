/**
 * Datapaths and cables, and what is left of each: what networks are placed on.
 *
 * What is reserved can be released again, so a search goes back the way it came.
 */
import type { Amounts, Counted, Kbps } from '../config/reservations.ts';
import type { DatapathName } from '../ids.ts';

/** A cable; what the file gives no bandwidth has no end. */
export interface Cable {
  readonly key: string;
  readonly ends: readonly [DatapathName, DatapathName];
  readonly kbps: Kbps;
}

/** Cables in a row; none from a datapath to itself. */
export type Path = readonly Cable[];

/** The ways that there are from one datapath to another, the first ones preferred. */
export type WaysOf = (from: DatapathName, to: DatapathName) => readonly Path[];

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
  readonly #cablesAt = new Map<DatapathName, Cable[]>();
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
      for (const end of new Set(cable.ends)) {
        this.#cablesAt.set(end, [...(this.#cablesAt.get(end) ?? []), cable]);
      }
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
    const width = cables.reduce((sum, one) => sum + Math.min(this.leftOn(one), UNLIMITED_KBPS), 0);
    return width * this.#shareLeft(name);
  }

  /** Of what the file limits, the part that is left of what is scarcest. */
  #shareLeft(name: DatapathName): number {
    const capacity = Object.entries(this.#capacity.get(name) ?? {});
    const shares = capacity.map(([key, all]) => this.leftOf(name, key as Counted) / (all || 1));
    return Math.min(1, ...shares);
  }

  /**
   * A path from here to each datapath that one with so much room leads to: by breadth first, so the
   * first of the shortest that have it.
   */
  reach(from: DatapathName, kbps: Kbps): ReadonlyMap<DatapathName, Path> {
    const waysOf = this.#waysOf;
    if (waysOf !== undefined) {
      const hasRoom = (way: Path): boolean => way.every((cable) => this.leftOn(cable) >= kbps);
      const ways = this.names.flatMap((to) => {
        const way = waysOf(from, to).find(hasRoom);
        return way === undefined ? [] : [[to, way] as const];
      });
      return new Map(ways);
    }
    const found = new Map<DatapathName, Path>([[from, []]]);
    for (let ring: readonly DatapathName[] = [from]; ring.length > 0; ) {
      ring = ring.flatMap((at) => this.#step(from, at, kbps, found));
    }
    return found;
  }

  #step(
    from: DatapathName,
    at: DatapathName,
    kbps: Kbps,
    found: Map<DatapathName, Path>,
  ): readonly DatapathName[] {
    const grown: DatapathName[] = [];
    if (at !== from && this.#avoided.has(at)) return grown;
    const path = found.get(at) ?? [];
    for (const cable of this.#cablesAt.get(at) ?? []) {
      const [one, other] = cable.ends;
      const next = one === at ? other : one;
      if (found.has(next) || this.leftOn(cable) < kbps) continue;
      found.set(next, [...path, cable]);
      grown.push(next);
    }
    return grown;
  }
}

/** What counts for a cable whose bandwidth the file does not say. */
const UNLIMITED_KBPS = 10_000_000;
