/**
 * Which of a rulebook's rules a packet meets, as a switch chooses it (OF1.3.5 section 5.3): for
 * packets that no datapath sees (translation/lldp.ts).
 */
import { matchesPacket, type PacketFields, type PipelineFields } from '../openflow/packet.ts';
import type { Instruction } from '../openflow/values.ts';
import type { Rule } from './rule.ts';

/** A rule that a packet meets, and the tenant's metadata that it has by then. */
export interface Met {
  readonly rule: Rule;
  readonly metadata: bigint;
}

/** The rules of a table in the order in which a packet tries them. */
type InTable = (tableId: number) => Iterable<Rule>;

/**
 * The first rule that does more with a packet than to send it on to a later table; undefined when
 * it meets none there.
 */
export function lookup(inTable: InTable, packet: PacketFields, inPort: number): Met | undefined {
  let metadata = 0n;
  for (let tableId = 0; ; ) {
    const rule = meet(inTable, tableId, packet, { inPort, metadata });
    if (rule === undefined) return undefined;
    const { instructions } = rule;
    const goto = instructions.find((one) => one.type === 'gotoTable');
    if (goto === undefined || !instructions.every(onlySendsOn)) return { rule, metadata };
    const write = instructions.find((one) => one.type === 'writeMetadata');
    if (write) metadata = (metadata & ~write.mask) | (write.metadata & write.mask);
    tableId = goto.table;
  }
}

function meet(
  inTable: InTable,
  tableId: number,
  packet: PacketFields,
  pipeline: PipelineFields,
): Rule | undefined {
  for (const rule of inTable(tableId)) {
    if (matchesPacket(rule.match, packet, pipeline)) return rule;
  }
  return undefined;
}

function onlySendsOn({ type }: Instruction): boolean {
  return type === 'gotoTable' || type === 'writeMetadata';
}
