/**
 * Ways between datapaths over the configured links: the shortest, by the lowest port on a tie, and
 * around failures (failures.ts).
 *
 * A way leads the same path in both directions, so a virtual link shares the fate of as few cables
 * as there can be. Those who ask with different ranks are spread over equal paths, with no cable in
 * common as far as there are such. A path meets no datapath twice, and its text is part of what
 * its frames' numbers name (wires.ts): so frames never loop, whatever changes.
 *
 * Who asks gets its preferred path while that works; else the first that works of the equal ones;
 * else the first of the shortest that are left. So what fails concerns those whose paths lead over
 * it, and what comes back those who are on a detour, and nobody else.
 */

import { pairText } from '../config/config-names.ts';
import type { Costs } from '../config/values.ts';
import { type DatapathName, endText } from '../ids.ts';
import { limits } from '../limits.ts';
import { BackupPaths, type Backups } from './backups.ts';
import type { Avoided } from './drained-datapaths.ts';
import { type Failures, isWithout, noFailures } from './failures.ts';
import {
  type Edge,
  type Edges,
  edgesFor,
  Graph,
  type Hop,
  type Links,
  legsOf,
  type Path,
  pathOf,
  reversed,
} from './graph.ts';
import { pathAlong, pathThrough } from './path-hops.ts';
import { isWithoutWish, noWish, open, turned, type Wish } from './wishes.ts';

export type { Hop, Path, Wish };
export { noWish, turned };

type Paths = readonly (readonly Edge[])[];

export class Routes {
  readonly #edges: Edges;
  /** Ways begin and end there, but do not lead through (drained-datapaths.ts). */
  readonly #avoided: Avoided;
  readonly #failures: Failures;
  readonly #hasFailures: boolean;
  readonly #whole: Graph;
  /** New ways may lead through it. */
  readonly #isThere: (datapath: DatapathName) => boolean;
  /** Without what failed; and with cables that have come back a moment ago. */
  readonly #spared: Graph;
  readonly #rest: Graph;
  /** Paths without a cable in common, of those that are preferred, by ends and turn. */
  readonly #equal = new Map<string, Paths>();
  readonly #paths = new Map<string, Path | undefined>();
  readonly #backups: BackupPaths;
  /** How many are wished beside each (config/failover.ts). */
  readonly #backupCount: number;
  readonly #links: Links;
  /** By `pairText` of its ends, what an edge calls a cable. */
  readonly #cables: ReadonlyMap<string, number>;
  readonly #costs: Costs;
  /** For those who avoid other datapaths, by their names. */
  readonly #avoiding = new Map<string, Routes>();

  constructor(
    links: Links,
    avoided: Avoided = new Set(),
    failures: Failures = noFailures,
    costs: Costs = new Map(),
    backups = 0,
  ) {
    this.#backupCount = backups;
    this.#links = links;
    this.#cables = new Map(links.map((ends, cable) => [pairText(ends), cable]));
    this.#costs = costs;
    this.#avoided = avoided;
    this.#failures = failures;
    this.#hasFailures = !isWithout(failures);
    this.#edges = edgesFor(links, (ends) => costs.get(pairText(ends)) ?? 1);
    this.#backups = new BackupPaths(this.#edges, avoided, failures);
    const { lost, away } = failures;
    const isOpen = (name: DatapathName): boolean => !avoided.has(name);
    this.#isThere = (name) => isOpen(name) && !lost.has(name) && !away.has(name);
    this.#whole = new Graph(this.#edges, () => true, isOpen);
    this.#spared = new Graph(this.#edges, (edge) => this.#carries(edge, false), this.#isThere);
    this.#rest = new Graph(this.#edges, (edge) => this.#carries(edge, true), this.#isThere);
  }

