/**
 * Paths beside those in use, to which a datapath next to a failure switches by itself (routes.ts):
 * each the shortest without a cable of those before it; the last resort is one that leaves by
 * another cable.
 */
import { type DatapathName, endText, type Port } from '../ids.ts';
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
    const used = new Set(cables);
    const found: Path[] = [];
    while (found.length < count) {
      const next = this.#disjoint(from, to, used, failures);
      if (next === undefined) break;
      for (const { cable } of next) used.add(cable);
      found.push(pathOf(next, false));
    }
    if (found.length === 0) {
      const other = this.#disjoint(from, to, new Set(cables.slice(0, 1)), failures);
      if (other !== undefined) found.push(pathOf(other, false));
    }
    return found;
  }

  #disjoint(
    from: DatapathName,
    to: DatapathName,
    used: ReadonlySet<number>,
    failures: Failures,
  ): readonly Edge[] | undefined {
    const { lost, down, held } = failures;
    const isOpen = (name: DatapathName): boolean => !this.#avoided.has(name) && !lost.has(name);
    const isUsed = ({ at, hop, cable }: Edge): boolean => {
      const end = endText({ device: at, port: hop.port });
      return !used.has(cable) && !down.has(end) && !held.has(end);
    };
    return new Graph(this.#edges, isUsed, isOpen).first(from, to);
  }

  #cableAt(name: DatapathName, port: Port): number {
    return this.#edges.get(name)?.find(({ hop }) => hop.port === port)?.cable ?? -1;
  }
}
