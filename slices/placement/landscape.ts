/**
 * The load of each cable, and which vswitches share a datapath, while vswitches are moved on paper
 * (optimize.ts). A move changes only the values of its own flows and places, so a search may try
 * very many.
 */
import type { Amounts, Kbps } from '../config/reservations.ts';
import type { DatapathName } from '../ids.ts';
import type { Wish } from '../network/routes.ts';
import { type Steps, withEach } from '../steps.ts';
import type { Ground } from './configured-substrate.ts';
import type { DemandEnd } from './demand.ts';
import type { Cable, Substrate } from './substrate.ts';

/** A vswitch that may live elsewhere. */
export interface Mover {
  readonly name: string;
  readonly tenant: string;
  /** What it sets aside; while it moves, at both places. */
  readonly reserve: Amounts;
  readonly at: DatapathName;
  /** Where it may go. */
  readonly offered: readonly DatapathName[];
}

/** A virtual cable, or a host's: what passes there and back, in bytes a second. */
export interface Flow {
  readonly ends: readonly [DemandEnd, DemandEnd];
  readonly rates: readonly [number, number];
  /** What is set aside for it. */
  readonly kbps: Kbps;
  readonly wish: Wish;
}

export interface Terrain {
  readonly movers: readonly Mover[];
  readonly flows: readonly Flow[];
  readonly ground: Pick<Ground, 'wayOf'>;
  /** With everything reserved where it is now. */
  readonly substrate: Substrate;
  /** Vswitches that stay, by datapath. */
  readonly residents: ReadonlyMap<DatapathName, number>;
  /** Datapaths that hosts are plugged into. */
  readonly plugged: ReadonlySet<DatapathName>;
  /** Bytes a second over a cable, by its direction (as its ends stand, or not), of others. */
  othersOn(cable: Cable): readonly [number, number];
  /** In milliseconds, as it was measured. */
  latencyMs(cable: Cable): number;
}

/** What counts for a cable whose bandwidth the file does not say. */
const UNLIMITED_KBPS = 10_000_000;
/** What a hop takes, however short its cable is. */
const HOP_MS = 0.1;

/** Cables in a row, by place in the list and direction: twice the place, or one more. */
type Way = readonly number[];

const nowhere: Way = [];

export class Landscape {
  readonly terrain: Terrain;
  readonly places: DatapathName[];
  /** By cable and direction, in bytes a second. */
  readonly loads: Float64Array;
  /** Flows over each cable, and through or at each datapath; vswitches on each. */
  readonly passing: Int32Array;
  readonly #through: Int32Array;
  readonly #living: Int32Array;
  /** Bytes a second, times milliseconds. */
  delayed = 0;
  /** Bytes a second, times cables. */
  carried = 0;
  readonly totalRate: number;
  readonly #flowsOf: readonly (readonly number[])[];
  readonly #ways: Way[];
  readonly #numbers: ReadonlyMap<DatapathName, number>;
  readonly #cables: ReadonlyMap<Cable, number>;
  readonly #known = new Map<string, Way | undefined>();

  /** In steps: where each flow leads is a path to be looked for. */
  static *over(terrain: Terrain): Steps<Landscape> {
    const land = new Landscape(terrain, 'later');
    yield* withEach(terrain.flows.keys(), (i) => land.#lead(i));
    return land;
  }

  constructor(terrain: Terrain, flowing: 'now' | 'later' = 'now') {
    this.terrain = terrain;
    const { movers, flows, substrate, residents } = terrain;
    const { cables, names } = substrate;
    this.#numbers = new Map(names.map((name, i) => [name, i]));
    this.#cables = new Map(cables.map((cable, i) => [cable, i]));
    this.places = movers.map(({ at }) => at);
    this.loads = new Float64Array(cables.flatMap((cable) => terrain.othersOn(cable)));
    this.passing = new Int32Array(cables.length);
    this.#through = new Int32Array(names.length);
    this.#living = new Int32Array(names.map((name) => residents.get(name) ?? 0));
    this.totalRate = flows.reduce((sum, { rates: [there, back] }) => sum + there + back, 0);
    const flowsOf = movers.map((): number[] => []);
    for (const [i, { ends }] of flows.entries()) {
      for (const end of new Set(ends)) if (typeof end === 'number') flowsOf[end]?.push(i);
    }
    this.#flowsOf = flowsOf;
    for (const at of this.places) this.#live(at, 1);
    this.#ways = flows.map(() => nowhere);
    if (flowing === 'now') for (const i of flows.keys()) this.#lead(i);
  }

  #lead(flow: number): void {
    this.#ways[flow] = this.#wayOf(flow) ?? nowhere;
    this.#carry(flow, 1);
  }

  /** How far it is used: bytes a second of what it carries. */
  usedBy(direction: number): number {
    const { kbps = UNLIMITED_KBPS } = this.terrain.substrate.cables[direction >> 1] ?? {};
    return (this.loads[direction] ?? 0) / (Math.min(kbps, UNLIMITED_KBPS) * 125);
  }

  livingOn(number: number): number {
    return this.#living[number] ?? 0;
  }

