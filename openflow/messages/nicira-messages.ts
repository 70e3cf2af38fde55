/**
 * Nicira's messages for controllers of OpenFlow 1.0 (nicira-ext.h): rules whose match 1.0 cannot
 * express, their flow-removed messages, packet-ins with their rule's cookie, and the format of both
 * that a connection chooses.
 *
 * They come inside vendors' messages and vendors' statistics. Their values are those of the
 * messages of 1.3 that mean the same.
 */

import { instructions10 } from '../actions/actions10.ts';
import {
  type Layout,
  layout,
  pad,
  type Size,
  size16,
  tag32,
  u8,
  u16,
  u32,
  u64,
  type ValuesOf,
} from '../layout/layout.ts';
import { port16 } from '../layout/numbers10.ts';
import { badLength, meaning, type Part, struct } from '../layout/struct.ts';
import { Writer } from '../layout/writer.ts';
import { type NiciraMatch, readNiciraMatch, writeNiciraMatch } from '../match/nicira-match.ts';
import {
  flowCommand,
  flowRemovedReason,
  nicira,
  group as ofpg,
  table,
  version,
} from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type { FlowMod, Match, Message, MessageOf, OfError } from '../values/values.ts';
import { bundledName } from './bundles.ts';
import { extensions } from './extensions.ts';
import { refuseFlags } from './meanings10.ts';
import {
  asyncMasks,
  experimenter,
  head,
  header,
  type MessageName,
  messageNames10,
} from './messages.ts';

type Experimenter = Extract<Message, { type: 'experimenter' }>;

/** A match whose length the fixed part right before it says, padded to eight bytes. */
export function sizedMatch(fixed: Layout<{ readonly matchLen: Size }>): Part<NiciraMatch> {
  return {
    minimum: 0,
    isExact: false,
    read: (dv, at, end) => {
      const length = fixed.get.matchLen(dv, at - fixed.size);
      const size = (length + 7) & ~7;
      if (at + size > end) return ofError('badMatch', 'badLen', `a match of ${length} bytes`);
      const value = readNiciraMatch(dv, at, at + length);
      return isError(value) ? value : { value, size };
    },
    write: (to, value) => {
      const { at } = to;
      writeNiciraMatch(to, value);
      to.putSize(at - fixed.size + fixed.offset.matchLen, at);
      to.align(at);
    },
  };
}

export function onlyMatch(fixed: Layout<{ readonly matchLen: Size }>): Part<Match> {
  return meaning(
    sizedMatch(fixed),
    ({ match }) => match,
    (match) => ({ match, cookie: 0n, cookieMask: 0n }),
  );
}

/** nx_flow_mod, without its header. */
const modLayout = layout('NiciraFlowMod', {
  cookie: u64,
  command: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: port16,
  flags: u16,
  matchLen: size16,
  pad: pad(6),
});
const flowMod = struct('a flow-mod', modLayout, {
  asked: sizedMatch(modLayout),
  instructions: instructions10,
});

/** A cookie with which a modify leaves rules their own. */
const KEEP_COOKIE = 0xffff_ffff_ffff_ffffn;

/**
 * A table's number is the upper byte of the command where the connection has asked for that
 * (NXT_FLOW_MOD_TABLE_ID). Where no table is named, what is added is in the first.
 */
export function withTable(mod: FlowMod, namesTables: boolean): FlowMod {
  const command = namesTables ? mod.command & 0xff : mod.command;
  const named = namesTables ? mod.command >> 8 : table.all;
  const isDelete = command === flowCommand.delete || command === flowCommand.deleteStrict;
  return { ...mod, command, tableId: named === table.all && !isDelete ? 0 : named };
}

export function readNiciraFlowMod(
  { xid, data }: Experimenter,
  namesTables: boolean,
): FlowMod | OfError {
  const found = flowMod.read(viewOf(data), 0, data.length, true);
  if (isError(found)) return found;
  const { asked, cookie, ...said } = found.value;
  const { match, cookieMask } = asked;
  const wrong = refuseFlags(said.flags, said.idleTimeoutSec + said.hardTimeoutSec > 0);
  if (wrong !== undefined) return wrong;
  const mod: FlowMod = {
    ...{ type: 'flowMod', xid, version: version.of10, tableId: 0, outGroup: ofpg.any },
    ...{ ...said, cookie, cookieMask: 0n, match },
  };
  const placed = withTable(mod, namesTables);
  if (cookieMask === 0n) return placed;
  if (placed.command === flowCommand.add) {
    return ofError('niciraError', 'nxmInvalid', 'an add asks for no cookie');
  }
  // What is asked for by its cookie is changed, and never added.
  const { version: _, ...changed } = placed;
  const newCookie = cookie === KEEP_COOKIE ? {} : { newCookie: cookie };
  return { ...changed, ...newCookie, cookie: asked.cookie, cookieMask };
}

