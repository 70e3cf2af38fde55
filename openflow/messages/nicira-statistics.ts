/**
 * Nicira's statistics for controllers of OpenFlow 1.0 (nicira-ext.h): about rules with an extended
 * match (nicira-messages.ts), carried in vendors' statistics.
 */

import { instructions10 } from '../actions/actions10.ts';
import { as, layout, pad, size16, u8, u16, u32, u64 } from '../layout/layout.ts';
import { port16 } from '../layout/numbers10.ts';
import { badLength, struct } from '../layout/struct.ts';
import { frameBytesMax, Writer } from '../layout/writer.ts';
import { multipartType, nicira, group as ofpg } from '../values/constants.ts';
import { isError } from '../values/errors.ts';
import type { FlowStats, FlowStatsFilter, MultipartReplyBody, OfError } from '../values/values.ts';
import { multipart10 } from './message-layouts.ts';
import { onlyMatch, sizedMatch } from './nicira-messages.ts';
import { aggregate } from './statistics.ts';

/** nicira10_stats_msg behind the fixed part of 1.0's statistics, which names the vendor. */
const statsHead = layout('NiciraStatistics', { experimenter: u32, subtype: u32, pad: pad(4) });
const subtypes = { flow: 0, aggregate: 1 } as const;

/** nx_flow_stats_request, which nx_aggregate_stats_request is, too. */
const filterLayout = layout('NiciraFlowStatsRequest', {
  outPort: port16,
  matchLen: size16,
  tableId: u8,
  pad: pad(3),
});
const filter = struct('a filter', filterLayout, { asked: sizedMatch(filterLayout) });

export interface NiciraRequest {
  readonly kind: keyof typeof subtypes;
  readonly filter: FlowStatsFilter;
}

/** What vendors' statistics ask; undefined when they are none of these. */
export function readNiciraRequest(body: Uint8Array): NiciraRequest | OfError | undefined {
  const dv = new DataView(body.buffer, body.byteOffset, body.length);
  if (body.length < 8 || statsHead.get.experimenter(dv, 0) !== nicira.experimenter)
    return undefined;
  const subtype = statsHead.get.subtype(dv, 0);
  const kind = subtype === subtypes.flow ? 'flow' : 'aggregate';
  if (subtypes[kind] !== subtype) return undefined;
  if (body.length < statsHead.size) return badLength(`${body.length} bytes of a vendor's`);
  const found = filter.read(dv, statsHead.size, body.length, true);
  if (isError(found)) return found;
  const { asked, outPort, tableId } = found.value;
  return { kind, filter: { ...asked, outPort, outGroup: ofpg.any, tableId } };
}

/** The body that asks for it. */
export function niciraRequestOf({ kind, filter: asked }: NiciraRequest): Uint8Array {
  const to = begun(kind);
  filter.write(to, { ...asked, asked });
  return to.finish();
}

/** nx_flow_stats. An age is a second more than it is, so that 0 is none. */
const AGE_MAX = 0xffff;
const age = as(
  u16,
  (said): number | undefined => (said === 0 ? undefined : said - 1),
  (sec) => (sec === undefined ? 0 : Math.min(sec + 1, AGE_MAX)),
);
const rowLayout = layout('NiciraFlowStats', {
  length: size16,
  tableId: u8,
  pad: pad(1),
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  matchLen: size16,
  idleAge: age,
  hardAge: age,
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
});
const flowRow = struct('flow statistics', rowLayout, {
  match: onlyMatch(rowLayout),
  instructions: instructions10,
});

/** What the fixed part of 1.0's statistics leaves of a frame. */
const BODY_BYTES_MAX = frameBytesMax - multipart10.size;

/** A reply in vendors' words, in as many parts as fit frames. */
export function niciraReplies(reply: MultipartReplyBody): readonly MultipartReplyBody[] {
  if (reply.kind === 'aggregate') {
    const to = begun('aggregate');
    aggregate.write(to, reply);
    return [bodyOf(to)];
  }
  const parts: MultipartReplyBody[] = [];
  let to = begun('flow');
  for (const row of reply.kind === 'flow' ? reply.flows : []) {
    const before = to.at;
    flowRow.write(to, { ...row, idleAge: row.ages?.idleSec, hardAge: row.ages?.hardSec });
    if (to.at <= BODY_BYTES_MAX || before === statsHead.size) continue;
    const size = to.at - before;
    const next = begun('flow');
    next.putFrom(to.dv, before, size);
    to.at = before;
    parts.push(bodyOf(to));
    to = next;
  }
  return [...parts, bodyOf(to)];
}

function begun(kind: keyof typeof subtypes): Writer {
  const to = new Writer();
  const at = to.room(statsHead.size);
  const said = { experimenter: nicira.experimenter, subtype: subtypes[kind] };
  statsHead.write(to.dv, at, said);
  return to;
}

function bodyOf(to: Writer): MultipartReplyBody {
  return { kind: 'other', mpType: multipartType.experimenter, body: to.finish() };
}

/** The rows of such a reply: for who reads what we say. */
export function readNiciraRows(body: Uint8Array): readonly FlowStats[] | OfError {
  const dv = new DataView(body.buffer, body.byteOffset, body.length);
  const rows: FlowStats[] = [];
  for (let at = statsHead.size; at < body.length; ) {
    const found = flowRow.read(dv, at, body.length, false);
    if (isError(found)) return found;
    const { idleAge: idleSec = 0, hardAge: hardSec = 0, ...row } = found.value;
    rows.push({ ...row, flags: 0, ages: { idleSec, hardSec } });
    at += found.size;
  }
  return rows;
}
