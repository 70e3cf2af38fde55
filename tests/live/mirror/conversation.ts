/**
 * What a conversation is: the few things a controller and hosts do, in words for the tables in
 * conversations/.
 *
 * Messages have no xids here: the runner (run.ts) numbers them, alike on both sides. After each
 * step everything that came of it has come, because a barrier or a marker packet behind it has.
 */

import { matchOf, oxm } from '../../../openflow/match/match.ts';
import { encode } from '../../../openflow/messages/codec.ts';
import {
  flowCommand,
  group,
  NO_BUFFER,
  port as ofpp,
  type Version,
  version,
} from '../../../openflow/values/constants.ts';
import type {
  Action,
  FlowMod,
  FlowStatsFilter,
  Instruction,
  Message,
  MultipartRequestBody,
  Oxm,
} from '../../../openflow/values/values.ts';

export type Who = 'c1' | 'c2';

export type Step =
  /** One controller sends these frames, each followed by a barrier. */
  | { readonly type: 'send'; readonly by: Who; readonly what: readonly Sent[] }
  /** Hosts send frames, in this order. */
  | { readonly type: 'packets'; readonly packets: readonly Packet[] }
  /** Until so many messages of a kind have come to c1: what happens in its own time. */
  | { readonly type: 'await'; readonly message: Message['type']; readonly count: number };

/** A message, or the bytes of one. */
export type Sent = Unsent | Uint8Array;

export type Packet = readonly [host: number, frame: Uint8Array];

export interface Conversation {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What the transcript must say, so that the conversation is about what its name says. */
  readonly sees: RegExp;
}

export function talk(name: string, sees: RegExp, ...steps: readonly Step[]): Conversation {
  return { name, sees, steps };
}

/** A union's members keep their own fields. */
type WithoutXid<T> = T extends Message ? Omit<T, 'xid'> : never;
export type Unsent = WithoutXid<Message>;

/** A message's bytes, its xid to be filled in. */
export function bytesOf(message: Unsent, spoken: Version = version.of13): Uint8Array {
  return encode(spoken, { ...message, xid: 0 } as Message);
}

export function send(...what: readonly Sent[]): Step {
  return sendBy('c1', ...what);
}

export function sendBy(by: Who, ...what: readonly Sent[]): Step {
  return { type: 'send', by, what };
}

export function packets(...these: readonly Packet[]): Step {
  return { type: 'packets', packets: these };
}

export function awaiting(message: Message['type'], count = 1): Step {
  return { type: 'await', message, count };
}

type FlowModParts = Partial<Omit<FlowMod, 'match' | 'type' | 'xid'>> & {
  readonly match?: readonly Oxm[];
};

export function flowMod(command: keyof typeof flowCommand, parts: FlowModParts = {}): Unsent {
  return {
    type: 'flowMod',
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command: flowCommand[command],
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 100,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: group.any,
    flags: 0,
    instructions: [],
    ...parts,
    match: matchOf(...(parts.match ?? [])),
  };
}

/** Adds a rule that applies these actions. */
export function rule(
  match: readonly Oxm[],
  actions: readonly Action[],
  more: FlowModParts = {},
): Unsent {
  return flowMod('add', { match, instructions: applying(...actions), ...more });
}

export function applying(...actions: readonly Action[]): readonly Instruction[] {
  return [{ type: 'applyActions', actions }];
}

export function output(port: number, maxLen = 0xffff): Action {
  return { type: 'output', port, maxLen };
}

export const toController = output(ofpp.controller);

export function setField(...args: Parameters<typeof oxm>): Action {
  return { type: 'setField', oxm: oxm(...args) };
}

export function ask(request: MultipartRequestBody): Unsent {
  return { type: 'multipartRequest', flags: 0, request };
}

type FilterParts = Partial<Omit<FlowStatsFilter, 'match'>> & { readonly match?: readonly Oxm[] };

export function filter(parts: FilterParts = {}): FlowStatsFilter {
  return {
    tableId: 0xff,
    outPort: ofpp.any,
    outGroup: group.any,
    cookie: 0n,
    cookieMask: 0n,
    ...parts,
    match: matchOf(...(parts.match ?? [])),
  };
}

/** All rules with their counters. */
export const dump = send(ask({ kind: 'flow', filter: filter() }));

export function packetOut(
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
  bufferId: number = NO_BUFFER,
): Unsent {
  return { type: 'packetOut', bufferId, inPort, actions, data };
}

/** The frame of a message with some bytes written over: what an encoder would not write. */
export function bent(message: Unsent, at: number, ...bytes: readonly number[]): Uint8Array {
  const frame = bytesOf(message);
  frame.set(bytes, at);
  return frame;
}

/** A frame of this type whose body is these bytes. */
export function raw(type: number, ...body: readonly number[]): Uint8Array {
  const length = 8 + body.length;
  return Uint8Array.from([4, type, length >> 8, length, 0, 0, 0, 0, ...body]);
}

/** The message cut to `length` bytes or made longer by zeros, as its header then says. */
export function resized(message: Unsent, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(bytesOf(message).subarray(0, length));
  frame.set([length >> 8, length & 0xff], 2);
  return frame;
}
