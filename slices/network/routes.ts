/**
 * Ways between datapaths over the configured links: shortest first, the lowest port on a tie.
 *
 * Every way to a destination lies on one tree that is rooted there, so tagged frames that follow
 * next hops never loop (translation/wiring.ts relies on it).
 */

import type { PhysicalEnd } from '../config/config.ts';
import type { DatapathName, Port } from '../ids.ts';
import type { Avoided } from './drained-datapaths.ts';

/** One hop: leave by `port`, arrive at the datapath `to` on its port `toPort`. */
export interface Hop {
  readonly port: Port;
  readonly to: DatapathName;
  readonly toPort: Port;
}

export class Routes {
  readonly #neighbours: ReadonlyMap<DatapathName, readonly Hop[]>;
  /** Ways begin and end there, but do not lead through (drained-datapaths.ts). */
  readonly #avoided: Avoided;
  /** Destination -> (datapath -> its next hop); made when first asked for. */
  readonly #trees = new Map<DatapathName, ReadonlyMap<DatapathName, Hop>>();

  constructor(
    links: readonly (readonly [PhysicalEnd, PhysicalEnd])[],
    avoided: Avoided = new Set(),
  ) {
    this.#avoided = avoided;
    const neighbours = new Map<DatapathName, Hop[]>();
    const add = (from: PhysicalEnd, to: PhysicalEnd): void => {
      const hops = neighbours.get(from.device) ?? [];
      hops.push({ port: from.port, to: to.device, toPort: to.port });
      neighbours.set(from.device, hops);
    };
    for (const [one, other] of links) {
      add(one, other);
      add(other, one);
    }
    for (const hops of neighbours.values()) hops.sort((a, b) => a.port - b.port);
    this.#neighbours = neighbours;
  }

  /** The hops from one datapath to another: none when they are the same, undefined when no way. */
  way(from: DatapathName, to: DatapathName): readonly Hop[] | undefined {
    const tree = this.#tree(to);
    const hops: Hop[] = [];
    for (let at = from; at !== to; ) {
      const hop = tree.get(at);
      if (hop === undefined) return undefined;
      hops.push(hop);
      at = hop.to;
    }
    return hops;
  }

  /**
   * As `way`; to itself a datapath sends by a neighbour, which sends the frame back. For those
   * whose tables a packet can pass only once (translation/flat/).
   */
  wayOut(from: DatapathName, to: DatapathName): readonly Hop[] | undefined {
    if (from !== to) return this.way(from, to);
    for (const there of this.#neighbours.get(from) ?? []) {
      // A cable from the datapath to itself.
      if (there.to === from) return [there];
      if (this.#avoided.has(there.to)) continue;
      const back = this.#neighbours.get(there.to)?.find((hop) => hop.port === there.toPort);
      if (back !== undefined) return [there, back];
    }
    return undefined;
  }

  #tree(root: DatapathName): ReadonlyMap<DatapathName, Hop> {
    const made = this.#trees.get(root);
    if (made !== undefined) return made;
    const tree = new Map<DatapathName, Hop>();
    let ring: readonly DatapathName[] = [root];
    while (ring.length > 0) {
      ring = ring.flatMap((at) => this.#growFrom(at, root, tree));
    }
    this.#trees.set(root, tree);
    return tree;
  }

  /** Adds the neighbours of `at` that have no next hop yet; returns them. */
  #growFrom(at: DatapathName, root: DatapathName, tree: Map<DatapathName, Hop>) {
    const grown: DatapathName[] = [];
    if (at !== root && this.#avoided.has(at)) return grown;
    for (const hop of this.#neighbours.get(at) ?? []) {
      if (hop.to === root || tree.has(hop.to)) continue;
      const back = this.#neighbours.get(hop.to)?.find((h) => h.to === at);
      if (back === undefined) continue;
      tree.set(hop.to, back);
      grown.push(hop.to);
    }
    return grown;
  }
}
