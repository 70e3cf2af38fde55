/**
 * Nodes that are placed, and paths between them, while a place for all is searched (search.ts):
 * placing a node reserves its room, and removing it gives the room back.
 */
import type { DatapathName } from '../ids.ts';
import { costOf, type Demand, type DemandEnd, type Edge, type Embedding } from './demand.ts';
import type { Path, Substrate } from './substrate.ts';

export class NodePlacement {
  readonly places: (DatapathName | undefined)[];
  readonly paths: (Path | undefined)[];
  readonly #substrate: Substrate;
  readonly #demand: Demand;
  readonly #edgesOf: readonly (readonly number[])[];

  constructor(substrate: Substrate, demand: Demand) {
    this.#substrate = substrate;
    this.#demand = demand;
    const { nodes, edges } = demand;
    this.places = nodes.map(() => undefined);
    this.paths = edges.map(() => undefined);
    this.#edgesOf = nodes.map((_, node) =>
      edges.flatMap(({ ends }, i) => (ends.includes(node) ? [i] : [])),
    );
  }

  /** When all are placed. */
  embedding(): Embedding {
    return { places: this.places as DatapathName[], paths: this.paths as Path[] };
  }

  edgesOf(node: number): readonly number[] {
    return this.#edgesOf[node] ?? [];
  }

  /** Puts a node there, with all that leads to what is placed; or nothing. */
  put(node: number, name: DatapathName): boolean {
    const { reserve = {} } = this.#demand.nodes[node] ?? {};
    if (this.#substrate.shortages(name, reserve).length > 0) return false;
    this.#substrate.reserve(name, reserve);
    this.places[node] = name;
    const ready = this.#readyEdges(node);
    if (this.lead(ready)) return true;
    this.take(node);
    return false;
  }

  take(node: number): void {
    const { reserve = {} } = this.#demand.nodes[node] ?? {};
    const name = this.places[node];
    if (name === undefined) return;
    this.giveUp(this.edgesOf(node));
    this.#substrate.reserve(name, reserve, -1);
    this.places[node] = undefined;
  }

  /** Those of a node whose other end is placed, the widest first. */
  #readyEdges(node: number): readonly number[] {
    return this.edgesOf(node)
      .filter((i) => this.edge(i).ends.every((end) => this.placeOf(end) !== undefined))
      .sort((a, b) => this.edge(b).kbps - this.edge(a).kbps || a - b);
  }

  /** All of them, or none. */
  lead(edges: readonly number[]): boolean {
    for (const i of edges) {
      const { ends, kbps, wish } = this.edge(i);
      const [from, to] = ends.map((end) => this.placeOf(end));
      const path = from && to ? this.#substrate.reach(from, kbps, wish).path(to) : undefined;
      if (path === undefined) {
        this.giveUp(edges);
        return false;
      }
      this.#substrate.carry(path, kbps);
      this.paths[i] = path;
    }
    return true;
  }

  giveUp(edges: readonly number[]): void {
    for (const i of edges) {
      this.#substrate.carry(this.paths[i] ?? [], this.edge(i).kbps, -1);
      this.paths[i] = undefined;
    }
  }

  /** What stands now, which is taken away. */
  record(): Embedding & { readonly cost: number } {
    const { places, paths } = this.embedding();
    const record = { places: [...places], paths: [...paths] };
    const cost = costOf(this.#demand, record);
    for (const node of this.places.keys()) this.take(node);
    return { ...record, cost };
  }

  /** As it was: there is room, since it was there. */
  putBack(nodes: readonly number[], places: readonly DatapathName[], paths: readonly Path[]): void {
    for (const node of nodes) {
      const name = places[node];
      if (name === undefined) continue;
      this.#substrate.reserve(name, this.#demand.nodes[node]?.reserve ?? {});
      this.places[node] = name;
    }
    for (const i of new Set(nodes.flatMap((node) => this.edgesOf(node)))) {
      this.#substrate.carry(paths[i] ?? [], this.edge(i).kbps);
      this.paths[i] = paths[i];
    }
  }

  edge(i: number): Edge {
    const edge = this.#demand.edges[i];
    if (edge === undefined) throw new Error(`no edge ${i}`);
    return edge;
  }

  placeOf(end: DemandEnd): DatapathName | undefined {
    return typeof end === 'number' ? this.places[end] : end;
  }
}
