/**
 * Messages about flow monitors (nicira-ext.h, ONF extension 187): the rules that a controller wants
 * to monitor, and the updates about them.
 *
 * Controllers of 1.0 ask in Nicira's statistics, with its match and lists of actions; those of 1.3
 * in ONF's, with matches and instructions of 1.3. All else is the same in both.
 */

import { instructions10 } from '../actions/actions10.ts';
import { instructionList } from '../actions/instructions.ts';
import {
  bytes,
  type Layout,
  layout,
  pad,
  type Size,
  size16,
  u8,
  u16,
  u32,
  u64,
} from '../layout/layout.ts';
import { port16 } from '../layout/numbers10.ts';
import { badLength, type Part, type Struct, struct } from '../layout/struct.ts';
import { frameBytesMax, Writer } from '../layout/writer.ts';
import { matchPart, writeUnpadded } from '../match/match-wire.ts';
import {
  monitorEvent,
  monitorFlag,
  multipartType,
  nicira,
  group as ofpg,
  onf,
  type Version,
  version,
} from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type {
  FlowStatsFilter,
  Instruction,
  Match,
  MultipartReplyBody,
  MultipartRequestBody,
  OfError,
} from '../values/values.ts';
import { multipart, multipart10 } from './message-layouts.ts';
import { sizedMatch } from './nicira-messages.ts';

/** What one monitor asks for. */
export interface MonitorRequest {
  readonly id: number;
  /** Of monitorFlag. */
  readonly flags: number;
  readonly filter: FlowStatsFilter;
}

/** Those of one message, up to the first that is wrong. */
export interface MonitorRequests {
  readonly monitors: readonly MonitorRequest[];
  readonly wrong: OfError | undefined;
}

