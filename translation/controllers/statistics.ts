/**
 * A tenant's statistics, from its rulebook: every rule once, wherever and on how many datapaths
 * it lives, with every filter of the request honoured (OF1.3.5 section 7.3.5).
 */
import type {
  FlowStats,
  FlowStatsFilter,
  Instruction,
  MultipartReplyBody,
  MultipartRequestBody,
  TableStats,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { everyFlow } from '../entries/physical-tables.ts';
import { TENANT_TABLES } from '../entries/pipeline.ts';
import { inSwitchOrder } from '../pipeline/encoding.ts';

export type CountersRequest = Extract<
  MultipartRequestBody,
  { kind: 'flow' | 'aggregate' | 'table' }
>;

/** An answer that is made a part at a time, as rules are looked at. */
export interface Answer {
  /** Which rules are asked about. */
  readonly filter: FlowStatsFilter;
  take(rules: readonly Rule[], nowMs: number): void;
  /** What has been taken since the last call, if that is enough for a part of the reply. */
  part(): MultipartReplyBody | undefined;
  /** The last part; of totals, the only one. */
  end(): MultipartReplyBody;
}

export function answerTo(request: CountersRequest): Answer {
  switch (request.kind) {
    case 'flow':
      return new Rows(request.filter);
    case 'aggregate':
      return new Sum(request.filter);
    case 'table':
      return new TableSums();
  }
}

class Rows implements Answer {
  readonly filter: FlowStatsFilter;
  #flows: FlowStats[] = [];

  constructor(filter: FlowStatsFilter) {
    this.filter = filter;
  }

  take(rules: readonly Rule[], nowMs: number): void {
    for (const rule of rules) this.#flows.push(flowStats(rule, nowMs));
  }

  part(): MultipartReplyBody | undefined {
    return this.#flows.length < limits.rowsAtOnce ? undefined : this.end();
  }

  end(): MultipartReplyBody {
    const flows = this.#flows;
    this.#flows = [];
    return { kind: 'flow', flows };
  }
}

class Sum implements Answer {
  readonly filter: FlowStatsFilter;
  #packetCount = 0n;
  #byteCount = 0n;
  #flowCount = 0;

  constructor(filter: FlowStatsFilter) {
    this.filter = filter;
  }

  take(rules: readonly Rule[]): void {
    this.#flowCount += rules.length;
    for (const rule of rules) {
      const { packets, bytes } = rule.counter.total();
      this.#packetCount += packets;
      this.#byteCount += bytes;
    }
  }

  part(): undefined {
    return undefined;
  }

  end(): MultipartReplyBody {
    const [packetCount, byteCount] = [this.#packetCount, this.#byteCount];
    return { kind: 'aggregate', packetCount, byteCount, flowCount: this.#flowCount };
  }
}

class TableSums implements Answer {
  readonly filter = everyFlow;
  readonly #rows = Array.from({ length: TENANT_TABLES }, (_, tableId) => {
    return { tableId, activeCount: 0, matched: 0n };
  });

  take(rules: readonly Rule[]): void {
    for (const rule of rules) {
      const row = this.#rows[rule.tableId];
      if (row === undefined) continue;
      row.activeCount += 1;
      row.matched += rule.counter.total().packets;
    }
  }

  part(): undefined {
    return undefined;
  }

  end(): MultipartReplyBody {
    // Packets that met no rule are not counted below per vswitch: looked up = matched.
    const tables: readonly TableStats[] = this.#rows.map(({ tableId, activeCount, matched }) => {
      return { tableId, activeCount, lookupCount: matched, matchedCount: matched };
    });
    return { kind: 'table', tables };
  }
}

/** One row, as the tenant's own switch would give it. */
export function flowStats(rule: Rule, nowMs: number): FlowStats {
  const { packets, bytes } = rule.counter.total();
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

/** Whole milliseconds, as Open vSwitch's are: 3.021s, not 3.021169712s. */
export function durationOf({ addedMs }: Pick<Rule, 'addedMs'>, nowMs: number) {
  const ms = Math.max(0, Math.floor(nowMs - addedMs));
  return { durationSec: Math.floor(ms / 1000), durationNsec: (ms % 1000) * 1_000_000 };
}
