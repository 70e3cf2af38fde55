/**
 * The actions of 1.3 in OpenFlow 1.0's terms, and those that 1.0 cannot express.
 *
 * Most of what 1.0 does to packets has no equal in 1.3 and values of its own (structure-values.ts);
 * where a value of 1.3 means the same as an action of 1.0 it is written as that one.
 */

import { bytes, layout, pad } from '../layout/layout.ts';
import { portTo10 } from '../layout/numbers10.ts';
import { meaning, type Part, struct } from '../layout/struct.ts';
import { type Variant, variantHead } from '../layout/variants.ts';
import { oxm, oxmNumber } from '../match/oxm.ts';
import { type FieldName, fieldByNumber } from '../values/fields.ts';
import type { Action, Action10, Instruction, Oxm } from '../values/structure-values.ts';
import { actions10, actionsOf, badActionLength, experimenter10 } from './actions.ts';

/** 1.0 has one action for either address of Ethernet, and 1.3's value for it. */
const dlAddress = layout('Action dlAddress', { ...variantHead, address: bytes(6), pad: pad(6) });

function setAddress(number: number, name: 'eth_src' | 'eth_dst'): Variant<Action> {
  const rules = { badLength: badActionLength };
  const part = meaning<{ address: Uint8Array }, Action>(
    struct(`action ${name}`, dlAddress, {}, rules),
    ({ address }) => ({ type: 'setField', oxm: oxm(name, address) }),
    (action) => ({ address: (action as Extract<Action, { type: 'setField' }>).oxm.value }),
  );
  return { number, part };
}

const setAddresses: ReadonlyMap<string, Variant<Action>> = new Map([
  ['eth_src', setAddress(4, 'eth_src')],
  ['eth_dst', setAddress(5, 'eth_dst')],
]);

/** Fields that 1.3 sets only in packets that have them: there, 1.0's actions do the same. */
const setters: { readonly [N in FieldName]?: (oxm: Oxm) => Action10 } = {
  vlan_vid: (one) => ({ type: 'setVlanVid', vid: Number(oxmNumber(one)) & 0xfff }),
  vlan_pcp: (one) => ({ type: 'setVlanPcp', pcp: Number(oxmNumber(one)) }),
  ip_dscp: (one) => ({ type: 'setNwTos', tos: Number(oxmNumber(one)) << 2 }),
  ipv4_src: ({ value }) => ({ type: 'setNwSrc', address: value }),
  ipv4_dst: ({ value }) => ({ type: 'setNwDst', address: value }),
  tcp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  tcp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
  udp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  udp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
  sctp_src: (one) => ({ type: 'setTpSrc', port: Number(oxmNumber(one)) }),
  sctp_dst: (one) => ({ type: 'setTpDst', port: Number(oxmNumber(one)) }),
};

function fieldNameOf(one: Oxm): string {
  return fieldByNumber(one.oxmClass, one.field)?.name ?? `field ${one.oxmClass}:${one.field}`;
}

/**
 * An action as a switch of 1.0 says it when it is asked what it does: what 1.3 has another value
 * for is written as 1.0's own, and is read as that.
 */
export function normalizedFor10(action: Action): Action {
  // Only where there is a tag: the same.
  if (action.type === 'popVlan') return { type: 'stripVlan' };
  if (action.type !== 'setField') return action;
  return setters[fieldNameOf(action.oxm) as FieldName]?.(action.oxm) ?? action;
}

/** What writes this action, which is one that `heardAs10` answered; undefined when 1.0 cannot. */
function variantOf(action: Action): Variant<Action> | undefined {
  const hasPort = action.type === 'output' || action.type === 'enqueue';
  if (hasPort && portTo10(action.port) === undefined) return undefined;
  return action.type === 'setField'
    ? setAddresses.get(fieldNameOf(action.oxm))
    : actions10.get(action.type);
}

const all = actionsOf(
  [...actions10.values(), ...setAddresses.values()],
  experimenter10,
  (action) => {
    const found = variantOf(action);
    if (found === undefined) throw new Error(`OpenFlow 1.0 has no action ${action.type}`);
    return found;
  },
);

/** Lists of actions of 1.0; of others, those are written that 1.0 can say. */
export const actionList10: Part<readonly Action[]> = meaning(
  all,
  (actions) => actions,
  (actions) => actions.map(normalizedFor10).filter((action) => variantOf(action) !== undefined),
);

/** A rule's actions in 1.0 are one instruction of 1.3; of others, what is applied at once. */
export const instructions10: Part<readonly Instruction[]> = meaning(
  actionList10,
  (actions) => (actions.length === 0 ? [] : [{ type: 'applyActions', actions }]),
  actionsTo10,
);

function actionsTo10(instructions: readonly Instruction[]): readonly Action[] {
  return instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
}

/** Why 1.0 cannot say these instructions; undefined when it can. */
export function unsaidInInstructions(instructions: readonly Instruction[]): string | undefined {
  const other = instructions.find(({ type }) => type !== 'applyActions');
  if (other) return `OpenFlow 1.0 has no instruction ${other.type}`;
  return whyActionsNotIn10(actionsTo10(instructions));
}

/** Why 1.0 cannot say these actions; undefined when it can. */
export function whyActionsNotIn10(actions: readonly Action[]): string | undefined {
  const action = actions.find((one) => variantOf(normalizedFor10(one)) === undefined);
  if (action === undefined) return undefined;
  return action.type === 'setField'
    ? `OpenFlow 1.0 cannot set ${fieldNameOf(action.oxm)}`
    : `OpenFlow 1.0 has no action ${action.type} of this kind`;
}
