/**
 * A frame of OpenFlow 1.3 to a message, or to the error that the specification asks for.
 *
 * One reader per message type. The structures inside are read by hello, matchwire, actions,
 * instructions, groups, ports and multipart. What a controller sends is held to every rule
 * (`strict`); what a switch reports is taken as it is.
 */

import { readActions } from './actions.ts';
import { meterCommand, meterFlag } from './constants.ts';
import { isError, ofError } from './errors.ts';
import { readBuckets } from './groups.ts';
import { readHello } from './hello.ts';
import { readInstructions } from './instructions.ts';
import { bytesOf } from './layout.ts';
import { readMatch } from './matchwire.ts';
import * as wire from './messages.ts';
import { readBands } from './meters.ts';
import { readReply, readRequest } from './multipart.ts';
import { readPort } from './ports.ts';
import { readQueues } from './queues.ts';
import type { Message, OfError } from './values.ts';

const asked = true;
const reported = false;
const meterRates = meterFlag.kbps | meterFlag.pktps;

/** The reader of a frame of 1.3's that codec.ts found whole; everything is copied. */
export type Reader = (dv: DataView, at: number, end: number) => Message | OfError;

export const readers: Readonly<Record<wire.MessageName, Reader>> = {
  hello: (dv, at, end) => {
    const versions = readHello(dv, at, end);
    return isError(versions) ? versions : { type: 'hello', xid: xidOf(dv, at), versions };
  },
  error: (dv, at, end) => {
    const { xid, errorType, errorCode } = wire.error.read(dv, at);
    return { type: 'error', xid, errorType, errorCode, data: copy(dv, at + wire.error.size, end) };
  },
  echoRequest: (dv, at, end) => ({
    type: 'echoRequest',
    xid: xidOf(dv, at),
    data: body(dv, at, end),
  }),
  echoReply: (dv, at, end) => ({ type: 'echoReply', xid: xidOf(dv, at), data: body(dv, at, end) }),
  experimenter: (dv, at, end) => {
    const { xid, experimenter, expType } = wire.experimenter.read(dv, at);
    const data = copy(dv, at + wire.experimenter.size, end);
    return { type: 'experimenter', xid, experimenter, expType, data };
  },
  featuresRequest: (dv, at) => ({ type: 'featuresRequest', xid: xidOf(dv, at) }),
  featuresReply: (dv, at) => {
    const { version: _version, length: _length, ...values } = wire.featuresReply.read(dv, at);
    return { ...values, type: 'featuresReply' };
  },
  getConfigRequest: (dv, at) => ({ type: 'getConfigRequest', xid: xidOf(dv, at) }),
  getConfigReply: (dv, at) => readConfig(dv, at, 'getConfigReply'),
  setConfig: (dv, at) => readConfig(dv, at, 'setConfig'),
  packetIn: readPacketIn,
  flowRemoved: readFlowRemoved,
  portStatus: (dv, at) => {
    const { xid, reason } = wire.portStatus.read(dv, at);
    return { type: 'portStatus', xid, reason, desc: readPort(dv, at + wire.portStatus.size) };
  },
  packetOut: readPacketOut,
  flowMod: readFlowMod,
  groupMod: (dv, at, end) => {
    // Everything in it is padded to 8 bytes.
    if ((end - at) % 8 !== 0) return ofError('badRequest', 'badLen', 'half a line of a group-mod');
    const { xid, command, groupType, groupId } = wire.groupMod.read(dv, at);
    const buckets = readBuckets(dv, at + wire.groupMod.size, end, asked);
    if (isError(buckets)) return buckets;
    return { type: 'groupMod', xid, command, groupType, groupId, buckets };
  },
  portMod: (dv, at) => {
    const { version: _version, length: _length, ...values } = wire.portMod.read(dv, at);
    return { ...values, type: 'portMod' };
  },
  tableMod: (dv, at) => {
    const { xid, tableId, config } = wire.tableMod.read(dv, at);
    return { type: 'tableMod', xid, tableId, config };
  },
  multipartRequest: (dv, at, end) => {
    const { xid, mpType, flags } = wire.multipart.read(dv, at);
    const request = readRequest(dv, at + wire.multipart.size, end, mpType);
    return isError(request) ? request : { type: 'multipartRequest', xid, flags, request };
  },
  multipartReply: (dv, at, end) => {
    const { xid, mpType, flags } = wire.multipart.read(dv, at);
    const reply = readReply(dv, at + wire.multipart.size, end, mpType);
    return isError(reply) ? reply : { type: 'multipartReply', xid, flags, reply };
  },
  barrierRequest: (dv, at) => ({ type: 'barrierRequest', xid: xidOf(dv, at) }),
  barrierReply: (dv, at) => ({ type: 'barrierReply', xid: xidOf(dv, at) }),
  queueGetConfigRequest: (dv, at) => {
    const { xid, portNo } = wire.queueConfig.read(dv, at);
    return { type: 'queueGetConfigRequest', xid, portNo };
  },
  queueGetConfigReply: (dv, at, end) => {
    const { xid, portNo } = wire.queueConfig.read(dv, at);
    const queues = readQueues(dv, at + wire.queueConfig.size, end);
    return isError(queues) ? queues : { type: 'queueGetConfigReply', xid, portNo, queues };
  },
  roleRequest: (dv, at) => readRole(dv, at, 'roleRequest'),
  roleReply: (dv, at) => readRole(dv, at, 'roleReply'),
  getAsyncRequest: (dv, at) => ({ type: 'getAsyncRequest', xid: xidOf(dv, at) }),
  getAsyncReply: (dv, at) => readAsync(dv, at, 'getAsyncReply'),
  setAsync: (dv, at) => readAsync(dv, at, 'setAsync'),
  meterMod: readMeterMod,
};

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