/** A rule that was added or changed, or is gone; or that was there when a monitor began. */
export interface FlowUpdate {
  /** Of monitorEvent. */
  readonly event: number;
  /** OFPRR_* of a rule that is gone. */
  readonly reason: number;
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

/** An ofp_match whose length without padding the fixed part right before it says. */
function matchSaidIn(fixed: Layout<{ readonly matchLen: Size }>): Part<Match> {
  return {
    minimum: matchPart.minimum,
    isExact: false,
    read: matchPart.read,
    write: (to, match) => {
      const { at } = to;
      writeUnpadded(to, match);
      to.putSize(at - fixed.size + fixed.offset.matchLen, at);
      to.align(at);
    },
  };
}

/** nx_flow_update_full. */
const update = {
  length: size16,
  event: u16,
  reason: u16,
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  matchLen: size16,
  tableId: u8,
  pad: pad(1),
  cookie: u64,
};
const abbreviated = struct(
  'an abbreviated update',
  layout('FlowUpdateAbbrev', { length: size16, event: u16, xid: u32 }),
  {},
);
/** nx_flow_monitor_request and onf_flow_monitor_request. */
const asked10 = layout('NiciraFlowMonitor', {
  ...{ id: u32, flags: u16, outPort: port16, matchLen: size16, tableId: u8 },
  zeros: bytes(5),
});
const asked13 = layout('OnfFlowMonitor', {
  ...{ id: u32, flags: u16, matchLen: size16, outPort: u32, tableId: u8 },
  zeros: bytes(3),
});
const update10 = layout('NiciraFlowUpdate', update);
const update13 = layout('OnfFlowUpdate', update);
const head10 = layout('NiciraMonitorStatistics', { experimenter: u32, expType: u32, pad: pad(4) });
const head13 = layout('OnfMonitorStatistics', { experimenter: u32, expType: u32 });

/** A version's words. */
interface Words {
  readonly head: typeof head10 | typeof head13;
  readonly said: { readonly experimenter: number; readonly expType: number };
  readonly asked: typeof asked10 | typeof asked13;
  readonly match: Part<Match>;
  readonly update: Struct<FlowUpdate>;
  readonly bodyBytesMax: number;
}

/** Nicira's match, in which no cookie may be asked for. */
function niciraMatchIn(fixed: Layout<{ readonly matchLen: Size }>): Part<Match> {
  const { read, write, ...sizes } = sizedMatch(fixed);
  return {
    ...sizes,
    read: (dv, at, end, strict) => {
      const found = read(dv, at, end, strict);
      if (isError(found)) return found;
      const { value, size } = found as {
        value: { match: Match; cookieMask: bigint };
        size: number;
      };
      if (value.cookieMask === 0n) return { value: value.match, size };
      return ofError('badMatch', 'badField', 'a monitor asks for no cookie');
    },
    write: (to, match) => write(to, { match, cookie: 0n, cookieMask: 0n }),
  };
}

const words: Readonly<Record<Version, Words>> = {
  [version.of10]: {
    head: head10,
    said: { experimenter: nicira.experimenter, expType: 2 },
    asked: asked10,
    match: niciraMatchIn(asked10),
    update: struct('a flow update', update10, {
      match: niciraMatchIn(update10),
      instructions: instructions10,
    }),
    bodyBytesMax: frameBytesMax - multipart10.size,
  },
  [version.of13]: {
    head: head13,
    said: { experimenter: onf.experimenter, expType: 1870 },
    asked: asked13,
    match: matchSaidIn(asked13),
    update: struct('a flow update', update13, {
      match: matchSaidIn(update13),
      instructions: instructionList,
    }),
    bodyBytesMax: frameBytesMax - multipart.size,
  },
};

const { initial, add, delete: gone, modify, actions, own } = monitorFlag;
const EVENTS = add | gone | modify;
const FLAGS = EVENTS | initial | actions | own;

/** What experimenters' statistics ask of monitors; undefined when they ask for something else. */
export function readMonitorRequests(
  spoken: Version,
  body: Uint8Array,
): MonitorRequests | OfError | undefined {
  const dv = viewOf(body);
  const { head, said } = words[spoken];
  if (!isAbout(spoken, dv)) return undefined;
  if (body.length < head.size) return badLength(`statistics ${said.expType} of ${body.length}`);
  const monitors: MonitorRequest[] = [];
  for (let at: number = head.size; at < body.length; ) {
    const found = readOne(words[spoken], dv, at);
    if (isError(found)) return { monitors, wrong: found };
    monitors.push(found.monitor);
    at += found.size;
  }
  return { monitors, wrong: undefined };
}

function isAbout(spoken: Version, dv: DataView): boolean {
  const { head, said } = words[spoken];
  if (dv.byteLength < 8) return false;
  const { experimenter, expType } = head.get;
  return experimenter(dv, 0) === said.experimenter && expType(dv, 0) === said.expType;
}

function readOne(
  { asked, match }: Words,
  dv: DataView,
  at: number,
): { readonly monitor: MonitorRequest; readonly size: number } | OfError {
  const end = dv.byteLength;
  if (at + asked.size > end) return badLength('cut in a flow monitor');
  const { id, flags, outPort, tableId, zeros } = asked.read(dv, at);
  if ((flags & EVENTS) === 0 || (flags & ~FLAGS) !== 0) {
    return ofError('niciraError', 'monitorBadFlags', `flags ${flags} of monitor ${id}`);
  }
  if (zeros.some((byte) => byte !== 0)) {
    return ofError('niciraError', 'mustBeZero', `padding of monitor ${id} is not zero`);
  }
  const found = match.read(dv, at + asked.size, end, true);
  if (isError(found)) return found;
  const { value, size } = found as { value: Match; size: number };
  const cookies = { cookie: 0n, cookieMask: 0n };
  const filter = { tableId, outPort, outGroup: ofpg.any, ...cookies, match: value };
  return { monitor: { id, flags, filter }, size: asked.size + size };
}

/** The statistics that ask for them. */
export function monitorRequestOf(
  spoken: Version,
  monitors: readonly MonitorRequest[],
): MultipartRequestBody {
  const { asked, match } = words[spoken];
  const to = begun(spoken);
  for (const { id, flags, filter } of monitors) {
    const at = to.room(asked.size);
    const { outPort, tableId } = filter;
    asked.write(to.dv, at, { id, flags, outPort, tableId, zeros: new Uint8Array(5) });
    match.write(to, filter.match);
  }
  return { kind: 'other', mpType: multipartType.experimenter, body: to.finish() };
}

/** An update as a row of a reply. */
export function updateRow(spoken: Version, one: FlowUpdate): Uint8Array {
  const to = new Writer();
  words[spoken].update.write(to, one);
  return to.finish();
}

/** The row that stands for all that a request of the connection's own has changed. */
export function abbreviatedRow(xid: number): Uint8Array {
  const to = new Writer();
  abbreviated.write(to, { event: monitorEvent.abbrev, xid });
  return to.finish();
}

/** Replies that have these rows, in as many parts as fit frames; one at least, maybe empty. */
export function updateReplies(
  spoken: Version,
  rows: readonly Uint8Array[],
): readonly MultipartReplyBody[] {
  const parts: MultipartReplyBody[] = [];
  const finish = (to: Writer): void => {
    parts.push({ kind: 'other', mpType: multipartType.experimenter, body: to.finish() });
  };
  let to = begun(spoken);
  for (const row of rows) {
    const isFull = to.at + row.length > words[spoken].bodyBytesMax;
    if (isFull && to.at > words[spoken].head.size) {
      finish(to);
      to = begun(spoken);
    }
    to.put(row);
  }
  finish(to);
  return parts;
}

function begun(spoken: Version): Writer {
  const { head, said } = words[spoken];
  const to = new Writer();
  head.write(to.dv, to.room(head.size), said);
  return to;
}

/** The rows of such a reply, an xid where one is abbreviated; undefined when it is another. */
export function readUpdates(
  spoken: Version,
  body: Uint8Array,
): readonly (FlowUpdate | { readonly xid: number })[] | OfError | undefined {
  const dv = viewOf(body);
  if (!isAbout(spoken, dv)) return undefined;
  const rows: (FlowUpdate | { readonly xid: number })[] = [];
  for (let at: number = words[spoken].head.size; at < body.length; ) {
    const isShort = update10.get.event(dv, at) === monitorEvent.abbrev;
    const one = isShort ? abbreviated : words[spoken].update;
    const found = one.read(dv, at, body.length, false);
    if (isError(found)) return found;
    const { value, size } = found as { value: FlowUpdate | { xid: number }; size: number };
    rows.push(value);
    at += size;
  }
  return rows;
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}
