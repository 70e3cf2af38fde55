/**
 * Statistics of OpenFlow 1.0, bytes to values and back (OF1.0.1 section 5.3.5).
 *
 * As ../multipart.ts and ../stats.ts are for 1.3, whose words the values use. A 1.0 controller
 * that asks about a rule of a 1.3 colleague's sees of it what 1.0 can say.
 */

import { multipartType as types } from '../constants.ts';
import { isError, ofError } from '../errors.ts';
import { bytesOf } from '../layout.ts';
import { type ListRow, listReply, readDesc, rowsOf, writeDesc } from '../multipart.ts';
import { cBytes, cString } from '../ports.ts';
import type { RowAt } from '../stats.ts';
import { aggregateBody, descBody } from '../structs.ts';
import type {
  FlowStats,
  MultipartReplyBody,
  MultipartRequestBody,
  OfError,
  PortDesc,
  PortStats,
  QueueStats,
  TableStats,
} from '../values.ts';
import type { Writer } from '../writer.ts';
import { actionsTo10, instructionsFrom10, readActions, writeActions } from './actions.ts';
import { putMatch, readMatch, unsaidInMatch } from './match.ts';
import { portFrom10, portNumber10, readPort, unsaidPort, writePort } from './ports.ts';
import {
  flowFilter,
  flowRow,
  phyPort,
  portFilter,
  portRow,
  queueFilter,
  queueRow,
  tableRow,
} from './structs.ts';

/**
 * OFPST_*: those of OFPMP_*. Groups and meters came later; so did descriptions of ports, which Open
 * vSwitch has in 1.0, too, under 1.3's number.
 */
const kinds = {
  desc: types.desc,
  flow: types.flow,
  aggregate: types.aggregate,
  table: types.table,
  portStats: types.portStats,
  queueStats: types.queueStats,
  portDesc: types.portDesc,
} as const;
type Kind = keyof typeof kinds;

const lists: { readonly [K in Kind]?: ListRow } = {
  flow: { key: 'flows', read: readFlow, write: writeFlow },
  table: { key: 'tables', read: readTable, write: writeTable },
  portStats: { key: 'ports', read: readPortStats, write: writePortStats },
  queueStats: { key: 'queues', read: readQueueStats, write: writeQueueStats },
  portDesc: { key: 'ports', read: readPortDesc, write: writePort },
};

/** The list a reply's kind is, if it is one. */
export function listOf10(kind: string): ListRow | undefined {
  return Object.hasOwn(lists, kind) ? lists[kind as Kind] : undefined;
}

function kindOf(mpType: number): Kind | undefined {
  return (Object.keys(kinds) as Kind[]).find((kind) => kinds[kind] === mpType);
}

function badLength(what: string): OfError {
  return ofError('badRequest', 'badLen', `statistics ${what} of a wrong length`);
}

export function readRequest(
  dv: DataView,
  at: number,
  end: number,
  mpType: number,
): MultipartRequestBody | OfError {
  const size = end - at;
  const kind = kindOf(mpType);
  switch (kind) {
    case 'desc':
    case 'table':
    case 'portDesc':
      return size === 0 ? { kind } : badLength(kind);
    case 'flow':
    case 'aggregate': {
      if (size !== flowFilter.size) return badLength(kind);
      const { tableId, outPort } = flowFilter.read(dv, at);
      const match = readMatch(dv, at);
      if (isError(match)) return match;
      const any = { outGroup: 0xffffffff, cookie: 0n, cookieMask: 0n };
      return { kind, filter: { ...any, tableId, outPort: portFrom10(outPort), match } };
    }
    case 'portStats':
      if (size !== portFilter.size) return badLength(kind);
      return { kind, portNo: portFrom10(portFilter.get.portNo(dv, at)) };
    case 'queueStats': {
      if (size !== queueFilter.size) return badLength(kind);
      const { portNo, queueId } = queueFilter.read(dv, at);
      return { kind, portNo: queuePortFrom10(portNo), queueId };
    }
    case undefined:
      if (mpType === types.experimenter) {
        return { kind: 'other', mpType, body: bytesOf(dv, at, size).slice() };
      }
      return ofError('badRequest', 'badMultipart', `statistics type ${mpType}`);
  }
}

/** Every port: OFPP_ALL in 1.0's queue requests, OFPP_ANY in 1.3's. */
const allIn10 = 0xfffc;
const anyIn13 = 0xffffffff;

function queuePortFrom10(port: number): number {
  return port === allIn10 ? anyIn13 : portFrom10(port);
}

/** Why 1.0 cannot ask this; undefined when it can. */
export function unsaidInRequest(request: MultipartRequestBody): string | undefined {
  switch (request.kind) {
    case 'flow':
    case 'aggregate':
      if (request.filter.cookieMask !== 0n) return 'OpenFlow 1.0 cannot select by cookie';
      return unsaidInMatch(request.filter.match) ?? unsaidPort(request.filter.outPort);
    case 'groupStats':
    case 'groupDesc':
    case 'groupFeatures':
    case 'meterStats':
    case 'meterConfig':
    case 'meterFeatures':
      return `OpenFlow 1.0 has no statistics of kind ${request.kind}`;
    case 'portStats':
    case 'queueStats':
      return unsaidPort(request.portNo);
    case 'desc':
    case 'table':
    case 'portDesc':
    case 'other':
      return undefined;
  }
}

