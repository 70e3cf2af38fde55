/**
 * `limevisor apply` at the side that runs, and SIGHUP: reads a file, says how it differs from what
 * runs, and makes what runs what it says (migrate/applying.ts).
 */
import { type Difference, differenceOf } from '../../slices/config/difference.ts';
import { seenByTenants } from '../../slices/network/difference-seen.ts';
import { differenceText } from '../../slices/network/difference-text.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Sight } from '../../slices/network/seen.ts';
import type { Reconfiguration } from '../../translation/migration/reconfiguration.ts';
import type { Applying } from '../migrate/applying.ts';
import { readFile } from './file.ts';
import { fileProblemText } from './file-places.ts';

export interface ApplyingSources {
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
  /** `waits`: what is not there yet, and is made right when it comes. */
  | {
      readonly type: 'applied';
      readonly said: readonly string[];
      readonly waits: readonly string[];
    }
  | { readonly type: 'dryRun'; readonly waits: readonly string[] }
  | { readonly type: 'refused'; readonly whyNot: readonly string[] }
  /** Datapaths refused some of it: they hold what they held before, and nobody was told. */
  | { readonly type: 'takenBack'; readonly whyNot: readonly string[] };

/** `differs` is told before anything is done. */
export function applyFile(
  context: ApplyingSources,
  file: string,
  isDry: boolean,
  differs: (how: Differing) => void,
  done: (result: ApplyResult) => void,
): void {
  const read = readFile(file);
  if ('problems' in read) {
    done({ type: 'refused', whyNot: read.problems.map(fileProblemText) });
    return;
  }
  const { config } = read;
  const { applying } = context;
  const plan = applying.plan(config);
  if ('whyNot' in plan) {
    done({ type: 'refused', whyNot: plan.whyNot });
    return;
  }
  differs(differing(plan));
  if (isDry) done({ type: 'dryRun', waits: applying.waits(plan.wanted) });
  else {
    applying.apply(file, plan, (applied) => {
      if ('whyNot' in applied) {
        const { whyNot, isTakenBack } = applied;
        done({ type: isTakenBack ? 'takenBack' : 'refused', whyNot });
      } else done({ type: 'applied', said: applied.done, waits: applied.waits });
    });
  }
}

type Differs = Pick<Reconfiguration, 'before' | 'wanted'>;

/** With the places that are chosen for what the file leaves open, as `limevisor diff` has it. */
export function differing({ before, wanted }: Differs): Differing {
  const from = runningConfig(before);
  const changes = differenceOf(from, wanted);
  const seen = seenByTenants(from, wanted, before.avoiding.goal);
  return { changes, seen: Object.fromEntries(seen), text: differenceText(changes, seen) };
}
