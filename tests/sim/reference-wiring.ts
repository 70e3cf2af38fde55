/** What the vports of the reference model's switches lead to: each other, or hosts. */
import type { Place } from './trace.ts';

export class Wiring {
  readonly ports: ReadonlyMap<string, readonly number[]>;
  /** By place, the vport at the other end of its link. */
  readonly #others = new Map<string, Place>();

  /** Links are without circles. */
  constructor(
    ports: ReadonlyMap<string, readonly number[]>,
    links: readonly (readonly [Place, Place])[],
  ) {
    this.ports = ports;
    for (const [one, other] of links) {
      this.#others.set(nameOf(one), other);
      this.#others.set(nameOf(other), one);
    }
  }

  /** Where a frame that leaves here enters; undefined: at a host. */
  otherEnd(place: Place): Place | undefined {
    return this.#others.get(nameOf(place));
  }

  /** The vports by which a frame enters that goes from a vport to a vswitch; the first is that. */
  way(from: Place, to: string): readonly Place[] | undefined {
    if (from.vswitch === to) return [from];
    for (const port of this.ports.get(from.vswitch) ?? []) {
      const other = this.otherEnd({ vswitch: from.vswitch, port });
      const rest = other && port !== from.port ? this.way(other, to) : undefined;
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }
}

export function nameOf({ vswitch, port }: Place): string {
  return `${vswitch}:${port}`;
}
