/**
 * Places a network: nodes one after the other, each nearest to its neighbours that are placed, and
 * the links between them on the first of the shortest paths that have room.
 *
 * The next node is the one that hangs most on what is placed. Of equally near datapaths the one
 * with most left comes first (proximity-aware ranking, "PL-Rank" of the catalogue). What turns out
 * to have no path is tried elsewhere, a bounded number of times. Then each node is moved, and each
 * two exchanged, as long as that makes the whole nearer. All this is done from several beginnings,
 * and the nearest of what comes of it is taken. Nothing is by chance: the same network on the same
 * datapaths is always placed alike.
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { atOnce, type Steps } from '../steps.ts';
import {
  costOf,
  type Demand,
  type DemandEnd,
  type Edge,
  type Embedding,
  weightOf,
  wishFrom,
} from './demand.ts';
import { NodePlacement } from './node-placement.ts';
import type { Substrate } from './substrate.ts';

/**
 * Where it is placed, and reserved; undefined, and nothing reserved, when there is no room.
 * `startsMax`: from how many beginnings.
 */
export function place(
  substrate: Substrate,
  demand: Demand,
  startsMax: number = limits.placementStartsMax,
): Embedding | undefined {
  return atOnce(placing(substrate, demand, startsMax));
}

/** The same in steps; nothing else may be reserved on the substrate meanwhile. */
export function placing(
  substrate: Substrate,
  demand: Demand,
  startsMax: number,
): Steps<Embedding | undefined> {
  return new Search(substrate, demand, startsMax).run();
}

/** Gives back what an embedding reserves. */
export function release(substrate: Substrate, { nodes, edges }: Demand, at: Embedding): void {
  for (const [i, { reserve }] of nodes.entries()) {
    const name = at.places[i];
    if (name !== undefined) substrate.reserve(name, reserve, -1);
  }
  for (const [i, { kbps }] of edges.entries()) substrate.carry(at.paths[i] ?? [], kbps, -1);
}

type Found = Embedding & { readonly cost: number };

class Search {
  readonly #substrate: Substrate;
  readonly #demand: Demand;
  readonly #placed: NodePlacement;
  #triesLeft = 0;

  readonly #startsMax: number;

  constructor(substrate: Substrate, demand: Demand, startsMax: number) {
    this.#startsMax = startsMax;
    this.#substrate = substrate;
    this.#demand = demand;
    this.#placed = new NodePlacement(substrate, demand);
  }

  *run(): Steps<Embedding | undefined> {
    const fixed = this.#demand.edges.flatMap(({ ends }, i) =>
      ends.every((end) => typeof end === 'string') ? [i] : [],
    );
    if (!this.#placed.lead(fixed)) return undefined;
    const best = yield* this.#best();
    if (best === undefined) {
      this.#placed.giveUp(fixed);
      return undefined;
    }
    this.#placed.putBack([...this.#placed.places.keys()], best.places, best.paths);
    return this.#placed.embedding();
  }