/** The message that asks for it; the command has the table's number in it. */
export function niciraFlowModOf(mod: FlowMod & { readonly asked?: NiciraMatch }): Message {
  const asked = mod.asked ?? { match: mod.match, cookie: 0n, cookieMask: 0n };
  const to = new Writer();
  flowMod.write(to, { ...mod, asked });
  return { type: 'experimenter', xid: mod.xid, ...extensions.niciraFlowMod, data: to.finish() };
}

/** The type of the message that a frame carries or is in others' words, if it counts as that. */
export function carriedName(dv: DataView, at: number, length: number): MessageName | undefined {
  return bundledName(dv, at, length) ?? niciraName(dv, at, length);
}

function niciraName(dv: DataView, at: number, length: number): MessageName | undefined {
  const isIt =
    length >= experimenter.size &&
    header.get.version(dv, at) === version.of10 &&
    messageNames10[header.get.type(dv, at)] === 'experimenter' &&
    experimenter.get.experimenter(dv, at) === nicira.experimenter &&
    experimenter.get.expType(dv, at) === extensions.niciraFlowMod.expType;
  return isIt ? 'flowMod' : undefined;
}

/** nx_flow_removed, without its header. The table's number is one more; 0 is none. */
const removedLayout = layout('NiciraFlowRemoved', {
  cookie: u64,
  priority: u16,
  reason: u8,
  tableAndOne: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  matchLen: size16,
  packetCount: u64,
  byteCount: u64,
});
const flowRemoved = struct('a flow-removed', removedLayout, { match: onlyMatch(removedLayout) });

export function niciraRemovedOf(message: MessageOf<'flowRemoved'>): Message {
  const to = new Writer();
  const reason = Math.min(message.reason, flowRemovedReason.delete);
  flowRemoved.write(to, { ...message, reason, tableAndOne: message.tableId + 1 });
  const { xid } = message;
  return { type: 'experimenter', xid, ...niciraTold.flowRemoved, data: to.finish() };
}

/** NXT_FLOW_REMOVED and NXT_PACKET_IN, which only switches send. */
export const niciraTold = {
  flowRemoved: { experimenter: nicira.experimenter, expType: 14 },
  packetIn: { experimenter: nicira.experimenter, expType: 17 },
} as const;

/** nx_packet_in; then the match, padded, and two bytes before the packet. */
export const niciraPacketIn = layout('NiciraPacketIn', {
  ...head,
  experimenter: tag32,
  expType: tag32,
  bufferId: u32,
  totalLen: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
  matchLen: size16,
  pad: pad(6),
});

/** NXT_SET_FLOW_FORMAT and NXT_SET_PACKET_IN_FORMAT: the number of a form. */
export function readForm({ data }: Experimenter): number | OfError {
  return data.length === 4
    ? viewOf(data).getUint32(0)
    : badLength(`a form of ${data.length} bytes`);
}

/** NXT_SET_CONTROLLER_ID: six zeros, and the number. */
export function readControllerId({ data }: Experimenter): number | OfError {
  if (data.length !== 8) return badLength(`${data.length} bytes of an id`);
  if (data.subarray(0, 6).some((byte) => byte !== 0)) {
    return ofError('niciraError', 'mustBeZero', 'there are bytes before the id that are not zero');
  }
  return viewOf(data).getUint16(6);
}

/** NXT_FLOW_MOD_TABLE_ID: whether commands are to name tables. */
export function readTableIds({ data }: Experimenter): boolean | OfError {
  return data.length === 8
    ? data[0] !== 0
    : badLength(`${data.length} bytes about tables' numbers`);
}

const masks = struct('masks', layout('NiciraAsyncConfig', asyncMasks), {});

/** NXT_SET_ASYNC_CONFIG: the masks of 1.3's message. */
export function readMasks({ data }: Experimenter): ValuesOf<typeof masks.layout> | OfError {
  if (data.length !== masks.minimum) return badLength(`masks of ${data.length} bytes`);
  return masks.layout.read(viewOf(data), 0);
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}
