/**
 * Every message of both versions, one line each: who sends it, its number, its fixed part, and what
 * follows that (OF1.3.5 section 7.1, OF1.0.1 section 5.1).
 *
 * The hot path reads fields in place with the fixed parts (message-layouts.ts); codec.ts decodes
 * and encodes by this table; translation's policy table and the fuzzers walk it. A message that is
 * missing here does not compile. Lengths follow: a frame is exactly as long as its parts, or at
 * least. Names are those of 1.3, so that one policy serves both.
 */

import { actionList } from '../actions/actions.ts';
import { actionList10, instructions10 } from '../actions/actions10.ts';
import { instructionList } from '../actions/instructions.ts';
import type { AnyLayout } from '../layout/layout.ts';
import {
  inside,
  list,
  type Part,
  type Parts,
  padding,
  type Raw,
  type Rules,
  rest,
  sized,
  struct,
} from '../layout/struct.ts';
import { matchPart } from '../match/match-wire.ts';
import { askedMatchPart10, matchPart10 } from '../match/match10.ts';
import { version } from '../values/constants.ts';
import type { Message, MessageOf } from '../values/values.ts';
import { helloVersions } from './hello.ts';
import { error10, features10, in10, mod10, removed10, theirPort, vendor10 } from './meanings10.ts';
import * as of from './message-layouts.ts';
import { meterBands, meterRules } from './meter-mod.ts';
import { replyBody, requestBody } from './multipart.ts';
import { bucket, port, port10, queue, queue10 } from './structs.ts';

export * from './message-layouts.ts';

/** Who sends it: the controller (southward), the switch (northward), or both. */
export type SentBy = 'controller' | 'switch' | 'both';
export type MessageName = Message['type'];

/** A version's message. */
export interface MessageRow {
  readonly number: number;
  readonly layout: AnyLayout;
  /** The shortest frame, in bytes. */
  readonly minimum: number;
  readonly from: SentBy;
  /** The whole of it; what a controller sends is read strictly. */
  readonly part: Part<Message>;
  readonly isStrict: boolean;
}

/** A version's line, of which only the name is missing. */
interface Line<T> {
  readonly number: number;
  readonly layout: AnyLayout;
  readonly part: (name: string) => Part<T>;
}

function line<L extends AnyLayout, const P extends Parts, T = Raw<L, P>>(
  number: number,
  layout: L,
  parts: P,
  rules: Rules<L, Raw<L, P>, T> = {},
): Line<T> {
  return { number, layout, part: (type) => struct(type, layout, parts, { ...rules, type }) };
}

/** What the two versions have for a message, with these fields. */
interface Both<T> {
  readonly from: SentBy;
  readonly of10?: Line<T>;
  readonly of13: Line<T>;
}
type ValueOf<N extends MessageName> = Omit<MessageOf<N>, 'type'>;

function each<T10, T13>(from: SentBy, of10: Line<T10>, of13: Line<T13>) {
  return { from, of10, of13 } as const;
}

/** The same in both versions. */
function both<T>(from: SentBy, of: Line<T>) {
  return each(from, of, of);
}

/** Came after 1.0. */
function only13<T>(from: SentBy, of13: Line<T>) {
  return { from, of13 } as const;
}

/** Nothing but a header. */
function bare(number: number) {
  return line(number, of.header, none);
}

const south = 'controller';
const north = 'switch';
const none = {};
const data = { data: rest };
const desc = { desc: port };
const desc10 = { desc: port10 };
const match = { match: matchPart };
const match10 = { match: inside(matchPart10) };
const rule = { match: matchPart, instructions: instructionList };
const rule10 = { match: inside(askedMatchPart10), instructions: instructions10 };
const out = { actions: sized(of.packetOut, actionList), data: rest };
const out10 = { actions: sized(of.packetOut10, actionList10), data: rest };
const packet = { match: matchPart, pad: padding(2), data: rest };
const asked = { request: requestBody(version.of13) };
const asked10 = { request: requestBody(version.of10) };
const told = { reply: replyBody(version.of13) };
const told10 = { reply: replyBody(version.of10) };
const queues = { queues: list(queue) };
const queues10 = { queues: list(queue10) };
/** All that is in it is padded to eight bytes. */
const unit8 = { unit: 8 };

