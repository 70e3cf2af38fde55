/**
 * Whose turn it is to lead the ways of a tenant elsewhere. Steps of its migrations go side by side,
 * each with entries of its own; where a host is plugged in is in entries of all of them, so that
 * step has no other beside it. First come, first served. One that begins anew, after a fault of
 * ours, has left its former turn.
 */
import type { Boundary } from '../world/fault-boundary.ts';

type Release = () => void;

interface Turn {
  readonly who: string;
  readonly isAlone: boolean;
  readonly run: (release: Release) => void;
}

interface Line {
  /** Those that run. */
  readonly running: Set<Turn>;
  readonly waiting: Turn[];
}

export class TenantTurns {
  readonly #boundary: Boundary;
  /** By tenant; absent: nobody leads anything. */
  readonly #lines = new Map<string, Line>();

  constructor(boundary: Boundary) {
    this.#boundary = boundary;
  }

  /** `run` at once, unless somebody is alone, or waits for it. */
  together(tenant: string, who: string, run: Turn['run']): void {
    this.#enter(tenant, { who, isAlone: false, run });
  }

  /** `run` when nobody else leads anything. */
  alone(tenant: string, who: string, run: Turn['run']): void {
    this.#enter(tenant, { who, isAlone: true, run });
  }

  #enter(tenant: string, { who, isAlone, run }: Turn): void {
    const line = this.#lines.get(tenant) ?? { running: new Set(), waiting: [] };
    this.#lines.set(tenant, line);
    for (const one of line.running) if (one.who === who) line.running.delete(one);
    line.waiting.push({ who, isAlone, run: this.#boundary.bind(run) });
    this.#next(tenant, line);
  }

  #next(tenant: string, line: Line): void {
    const { running, waiting } = line;
    for (let turn = waiting[0]; turn !== undefined && mayRun(running, turn); turn = waiting[0]) {
      const now = turn;
      waiting.shift();
      running.add(now);
      now.run(() => {
        if (running.delete(now)) this.#next(tenant, line);
      });
    }
    if (running.size + waiting.length === 0) this.#lines.delete(tenant);
  }
}

function mayRun(running: ReadonlySet<Turn>, { isAlone }: Turn): boolean {
  const [first] = running;
  return first === undefined || !(isAlone || first.isAlone);
}
