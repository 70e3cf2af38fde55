/**
 * Requests about a connection's own standing: configuration, events, roles (standing.ts, roles.ts).
 */
import { table } from '../openflow/constants.ts';
import { isError, ofError } from '../openflow/errors.ts';
import type { Message, OfError } from '../openflow/values.ts';
import { TENANT_TABLES } from './pipeline.ts';
import { isNiciraRole, niciraRoleRequestOf, type RoleRequest, roleRequestOf } from './roles.ts';
import { asyncOf } from './standing.ts';
import { absorb, answer, refused, type Scene, type Verdict } from './verdict.ts';

export function getConfig({ standing }: Scene, { xid }: Message): Verdict {
  const { flags, missSendLen } = standing;
  return answer({ type: 'getConfigReply', xid, flags, missSendLen });
}

export function setConfig({ standing }: Scene, message: Message): Verdict {
  if (message.type !== 'setConfig') return absorb();
  standing.flags = message.flags;
  standing.missSendLen = message.missSendLen;
  return absorb();
}

export function getAsync({ standing }: Scene, { xid }: Message): Verdict {
  return answer({ type: 'getAsyncReply', xid, ...standing.async });
}

export function setAsync({ standing }: Scene, message: Message): Verdict {
  if (message.type === 'setAsync') standing.async = asyncOf(message);
  return absorb();
}

export function roleRequest(_: Scene, message: Message): Verdict {
  if (message.type !== 'roleRequest') return absorb();
  return changeRole(roleRequestOf(message));
}

/** The allow-list: a role request as Nicira has it. Everything else is refused. */
export function experimenter(_: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  if (isNiciraRole(message)) return changeRole(niciraRoleRequestOf(message));
  const { experimenter: whose, expType } = message;
  const why = `message ${expType} of experimenter 0x${whose.toString(16)} is not offered`;
  return refused(ofError('badRequest', 'badExperimenter', why));
}

function changeRole(request: RoleRequest | OfError): Verdict {
  if (isError(request)) return refused(request);
  return { verdict: 'rewrite', effect: { type: 'changeRole', request } };
}

/** Its bits are deprecated and do nothing (OF1.3.5 section 7.3.3); the table must be there. */
export function tableMod(_: Scene, message: Message): Verdict {
  if (message.type !== 'tableMod') return absorb();
  const { tableId } = message;
  if (tableId < TENANT_TABLES || tableId === table.all) return absorb();
  return refused(ofError('tableModFailed', 'badTable', `there is no table ${tableId}`));
}
