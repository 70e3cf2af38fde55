/**
 * The entries of a rule that stays bytes on a flat datapath, by value code: what forms are made of
 * (flow-mod-bytes.ts, rule-changes.ts).
 */
import { flowMod } from '../../openflow/messages/messages.ts';
import type { OfError } from '../../openflow/values/values.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { copyOf, type RuleContent } from '../../slices/rules/rule-record.ts';
import { saidIn } from '../../slices/rules/rule-run.ts';
import type { Rule, Rulebook, RuleChange } from '../../slices/rules/rulebook.ts';
import { takenAt } from '../wiring/port-wiring.ts';
import { entriesOf, type FlatContext, type InstalledRule } from './context.ts';
import type { Kept } from './kept-rules.ts';
import { sendsUp } from './packet-in-rule.ts';
import type { LevelTable, Width } from './priority-map.ts';
import type { Counts } from './rule-counters.ts';
import { widthOf } from './rules.ts';

/** More entries than that for one rule are made as values. */
const ENTRIES_MAX = 64;

/** The body that forms are of. */
export interface FormsOwner {
  readonly context: FlatContext;
  readonly counts: Counts;
  vswitch(): Vswitch;
  levels(): LevelTable;
  refuse(change: RuleChange, snapshot: Snapshot): OfError | undefined;
}

/** What a rule is here. */
interface OwnEntries {
  readonly flows: InstalledRule['flows'];
  readonly priority: number;
  readonly level: number;
  readonly width: Width;
}

/** What a change makes of a rule here, if it changes only its own entries while levels hold. */
export function ownEntries(
  owner: FormsOwner,
  change: Exclude<RuleChange, { type: 'remove' }>,
  snapshot: Snapshot,
): OwnEntries | undefined {
  const { context, levels } = owner;
  const { rule } = change;
  const vswitch = owner.vswitch();
  if (owner.refuse(change, snapshot) !== undefined || sendsUp(rule)) return undefined;
  const site = context.site();
  const { priority } = rule;
  const width = widthOf(site.datapath, vswitch, rule);
  // What a port takes may depend on a frame's address.
  const depends = context
    .entrances(vswitch)
    .some(({ vport }) => takenAt(site.snapshot, vswitch, vport) === 'spanningTree');
  const level = levels().of(priority);
  const { flows } = entriesOf(rule, vswitch, context, level);
  if (depends || flows.size === 0 || flows.size > ENTRIES_MAX) return undefined;
  return { flows, priority, level, width };
}

/** A rule of which nothing is known yet but what the flow-mod at `at` says. */
export function sampleRule(book: Rulebook, dv: DataView, at: number, content: RuleContent): Rule {
  const placed = { serial: 1, revision: 0, replaced: 0, resets: true };
  return book.placed(placed, saidIn(dv, at), { content: copyOf(content) }, 0).rule;
}

/** Of a rule that is kept as its frame; a value is not to keep a chunk alive. */
export function contentIn({ chunk, at, size, matchSize }: Kept): RuleContent {
  const instructionsSize = size - flowMod.size - matchSize;
  return copyOf({ dv: chunk.dv, at: at + flowMod.size, matchSize, instructionsSize });
}
