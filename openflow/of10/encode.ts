/**
 * A message to the bytes of OpenFlow 1.0. The mirror image of decode.ts.
 *
 * What a controller asks of a switch must be sayable (`unsaid` in ../codec.ts tells): writing
 * something else than what was meant would be our mistake, and throws. What a switch reports to a
 * controller of 1.0 is said as far as 1.0 goes, as Open vSwitch does it.
 */

import { flowRemovedReason, port as ofpp, packetInReason } from '../constants.ts';
import { writeHello } from '../hello.ts';
import { fieldOf, oxmNumber } from '../match.ts';
import { typeOfBody } from '../multipart.ts';
import type { Message } from '../values.ts';
import type { Writer } from '../writer.ts';
import { actionsTo10, unsaidInActions, unsaidInInstructions, writeActions } from './actions.ts';
import { errorTo10 } from './errors.ts';
import { putMatch, unsaidInMatch } from './match.ts';
import * as wire from './messages.ts';
import { portNumber10, unsaidPort, writePort } from './ports.ts';
import { writeQueues } from './queues.ts';
import { unsaidInRequest, writeReply, writeRequest } from './stats.ts';

/** Why 1.0 cannot say this message; undefined when it can. */
export function unsaid10(message: Message): string | undefined {
  switch (message.type) {
    case 'flowMod': {
      if (message.cookieMask !== 0n) return 'OpenFlow 1.0 cannot select by cookie';
      const { match, instructions, outPort } = message;
      return unsaidInMatch(match) ?? unsaidInInstructions(instructions) ?? unsaidPort(outPort);
    }
    case 'packetOut':
      return unsaidPort(message.inPort) ?? unsaidInActions(message.actions);
    case 'portMod':
    case 'queueGetConfigRequest':
      return unsaidPort(message.portNo);
    case 'multipartRequest':
      return unsaidInRequest(message.request);
    default:
      return writers[message.type] === undefined
        ? `OpenFlow 1.0 has no message ${message.type}`
        : undefined;
  }
}

type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

/** What header fields the writers leave to codec.ts, which overwrites them. */
const head = { version: 0, type: 0 };

type Writers = { readonly [T in Message['type']]?: (to: Writer, message: MessageOf<T>) => void };

const writers: Writers = {
  hello: (to, message) => {
    to.room(wire.header.size);
    writeHello(to, message.versions);
  },
  error: (to, message) => {
    const at = to.room(wire.error.size);
    const { errorType, errorCode, data } = errorTo10(message);
    wire.error.write(to.dv, at, { ...head, xid: message.xid, errorType, errorCode });
    to.put(data);
  },
  echoRequest: writeEcho,
  echoReply: writeEcho,
  experimenter: (to, message) => {
    const at = to.room(wire.experimenter.size);
    wire.experimenter.write(to.dv, at, { ...message, ...head });
    to.put(message.data);
  },
  featuresRequest: writeHeader,
  featuresReply: writeFeatures,
  getConfigRequest: writeHeader,
  getConfigReply: writeConfig,
  setConfig: writeConfig,
  packetIn: (to, message) => {
    const at = to.room(wire.packetIn.size);
    const inPort = fieldOf(message.match, 'in_port');
    const number = inPort === undefined ? ofpp.any : Number(oxmNumber(inPort));
    // 1.0 has no reason for a bad TTL: the packet went up by an action of the switch's own.
    const reason = Math.min(message.reason, packetInReason.action);
    wire.packetIn.write(to.dv, at, { ...message, ...head, reason, inPort: portNumber10(number) });
    to.put(message.data);
  },
  flowRemoved: (to, message) => {
    const at = to.room(wire.flowRemoved.size);
    const reason = Math.min(message.reason, flowRemovedReason.delete);
    wire.flowRemoved.write(to.dv, at, { ...message, ...head, reason });
    putMatch(to, at + wire.flowRemoved.offset.match, message.match);
  },
  portStatus: (to, message) => {
    const at = to.room(wire.portStatus.size);
    wire.portStatus.write(to.dv, at, { ...message, ...head });
    writePort(to, message.desc);
  },
  packetOut: (to, message) => {
    const at = to.room(wire.packetOut.size);
    writeActions(to, message.actions);
    to.putSize(at + wire.packetOut.offset.actionsLen, at + wire.packetOut.size);
    const inPort = portNumber10(message.inPort);
    wire.packetOut.write(to.dv, at, { ...message, ...head, inPort });
    to.put(message.data);
  },
  flowMod: (to, message) => {
    const at = to.room(wire.flowMod.size);
    const outPort = portNumber10(message.outPort);
    wire.flowMod.write(to.dv, at, { ...message, ...head, outPort, flags: message.flags & 3 });
    putMatch(to, at + wire.flowMod.offset.match, message.match);
    writeActions(to, actionsTo10(message.instructions));
  },
  portMod: (to, message) => {
    const at = to.room(wire.portMod.size);
    wire.portMod.write(to.dv, at, { ...message, ...head, portNo: portNumber10(message.portNo) });
  },
  multipartRequest: (to, { xid, flags, request }) => {
    const at = to.room(wire.stats.size);
    wire.stats.write(to.dv, at, { ...head, xid, mpType: typeOfBody(request), flags });
    writeRequest(to, request);
  },
  multipartReply: (to, { xid, flags, reply }) => {
    const at = to.room(wire.stats.size);
    wire.stats.write(to.dv, at, { ...head, xid, mpType: typeOfBody(reply), flags });
    writeReply(to, reply);
  },
  barrierRequest: writeHeader,
  barrierReply: writeHeader,
  queueGetConfigRequest: (to, { xid, portNo }) => {
    const at = to.room(wire.queueConfigRequest.size);
    wire.queueConfigRequest.write(to.dv, at, { ...head, xid, portNo: portNumber10(portNo) });
  },
  queueGetConfigReply: (to, { xid, portNo, queues }) => {
    const at = to.room(wire.queueConfigReply.size);
    wire.queueConfigReply.write(to.dv, at, { ...head, xid, portNo: portNumber10(portNo) });
    writeQueues(to, queues);
  },
};

/** Appends the message; the header is codec.ts's. What 1.0 cannot say is our mistake. */
export function write10(to: Writer, message: Message): void {
  const write = writers[message.type] as ((to: Writer, message: Message) => void) | undefined;
  const why = unsaid10(message);
  if (write === undefined || why !== undefined) throw new Error(`${why}: ${message.type}`);
  write(to, message);
}

function writeHeader(to: Writer): void {
  to.room(wire.header.size);
}

function writeEcho(to: Writer, message: MessageOf<'echoRequest' | 'echoReply'>): void {
  to.room(wire.header.size);
  to.put(message.data);
}

function writeConfig(to: Writer, message: MessageOf<'getConfigReply' | 'setConfig'>): void {
  const at = to.room(wire.switchConfig.size);
  wire.switchConfig.write(to.dv, at, { ...message, ...head });
}

/** OFPC_STP is 1.3's OFPC_PORT_BLOCKED; and 1.0 has no groups. */
const stp = 8;
const portBlocked = 256;

function writeFeatures(to: Writer, message: MessageOf<'featuresReply'>): void {
  const at = to.room(wire.featuresReply.size);
  const { actions, ports } = message.of10 ?? { actions: 0, ports: [] };
  const isBlocking = (message.capabilities & portBlocked) !== 0;
  const capabilities = (message.capabilities & ~(stp | portBlocked)) | (isBlocking ? stp : 0);
  wire.featuresReply.write(to.dv, at, { ...message, ...head, capabilities, actions });
  for (const port of ports) writePort(to, port);
}
