/**
 * Prepares the next snapshot over several turns, with the store's entries and the vswitches that it
 * concerns, so that activating it takes one short turn.
 *
 *   computed --> its consequences --nothing is being planned--> active
 *      ^---------- another one becomes active meanwhile ----------'
 */
import { touched } from '../../slices/network/affected.ts';
import type { Computation } from '../../slices/network/changed-ways.ts';
import { isInfeasible, onto, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import type { Infeasible } from '../../slices/network/values.ts';
import type { Steps } from '../../slices/steps.ts';
import { changedTexts } from '../../translation/stored/stored-ways.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Planning } from './paced-plans.ts';

/** The snapshot that is to serve next, and what follows from that. */
export interface Next {
  readonly snapshot: Snapshot;
  /** Whom it concerns, in their order. */
  readonly touched: readonly Vswitch[];
  /** Its ways, for the store. */
  readonly ways: Entry;
}

export function* nextOf(before: Snapshot, snapshot: Snapshot): Steps<Next> {
  const concerned = yield* touched(before, snapshot);
  const ways = yield* changedTexts(before, snapshot);
  return { snapshot, touched: concerned, ways: { type: 'wayTexts', ...ways } };
}

/** What is computed from the snapshot that serves, with what follows from it. */
export function* following(before: Snapshot, computation: Computation): Steps<Found> {
  const snapshot = yield* computation;
  return isInfeasible(snapshot) ? snapshot : yield* nextOf(before, snapshot);
}

type Found = Next | Infeasible;

/** What was computed from `before`, for the snapshot of now, if nothing else is another. */
export function ofNow(now: Snapshot, before: Snapshot, next: Next): Next | undefined {
  const snapshot = onto(now, before, next.snapshot);
  return snapshot && { ...next, snapshot };
}

export interface PacingContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly planning: Pick<Planning, 'whenIdle' | 'follow'>;
  snapshot(): Snapshot;
}

/** How often it is computed before others, who change the snapshot too, have to wait. */
const AGAIN_MAX = 2;

/** What is computed from the snapshot that serves. */
export interface Paced<R> {
  /** Undefined when there is nothing to compute. */
  begin(before: Snapshot): Steps<R> | undefined;
  /** For the snapshot of now; undefined when it has to be computed again. */
  onto(now: Snapshot, before: Snapshot, found: R): R | undefined;
  /** What came of it, for the snapshot that serves then; undefined when nothing was computed. */
  take(found: R | undefined): void;
}

/** Once, and again when another serves by the time. */
export function pace<R>(context: PacingContext, paced: Paced<R>, again = 0): void {
  const { boundary, scheduler, planning } = context;
  const before = context.snapshot();
  const steps = paced.begin(before);
  if (steps === undefined) {
    paced.take(undefined);
    return;
  }
  const computed = (found: R): void => {
    planning.whenIdle(() => {
      const fitting = paced.onto(context.snapshot(), before, found);
      if (fitting === undefined) pace(context, paced, again + 1);
      else paced.take(fitting);
    });
  };
  // Nobody's: it is not to be lost with whoever asked for it.
  boundary.run(undefined, () => {
    if (again < AGAIN_MAX) scheduler.follow(steps, computed);
    else planning.follow(steps, computed);
  });
}

/**
 * The next snapshot: `begin` computes it from the one that serves, or says that nothing is another.
 */
export function computeNext(
  context: PacingContext,
  begin: (before: Snapshot) => Computation | undefined,
  take: (next: Found | undefined) => void,
): void {
  pace<Found>(context, {
    begin(before) {
      const computation = begin(before);
      return computation && following(before, computation);
    },
    onto(now, before, found) {
      if (isInfeasible(found)) return now === before ? found : undefined;
      return ofNow(now, before, found);
    },
    take,
  });
}
