/**
 * Requests about a connection's own state: configuration, events, roles (connection-state.ts,
 * roles.ts).
 */
import { configFlag, packetInReason, table, version } from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import { TENANT_TABLES } from '../entries/pipeline.ts';
import { type AsyncMasks, asyncOf } from './connection-state.ts';
import { niciraRoleRequestOf, type RoleRequest, roleRequestOf } from './roles.ts';
import { absorb, answer, refused, type Scene, type Verdict } from './verdict.ts';

export function getConfig({ connectionState, version: spoken }: Scene, { xid }: Message): Verdict {
  const { missSendLen, async } = connectionState;
  const hearsOfTtls = spoken === version.of10 && (async.packetIn & INVALID_TTLS) !== 0;
  const flags = configFlag.fragNormal | (hearsOfTtls ? configFlag.invalidTtl : 0);
  return answer({ type: 'getConfigReply', xid, flags, missSendLen });
}

/**
 * Fragments are treated as a bridge does at first; to do something else with them is refused. As
 * there, OFPC_FRAG_REASM changes nothing, and GET_CONFIG says so.
 */
export function setConfig({ connectionState, version: spoken }: Scene, message: Message): Verdict {
  if (message.type !== 'setConfig') return absorb();
  const { flags, missSendLen } = message;
  const is10 = spoken === version.of10;
  const known = configFlag.fragReasm | (is10 ? configFlag.invalidTtl : 0);
  if ((flags & ~known) !== 0) {
    const why = `flags 0x${flags.toString(16)}: some of them are not supported`;
    return refused(ofError('switchConfigFailed', 'badFlags', why));
  }
  connectionState.missSendLen = missSendLen;
  if (is10)
    connectionState.async = withTtls(connectionState.async, (flags & configFlag.invalidTtl) !== 0);
  return absorb();
}

/** The bit of OFPR_INVALID_TTL. */
const INVALID_TTLS = 1 << packetInReason.invalidTtl;

function withTtls(masks: AsyncMasks, isOn: boolean): AsyncMasks {
  const others = masks.packetIn & ~INVALID_TTLS;
  return { ...masks, packetIn: isOn ? others | INVALID_TTLS : others };
}

export function getAsync({ connectionState }: Scene, { xid }: Message): Verdict {
  return answer({ type: 'getAsyncReply', xid, ...connectionState.async });
}

export function setAsync({ connectionState }: Scene, message: Message): Verdict {
  if (message.type === 'setAsync') connectionState.async = asyncOf(message);
  return absorb();
}

export function roleRequest(_: Scene, message: Message): Verdict {
  if (message.type !== 'roleRequest') return absorb();
  return changeRole(roleRequestOf(message));
}

export function niciraRole(_: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  return changeRole(niciraRoleRequestOf(message));
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
  return refused(ofError('tableModFailed', 'badTable', `table ${tableId} does not exist`));
}