  /** Whether anything lives there, is plugged in there, or passes. */
  isUsed(number: number): boolean {
    const name = this.terrain.substrate.names[number];
    const isPlugged = name !== undefined && this.terrain.plugged.has(name);
    return isPlugged || this.livingOn(number) > 0 || (this.#through[number] ?? 0) > 0;
  }

  /** What of a mover's traffic leads elsewhere, in bytes a second. */
  rateOf(mover: number): number {
    return (this.#flowsOf[mover] ?? []).reduce((sum, i) => {
      const [there, back] = this.terrain.flows[i]?.rates ?? [0, 0];
      return sum + there + back;
    }, 0);
  }

  /** All of them, or none: false when there is no room, or no way. */
  move(moves: readonly (readonly [mover: number, to: DatapathName])[]): boolean {
    const before = moves.map(([mover]) => [mover, this.places[mover] as DatapathName] as const);
    for (const [i, [mover, to]] of moves.entries()) {
      if (this.#moveOne(mover, to)) continue;
      for (const [other, from] of before.slice(0, i).reverse()) this.#put(other, from);
      return false;
    }
    return true;
  }

  /** Back to where they were: there was room. */
  putBack(places: readonly (readonly [mover: number, at: DatapathName])[]): void {
    for (const [mover, at] of places) this.#put(mover, at);
  }

  #moveOne(mover: number, to: DatapathName): boolean {
    const { at, reserve = {}, offered = [] } = this.terrain.movers[mover] ?? {};
    const from = this.places[mover];
    if (from === undefined || from === to) return from === to;
    const { substrate } = this.terrain;
    const isHome = to === at;
    if (!isHome && !offered.includes(to)) return false;
    if (!isHome && substrate.shortages(to, reserve).length > 0) return false;
    this.#put(mover, to);
    const flows = this.#flowsOf[mover] ?? [];
    if (flows.every((i) => this.#isRoomy(i))) return true;
    this.#put(mover, from);
    return false;
  }

  /** Whether it has a way, whose cables have what is set aside; as it was at first, it may stay. */
  #isRoomy(flow: number): boolean {
    const { kbps = 0 } = this.terrain.flows[flow] ?? {};
    if (this.#wayOf(flow) === undefined) return false;
    const { substrate } = this.terrain;
    return (
      kbps === 0 ||
      (this.#ways[flow] ?? nowhere).every((one) => {
        const cable = substrate.cables[one >> 1];
        return cable === undefined || substrate.leftOn(cable) >= 0;
      })
    );
  }

  /** Its old place stays reserved: it is there until it is gone. */
  #put(mover: number, to: DatapathName): void {
    const { at, reserve = {} } = this.terrain.movers[mover] ?? {};
    const from = this.places[mover];
    if (from === undefined) return;
    const { substrate } = this.terrain;
    const flows = this.#flowsOf[mover] ?? [];
    for (const i of flows) this.#carry(i, -1);
    this.#live(from, -1);
    if (from !== at) substrate.reserve(from, reserve, -1);
    this.places[mover] = to;
    if (to !== at) substrate.reserve(to, reserve);
    this.#live(to, 1);
    for (const i of flows) this.#lead(i);
  }

  #live(at: DatapathName, sign: 1 | -1): void {
    const number = this.#numbers.get(at);
    if (number !== undefined) this.#living[number] = (this.#living[number] ?? 0) + sign;
  }

  #carry(flow: number, sign: 1 | -1): void {
    const { rates: [there, back] = [0, 0], kbps = 0 } = this.terrain.flows[flow] ?? {};
    const { substrate } = this.terrain;
    for (const direction of this.#ways[flow] ?? nowhere) {
      const number = direction >> 1;
      const cable = substrate.cables[number];
      if (cable === undefined) continue;
      const opposite = direction ^ 1;
      this.loads[direction] = (this.loads[direction] ?? 0) + sign * there;
      this.loads[opposite] = (this.loads[opposite] ?? 0) + sign * back;
      this.passing[number] = (this.passing[number] ?? 0) + sign;
      for (const end of cable.ends) {
        const at = this.#numbers.get(end) ?? 0;
        this.#through[at] = (this.#through[at] ?? 0) + sign;
      }
      const rate = sign * (there + back);
      this.delayed += rate * (HOP_MS + this.terrain.latencyMs(cable));
      this.carried += rate;
      if (kbps > 0) substrate.carry([cable], kbps, sign);
    }
  }

  /** Undefined where there is none. */
  #wayOf(flow: number): Way | undefined {
    const { ends, wish } = this.terrain.flows[flow] ?? {};
    if (ends === undefined || wish === undefined) return undefined;
    const [from, to] = ends.map((end) => (typeof end === 'number' ? this.places[end] : end));
    if (from === undefined || to === undefined) return undefined;
    if (from === to) return nowhere;
    const key = `${from} ${to} ${JSON.stringify(wish)}`;
    if (this.#known.has(key)) return this.#known.get(key);
    const path = this.terrain.ground.wayOf(from, to, wish);
    let at = from;
    const way = path?.map((cable) => {
      const isAhead = cable.ends[0] === at;
      at = cable.ends[isAhead ? 1 : 0];
      return 2 * (this.#cables.get(cable) ?? 0) + (isAhead ? 0 : 1);
    });
    this.#known.set(key, way);
    return way;
  }
}