/** OFPT_*: of 1.0, then of 1.3. */
const lines = {
  hello: both('both', line(0, of.header, { versions: helloVersions })),
  error: each('both', line(1, of.error, data, error10), line(1, of.error, data)),
  echoRequest: both('both', line(2, of.header, data)),
  echoReply: both('both', line(3, of.header, data)),
  experimenter: each('both', line(4, of.vendor10, vendor10), line(4, of.experimenter, data)),
  featuresRequest: both(south, bare(5)),
  featuresReply: each(north, line(6, of.features10, features10), line(6, of.features, none)),
  getConfigRequest: both(south, bare(7)),
  getConfigReply: both(north, line(8, of.switchConfig, none)),
  setConfig: both(south, line(9, of.switchConfig, none)),
  packetIn: each(north, line(10, of.packetIn10, data, in10), line(10, of.packetIn, packet)),
  flowRemoved: each(
    north,
    line(11, of.flowRemoved10, match10, removed10),
    line(11, of.flowRemoved, match),
  ),
  portStatus: each(north, line(12, of.portStatus, desc10), line(12, of.portStatus, desc)),
  packetOut: each(south, line(13, of.packetOut10, out10), line(13, of.packetOut, out)),
  flowMod: each(south, line(14, of.flowMod10, rule10, mod10), line(14, of.flowMod, rule, unit8)),
  groupMod: only13(south, line(15, of.groupMod, { buckets: list(bucket) }, unit8)),
  portMod: each(south, line(15, of.portMod10, none), line(16, of.portMod, none)),
  tableMod: only13(south, line(17, of.tableMod, none)),
  multipartRequest: each(south, line(16, of.multipart10, asked10), line(18, of.multipart, asked)),
  multipartReply: each(north, line(17, of.multipart10, told10), line(19, of.multipart, told)),
  barrierRequest: each(south, bare(18), bare(20)),
  barrierReply: each(north, bare(19), bare(21)),
  queueGetConfigRequest: each(south, line(20, of.queuesOf10, none), line(22, of.queuesOf, none)),
  queueGetConfigReply: each(
    north,
    line(21, of.queuesAt10, queues10, theirPort),
    line(23, of.queuesOf, queues),
  ),
  roleRequest: only13(south, line(24, of.role, none)),
  roleReply: only13(north, line(25, of.role, none)),
  getAsyncRequest: only13(south, bare(26)),
  getAsyncReply: only13(north, line(27, of.asyncConfig, none)),
  setAsync: only13(south, line(28, of.asyncConfig, none)),
  meterMod: only13(south, line(29, of.meterMod, { bands: meterBands }, meterRules)),
} as const satisfies { readonly [N in MessageName]: Both<ValueOf<N>> };

type Lines = typeof lines;
export type MessageName10 = {
  [N in MessageName]: Lines[N] extends { readonly of10: unknown } ? N : never;
}[MessageName];

function column<N extends MessageName>(spoken: 'of10' | 'of13'): Readonly<Record<N, MessageRow>> {
  const rows: [string, MessageRow][] = [];
  for (const [name, both] of Object.entries<Both<unknown>>(lines)) {
    const is = both[spoken];
    if (is === undefined) continue;
    const { number, layout } = is;
    const { from } = both;
    const part = is.part(name) as Part<Message>;
    const { minimum } = part;
    rows.push([name, { number, layout, minimum, from, isStrict: from !== 'switch', part }]);
  }
  return Object.fromEntries(rows) as Record<N, MessageRow>;
}

export const messages = column<MessageName>('of13');
export const messages10 = column<MessageName10>('of10');

function namesOf<N extends MessageName>(rows: Readonly<Record<N, MessageRow>>): readonly N[] {
  const all = Object.entries(rows) as [N, MessageRow][];
  return all.sort(([, a], [, b]) => a.number - b.number).map(([name]) => name);
}

/** Names by number: `messageNames[14]` is `flowMod`. */
export const messageNames = namesOf(messages);
export const messageNames10 = namesOf(messages10);
