/** The steps of the reference model's switch: changes, and what went by itself. */
import type { FlowMod } from '../../openflow/values/values.ts';
import type { RuleTable } from './reference-rules.ts';
import type { Removed, SwitchTrace } from './trace.ts';

/** The order of what a switch did by itself among what it was asked for. */
export interface Step {
  readonly atMs: number;
  readonly ackedMs: number;
  readonly apply: (table: RuleTable) => void;
  /** Which change that was asked for it is, and what it says. */
  readonly change?: number;
  readonly mod?: FlowMod;
  readonly expired?: Removed;
}

/** What was asked for, and among it what went by itself, by when that was told. */
export function stepsOf({
  changes,
  removed,
}: Pick<SwitchTrace, 'changes' | 'removed'>): readonly Step[] {
  const asked = changes.map(({ atMs, ackedMs, mod }, change) => {
    const apply = (table: RuleTable): void => table.change(mod);
    return { atMs, ackedMs, apply, change, mod, toldMs: atMs };
  });
  const own = removed.flatMap((one) => {
    const { cookie, atMs, isIdle } = one;
    const apply = (table: RuleTable): void => table.remove(cookie);
    return isIdle ? [{ atMs: 0, ackedMs: atMs, apply, expired: one, toldMs: atMs }] : [];
  });
  return [...asked, ...own].sort((a, b) => a.toldMs - b.toldMs);
}
