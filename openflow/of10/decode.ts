/**
 * A frame of OpenFlow 1.0 to a message, or to the error that the specification asks for.
 *
 * As ../decode.ts is for 1.3: one reader per message type. Errors have 1.3's names; errors.ts
 * knows their numbers in 1.0.
 */

import { flowCommand, group, table } from '../constants.ts';
import { isError, ofError } from '../errors.ts';
import { readHello } from '../hello.ts';
import { bytesOf } from '../layout.ts';
import { matchOf, oxm } from '../match.ts';
import type { Message, OfError } from '../values.ts';
import { instructionsFrom10, readActions } from './actions.ts';
import { errorFrom10 } from './errors.ts';
import { isExact, readMatch } from './match.ts';
import * as wire from './messages.ts';
import { portFrom10, readPort, readPorts } from './ports.ts';
import { readQueues } from './queues.ts';
import { readReply, readRequest } from './stats.ts';

const asked = true;

/** The reader of a frame of 1.0's that codec.ts found whole; everything is copied. */
export type Reader = (dv: DataView, at: number, end: number) => Message | OfError;

export const readers: Readonly<Record<wire.MessageName10, Reader>> = {
  hello: (dv, at, end) => {
    const versions = readHello(dv, at, end);
    return isError(versions) ? versions : { type: 'hello', xid: xidOf(dv, at), versions };
  },
  error: (dv, at, end) => {
    const { xid, errorType, errorCode } = wire.error.read(dv, at);
    const data = copy(dv, at + wire.error.size, end);
    return { type: 'error', xid, ...errorFrom10(errorType, errorCode, data) };
  },
  echoRequest: (dv, at, end) => ({
    type: 'echoRequest',
    xid: xidOf(dv, at),
    data: body(dv, at, end),
  }),
  echoReply: (dv, at, end) => ({ type: 'echoReply', xid: xidOf(dv, at), data: body(dv, at, end) }),
  experimenter: readVendor,
  featuresRequest: (dv, at) => ({ type: 'featuresRequest', xid: xidOf(dv, at) }),
  featuresReply: readFeatures,
  getConfigRequest: (dv, at) => ({ type: 'getConfigRequest', xid: xidOf(dv, at) }),
  getConfigReply: (dv, at) => readConfig(dv, at, 'getConfigReply'),
  setConfig: (dv, at) => readConfig(dv, at, 'setConfig'),
  packetIn: (dv, at, end) => {
    const { xid, bufferId, totalLen, inPort, reason } = wire.packetIn.read(dv, at);
    const match = matchOf(oxm('in_port', portFrom10(inPort)));
    const data = copy(dv, at + wire.packetIn.size, end);
    const fixed = { xid, bufferId, totalLen, reason, tableId: 0, cookie: noCookie };
    return { type: 'packetIn', ...fixed, match, data };
  },
  flowRemoved: (dv, at) => {
    const { version: _version, length: _length, ...values } = wire.flowRemoved.read(dv, at);
    const match = readMatch(dv, at + wire.flowRemoved.offset.match);
    if (isError(match)) return match;
    return { ...values, type: 'flowRemoved', tableId: 0, hardTimeoutSec: 0, match };
  },
  portStatus: (dv, at) => {
    const { xid, reason } = wire.portStatus.read(dv, at);
    return { type: 'portStatus', xid, reason, desc: readPort(dv, at + wire.portStatus.size) };
  },
  packetOut: readPacketOut,
  flowMod: readFlowMod,
  portMod: (dv, at) => {
    const { version: _version, length: _length, ...values } = wire.portMod.read(dv, at);
    return { ...values, type: 'portMod', portNo: portFrom10(values.portNo) };
  },
  multipartRequest: (dv, at, end) => {
    const { xid, mpType, flags } = wire.stats.read(dv, at);
    const request = readRequest(dv, at + wire.stats.size, end, mpType);
    return isError(request) ? request : { type: 'multipartRequest', xid, flags, request };
  },
  multipartReply: (dv, at, end) => {
    const { xid, mpType, flags } = wire.stats.read(dv, at);
    const reply = readReply(dv, at + wire.stats.size, end, mpType);
    return isError(reply) ? reply : { type: 'multipartReply', xid, flags, reply };
  },
  barrierRequest: (dv, at) => ({ type: 'barrierRequest', xid: xidOf(dv, at) }),
  barrierReply: (dv, at) => ({ type: 'barrierReply', xid: xidOf(dv, at) }),
  queueGetConfigRequest: (dv, at) => {
    const { xid, portNo } = wire.queueConfigRequest.read(dv, at);
    return { type: 'queueGetConfigRequest', xid, portNo: portFrom10(portNo) };
  },
  queueGetConfigReply: (dv, at, end) => {
    const { xid, portNo: port } = wire.queueConfigReply.read(dv, at);
    const portNo = portFrom10(port);
    const queues = readQueues(dv, at + wire.queueConfigReply.size, end, portNo);
    return isError(queues) ? queues : { type: 'queueGetConfigReply', xid, portNo, queues };
  },
};

