/**
 * The latency of a datapath's control connection: the time that a probe takes besides its cable. It
 * is measured by a probe that a datapath sends back to us at once, instead of out of a port.
 */
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import type { Probes } from './probes.ts';

interface ControlPath {
  askedMs: number;
  /** Of the last ones. */
  readonly tookMs: number[];
}

export class ControlPaths {
  readonly #world: World;
  readonly #probes: Probes;
  readonly #of = new Map<DatapathName, ControlPath>();

  constructor(world: World, probes: Probes) {
    this.#world = world;
    this.#probes = probes;
  }

  /** Looks, if it has not done so lately. */
  look(datapath: Datapath): void {
    const nowMs = this.#world.nowMs();
    const path = this.#of.get(datapath.name) ?? { askedMs: -Infinity, tookMs: [] };
    this.#of.set(datapath.name, path);
    if (nowMs - path.askedMs < limits.linkProbeMs) return;
    path.askedMs = nowMs;
    this.#probes.send(datapath, ofpp.controller as Port, 'small', false, {
      arrived: (_, __, ms) => {
        path.tookMs.push(ms);
        if (path.tookMs.length > limits.linkLatenciesKept) path.tookMs.shift();
      },
      // The next one will do.
      lost: () => undefined,
    });
  }

  /** Of a probe that goes down to one and comes up from the other: half of both, at their best. */
  between(one: DatapathName, other: DatapathName): number {
    const [there = 0, back = 0] = [one, other].map((name) => {
      const { tookMs = [] } = this.#of.get(name) ?? {};
      return tookMs.length === 0 ? 0 : Math.min(...tookMs);
    });
    return (there + back) / 2;
  }
}
