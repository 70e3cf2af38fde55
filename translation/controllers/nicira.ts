/**
 * Nicira's requests of controllers of OpenFlow 1.0: rules with an extended match, and the formats
 * in which a connection wants flow-removed messages and packet-ins (connection-state.ts).
 */
import { matchIn13 } from '../../openflow/match/match-meanings.ts';
import {
  niciraRemovedOf,
  readControllerId,
  readForm,
  readMasks,
  readNiciraFlowMod,
  readTableIds,
  withTable,
} from '../../openflow/messages/nicira-messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { FlowMod, Message, OfError } from '../../openflow/values/values.ts';
import { asyncOf } from './connection-state.ts';
import { absorb, refused, type Scene, type Verdict } from './verdict.ts';

/** Forms by their numbers: NXFF_OPENFLOW10 and NXFF_NXM, NXPIF_STANDARD and NXPIF_NXT_PACKET_IN. */
const flowForms = { 0: 'standard', 2: 'nicira' } as const;
const packetInForms = { 0: 'standard', 1: 'nicira' } as const;

export function setFlowFormat({ connectionState }: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const form = formOf(flowForms, readForm(message));
  if (typeof form !== 'string') return refused(form);
  connectionState.forms = { ...connectionState.forms, flows: form };
  return absorb();
}

export function setPacketInFormat({ connectionState }: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const form = formOf(packetInForms, readForm(message));
  if (typeof form !== 'string') return refused(form);
  connectionState.forms = { ...connectionState.forms, packetIns: form };
  return absorb();
}

/** Open vSwitch has one error for every form that it does not know. */
function formOf<F>(forms: Readonly<Record<number, F>>, number: number | OfError): F | OfError {
  if (isError(number)) return number;
  const form = Object.hasOwn(forms, number) ? forms[number] : undefined;
  return form ?? ofError('badRequest', 'eperm', `format ${number} is not supported`);
}

export function setTableIds({ connectionState }: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const namesTables = readTableIds(message);
  if (isError(namesTables)) return refused(namesTables);
  connectionState.forms = { ...connectionState.forms, namesTables };
  return absorb();
}

/** The flow-mod in Nicira's message. */
export function niciraFlowModIn({ connectionState }: Scene, message: Message): FlowMod | OfError {
  if (message.type !== 'experimenter') return ofError('badRequest', 'badType', 'no flow-mod');
  return readNiciraFlowMod(message, connectionState.forms.namesTables);
}

/** A flow-mod as its connection means it: only 1.0's may name its table in another place. */
export function asMeant(
  { connectionState, version: spoken }: Pick<Scene, 'connectionState' | 'version'>,
  mod: FlowMod,
): FlowMod {
  return spoken === version.of10 ? withTable(mod, connectionState.forms.namesTables) : mod;
}

/** NXT_SET_CONTROLLER_ID: six bytes of nothing, and the number. */
export function setControllerId({ connectionState }: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const id = readControllerId(message);
  if (isError(id)) return refused(id);
  connectionState.controllerId = id;
  return absorb();
}

/** NXT_SET_ASYNC_CONFIG: the six masks of 1.3's message. */
export function niciraAsync({ connectionState }: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const masks = readMasks(message);
  if (isError(masks)) return refused(masks);
  connectionState.async = asyncOf(masks);
  return absorb();
}

/** An event as a controller is told it, in its version and the form that it has asked for. */
export function eventIn(
  { connectionState, version: spoken }: Pick<Scene, 'connectionState' | 'version'>,
  message: Message,
): Message {
  if (message.type !== 'flowRemoved') return message;
  if (spoken !== version.of10) return { ...message, match: matchIn13(message.match) };
  return connectionState.forms.flows === 'nicira' ? niciraRemovedOf(message) : message;
}
