/**
 * Instructions of rules as bytes of 1.3, only for storage: never for a peer.
 *
 * The rulebook and the store hold a rule in bytes of 1.3, which can say every match that a tenant
 * may have asked for. An action that 1.3 does not have is kept in 1.0's words, and what a group or
 * a meter is below beside its number, inside an experimenter's.
 */

import { is10 } from '../../openflow/actions/actions.ts';
import { actionList10 } from '../../openflow/actions/actions10.ts';
import { Writer } from '../../openflow/layout/writer.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action, Instruction } from '../../openflow/values/values.ts';

/** No experimenter has this number: it is ASCII for `Lime`, and nothing but the store sees it. */
const wrapper = 0x4c696d65;

/** The same for a group that is bound: its number, then the number below. */
const groupWrapper = 0x4c696d67;
/** As an instruction: a meter that is bound. */
const meterWrapper = 0x4c696d6d;

/** What an encoder of 1.3 can write. */
export function wrapped(instructions: readonly Instruction[]): readonly Instruction[] {
  return eachAction(instructions.map(wrappedMeter), (action) => {
    if (action.type === 'group' && action.below !== undefined) {
      const data = bothNumbers(action.groupId, action.below);
      return { type: 'experimenter', experimenter: groupWrapper, data };
    }
    if (!is10(action)) return action;
    const to = new Writer();
    actionList10.write(to, [action]);
    return { type: 'experimenter', experimenter: wrapper, data: to.finish() };
  });
}

export function unwrapped(instructions: readonly Instruction[]): readonly Instruction[] {
  return eachAction(instructions.map(unwrappedMeter), (action) => {
    if (action.type !== 'experimenter') return action;
    const { data } = action;
    const dv = new DataView(data.buffer, data.byteOffset, data.length);
    if (action.experimenter === groupWrapper) {
      return { type: 'group', groupId: dv.getUint32(0), below: dv.getUint32(4) };
    }
    if (action.experimenter !== wrapper) return action;
    const found = actionList10.read(dv, 0, data.length, false);
    return isError(found) ? action : (found.value[0] ?? action);
  });
}

function wrappedMeter(one: Instruction): Instruction {
  if (one.type !== 'meter' || one.below === undefined) return one;
  const data = bothNumbers(one.meterId, one.below);
  return { type: 'experimenter', experimenter: meterWrapper, data };
}

function unwrappedMeter(one: Instruction): Instruction {
  if (one.type !== 'experimenter' || one.experimenter !== meterWrapper) return one;
  const dv = new DataView(one.data.buffer, one.data.byteOffset, one.data.length);
  return { type: 'meter', meterId: dv.getUint32(0), below: dv.getUint32(4) };
}

/** A number of the tenant's, then what it is below. */
function bothNumbers(theirs: number, below: number): Uint8Array {
  const data = new Uint8Array(8);
  const dv = new DataView(data.buffer);
  dv.setUint32(0, theirs);
  dv.setUint32(4, below);
  return data;
}

function eachAction(
  instructions: readonly Instruction[],
  change: (action: Action) => Action,
): readonly Instruction[] {
  return instructions.map((one) =>
    one.type === 'applyActions' || one.type === 'writeActions'
      ? { ...one, actions: one.actions.map(change) }
      : one,
  );
}
