/**
 * The length of the part of a packet that a controller is sent when the packet is kept for it
 * (slices/buffers.ts).
 *
 * What a rule sent up is cut to what the rule's action says (max_len), what missed every rule to
 * what the connection's configuration says (miss_send_len): OF1.3.5 sections 7.2.5 and 7.4.1. What
 * a group's bucket or a packet-out sends up is sent whole.
 */
import { controllerMaxLen, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, ActionOf } from '../../openflow/values/values.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';

/** In bytes; OFPCML_NO_BUFFER is for the whole packet. */
export function packetInBytes(
  rule: Rule | undefined,
  isMiss: boolean,
  missSendLen: number,
): number {
  if (isMiss && rule === undefined) return missSendLen;
  for (const one of rule?.instructions ?? []) {
    if (one.type !== 'applyActions' && one.type !== 'writeActions') continue;
    const up = one.actions.find(isUp);
    if (up !== undefined) return up.maxLen;
  }
  return controllerMaxLen.noBuffer;
}

function isUp(action: Action): action is ActionOf<'output' | 'controller'> {
  if (action.type === 'controller') return true;
  return action.type === 'output' && action.port === ofpp.controller;
}

/** Whether some action of a rule sends packets up; what its groups do is theirs. */
export function goesUp({ instructions }: Rule): boolean {
  return instructions.some((one) => 'actions' in one && one.actions.some(isUp));
}

/** The rule's action that says which controllers are told, and why; none is what most do. */
export function controllerIn(rule: Rule | undefined): ActionOf<'controller'> | undefined {
  for (const one of rule?.instructions ?? []) {
    if (one.type !== 'applyActions') continue;
    for (const action of one.actions) if (action.type === 'controller') return action;
  }
  return undefined;
}
