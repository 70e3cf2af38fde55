/**
 * The substrate of placements: datapaths and cables, and the room that is left of each.
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
export interface DistancesFrom {
  /** In cables; infinite when there is no path. */
  distance(to: DatapathName): number;
  path(to: DatapathName): Path | undefined;
}

/** How frames are led from a datapath to others, over cables that have room only. */
export type Led = (
  from: DatapathName,
  hasRoom: (cable: Cable) => boolean,
  wish: PathWish | undefined,
) => (to: DatapathName) => Path | undefined;

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
  readonly #led: Led;

  constructor(datapaths: readonly DatapathCapacity[], cables: readonly Cable[], led: Led) {
    this.#led = led;
    this.names = datapaths.map(({ name }) => name);
    this.cables = cables;
    this.#capacity = new Map(datapaths.map(({ name, capacity }) => [name, capacity]));
    this.#used = new Map(this.names.map((name) => [name, new Map<Counted, number>()]));
    for (const cable of cables) {
      for (const end of new Set(cable.ends)) {
        const own = this.#cablesAt.get(end) ?? [];
        this.#cablesAt.set(end, own);
        own.push(cable);
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
    const width = cables.reduce((sum, cable) => {
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
  reach(from: DatapathName, kbps: Kbps, wish?: PathWish): DistancesFrom {
    const path = this.#led(from, (cable) => this.hasRoom(cable, kbps), wish);
    return { path, distance: (to) => path(to)?.length ?? Number.POSITIVE_INFINITY };
  }

  hasRoom(cable: Cable, kbps: Kbps): boolean {
    return this.leftOn(cable) >= kbps;
  }
}

/** What counts for a cable whose bandwidth the file does not say. */
const UNLIMITED_KBPS = 10_000_000;
