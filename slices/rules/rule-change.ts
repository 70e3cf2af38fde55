/**
 * The changes of rules that a rulebook returns, to be carried out on datapaths.
 */
import type { flowRemovedReason } from '../../openflow/values/constants.ts';
import type { Rule, RuleHead } from './rule.ts';

/** OFPRR_*; that a meter went is a reason only from OpenFlow 1.4 on. */
export type RemovedReason = keyof typeof flowRemovedReason | 'meterDelete';

export type RuleChange =
  /** `resets`: counters begin at zero, also on the datapath (OF1.3.5 section 6.4). */
  | {
      readonly type: 'add';
      readonly rule: Rule;
      readonly replaced: Rule | undefined;
      readonly resets: boolean;
    }
  | {
      readonly type: 'modify';
      readonly rule: Rule;
      readonly before: Rule;
      readonly resets: boolean;
    }
  | { readonly type: 'remove'; readonly rule: Rule; readonly reason: RemovedReason };

/** What an add says of its rule, besides match and instructions. */
export type RuleAttributes = Omit<RuleHead, 'serial' | 'addedMs' | 'hardFromMs' | 'usedMs'>;

/** A rule that was added, in numbers. */
export interface AddedRule {
  readonly serial: number;
  /** Names this state of the rule (`rule.ts`). */
  readonly revision: number;
  /** The serial of the rule whose place it took; 0 when there was none. */
  readonly replaced: number;
  readonly resets: boolean;
}
