/**
 * Finds the rule of a rulebook that a packet meets, as a switch does (OF1.3.5 section 5.3): for
 * packets that no datapath sees (translation/requests/lldp.ts), and where a datapath does not say.
 *
 * Tenants choose how many rules there are, and how many packets: a rule is looked at where it is,
 * as bytes, and only the one that is met becomes a value.
 */
import type { PacketFields, PipelineFields } from '../../openflow/packet/packet.ts';
import { SeenFields } from '../../openflow/packet/seen-fields.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import type { Rule } from './rule.ts';
import type { RuleArena } from './rule-arena.ts';
import type { RuleValues } from './rule-values.ts';

/** A rule that a packet meets, and the tenant's metadata that it has by then. */
export interface MatchedRule {
  readonly rule: Rule;
  readonly metadata: bigint;
}

/**
 * The first rule that does more with a packet than to send it on to a later table; undefined when
 * it meets none there.
 */
export function lookup(
  values: RuleValues,
  packet: PacketFields,
  inPort: number,
): MatchedRule | undefined {
  let metadata = 0n;
  const seen = new SeenFields(packet, { inPort, metadata });
  for (let tableId = 0; ; ) {
    const slot = meet(values.arena, tableId, seen);
    if (slot === 0) return undefined;
    const rule = values.ruleAt(slot);
    const { instructions } = rule;
    const goto = instructions.find((one) => one.type === 'gotoTable');
    if (goto === undefined || !instructions.every(onlySendsOn)) return { rule, metadata };
    const write = instructions.find((one) => one.type === 'writeMetadata');
    if (write) {
      metadata = (metadata & ~write.mask) | (write.metadata & write.mask);
      seen.setMetadata(metadata);
    }
    tableId = goto.table;
  }
}

/** The rule of the highest priority, and of those the oldest; 0 when there is none. */
function meet(arena: RuleArena, tableId: number, seen: SeenFields): number {
  const { lists } = arena;
  for (const { first } of lists.ranksIn(tableId)) {
    let oldest = 0;
    for (let slot = first; slot !== 0; slot = lists.nextBeside(slot)) {
      if (!arena.matches(slot, seen)) continue;
      if (oldest === 0 || arena.serialOf(slot) < arena.serialOf(oldest)) oldest = slot;
    }
    if (oldest !== 0) return oldest;
  }
  return 0;
}

/** The rule of one table that a packet meets, with what the pipeline keeps beside it by then. */
export function ruleMet(
  rulebook: { readonly arena: RuleArena; bySerial(serial: number): Rule | undefined },
  tableId: number,
  packet: PacketFields,
  pipeline: PipelineFields,
): Rule | undefined {
  const { arena } = rulebook;
  const slot = meet(arena, tableId, new SeenFields(packet, pipeline));
  return slot === 0 ? undefined : rulebook.bySerial(arena.serialOf(slot));
}

function onlySendsOn({ type }: Instruction): boolean {
  return type === 'gotoTable' || type === 'writeMetadata';
}