/** A packet-in of 1.0 says no cookie: Open vSwitch's word for that. */
const noCookie = 0xffff_ffff_ffff_ffffn;

function xidOf(dv: DataView, at: number): number {
  return wire.header.get.xid(dv, at);
}

function copy(dv: DataView, at: number, end: number): Uint8Array {
  return bytesOf(dv, at, end - at).slice();
}

/** All that follows the header. */
function body(dv: DataView, at: number, end: number): Uint8Array {
  return copy(dv, at + wire.header.size, end);
}

function readVendor(dv: DataView, at: number, end: number): Message {
  const xid = xidOf(dv, at);
  const experimenter = wire.experimenter.get.experimenter(dv, at);
  const dataAt = at + wire.experimenter.size;
  // A vendor need not say a type; one that does says it first, as experimenters do.
  const expType = dataAt <= end ? wire.experimenter.get.expType(dv, at) : 0;
  const data = dataAt <= end ? copy(dv, dataAt, end) : new Uint8Array();
  return { type: 'experimenter', xid, experimenter, expType, data };
}

function readFeatures(dv: DataView, at: number, end: number): Message | OfError {
  const { version: _version, length: _length, ...values } = wire.featuresReply.read(dv, at);
  const ports = readPorts(dv, at + wire.featuresReply.size, end);
  if (!ports) return ofError('badRequest', 'badLen', 'cut in a port');
  const { actions, ...fixed } = values;
  const capabilities = capabilitiesFrom10(values.capabilities);
  return {
    ...fixed,
    type: 'featuresReply',
    capabilities,
    auxiliaryId: 0,
    of10: { actions, ports },
  };
}

/** OFPC_STP, which is where 1.3 has groups; 1.3 says of a spanning tree that it blocks ports. */
const stp = 8;
const portBlocked = 256;

function capabilitiesFrom10(bits: number): number {
  return (bits & ~(stp | portBlocked)) | ((bits & stp) !== 0 ? portBlocked : 0);
}

function readConfig(dv: DataView, at: number, type: 'getConfigReply' | 'setConfig'): Message {
  const { xid, flags, missSendLen } = wire.switchConfig.read(dv, at);
  return { type, xid, flags, missSendLen };
}

function readPacketOut(dv: DataView, at: number, end: number): Message | OfError {
  const { xid, bufferId, inPort, actionsLen } = wire.packetOut.read(dv, at);
  const actionsAt = at + wire.packetOut.size;
  const packetAt = actionsAt + actionsLen;
  if (packetAt > end || actionsLen % 8 !== 0) {
    return ofError('badRequest', 'badLen', `actions of ${actionsLen} bytes`);
  }
  const actions = readActions(dv, actionsAt, packetAt, asked);
  if (isError(actions)) return actions;
  const data = copy(dv, packetAt, end);
  return { type: 'packetOut', xid, bufferId, inPort: portFrom10(inPort), actions, data };
}

/** OFPFF_*: 1.0's emergency flag has the number of 1.3's resetCounts. */
const flags = { known: 3, emergency: 4 } as const;
const highestPriority = 0xffff;

function readFlowMod(dv: DataView, at: number, end: number): Message | OfError {
  const { version: spoken, length: _length, ...values } = wire.flowMod.read(dv, at);
  const matchAt = at + wire.flowMod.offset.match;
  const match = readMatch(dv, matchAt);
  if (isError(match)) return match;
  const actions = readActions(dv, at + wire.flowMod.size, end, asked);
  if (isError(actions)) return actions;
  const wrong = refuseFlags(values.flags, values.idleTimeoutSec + values.hardTimeoutSec > 0);
  if (wrong) return wrong;
  const isDelete =
    values.command === flowCommand.delete || values.command === flowCommand.deleteStrict;
  return {
    ...values,
    type: 'flowMod',
    version: spoken,
    cookieMask: 0n,
    // 1.0 knows no tables: what it adds is in the first, what it deletes is anywhere.
    tableId: isDelete ? table.all : 0,
    outPort: portFrom10(values.outPort),
    outGroup: group.any,
    // "An entry that specifies an exact match ... is always the highest priority" (section 3.4).
    priority: isExact(dv, matchAt) ? highestPriority : values.priority,
    match,
    instructions: instructionsFrom10(actions),
  };
}

/** The emergency table is "not required" (section 4.6), and refused as Open vSwitch does it. */
function refuseFlags(bits: number, hasTimeout: boolean): OfError | undefined {
  if ((bits & ~(flags.known | flags.emergency)) !== 0) {
    return ofError('flowModFailed', 'badFlags', `flags 0x${bits.toString(16)}`);
  }
  if ((bits & flags.emergency) === 0) return undefined;
  const code = hasTimeout ? 'badEmergTimeout' : 'tableFull';
  return ofError('flowModFailed', code, 'there is no emergency flow table');
}
