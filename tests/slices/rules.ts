/**
 * Flow-mods and rules for tests: everything has a default that does nothing.
 */

import { flowCommand, isError, NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction } from '../../openflow/values/values.ts';
import { type Rule, Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';

export function flowMod(parts: Partial<FlowMod> = {}): FlowMod {
  return {
    type: 'flowMod',
    xid: 1,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: flowCommand.add,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 100,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: 0xffffffff,
    flags: 0,
    match: [],
    instructions: [],
    ...parts,
  };
}

export function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}

export function applying(...actions: readonly Action[]): readonly Instruction[] {
  return [{ type: 'applyActions', actions }];
}

export const outputs = (...ports: readonly number[]) => applying(...ports.map(output));

export const toController = output(ofpp.controller);

/** Everything that a rule says, to compare it: its class keeps some of it behind getters. */
export function plain(rule: Rule) {
  const { match, instructions, counter, revision: _state, ...head } = { ...rule, ...partsOf(rule) };
  return { ...head, match, instructions, counted: counter.total() };
}

function partsOf({ match, instructions }: Rule) {
  return { match, instructions };
}

/** The rules of a book, to compare them. */
export const plainRules = (book: Rulebook) => book.rules().map(plain);

/** The changes of a flow-mod that the book takes. */
export function applied(book: Rulebook, mod: FlowMod, nowMs = 0): readonly RuleChange[] {
  const changes = book.apply(mod, nowMs);
  if (isError(changes)) throw new Error(changes.why);
  return changes;
}

/** The one change of a flow-mod that makes one. */
export function change(book: Rulebook, mod: FlowMod, nowMs = 0): RuleChange {
  const [only, ...more] = applied(book, mod, nowMs);
  if (only === undefined || more.length > 0) throw new Error(`${more.length} more changes`);
  return only;
}

export function ruleOf(parts: Partial<FlowMod> = {}, book = new Rulebook()): Rule {
  return change(book, flowMod(parts)).rule;
}