export function writeRequest(to: Writer, request: MultipartRequestBody): void {
  switch (request.kind) {
    case 'flow':
    case 'aggregate': {
      const { tableId, outPort, match } = request.filter;
      const at = to.room(flowFilter.size);
      flowFilter.write(to.dv, at, { tableId, outPort: portNumber10(outPort) });
      putMatch(to, at, match);
      break;
    }
    case 'portStats': {
      const at = to.room(portFilter.size);
      portFilter.write(to.dv, at, { portNo: portNumber10(request.portNo) });
      break;
    }
    case 'queueStats': {
      const at = to.room(queueFilter.size);
      const portNo = request.portNo === anyIn13 ? allIn10 : portNumber10(request.portNo);
      queueFilter.write(to.dv, at, { portNo, queueId: request.queueId });
      break;
    }
    case 'other':
      to.put(request.body);
      break;
    case 'desc':
    case 'table':
    case 'groupStats':
    case 'groupDesc':
    case 'meterStats':
    case 'meterConfig':
    case 'meterFeatures':
    case 'groupFeatures':
    case 'portDesc':
  }
}

export function readReply(
  dv: DataView,
  at: number,
  end: number,
  mpType: number,
): MultipartReplyBody | OfError {
  const kind = kindOf(mpType);
  if (kind === 'desc') return end - at === descBody.size ? readDesc(dv, at) : badLength(kind);
  if (kind === 'aggregate') {
    if (end - at !== aggregateBody.size) return badLength(kind);
    return { kind, ...aggregateBody.read(dv, at) };
  }
  const list = kind && listOf10(kind);
  if (!kind || !list) return { kind: 'other', mpType, body: bytesOf(dv, at, end - at).slice() };
  const rows: unknown[] = [];
  for (let next = at; next < end; ) {
    const found = list.read(dv, next, end);
    if (isError(found)) return found;
    rows.push(found.row);
    next += found.size;
  }
  return listReply(kind, list, rows);
}

export function writeReply(to: Writer, reply: MultipartReplyBody): void {
  const list = listOf10(reply.kind);
  if (list) {
    for (const row of rowsOf(reply, list)) list.write(to, row as never);
  } else if (reply.kind === 'desc') {
    writeDesc(to, reply);
  } else if (reply.kind === 'aggregate') {
    const at = to.room(aggregateBody.size);
    aggregateBody.write(to.dv, at, reply);
  } else if (reply.kind === 'other') {
    to.put(reply.body);
  } else {
    throw new Error(`OpenFlow 1.0 has no statistics of kind ${reply.kind}`);
  }
}

function cut(what: string): OfError {
  return ofError('badRequest', 'badLen', `cut in ${what}`);
}

function readFlow(dv: DataView, at: number, end: number): RowAt<FlowStats> | OfError {
  if (at + flowRow.size > end) return cut('flow statistics');
  const { length, ...fixed } = flowRow.read(dv, at);
  if (length < flowRow.size || at + length > end) {
    return ofError('badRequest', 'badLen', `flow statistics of ${length} bytes`);
  }
  const match = readMatch(dv, at + flowRow.offset.match);
  if (isError(match)) return match;
  const actions = readActions(dv, at + flowRow.size, at + length, false);
  if (isError(actions)) return actions;
  const instructions = instructionsFrom10(actions);
  return { row: { ...fixed, flags: 0, match, instructions }, size: length };
}

function writeFlow(to: Writer, row: FlowStats): void {
  const at = to.room(flowRow.size);
  writeActions(to, actionsTo10(row.instructions));
  flowRow.write(to.dv, at, row);
  to.end(flowRow, at);
  putMatch(to, at + flowRow.offset.match, row.match);
}

function readTable(dv: DataView, at: number, end: number): RowAt<TableStats> | OfError {
  if (at + tableRow.size > end) return cut('table statistics');
  const { name, wildcards, maxEntries, ...rest } = tableRow.read(dv, at);
  return {
    row: { ...rest, of10: { name: cString(name), wildcards, maxEntries } },
    size: tableRow.size,
  };
}

function writeTable(to: Writer, row: TableStats): void {
  const at = to.room(tableRow.size);
  const { name, wildcards, maxEntries } = row.of10 ?? { name: '', wildcards: 0, maxEntries: 0 };
  tableRow.write(to.dv, at, { ...row, name: cBytes(name, 32), wildcards, maxEntries });
}

function readPortStats(dv: DataView, at: number, end: number): RowAt<PortStats> | OfError {
  if (at + portRow.size > end) return cut('port statistics');
  const row = portRow.read(dv, at);
  const timeless = { durationSec: 0, durationNsec: 0 };
  return { row: { ...row, ...timeless, portNo: portFrom10(row.portNo) }, size: portRow.size };
}

function writePortStats(to: Writer, row: PortStats): void {
  const at = to.room(portRow.size);
  portRow.write(to.dv, at, { ...row, portNo: portNumber10(row.portNo) });
}

function readQueueStats(dv: DataView, at: number, end: number): RowAt<QueueStats> | OfError {
  if (at + queueRow.size > end) return cut('queue statistics');
  const row = queueRow.read(dv, at);
  const timeless = { durationSec: 0, durationNsec: 0 };
  return { row: { ...row, ...timeless, portNo: portFrom10(row.portNo) }, size: queueRow.size };
}

function writeQueueStats(to: Writer, row: QueueStats): void {
  const at = to.room(queueRow.size);
  queueRow.write(to.dv, at, { ...row, portNo: portNumber10(row.portNo) });
}

function readPortDesc(dv: DataView, at: number, end: number): RowAt<PortDesc> | OfError {
  if (at + phyPort.size > end) return cut('a port');
  return { row: readPort(dv, at), size: phyPort.size };
}
