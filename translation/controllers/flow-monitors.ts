/**
 * Flow monitors: a controller's requests about them, and updates about a rule, in its version.
 */

import { matchIn13 } from '../../openflow/match/match-meanings.ts';
import { readMonitorRequests, updateRow } from '../../openflow/messages/flow-monitors.ts';
import { readMonitorCancel } from '../../openflow/messages/monitor-messages.ts';
import {
  flowRemovedReason,
  monitorEvent,
  monitorFlag,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import type { Monitor, RuleUpdate } from '../../slices/rules/flow-monitors.ts';
import type { RemovedReason, Rule, RuleChange } from '../../slices/rules/rulebook.ts';
import { refusePortNumber } from '../entries/reserved.ts';
import { instructions13 } from '../entries/versions.ts';
import { refuseMatch } from '../requests/flow-mod.ts';
import { saidInstructions } from './statistics.ts';
import { absorb, refused, type Scene, type Verdict } from './verdict.ts';

/** What statistics ask of monitors; undefined when they ask for something else. */
export function monitorRules(scene: Scene, xid: number, body: Uint8Array): Verdict | undefined {
  const asked = readMonitorRequests(scene.version, body);
  if (asked === undefined) return undefined;
  if (isError(asked)) return refused(asked);
  const monitors: Monitor[] = [];
  let { wrong } = asked;
  for (const one of asked.monitors) {
    const why = refuse(scene.version, one);
    if (why === undefined) monitors.push(one);
    else {
      wrong = why;
      break;
    }
  }
  return { verdict: 'rewrite', effect: { type: 'monitorRules', monitors, wrong, xid } };
}

function refuse(spoken: Version, { filter }: Monitor): OfError | undefined {
  // 1.0's numbers are all of ports.
  const wrong = spoken === version.of10 ? undefined : refusePortNumber(filter.outPort);
  return wrong ?? refuseMatch(filter.match);
}

export function cancelMonitor(_: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const id = readMonitorCancel(message);
  if (isError(id)) return refused(id);
  return { verdict: 'rewrite', effect: { type: 'cancelMonitor', id } };
}

/** OFPRR_*, of which only later versions have the last. */
const reasons: Readonly<Record<RemovedReason, number>> = { ...flowRemovedReason, meterDelete: 4 };

/** What is told of a change; undefined when that left the rule as it was. */
export function updateOf(change: RuleChange): RuleUpdate | undefined {
  const { type, rule } = change;
  switch (type) {
    case 'add':
      return { type, rule, before: change.replaced };
    case 'modify':
      return isSame(rule, change.before) ? undefined : { type, rule, before: change.before };
    case 'remove':
      return { type: 'delete', rule, reason: reasons[change.reason] };
  }
}

/** The same of a place in which one rule stood and another stands, as by a change taken back. */
export function updateIn(before: Rule | undefined, rule: Rule | undefined): RuleUpdate | undefined {
  if (rule === undefined) {
    return before && { type: 'delete', rule: before, reason: flowRemovedReason.delete };
  }
  if (before === undefined || before.serial !== rule.serial) return { type: 'add', rule, before };
  return isSame(rule, before) ? undefined : { type: 'modify', rule, before };
}

/** Whether both have one cookie and do the same: timers are not told of. */
function isSame(one: Rule, other: Rule): boolean {
  if (one.cookie !== other.cookie) return false;
  const [a, b] = [one, other].map((rule) => rowOf(version.of13, rule, monitorEvent.add, true));
  return a?.every((byte, i) => byte === b?.[i]) === true && a.length === b?.length;
}

/** Whether a request's connection may be told of a change by that request's number only. */
export function isAbbreviable(update: RuleUpdate): boolean {
  // What goes with its group or meter is told in full.
  return update.type !== 'delete' || update.reason === flowRemovedReason.delete;
}

/** A change as a row, for monitors that have these flags together. */
export function rowOfUpdate(spoken: Version, update: RuleUpdate, flags: number): Uint8Array {
  const { type, rule } = update;
  const reason = type === 'delete' ? update.reason : 0;
  return rowOf(spoken, rule, monitorEvent[type], (flags & monitorFlag.actions) !== 0, reason);
}

/** A rule as a row. */
export function rowOf(
  spoken: Version,
  rule: Rule,
  event: number,
  hasActions: boolean,
  reason = 0,
): Uint8Array {
  const { tableId, priority, cookie, idleTimeoutSec, hardTimeoutSec } = rule;
  const said = { tableId, priority, cookie, idleTimeoutSec, hardTimeoutSec };
  const all = hasActions ? saidInstructions(rule) : [];
  const isOf10 = spoken === version.of10;
  const match = isOf10 ? rule.match : matchIn13(rule.match);
  const instructions = isOf10 ? all : instructions13({ match: rule.match, instructions: all });
  return updateRow(spoken, { event, reason, ...said, match, instructions });
}
