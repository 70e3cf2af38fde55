/**
 * Requests to change a role, the standard's and Nicira's, in one form (OF1.3.5 section 6.3.5).
 *
 * Controllers of OpenFlow 1.0 have Nicira's message, which knows no generation ids; Open vSwitch
 * takes it in every version, and so do we. Its master is the standard's: the master before it
 * becomes a slave.
 */
import { nicira, ofError, onf, role as roles } from '../../openflow/values/constants.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';

export interface RoleRequest {
  readonly xid: number;
  /** OFPCR_ROLE_*; undefined asks only what it is. */
  readonly role: number | undefined;
  /** Of a master's or a slave's request: its election's. */
  readonly generationId: bigint | undefined;
  readonly dialect: 'standard' | 'nicira';
}

/** NXT_ROLE_REPLY of Open vSwitch's nicira-ext.h. */
const NXT_ROLE_REPLY = 11;
/** Their roles: other, master, slave. */
const niciraRoles: readonly number[] = [roles.equal, roles.master, roles.slave];

/** What OFPCR_ROLE replies say when no election has begun. */
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;

type Standard = Extract<Message, { type: 'roleRequest' | 'roleReply' }>;
type Experimenter = Extract<Message, { type: 'experimenter' }>;

export function roleRequestOf({ xid, role, generationId }: Standard): RoleRequest | OfError {
  const dialect = 'standard';
  if (role === roles.nochange) return { xid, role: undefined, generationId: undefined, dialect };
  if (role === roles.equal) return { xid, role, generationId: undefined, dialect };
  if (role === roles.master || role === roles.slave) return { xid, role, generationId, dialect };
  return ofError('roleRequestFailed', 'badRole', `role ${role} does not exist`);
}

/** The request in Nicira's message (openflow/messages/extensions.ts). */
export function niciraRoleRequestOf({ xid, data }: Experimenter): RoleRequest | OfError {
  if (data.length !== 4) return ofError('badRequest', 'badLen', 'a role has four bytes');
  const number = new DataView(data.buffer, data.byteOffset).getUint32(0);
  const role = niciraRoles[number];
  if (role === undefined)
    return ofError('roleRequestFailed', 'badRole', `role ${number} does not exist`);
  return { xid, role, generationId: undefined, dialect: 'nicira' };
}

/** Whether the request's election is older than the one we know of (section 7.3.9). */
export function isStale(asked: bigint | undefined, known: bigint | undefined): boolean {
  return asked !== undefined && known !== undefined && BigInt.asIntN(64, asked - known) < 0n;
}

/** ONFT_ROLE_STATUS of the ONF's extension 191, which Open vSwitch sends to a master of 1.3. */
export function demoted(generationId: bigint | undefined): Message {
  const data = new Uint8Array(16);
  const dv = new DataView(data.buffer);
  dv.setUint32(0, roles.slave);
  dv.setUint8(4, OFPCRR_MASTER_REQUEST);
  dv.setBigUint64(8, generationId ?? NO_GENERATION);
  return { type: 'experimenter', xid: 0, ...onf, expType: ONFT_ROLE_STATUS, data };
}

const ONFT_ROLE_STATUS = 1911;
const OFPCRR_MASTER_REQUEST = 0;

export function roleReply(
  { xid, dialect }: RoleRequest,
  role: number,
  generationId: bigint | undefined,
): Message {
  if (dialect === 'standard') {
    return { type: 'roleReply', xid, role, generationId: generationId ?? NO_GENERATION };
  }
  const data = Uint8Array.of(0, 0, 0, niciraRoles.indexOf(role));
  const { experimenter } = nicira;
  return { type: 'experimenter', xid, experimenter, expType: NXT_ROLE_REPLY, data };
}