  /** From all beginnings; the nearest of what comes of it are made better, and the best is it. */
  *#best(): Steps<Embedding | undefined> {
    const starts = this.#starts();
    if (this.#placed.places.length === 0) return this.#placed.embedding();
    const found = (yield* this.#fromAll(starts)).sort((a, b) => a.cost - b.cost);
    const better: Found[] = [];
    for (const one of found.slice(0, limits.placementImprovedMax)) {
      if (one.cost === 0) better.push(one);
      else {
        const { places, paths } = one;
        this.#placed.putBack([...places.keys()], places, paths);
        this.#triesLeft = limits.placementTriesMax;
        yield* this.#improve();
        better.push(this.#placed.record());
      }
    }
    return better.sort((a, b) => a.cost - b.cost)[0];
  }

  *#fromAll(starts: readonly (readonly [node: number, name: DatapathName])[]): Steps<Found[]> {
    const found: Found[] = [];
    let failed = 0;
    for (const [node, name] of starts) {
      yield;
      // Where nothing has been found, other beginnings rarely find more.
      if (failed >= limits.placementFailuresMax) break;
      this.#triesLeft = limits.placementTriesMax;
      failed += 1;
      if (!this.#placed.put(node, name)) continue;
      if (yield* this.#rest()) {
        failed = 0;
        found.push(this.#placed.record());
        // Nothing is nearer than all in one place, or as good as that.
        if (found.length >= this.#startsMax || found.at(-1)?.cost === 0) break;
      } else this.#placed.take(node);
    }
    return found;
  }

  /** Where nothing is placed yet, any datapath may be the best to begin with. */
  #starts(): readonly (readonly [node: number, name: DatapathName])[] {
    const nodes = [...this.#placed.places.keys()];
    const first = this.#next();
    const isFree = first !== undefined && this.#weight(first, true) === 0;
    const begin = isFree ? [first] : nodes;
    const perNode = Math.max(1, Math.floor(this.#startsMax / begin.length));
    const all = begin.map((node) => this.#ranked(node).slice(0, perNode));
    // The best of each before the second of any.
    return all
      .flatMap((names, i) => names.map((name, turn) => ({ node: begin[i] ?? 0, name, turn })))
      .sort((a, b) => a.turn - b.turn)
      .map(({ node, name }) => [node, name] as const);
  }

  /** Places what is left; nothing of it is reserved when that fails. */
  *#rest(): Steps<boolean> {
    const node = this.#next();
    if (node === undefined) return true;
    for (const name of this.#ranked(node)) {
      yield;
      if (this.#triesLeft-- <= 0) return false;
      if (!this.#placed.put(node, name)) continue;
      if (yield* this.#rest()) return true;
      this.#placed.take(node);
    }
    return false;
  }

  /** The one with most to neighbours that are placed, then with most to any. */
  #next(): number | undefined {
    let best: number | undefined;
    let most: readonly number[] = [];
    for (const [node, place] of this.#placed.places.entries()) {
      if (place !== undefined) continue;
      const weights = [this.#weight(node, true), this.#weight(node, false), this.#size(node)];
      if (best !== undefined && !isMore(weights, most)) continue;
      best = node;
      most = weights;
    }
    return best;
  }

  #weight(node: number, isToPlaced: boolean): number {
    return this.#placed.edgesOf(node).reduce((sum, i) => {
      const edge = this.#placed.edge(i);
      const counts = !isToPlaced || this.#placed.placeOf(otherEnd(edge, node)) !== undefined;
      return counts ? sum + weightOf(edge) : sum;
    }, 0);
  }

  #size(node: number): number {
    const { reserve = {} } = this.#demand.nodes[node] ?? {};
    return Object.values(reserve).reduce((sum, one) => sum + one, 0);
  }

  /** Datapaths with room for it, the nearest to its neighbours first. */
  #ranked(node: number): readonly DatapathName[] {
    const { reserve = {}, offered = this.#substrate.names } = this.#demand.nodes[node] ?? {};
    const distance = this.#distances(node);
    return offered
      .filter((name) => this.#substrate.shortages(name, reserve).length === 0)
      .map((name, i) => ({ name, i, far: distance(name), rank: this.#substrate.rankOf(name) }))
      .filter(({ far }) => far < Number.POSITIVE_INFINITY)
      .sort((a, b) => a.far - b.far || b.rank - a.rank || a.i - b.i)
      .map(({ name }) => name);
  }

  /** From a datapath to the neighbours that are placed, by weight. */
  #distances(node: number): (name: DatapathName) => number {
    const reaches = this.#placed.edgesOf(node).flatMap((i) => {
      const edge = this.#placed.edge(i);
      const at = this.#placed.placeOf(otherEnd(edge, node));
      if (at === undefined) return [];
      return [
        {
          weight: weightOf(edge),
          reach: this.#substrate.reach(
            at,
            edge.kbps,
            wishFrom(edge, edge.ends.indexOf(node) === 0 ? 1 : 0),
          ),
        },
      ];
    });
    return (name) =>
      reaches.reduce((sum, { weight, reach }) => {
        return sum + weight * reach.distance(name);
      }, 0);
  }

  /** Moves of one and exchanges of two, as long as one of them makes the whole nearer. */
  *#improve(): Steps<void> {
    const { nodes } = this.#demand;
    for (let turn = 0; turn < limits.placementTurnsMax; turn++) {
      let isBetter = false;
      for (const node of nodes.keys()) {
        for (const name of nodes[node]?.offered ?? this.#substrate.names) {
          yield;
          if (this.#tryMove([[node, name]])) isBetter = true;
        }
        for (let other = node + 1; other < nodes.length; other++) {
          yield;
          if (this.#tryExchange(node, other)) isBetter = true;
        }
      }
      if (!isBetter) return;
    }
  }

  #tryExchange(one: number, other: number): boolean {
    const [here, there] = [this.#placed.places[one], this.#placed.places[other]];
    if (here === undefined || there === undefined || here === there) return false;
    const mayBe = (node: number, name: DatapathName): boolean =>
      this.#demand.nodes[node]?.offered?.includes(name) ?? true;
    if (!mayBe(one, there) || !mayBe(other, here)) return false;
    return this.#tryMove([
      [one, there],
      [other, here],
    ]);
  }

  /** Carried out when it makes the whole nearer. */
  #tryMove(moves: readonly (readonly [node: number, to: DatapathName])[]): boolean {
    if (moves.every(([node, to]) => this.#placed.places[node] === to)) return false;
    if (this.#triesLeft-- <= 0) return false;
    const before = this.#placed.embedding();
    const [places, paths] = [[...before.places], [...before.paths]];
    const cost = costOf(this.#demand, before);
    for (const [node] of moves) this.#placed.take(node);
    const isPut = moves.every(([node, to]) => this.#placed.put(node, to));
    if (isPut && costOf(this.#demand, this.#placed.embedding()) < cost) return true;
    for (const [node] of moves) this.#placed.take(node);
    this.#placed.putBack(
      moves.map(([node]) => node),
      places,
      paths,
    );
    return false;
  }
}

function otherEnd({ ends: [one, other] }: Edge, node: number): DemandEnd {
  return one === node ? other : one;
}

function isMore(some: readonly number[], others: readonly number[]): boolean {
  for (const [i, one] of some.entries()) {
    const other = others[i] ?? 0;
    if (one !== other) return one > other;
  }
  return false;
}