function readConfig(dv: DataView, at: number, type: 'getConfigReply' | 'setConfig'): Message {
  const { xid, flags, missSendLen } = wire.switchConfig.read(dv, at);
  return { type, xid, flags, missSendLen };
}

function readRole(dv: DataView, at: number, type: 'roleRequest' | 'roleReply'): Message {
  const { xid, role, generationId } = wire.role.read(dv, at);
  return { type, xid, role, generationId };
}

function readAsync(dv: DataView, at: number, type: 'getAsyncReply' | 'setAsync'): Message {
  const { version: _version, length: _length, ...masks } = wire.asyncConfig.read(dv, at);
  return { ...masks, type };
}

function readPacketIn(dv: DataView, at: number, end: number): Message | OfError {
  const { version: _version, length: _length, ...values } = wire.packetIn.read(dv, at);
  const found = readMatch(dv, at + wire.packetIn.size, end, reported);
  if (isError(found)) return found;
  // Two bytes align the IP header of the packet (section 7.4.1).
  const packetAt = at + wire.packetIn.size + found.size + 2;
  if (packetAt > end) return ofError('badRequest', 'badLen', 'packet-in without its padding');
  return { ...values, type: 'packetIn', match: found.match, data: copy(dv, packetAt, end) };
}

function readFlowRemoved(dv: DataView, at: number, end: number): Message | OfError {
  const { version: _version, length: _length, ...values } = wire.flowRemoved.read(dv, at);
  const found = readMatch(dv, at + wire.flowRemoved.size, end, reported);
  if (isError(found)) return found;
  if (at + wire.flowRemoved.size + found.size !== end) {
    return ofError('badRequest', 'badLen', 'bytes after a flow-removed');
  }
  return { ...values, type: 'flowRemoved', match: found.match };
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
  return { type: 'packetOut', xid, bufferId, inPort, actions, data: copy(dv, packetAt, end) };
}

function readFlowMod(dv: DataView, at: number, end: number): Message | OfError {
  // Everything in it is padded to 8 bytes.
  if ((end - at) % 8 !== 0) return ofError('badRequest', 'badLen', `flow-mod of ${end - at} bytes`);
  const { version: _version, length: _length, ...values } = wire.flowMod.read(dv, at);
  const found = readMatch(dv, at + wire.flowMod.size, end, asked);
  if (isError(found)) return found;
  const instructions = readInstructions(dv, at + wire.flowMod.size + found.size, end, asked);
  if (isError(instructions)) return instructions;
  return { ...values, type: 'flowMod', match: found.match, instructions };
}

function readMeterMod(dv: DataView, at: number, end: number): Message | OfError {
  const { version: _version, length: _length, ...values } = wire.meterMod.read(dv, at);
  if (!Object.values<number>(meterCommand).includes(values.command)) {
    return ofError('meterModFailed', 'badCommand', `meter command ${values.command}`);
  }
  // A deletion names a meter, and that is all.
  if (values.command === meterCommand.delete) return { ...values, type: 'meterMod', bands: [] };
  if ((values.flags & meterRates) === meterRates) {
    return ofError('meterModFailed', 'badFlags', 'a rate is in kbit/s or in packets/s');
  }
  const bands = readBands(dv, at + wire.meterMod.size, end, asked);
  if (isError(bands)) return bands;
  return { ...values, type: 'meterMod', bands };
}
