/**
 * `limevisor apply` on the serving side, and SIGHUP: reads a file, reports how it differs from the
 * running configuration, and applies it (migrate/applying.ts).
 */
import { type Difference, differing } from '../../slices/config/difference.ts';
import { withoutCopies } from '../../slices/config/mirrors.ts';
import { seeing } from '../../slices/network/difference-seen.ts';
import { differenceText } from '../../slices/network/difference-text.ts';
import { runningConfigOf } from '../../slices/network/running-config.ts';
import type { Sight } from '../../slices/network/seen.ts';
import type { Steps } from '../../slices/steps.ts';
import type { Reconfiguration } from '../../translation/migration/reconfiguration.ts';
import type { Applied, Applying } from '../migrate/applying.ts';
import { firstProblems } from './file-places.ts';
import { type ReadApart, type ReadingContext, readFileApart } from './file-thread.ts';

export interface ApplyingSources extends ReadingContext {
  readonly applying: Pick<Applying, 'plan' | 'apply' | 'waits'>;
}

/** How the file differs from what runs: as values, and as people read it. */
export interface Differing {
  readonly changes: Difference;
  readonly seen: Readonly<Record<string, readonly Sight[]>>;
  readonly text: string;
}

/** Texts are a line each. */
export type ApplyResult =
  /** `waits`: what is not there yet, and is corrected when it comes. */
  | {
      readonly type: 'applied';
      readonly said: readonly string[];
      readonly waits: readonly string[];
    }
  | { readonly type: 'dryRun'; readonly waits: readonly string[] }
  | { readonly type: 'refused'; readonly whyNot: readonly string[] }
  /** Datapaths refused some of it: they hold what they held before, and nobody was told. */
  | { readonly type: 'takenBack'; readonly whyNot: readonly string[] };

/**
 * All of it in turns, of the file or of a `text` that would stand in it; `differs` is told before
 * anything is done.
 */
export function applyFile(
  context: ApplyingSources,
  file: string,
  isDry: boolean,
  differs: (how: Differing) => void,
  done: (result: ApplyResult) => void,
  text?: string,
): void {
  const { applying } = context;
  const received = (read: ReadApart): void => {
    if ('problems' in read) {
      done({ type: 'refused', whyNot: firstProblems(read.problems) });
      return;
    }
    const { config } = read;
    if (isDry) {
      applying.plan(config, differenceTo, (plan, how) => {
        if ('whyNot' in plan) done({ type: 'refused', whyNot: plan.whyNot });
        else {
          if (how !== undefined) differs(how);
          done({ type: 'dryRun', waits: applying.waits(plan.wanted) });
        }
      });
    } else {
      const foretell = function* (plan: Planned) {
        const how = yield* differenceTo(plan);
        return () => differs(how);
      };
      applying.apply(file, config, (applied) => done(resultOf(applied)), { foretell });
    }
  };
  readFileApart(context, file, received, text);
}

export function resultOf(applied: Applied): ApplyResult {
  if (!('whyNot' in applied)) return { type: 'applied', said: applied.done, waits: applied.waits };
  const { whyNot, isTakenBack } = applied;
  return { type: isTakenBack ? 'takenBack' : 'refused', whyNot };
}

type Planned = Pick<Reconfiguration, 'before' | 'wanted'>;

/** With the places that are chosen for what the file leaves open, as `limevisor diff` has it. */
export function* differenceTo({ before, wanted: whole }: Planned): Steps<Differing> {
  const [from, wanted] = [yield* runningConfigOf(before), withoutCopies(whole)];
  yield;
  const changes = yield* differing(from, wanted);
  const seen = yield* seeing(from, wanted, before.avoiding.goal);
  yield;
  return { changes, seen: Object.fromEntries(seen), text: differenceText(changes, seen) };
}
