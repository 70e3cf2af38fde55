/**
 * `limevisor apply` at the side that runs, and SIGHUP: reads a file, and makes what runs what it
 * says (migrate/applying.ts).
 */
import type { Applying } from '../migrate/applying.ts';
import { readFile } from './file.ts';

export interface ApplyingSources {
  readonly applying: Pick<Applying, 'plan' | 'apply'>;
}

/** A line each. */
export type ApplyResult =
  | {
      readonly type: 'applied' | 'dryRun';
      readonly difference: readonly string[];
      readonly waits: readonly string[];
    }
  | { readonly type: 'refused'; readonly whyNot: readonly string[] };

export function applyFile(
  { applying }: ApplyingSources,
  file: string,
  isDry: boolean,
  done: (result: ApplyResult) => void,
): void {
  const read = readFile(file);
  if ('problems' in read) {
    done({ type: 'refused', whyNot: read.problems.map((one) => `${one.path}: ${one.why}`) });
    return;
  }
  const plan = applying.plan(read.config);
  if ('whyNot' in plan) {
    done({ type: 'refused', whyNot: plan.whyNot });
    return;
  }
  const { came, gone, changed } = plan;
  const difference = [
    ...gone.map(({ name }) => `- ${name}`),
    ...changed.map(([, { name }]) => `~ ${name}`),
    ...came.map(({ name }) => `+ ${name}`),
  ];
  if (isDry) {
    done({ type: 'dryRun', difference, waits: [] });
    return;
  }
  applying.apply(file, read.config, (applied) => {
    if ('whyNot' in applied) done({ type: 'refused', whyNot: applied.whyNot });
    else done({ type: 'applied', difference, waits: [...applied.done, ...applied.waits] });
  });
}
