/**
 * A tenant's statistics, from its rulebook: every rule once, wherever and on how many datapaths
 * it lives, with every filter of the request honoured (OF1.3.5 section 7.3.5).
 */
import type {
  FlowStats,
  Instruction,
  MultipartReplyBody,
  MultipartRequestBody,
  TableStats,
} from '../openflow/values.ts';
import type { Rule, Rulebook } from '../slices/rulebook.ts';
import { inSwitchOrder } from './encoding.ts';
import { TENANT_TABLES } from './pipeline.ts';

export type CountersRequest = Extract<
  MultipartRequestBody,
  { kind: 'flow' | 'aggregate' | 'table' }
>;

export function countersReply(
  rulebook: Rulebook,
  request: CountersRequest,
  nowMs: number,
): MultipartReplyBody {
  switch (request.kind) {
    case 'flow':
      return {
        kind: 'flow',
        flows: rulebook.select(request.filter).map((r) => flowStats(r, nowMs)),
      };
    case 'aggregate': {
      const totals = rulebook.select(request.filter).map((rule) => rule.tally.total());
      return {
        kind: 'aggregate',
        packetCount: totals.reduce((sum, one) => sum + one.packets, 0n),
        byteCount: totals.reduce((sum, one) => sum + one.bytes, 0n),
        flowCount: totals.length,
      };
    }
    case 'table':
      return { kind: 'table', tables: tableStats(rulebook) };
  }
}

function tableStats(rulebook: Rulebook): readonly TableStats[] {
  const rows = Array.from({ length: TENANT_TABLES }, (_, tableId) => {
    return { tableId, activeCount: 0, matched: 0n };
  });
  for (const rule of rulebook.rules()) {
    const row = rows[rule.tableId];
    if (row === undefined) continue;
    row.activeCount += 1;
    row.matched += rule.tally.total().packets;
  }
  // Packets that met no rule are not counted below per vswitch: looked up = matched.
  return rows.map(({ tableId, activeCount, matched }) => {
    return { tableId, activeCount, lookupCount: matched, matchedCount: matched };
  });
}

/** One row, as the tenant's own switch would give it. */
export function flowStats(rule: Rule, nowMs: number): FlowStats {
  const { packets, bytes } = rule.tally.total();
  return {
    tableId: rule.tableId,
    ...durationOf(rule, nowMs),
    priority: rule.priority,
    idleTimeoutSec: rule.idleTimeoutSec,
    hardTimeoutSec: rule.hardTimeoutSec,
    flags: rule.flags,
    cookie: rule.cookie,
    packetCount: packets,
    byteCount: bytes,
    match: rule.match,
    instructions: inSwitchOrder(rule.instructions.filter(says)),
  };
}

/** A list of no actions is no instruction: Open vSwitch leaves it out. */
function says(one: Instruction): boolean {
  return !('actions' in one) || one.actions.length > 0;
}

export function durationOf({ addedMs }: Pick<Rule, 'addedMs'>, nowMs: number) {
  const ms = Math.max(0, nowMs - addedMs);
  return {
    durationSec: Math.floor(ms / 1000),
    durationNsec: Math.floor((ms % 1000) * 1_000_000),
  };
}
