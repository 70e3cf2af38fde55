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
import type { DatapathName, Port } from '../ids.ts';
import type { Avoided } from './drained-datapaths.ts';
import { endText, type Failures, isWithout, noFailures } from './failures.ts';
import { type Edge, Graph } from './graph.ts';

/** One hop: leave by `port`, arrive at the datapath `to` on its port `toPort`. */
export interface Hop {
  readonly port: Port;
  readonly to: DatapathName;
  readonly toPort: Port;
}

export interface Path {
  readonly hops: readonly Hop[];
  /** Names it: where it leaves and arrives, hop by hop. */
  readonly text: string;
  /** Whether it is another than the preferred one, or none that works. */
  readonly isDetour: boolean;
}

type Links = readonly (readonly [PhysicalEnd, PhysicalEnd])[];

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

  constructor(links: Links, avoided: Avoided = new Set(), failures: Failures = noFailures) {
    this.#avoided = avoided;
    this.#failures = failures;
    this.#hasFailures = !isWithout(failures);
    const add = (from: PhysicalEnd, to: PhysicalEnd, cable: number): void => {
      const edges = this.#edges.get(from.device) ?? [];
      const hop = { port: from.port, to: to.device, toPort: to.port };
      edges.push({ at: from.device, hop, cost: 1, cable });
      this.#edges.set(from.device, edges);
    };
    for (const [cable, [one, other]] of links.entries()) {
      add(one, other, cable);
      add(other, one, cable);
    }
    for (const edges of this.#edges.values()) edges.sort((a, b) => a.hop.port - b.hop.port);
    const { lost, away } = failures;
    const isOpen = (name: DatapathName): boolean => !avoided.has(name);
    const isThere = (name: DatapathName): boolean =>
      isOpen(name) && !lost.has(name) && !away.has(name);
    this.#whole = new Graph(this.#edges, () => true, isOpen);
    this.#spared = new Graph(this.#edges, (edge) => this.#carries(edge, false), isThere);
    this.#rest = new Graph(this.#edges, (edge) => this.#carries(edge, true), isThere);
  }

  /** From one datapath to another, over no hops when they are the same; undefined: no way. */
  way(from: DatapathName, to: DatapathName, rank = 0): Path | undefined {
    if (from === to) return { hops: [], text: '', isDetour: false };
    const key = `${from} ${to} ${rank}`;
    if (this.#paths.has(key)) return this.#paths.get(key);
    const path = this.#chosen(from, to, rank);
    this.#paths.set(key, path);
    return path;
  }

  /**
   * As `way`; to itself a datapath sends by a neighbour, which sends the frame back. For those
   * whose tables a packet can pass only once (translation/flat/).
   */
  wayOut(from: DatapathName, to: DatapathName, rank = 0): Path | undefined {
    if (from !== to) return this.way(from, to, rank);
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

  #chosen(from: DatapathName, to: DatapathName, rank: number): Path | undefined {
    if (from > to) {
      const there = this.way(to, from, rank);
      return there && reversed(there, to);
    }
    const equal = this.#equalPaths(from, to, 0);
    const turned = this.#equalPaths(from, to, Math.floor(rank / Math.max(1, equal.length)));
    const first = turned[rank % Math.max(1, turned.length)];
    if (first === undefined) return undefined;
    if (!this.#hasFailures || this.#works(first)) return pathOf(first, false);
    const begin = rank % turned.length;
    const others = [...turned.slice(begin + 1), ...turned.slice(0, begin)];
    const detour =
      others.find((one) => this.#works(one, { isNew: true })) ??
      this.#spared.first(from, to) ??
      (this.#works(first, { withHeld: true }) ? first : this.#rest.first(from, to));
    // Where nothing is left it stays: it works again as soon as the cable does.
    return pathOf(detour ?? first, true);
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

function pathOf(edges: readonly Edge[], isDetour: boolean): Path {
  const text = edges.map(({ at, hop }) => `${at}:${hop.port}>${hop.to}:${hop.toPort}`).join(' ');
  return { hops: edges.map(({ hop }) => hop), text, isDetour };
}

function reversed({ hops, isDetour }: Path, from: DatapathName): Path {
  const edges = hops.map((hop, i): Edge => {
    const at = hops[i - 1]?.to ?? from;
    const back = { port: hop.toPort, to: at, toPort: hop.port };
    return { at: hop.to, hop: back, cost: 0, cable: 0 };
  });
  return pathOf(edges.reverse(), isDetour);
}
