/**
 * Backup paths, to which a datapath next to a failure switches by itself (routes.ts): each is the
 * shortest path without a cable of those before it. Where that finds fewer than were asked for, and
 * more may exist, they are the cheapest set of disjoint paths (disjoint-paths.ts); if the shortest
 * path excludes these, another path is used instead of it. The last resort is a path that leaves by
 * another cable.
 */
import { type DatapathName, endText, type Port } from '../ids.ts';
import { disjointPaths, type Ground } from './disjoint-paths.ts';
import type { Avoided } from './drained-datapaths.ts';
import { type Failures, isWithout, noFailures } from './failures.ts';
import { type Edge, type Edges, Graph, type Path, pathOf } from './graph.ts';

/** Paths beside one that is used. */
export interface Backups {
  readonly paths: readonly Path[];
  /** Whether they are those that there are when nothing has failed. */
  readonly isWhole: boolean;
}

export class BackupPaths {
  readonly #edges: Edges;
  readonly #avoided: Avoided;
  readonly #failures: Failures;
  readonly #known = new Map<string, Backups>();

  constructor(edges: Edges, avoided: Avoided, failures: Failures) {
    this.#edges = edges;
    this.#avoided = avoided;
    this.#failures = failures;
  }

  /** As many as `count`, of those that work now. */
  beside(path: Path, from: DatapathName, to: DatapathName, count: number): Backups {
    const key = `${path.text} ${count}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const paths = this.#of(path, from, to, count, this.#failures);
    const isSame = isWithout(this.#failures);
    const best = isSame ? paths : this.#of(path, from, to, count, noFailures);
    const isWhole =
      paths.length === best.length && paths.every(({ text }, i) => text === best[i]?.text);
    const made: Backups = { paths, isWhole };
    this.#known.set(key, made);
    return made;
  }

  #of(
    { hops }: Path,
    from: DatapathName,
    to: DatapathName,
    count: number,
    failures: Failures,
  ): readonly Path[] {
    const cables = hops.map(({ to, toPort }) => this.#cableAt(to, toPort));
    const paths = this.#besideCables(cables, from, to, count, failures);
    const other =
      paths.length > 0
        ? undefined
        : this.#disjoint(from, to, new Set(cables.slice(0, 1)), failures);
    const found = other === undefined ? paths : [other];
    return found.map((edges) => pathOf(edges, false));
  }

  /** Without any of these cables, and without one in common. */
  #besideCables(
    cables: readonly number[],
    from: DatapathName,
    to: DatapathName,
    count: number,
    failures: Failures,
  ): readonly (readonly Edge[])[] {
    const used = new Set(cables);
    const found: (readonly Edge[])[] = [];
    while (found.length < count) {
      const next = this.#disjoint(from, to, used, failures);
      if (next === undefined) break;
      for (const { cable } of next) used.add(cable);
      found.push(next);
    }
    const most = Math.min(count, this.#mostBeside(cables, from, to));
    if (found.length === 0 || found.length >= most) return found;
    const others = disjointPaths(this.#ground(new Set(cables), failures), from, to, most);
    return others.length > found.length ? others : found;
  }

  /**
   * When nothing has failed: paths of which the first is to be used in place of `path`, since it
   * has more beside it, as many as `count`. Undefined where there are none.
   */
  inPlaceOf(
    path: readonly Edge[],
    from: DatapathName,
    to: DatapathName,
    count: number,
  ): readonly (readonly Edge[])[] | undefined {
    const cables = path.map(({ cable }) => cable);
    const most = 1 + Math.min(count, this.#mostBeside([], from, to) - 1);
    const beside = this.#besideCables(cables, from, to, count, noFailures).length;
    if (1 + beside >= most) return undefined;
    const all = disjointPaths(this.#ground(new Set(), noFailures), from, to, most);
    return all.length > 1 + beside ? all : undefined;
  }

  /** There cannot be more than there are cables at either end. */
  #mostBeside(cables: readonly number[], from: DatapathName, to: DatapathName): number {
    const used = new Set(cables);
    const left = (name: DatapathName): number =>
      (this.#edges.get(name) ?? []).filter(({ cable, hop }) => !used.has(cable) && hop.to !== name)
        .length;
    return Math.min(left(from), left(to));
  }

  #ground(used: ReadonlySet<number>, { lost, down, held }: Failures): Ground {
    return {
      edges: this.#edges,
      leadsThrough: (name) => !this.#avoided.has(name) && !lost.has(name),
      isUsed: ({ at, hop, cable }) => {
        const end = endText({ device: at, port: hop.port });
        return !used.has(cable) && !down.has(end) && !held.has(end);
      },
    };
  }

  #disjoint(
    from: DatapathName,
    to: DatapathName,
    used: ReadonlySet<number>,
    failures: Failures,
  ): readonly Edge[] | undefined {
    const { edges, isUsed, leadsThrough } = this.#ground(used, failures);
    return new Graph(edges, isUsed, leadsThrough).first(from, to);
  }

  #cableAt(name: DatapathName, port: Port): number {
    return this.#edges.get(name)?.find(({ hop }) => hop.port === port)?.cable ?? -1;
  }
}