  /** From one datapath to another, over no hops when they are the same; undefined: no way. */
  way(from: DatapathName, to: DatapathName, wish: Wish = noWish): Path | undefined {
    if (from === to) return { hops: [], text: '', isDetour: false };
    if (wish.avoid.length > 0) return this.#without(wish.avoid).way(from, to, open(wish));
    const key = `${from} ${to} ${wish.rank} ${wish.via.join(' ')} ${wish.over.join(' ')}`;
    if (this.#paths.has(key)) return this.#paths.get(key);
    const path = this.#chosen(from, to, wish);
    this.#paths.set(key, path);
    return path;
  }

  /**
   * As `way`; to itself a datapath sends by a neighbour, which sends the frame back. For those
   * whose tables a packet can pass only once (translation/flat/).
   */
  wayOut(from: DatapathName, to: DatapathName, wish: Wish = noWish): Path | undefined {
    if (from !== to) return this.way(from, to, wish);
    const loops = (this.#edges.get(from) ?? []).flatMap((there) => {
      // A cable from the datapath to itself.
      if (there.hop.to === from) return [[there]];
      const back = this.#backOf(there);
      return this.#avoided.has(there.hop.to) || back === undefined ? [] : [[there, back]];
    });
    const [first] = loops;
    if (first === undefined) return undefined;
    if (!this.#hasFailures || this.#works(first)) return pathOf(first, false);
    const isNew = { isNew: true };
    const detour =
      loops.find((loop) => this.#works(loop, isNew)) ??
      loops.find((loop) => this.#works(loop, { ...isNew, withHeld: true }));
    return pathOf(detour ?? first, true);
  }

  #backOf({ hop }: Edge): Edge | undefined {
    return this.#edges.get(hop.to)?.find((one) => one.hop.port === hop.toPort);
  }

  /** All cables that work and that somebody picks, for those who avoid some datapaths. */
  over(isPicked: (cable: number) => boolean, avoid: readonly DatapathName[] = []): Graph {
    if (avoid.length > 0) return this.#without(avoid).over(isPicked);
    const isUsed = (edge: Edge): boolean => isPicked(edge.cable) && this.#carries(edge, false);
    return new Graph(this.#edges, isUsed, this.#isThere);
  }

  /** A path's edges; a cable's number is its place in the list of links. */
  edgesOf(path: Path | undefined, from: DatapathName): readonly Edge[] | undefined {
    if (path === undefined) return undefined;
    return legsOf(from, path.hops).flatMap(({ at, hop }) => {
      return this.#edges.get(at)?.find((edge) => edge.hop.port === hop.port) ?? [];
    });
  }

  /** What a datapath next to a failure of `path` can switch to by itself (backups.ts). */
  backups(
    path: Path,
    from: DatapathName,
    to: DatapathName,
    count: number,
    { avoid }: Wish,
  ): Backups {
    if (from === to) return { paths: [], isWhole: true };
    if (avoid.length > 0) return this.#without(avoid).backups(path, from, to, count, noWish);
    return this.#backups.beside(path, from, to, count);
  }

  /** Of the equal paths that flows are spread over: those that work, besides this one. */
  spread(path: Path, from: DatapathName, to: DatapathName, wish: Wish): Backups {
    if (from === to) return { paths: [], isWhole: true };
    if (wish.avoid.length > 0) {
      return this.#without(wish.avoid).spread(path, from, to, open(wish));
    }
    const isTurned = from > to;
    const [one, other] = isTurned ? [to, from] : [from, to];
    const all = this.#wished(one, other, isTurned ? turned(wish) : wish);
    const wished = all.slice(0, limits.spreadMax);
    const working = wished.filter((edges) => this.#works(edges));
    const paths = working.map((edges) => {
      const there = pathOf(edges, false);
      return isTurned ? reversed(there, one) : there;
    });
    const isWhole = working.length === wished.length;
    return { paths: paths.filter(({ text }) => text !== path.text), isWhole };
  }

  /** The same, but for those who never lead through some datapaths. */
  #without(avoid: readonly DatapathName[]): Routes {
    const key = [...avoid].sort().join(' ');
    const known = this.#avoiding.get(key);
    if (known !== undefined) return known;
    const avoided = new Set([...this.#avoided, ...avoid]);
    const made = new Routes(
      ...([this.#links, avoided, this.#failures, this.#costs, this.#backupCount] as const),
    );
    this.#avoiding.set(key, made);
    return made;
  }

  #chosen(from: DatapathName, to: DatapathName, wish: Wish): Path | undefined {
    if (from > to) {
      const there = this.way(to, from, turned(wish));
      return there && reversed(there, to);
    }
    const wished = this.#wished(from, to, wish);
    const [first] = wished;
    if (first !== undefined && (!this.#hasFailures || this.#works(first))) {
      return pathOf(first, false);
    }
    if (isWithoutWish(wish)) return first && pathOf(this.#around(from, to, wished) ?? first, true);
    if (first === undefined && !wish.via.some((name) => this.#avoided.has(name))) return undefined;
    return this.#despiteWish(from, to, wish, wished);
  }

  /** Paths that would do, in the order in which they are preferred. */
  #wished(from: DatapathName, to: DatapathName, wish: Wish): Paths {
    const { rank, via, over, spread } = wish;
    const cables = over.map((name) => this.#cables.get(name) ?? -1);
    const along = cables.length > 0 ? pathAlong(this.#whole, from, to, cables) : undefined;
    if (along !== undefined) return [along];
    const equal = this.#equalPaths(from, to, via, 0);
    const turn = Math.floor(rank / Math.max(1, equal.length));
    const paths = turn === 0 ? equal : this.#equalPaths(from, to, via, turn);
    const first = paths[rank % Math.max(1, paths.length)];
    const isFree = isWithoutWish(wish) && spread === undefined && this.#backupCount > 0;
    const others = isFree && first && this.#backups.inPlaceOf(first, from, to, this.#backupCount);
    const all = others || paths;
    const begin = rank % Math.max(1, all.length);
    return [...all.slice(begin), ...all.slice(0, begin)];
  }

  /** When the first of them does not work: another, or the shortest that is left. */
  #around(from: DatapathName, to: DatapathName, wished: Paths): readonly Edge[] | undefined {
    const [first] = wished;
    // Where nothing is left it stays: it works again as soon as the cable does.
    return (
      wished.slice(1).find((one) => this.#works(one, { isNew: true })) ??
      this.#spared.first(from, to) ??
      (first && this.#works(first, { withHeld: true }) ? first : this.#rest.first(from, to))
    );
  }

  /** When no path that is as wished works: one that leads through the same, or any. */
  #despiteWish(from: DatapathName, to: DatapathName, wish: Wish, wished: Paths): Path | undefined {
    const isNew = { isNew: true };
    const other =
      wished.slice(1).find((one) => this.#works(one, isNew)) ??
      (wish.via.length > 0 ? pathThrough(this.#spared, from, to, wish.via) : undefined);
    if (other !== undefined) return pathOf(other, true);
    const any = this.way(from, to, { ...wish, via: [], over: [] });
    const [first] = wished;
    if (first === undefined || (any && this.#pathWorks(any)))
      return any && { ...any, isDetour: true };
    return pathOf(first, true);
  }

  #pathWorks({ hops }: Path): boolean {
    return hops.every(
      ({ to, toPort }) => !this.#failures.down.has(endText({ device: to, port: toPort })),
    );
  }

  /** Of the shortest paths, the first, and then each the first that has no cable of the others. */
  #equalPaths(
    from: DatapathName,
    to: DatapathName,
    via: readonly DatapathName[],
    turn: number,
  ): Paths {
    const key = `${from} ${to} ${turn} ${via.join(' ')}`;
    const known = this.#equal.get(key);
    if (known !== undefined) return known;
    const found: (readonly Edge[])[] = [];
    const used = new Set<number>();
    for (;;) {
      const path =
        via.length === 0
          ? this.#whole.first(from, to, turn, used)
          : pathThrough(this.#whole, from, to, via, used);
      if (path === undefined || path.length === 0) break;
      if (costOf(path) > costOf(found[0] ?? path)) break;
      found.push(path);
      for (const { cable } of path) used.add(cable);
    }
    this.#equal.set(key, found);
    return found;
  }

  #carries({ at, hop }: Edge, withHeld: boolean): boolean {
    const { down, held } = this.#failures;
    const end = endText({ device: at, port: hop.port });
    return !down.has(end) && (withHeld || !held.has(end));
  }

  /** Whether a path works. A new one leads through no datapath that is away. */
  #works(path: readonly Edge[], { isNew = false, withHeld = false } = {}): boolean {
    const { lost, away } = this.#failures;
    const isThere = (name: DatapathName): boolean => {
      return !lost.has(name) && !(isNew && away.has(name));
    };
    return path.every((edge, i) => {
      return this.#carries(edge, withHeld) && (i === 0 || isThere(edge.at));
    });
  }
}

function costOf(path: readonly Edge[]): number {
  return path.reduce((sum, { cost }) => sum + cost, 0);
}
