/**
 * A flow table as a plain list, by the letter of OpenFlow 1.3.5 section 6.4 and nothing else.
 *
 * Matches are exact values of two fields (or wildcards), so that "subset" and "overlap" are loops
 * over all packets there are. The rulebook is held against it.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';

/** `undefined` is a wildcard. Values are 0 or 1. */
export interface DumbMatch {
  readonly a: number | undefined;
  readonly b: number | undefined;
}

export interface DumbRule {
  readonly tableId: number;
  readonly priority: number;
  readonly match: DumbMatch;
  readonly cookie: bigint;
  readonly outputs: readonly number[];
  readonly addedMs: number;
  readonly hardFromMs: number;
  readonly flags: number;
}

export interface DumbMod {
  readonly command: 'add' | 'modify' | 'modifyStrict' | 'delete' | 'deleteStrict';
  /** 0xff, in deletions: all of them. */
  readonly tableId: number;
  readonly priority: number;
  readonly match: DumbMatch;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly outputs: readonly number[];
  readonly outPort: number;
  readonly checkOverlap: boolean;
}

const bits = [0, 1];
export const packets = bits.flatMap((a) => bits.map((b) => ({ a, b })));

export function hits(match: DumbMatch, packet: { readonly a: number; readonly b: number }) {
  return (match.a ?? packet.a) === packet.a && (match.b ?? packet.b) === packet.b;
}

/** The list after the mod, or `overlap`. */
export function dumbApply(
  rules: readonly DumbRule[],
  mod: DumbMod,
  nowMs: number,
): readonly DumbRule[] | 'overlap' {
  const inRule = (rule: DumbRule) => packets.filter((packet) => hits(rule.match, packet));
  const inTable = (rule: DumbRule) => mod.tableId === 0xff || rule.tableId === mod.tableId;
  const same = (rule: DumbRule) =>
    inTable(rule) &&
    rule.priority === mod.priority &&
    rule.match.a === mod.match.a &&
    rule.match.b === mod.match.b;
  if (mod.command === 'add') {
    const meets = (rule: DumbRule) => inRule(rule).some((packet) => hits(mod.match, packet));
    const twins = rules.filter(
      (rule) => inTable(rule) && rule.priority === mod.priority && meets(rule),
    );
    // An identical rule is replaced, whatever else overlaps: so does Open vSwitch 3.1.
    if (mod.checkOverlap && !rules.some(same) && twins.length > 0) return 'overlap';
    const flags = mod.checkOverlap ? 2 : 0;
    const added = { ...mod, addedMs: nowMs, hardFromMs: nowMs, flags };
    return [...rules.filter((rule) => !same(rule)), added];
  }
  const isStrict = mod.command.endsWith('Strict');
  const isDelete = mod.command.startsWith('delete');
  const selected = (rule: DumbRule): boolean => {
    if (!inTable(rule)) return false;
    // "Cookie": section 6.4; a bit counts where the mask has it.
    for (let bit = 0n; bit < 64n; bit++) {
      const counts = ((mod.cookieMask >> bit) & 1n) === 1n;
      if (counts && ((rule.cookie >> bit) & 1n) !== ((mod.cookie >> bit) & 1n)) return false;
    }
    const filtersPort = isDelete && mod.outPort !== ofpp.any;
    if (filtersPort && !rule.outputs.includes(mod.outPort)) return false;
    return isStrict ? same(rule) : inRule(rule).every((packet) => hits(mod.match, packet));
  };
  if (isDelete) return rules.filter((rule) => !selected(rule));
  return rules.map((rule) =>
    selected(rule) ? { ...rule, outputs: mod.outputs, hardFromMs: nowMs } : rule,
  );
}

/** The highest priority that a packet meets in table 0; rules of the same priority are a tie. */
export function dumbLookup(rules: readonly DumbRule[], packet: { a: number; b: number }) {
  return rules
    .filter((rule) => rule.tableId === 0 && hits(rule.match, packet))
    .sort((one, other) => other.priority - one.priority)[0];
}

const commands = { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 } as const;

/** The same as a flow-mod: `a` is the lowest bit of eth_dst, `b` of eth_src. */
export function flowModOf(mod: DumbMod): FlowMod {
  const fields = [
    ...(mod.match.a === undefined ? [] : [oxm('eth_dst', mod.match.a, 1)]),
    ...(mod.match.b === undefined ? [] : [oxm('eth_src', mod.match.b)]),
  ];
  return {
    type: 'flowMod',
    xid: 1,
    cookie: mod.cookie,
    cookieMask: mod.cookieMask,
    tableId: mod.tableId,
    command: commands[mod.command],
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: mod.priority,
    bufferId: 0xffffffff,
    outPort: mod.outPort,
    outGroup: 0xffffffff,
    flags: mod.checkOverlap ? 2 : 0,
    match: matchOf(...fields),
    instructions: [
      {
        type: 'applyActions',
        actions: mod.outputs.map((port) => ({ type: 'output', port, maxLen: 0 })),
      },
    ],
  };
}
