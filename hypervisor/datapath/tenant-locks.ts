/**
 * Locks for changes to the ways of a tenant, one for each tenant, shared or exclusive. Steps of its
 * migrations share the lock, each with entries of its own; a step that changes the port of a host
 * changes entries of all of them, so it has the lock alone. Locks are given first come, first
 * served. A holder that begins anew after an internal error has released what it held before.
 */
import type { Boundary } from '../world/fault-boundary.ts';

type Release = () => void;

interface Claim {
  readonly who: string;
  readonly isExclusive: boolean;
  readonly run: (release: Release) => void;
}

interface Lock {
  /** Those that have it. */
  readonly running: Set<Claim>;
  readonly waiting: Claim[];
}

export class TenantLocks {
  readonly #boundary: Boundary;
  /** By tenant; absent: nobody has it. */
  readonly #locks = new Map<string, Lock>();

  constructor(boundary: Boundary) {
    this.#boundary = boundary;
  }

  /** `run` at once, unless somebody has it alone, or waits for that. */
  shared(tenant: string, who: string, run: Claim['run']): void {
    this.#enter(tenant, { who, isExclusive: false, run });
  }

  /** `run` when nobody else has it. */
  exclusive(tenant: string, who: string, run: Claim['run']): void {
    this.#enter(tenant, { who, isExclusive: true, run });
  }

  #enter(tenant: string, { who, isExclusive, run }: Claim): void {
    const lock = this.#locks.get(tenant) ?? { running: new Set(), waiting: [] };
    this.#locks.set(tenant, lock);
    for (const one of lock.running) if (one.who === who) lock.running.delete(one);
    lock.waiting.push({ who, isExclusive, run: this.#boundary.bind(run) });
    this.#next(tenant, lock);
  }

  #next(tenant: string, lock: Lock): void {
    const { running, waiting } = lock;
    for (
      let claim = waiting[0];
      claim !== undefined && mayRun(running, claim);
      claim = waiting[0]
    ) {
      const now = claim;
      waiting.shift();
      running.add(now);
      now.run(() => {
        if (running.delete(now)) this.#next(tenant, lock);
      });
    }
    if (running.size + waiting.length === 0) this.#locks.delete(tenant);
  }
}

function mayRun(running: ReadonlySet<Claim>, { isExclusive }: Claim): boolean {
  const [first] = running;
  return first === undefined || !(isExclusive || first.isExclusive);
}
