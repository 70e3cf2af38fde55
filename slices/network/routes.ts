/**
 * Ways between datapaths over the configured links: shortest first, the lowest port on a tie, and
 * around what has failed (failures.ts).
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

import type { PhysicalEnd } from '../config/config.ts';
import { pairText } from '../config/config-ends.ts';
import type { Costs } from '../config/values.ts';
import { type DatapathName, endText } from '../ids.ts';
import { BackupPaths, type Backups } from './backups.ts';
import type { Avoided } from './drained-datapaths.ts';
import { type Failures, isWithout, noFailures } from './failures.ts';
import { type Edge, Graph, type Hop, type Path, pathOf, reversed } from './graph.ts';

export type { Hop, Path };

type Links = readonly (readonly [PhysicalEnd, PhysicalEnd])[];

/** What somebody wishes of a path besides that it is short. */
export interface Wish {
  /** Which of several equal paths it prefers. */
  readonly rank: number;
  /** Datapaths that the preferred one leads through, in this order. */
  readonly via: readonly DatapathName[];
  /** Those that none leads through. */
  readonly avoid: readonly DatapathName[];
}

export const noWish: Wish = { rank: 0, via: [], avoid: [] };

export class Routes {
  readonly #edges = new Map<DatapathName, Edge[]>();
  /** Ways begin and end there, but do not lead through (drained-datapaths.ts). */
  readonly #avoided: Avoided;
  readonly #failures: Failures;
  readonly #hasFailures: boolean;
  readonly #whole: Graph;
  /** Without what failed; and with cables that have come back a moment ago. */
  readonly #spared: Graph;
  readonly #rest: Graph;
  /** Paths without a cable in common, of those that are preferred, by ends and turn. */
  readonly #equal = new Map<string, readonly (readonly Edge[])[]>();
  readonly #paths = new Map<string, Path | undefined>();
  readonly #backups: BackupPaths;
  readonly #links: Links;
  readonly #costs: Costs;
  /** For those who avoid other datapaths, by their names. */
  readonly #avoiding = new Map<string, Routes>();

  constructor(
    links: Links,
    avoided: Avoided = new Set(),
    failures: Failures = noFailures,
    costs: Costs = new Map(),
  ) {
    this.#links = links;
    this.#costs = costs;
    this.#avoided = avoided;
    this.#failures = failures;
    this.#hasFailures = !isWithout(failures);
    const add = (from: PhysicalEnd, to: PhysicalEnd, cable: number, cost: number): void => {
      const edges = this.#edges.get(from.device) ?? [];
      const hop = { port: from.port, to: to.device, toPort: to.port };
      edges.push({ at: from.device, hop, cost, cable });
      this.#edges.set(from.device, edges);
    };
    for (const [cable, [one, other]] of links.entries()) {
      const cost = costs.get(pairText([one, other])) ?? 1;
      add(one, other, cable, cost);
      add(other, one, cable, cost);
    }
    for (const edges of this.#edges.values()) edges.sort((a, b) => a.hop.port - b.hop.port);
    this.#backups = new BackupPaths(this.#edges, avoided, failures);
    const { lost, away } = failures;
    const isOpen = (name: DatapathName): boolean => !avoided.has(name);
    const isThere = (name: DatapathName): boolean =>
      isOpen(name) && !lost.has(name) && !away.has(name);
    this.#whole = new Graph(this.#edges, () => true, isOpen);
    this.#spared = new Graph(this.#edges, (edge) => this.#carries(edge, false), isThere);
    this.#rest = new Graph(this.#edges, (edge) => this.#carries(edge, true), isThere);
  }

  /** From one datapath to another, over no hops when they are the same; undefined: no way. */
  way(from: DatapathName, to: DatapathName, wish: Wish = noWish): Path | undefined {
    if (from === to) return { hops: [], text: '', isDetour: false };
    if (wish.avoid.length > 0) return this.#without(wish.avoid).way(from, to, open(wish));
    const key = `${from} ${to} ${wish.rank} ${wish.via.join(' ')}`;
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

  /** The same, but for those who never lead through some datapaths. */
  #without(avoid: readonly DatapathName[]): Routes {
    const key = [...avoid].sort().join(' ');
    const known = this.#avoiding.get(key);
    if (known !== undefined) return known;
    const avoided = new Set([...this.#avoided, ...avoid]);
    const made = new Routes(this.#links, avoided, this.#failures, this.#costs);
    this.#avoiding.set(key, made);
    return made;
  }

  #chosen(from: DatapathName, to: DatapathName, wish: Wish): Path | undefined {
    const { rank, via } = wish;
    if (from > to) {
      const there = this.way(to, from, turned(wish));
      return there && reversed(there, to);
    }
    if (via.length > 0) return this.#chosenVia(from, to, wish);
    const equal = this.#equalPaths(from, to, 0);
    const preferred = this.#equalPaths(from, to, Math.floor(rank / Math.max(1, equal.length)));
    const first = preferred[rank % Math.max(1, preferred.length)];
    if (first === undefined) return undefined;
    if (!this.#hasFailures || this.#works(first)) return pathOf(first, false);
    const begin = rank % preferred.length;
    const others = [...preferred.slice(begin + 1), ...preferred.slice(0, begin)];
    const detour =
      others.find((one) => this.#works(one, { isNew: true })) ??
      this.#spared.first(from, to) ??
      (this.#works(first, { withHeld: true }) ? first : this.#rest.first(from, to));
    // Where nothing is left it stays: it works again as soon as the cable does.
    return pathOf(detour ?? first, true);
  }

  /** Led otherwise when the wished path does not work; a path never meets a datapath twice. */
  #chosenVia(from: DatapathName, to: DatapathName, wish: Wish): Path | undefined {
    const stops = [from, ...wish.via.filter((name) => name !== from && name !== to), to];
    const parts = stops.slice(1).map((stop, i) => this.#whole.first(stops[i] ?? from, stop));
    const edges = parts.flatMap((part) => part ?? []);
    const isSimple = new Set(edges.map(({ hop }) => hop.to)).size === edges.length;
    const returns = edges.some(({ hop }) => hop.to === from);
    if (parts.includes(undefined) || !isSimple || returns) return undefined;
    if (!this.#hasFailures || this.#works(edges)) return pathOf(edges, false);
    const other = this.way(from, to, { ...wish, via: [] });
    return other && this.#pathWorks(other) ? { ...other, isDetour: true } : pathOf(edges, true);
  }

  #pathWorks({ hops }: Path): boolean {
    return hops.every(
      ({ to, toPort }) => !this.#failures.down.has(endText({ device: to, port: toPort })),
    );
  }

  /** Of the shortest paths, the first, and then each the first that has no cable of the others. */
  #equalPaths(from: DatapathName, to: DatapathName, turn: number): readonly (readonly Edge[])[] {
    const key = `${from} ${to} ${turn}`;
    const known = this.#equal.get(key);
    if (known !== undefined) return known;
    const found: (readonly Edge[])[] = [];
    const used = new Set<number>();
    for (;;) {
      const path = this.#whole.first(from, to, turn, used);
      if (path === undefined || path.length === 0) break;
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

/** The same of the way back. */
export function turned<W extends Pick<Wish, 'via'>>(wish: W): W {
  return { ...wish, via: [...wish.via].reverse() };
}

function open(wish: Wish): Wish {
  return { ...wish, avoid: [] };
}
