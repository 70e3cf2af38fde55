/**
 * A message to the bytes of OpenFlow 1.3. The mirror image of decode.ts: one writer per kind of
 * message.
 */

import { writeActions } from './actions.ts';
import { writeBuckets } from './groups.ts';
import { writeHello } from './hello.ts';
import { writeInstructions } from './instructions.ts';
import { writeMatch } from './matchwire.ts';
import * as wire from './messages.ts';
import { writeBands } from './meters.ts';
import { typeOfBody, writeReply, writeRequest } from './multipart.ts';
import { writePort } from './ports.ts';
import { writeQueues } from './queues.ts';
import type { Action, Message } from './values.ts';
import { Writer } from './writer.ts';

/** Appends the message; the header is codec.ts's. */
export function write13(to: Writer, message: Message): void {
  const write = writers[message.type] as (to: Writer, message: Message) => void;
  write(to, message);
}

/** Actions as they stand in a packet-out, for templates. */
export function encodeActions(actions: readonly Action[]): Uint8Array {
  const to = new Writer();
  writeActions(to, actions);
  return to.finish();
}

type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

/** What header fields the writers leave to codec.ts, which overwrites them. */
const head = { version: 0, type: 0 };

const writers: {
  readonly [T in Message['type']]: (to: Writer, message: MessageOf<T>) => void;
} = {
  hello: (to, message) => {
    to.room(wire.header.size);
    writeHello(to, message.versions);
  },
  error: (to, message) => {
    const at = to.room(wire.error.size);
    wire.error.write(to.dv, at, { ...message, ...head });
    to.put(message.data);
  },
  echoRequest: writeEcho,
  echoReply: writeEcho,
  experimenter: (to, message) => {
    const at = to.room(wire.experimenter.size);
    wire.experimenter.write(to.dv, at, { ...message, ...head });
    to.put(message.data);
  },
  featuresRequest: writeHeader,
  featuresReply: (to, message) => {
    const at = to.room(wire.featuresReply.size);
    wire.featuresReply.write(to.dv, at, { ...message, ...head });
  },
  getConfigRequest: writeHeader,
  getConfigReply: writeConfig,
  setConfig: writeConfig,
  packetIn: (to, message) => {
    const at = to.room(wire.packetIn.size);
    wire.packetIn.write(to.dv, at, { ...message, ...head });
    writeMatch(to, message.match);
    to.room(2);
    to.put(message.data);
  },
  flowRemoved: (to, message) => {
    const at = to.room(wire.flowRemoved.size);
    wire.flowRemoved.write(to.dv, at, { ...message, ...head });
    writeMatch(to, message.match);
  },
  portStatus: (to, message) => {
    const at = to.room(wire.portStatus.size);
    wire.portStatus.write(to.dv, at, { ...message, ...head });
    writePort(to, message.desc);
  },
  packetOut: (to, message) => {
    const at = to.room(wire.packetOut.size);
    writeActions(to, message.actions);
    wire.packetOut.write(to.dv, at, { ...message, ...head });
    to.putSize(at + wire.packetOut.offset.actionsLen, at + wire.packetOut.size);
    to.put(message.data);
  },
  flowMod: (to, message) => {
    const at = to.room(wire.flowMod.size);
    wire.flowMod.write(to.dv, at, { ...message, ...head });
    writeMatch(to, message.match);
    writeInstructions(to, message.instructions);
  },
  groupMod: (to, message) => {
    const at = to.room(wire.groupMod.size);
    wire.groupMod.write(to.dv, at, { ...message, ...head });
    writeBuckets(to, message.buckets);
  },
  portMod: (to, message) => {
    const at = to.room(wire.portMod.size);
    wire.portMod.write(to.dv, at, { ...message, ...head });
  },
  queueGetConfigRequest: (to, message) => {
    const at = to.room(wire.queueConfig.size);
    wire.queueConfig.write(to.dv, at, { ...message, ...head });
  },
  queueGetConfigReply: (to, message) => {
    const at = to.room(wire.queueConfig.size);
    wire.queueConfig.write(to.dv, at, { ...message, ...head });
    writeQueues(to, message.queues);
  },
  multipartRequest: (to, { xid, flags, request }) => {
    const at = to.room(wire.multipart.size);
    wire.multipart.write(to.dv, at, { ...head, xid, mpType: typeOfBody(request), flags });
    writeRequest(to, request);
  },
  multipartReply: (to, { xid, flags, reply }) => {
    const at = to.room(wire.multipart.size);
    wire.multipart.write(to.dv, at, { ...head, xid, mpType: typeOfBody(reply), flags });
    writeReply(to, reply);
  },
  barrierRequest: writeHeader,
  barrierReply: writeHeader,
  roleRequest: writeRole,
  roleReply: writeRole,
  getAsyncRequest: writeHeader,
  getAsyncReply: writeAsync,
  setAsync: writeAsync,
  tableMod: (to, message) => {
    const at = to.room(wire.tableMod.size);
    wire.tableMod.write(to.dv, at, { ...message, ...head });
  },
  meterMod: (to, message) => {
    const at = to.room(wire.meterMod.size);
    wire.meterMod.write(to.dv, at, { ...message, ...head });
    writeBands(to, message.bands);
  },
};

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

function writeAsync(to: Writer, message: MessageOf<'getAsyncReply' | 'setAsync'>): void {
  const at = to.room(wire.asyncConfig.size);
  wire.asyncConfig.write(to.dv, at, { ...message, ...head });
}

function writeRole(to: Writer, message: MessageOf<'roleRequest' | 'roleReply'>): void {
  const at = to.room(wire.role.size);
  wire.role.write(to.dv, at, { ...message, ...head });
}
