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
import { nextTable, type TableCounters } from '../../slices/rules/table-counters.ts';
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

/** What the sums of tables need besides the rules that stand. */
export interface Looked {
  readonly tables: TableCounters;
  /** Packets that came in by the vswitch's ports. */
  readonly received: bigint;
}

export function answerTo(request: CountersRequest, looked: Looked): Answer {
  switch (request.kind) {
    case 'flow':
      return new Rows(request.filter);
    case 'aggregate':
      return new Sum(request.filter);
    case 'table':
      return new TableSums(looked);
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
  readonly #looked: Looked;
  readonly #active = new Map<number, number>();
  readonly #matched = new Map<number, bigint>();
  readonly #sentOn = new Map<number, bigint>();

  constructor(looked: Looked) {
    this.#looked = looked;
  }

  take(rules: readonly Rule[]): void {
    for (const rule of rules) {
      const { tableId, counter } = rule;
      this.#active.set(tableId, (this.#active.get(tableId) ?? 0) + 1);
      const { packets } = counter.total();
      if (packets === 0n) continue;
      this.#matched.set(tableId, (this.#matched.get(tableId) ?? 0n) + packets);
      const to = nextTable(rule.instructions);
      if (to !== undefined) this.#sentOn.set(to, (this.#sentOn.get(to) ?? 0n) + packets);
    }
  }

  part(): undefined {
    return undefined;
  }

  end(): MultipartReplyBody {
    const { tables: counters, received } = this.#looked;
    const standing = { matched: this.#matched, sentOn: this.#sentOn };
    const tables = Array.from({ length: TENANT_TABLES }, (_, tableId): TableStats => {
      const { lookups, matched } = counters.show(tableId, standing, received);
      const activeCount = this.#active.get(tableId) ?? 0;
      return { tableId, activeCount, lookupCount: lookups, matchedCount: matched };
    });
    return { kind: 'table', tables };
  }
}

/** One row, as the tenant's own switch would give it. */
export function flowStats(rule: Rule, nowMs: number): FlowStats {
  const { packets, bytes } = rule.counter.total();
  const secondsSince = (ms: number): number => Math.max(0, Math.floor((nowMs - ms) / 1000));
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
    ages: { idleSec: secondsSince(rule.usedMs), hardSec: secondsSince(rule.hardFromMs) },
    match: rule.match,
    instructions: saidInstructions(rule),
  };
}

/** A rule's instructions as a switch says them. */
export function saidInstructions({ instructions }: Rule): readonly Instruction[] {
  return inSwitchOrder(instructions.filter(says));
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
