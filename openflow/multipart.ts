/**
 * Bodies of multipart requests and replies, bytes to values and back (OF1.3.5 section 7.3.5).
 *
 * One frame at a time; request-parts.ts joins what a controller sent in several. Rows of lists are
 * stats.ts's. Kinds that nothing here needs to understand stay bytes (`other`).
 */

import { multipartType as types } from './constants.ts';
import { isError, ofError } from './errors.ts';
import { bytesOf } from './layout.ts';
import { readMatch, writeMatch } from './matchwire.ts';
import { cBytes, cString } from './ports.ts';
import * as stats from './stats.ts';
import {
  aggregateBody,
  descBody,
  flowFilter,
  groupFeaturesBody,
  groupFilter,
  meterFeaturesBody,
  meterFilter,
  portFilter,
  queueFilter,
} from './structs.ts';
import type { MultipartReplyBody, MultipartRequestBody, OfError } from './values.ts';
import type { Writer } from './writer.ts';

type ListKind =
  | 'flow'
  | 'table'
  | 'portStats'
  | 'queueStats'
  | 'groupStats'
  | 'groupDesc'
  | 'portDesc'
  | 'meterStats'
  | 'meterConfig';

/** A reply that is a list: under which name the value has it, and how a row is read and written. */
export interface ListRow {
  readonly key: string;
  read(dv: DataView, at: number, end: number): stats.RowAt<unknown> | OfError;
  write(to: Writer, row: never): void;
}

export const lists: Readonly<Record<ListKind, ListRow>> = {
  flow: { key: 'flows', read: stats.readFlow, write: stats.writeFlow },
  table: { key: 'tables', read: stats.readTable, write: stats.writeTable },
  portStats: { key: 'ports', read: stats.readPortStats, write: stats.writePortStats },
  queueStats: { key: 'queues', read: stats.readQueueStats, write: stats.writeQueueStats },
  groupStats: { key: 'groups', read: stats.readGroupStats, write: stats.writeGroupStats },
  groupDesc: { key: 'groups', read: stats.readGroupDesc, write: stats.writeGroupDesc },
  portDesc: { key: 'ports', read: stats.readPortDesc, write: stats.writePortDesc },
  meterStats: { key: 'meters', read: stats.readMeter, write: stats.writeMeter },
  meterConfig: { key: 'meters', read: stats.readMeterConfig, write: stats.writeMeterConfig },
};

/** OFPMP_* of a body. */
export function typeOfBody(body: MultipartRequestBody | MultipartReplyBody): number {
  return body.kind === 'other' ? body.mpType : types[body.kind];
}

/** The list a reply's kind is, if it is one. */
export function listOf(kind: string): ListRow | undefined {
  return Object.hasOwn(lists, kind) ? lists[kind as ListKind] : undefined;
}

/** The rows of a reply that is a list. */
export function rowsOf(reply: MultipartReplyBody, list: ListRow): readonly unknown[] {
  // Each list's key names an array of the value; the compiler cannot pair them up by kind.
  return (reply as unknown as Record<string, readonly unknown[]>)[list.key] ?? [];
}

/** The reply of a kind of list that has these rows. */
export function listReply(kind: string, list: ListRow, rows: unknown[]): MultipartReplyBody {
  return { kind, [list.key]: rows } as unknown as MultipartReplyBody;
}

function badLength(what: string): OfError {
  return ofError('badRequest', 'badLen', `multipart ${what} of a wrong length`);
}

export function readRequest(
  dv: DataView,
  at: number,
  end: number,
  mpType: number,
): MultipartRequestBody | OfError {
  const size = end - at;
  switch (mpType) {
    case types.desc:
      return size === 0 ? { kind: 'desc' } : badLength('desc');
    case types.table:
      return size === 0 ? { kind: 'table' } : badLength('table');
    case types.groupDesc:
      return size === 0 ? { kind: 'groupDesc' } : badLength('groupDesc');
    case types.groupFeatures:
      return size === 0 ? { kind: 'groupFeatures' } : badLength('groupFeatures');
    case types.portDesc:
      return size === 0 ? { kind: 'portDesc' } : badLength('portDesc');
    case types.flow:
      return readFilter(dv, at, end, 'flow');
    case types.aggregate:
      return readFilter(dv, at, end, 'aggregate');
    case types.portStats:
      if (size !== portFilter.size) return badLength('portStats');
      return { kind: 'portStats', portNo: portFilter.get.portNo(dv, at) };
    case types.queueStats:
      if (size !== queueFilter.size) return badLength('queueStats');
      return { kind: 'queueStats', ...queueFilter.read(dv, at) };
    case types.groupStats:
      if (size !== groupFilter.size) return badLength('groupStats');
      return { kind: 'groupStats', groupId: groupFilter.get.groupId(dv, at) };
    case types.meterFeatures:
      return size === 0 ? { kind: 'meterFeatures' } : badLength('meterFeatures');
    case types.meterStats:
    case types.meterConfig: {
      const kind = mpType === types.meterStats ? 'meterStats' : 'meterConfig';
      if (size !== meterFilter.size) return badLength(kind);
      return { kind, meterId: meterFilter.get.meterId(dv, at) };
    }
    default:
      if (!Object.values<number>(types).includes(mpType)) {
        return ofError('badRequest', 'badMultipart', `multipart type ${mpType}`);
      }
      return { kind: 'other', mpType, body: bytesOf(dv, at, size).slice() };
  }
}

function readFilter(
  dv: DataView,
  at: number,
  end: number,
  kind: 'flow' | 'aggregate',
): MultipartRequestBody | OfError {
  if (end - at < flowFilter.size + 8) return badLength(kind);
  const found = readMatch(dv, at + flowFilter.size, end, true);
  if (isError(found)) return found;
  if (at + flowFilter.size + found.size !== end) return badLength(kind);
  return { kind, filter: { ...flowFilter.read(dv, at), match: found.match } };
}

export function writeRequest(to: Writer, request: MultipartRequestBody): void {
  switch (request.kind) {
    case 'flow':
    case 'aggregate': {
      const at = to.room(flowFilter.size);
      flowFilter.write(to.dv, at, request.filter);
      writeMatch(to, request.filter.match);
      break;
    }
    case 'portStats': {
      const at = to.room(portFilter.size);
      portFilter.write(to.dv, at, request);
      break;
    }
    case 'queueStats': {
      const at = to.room(queueFilter.size);
      queueFilter.write(to.dv, at, request);
      break;
    }
    case 'groupStats': {
      const at = to.room(groupFilter.size);
      groupFilter.write(to.dv, at, request);
      break;
    }
    case 'meterStats':
    case 'meterConfig': {
      const at = to.room(meterFilter.size);
      meterFilter.write(to.dv, at, request);
      break;
    }
    case 'other':
      to.put(request.body);
      break;
    case 'desc':
    case 'table':
    case 'groupDesc':
    case 'groupFeatures':
    case 'portDesc':
    case 'meterFeatures':
  }
}

export function readReply(
  dv: DataView,
  at: number,
  end: number,
  mpType: number,
): MultipartReplyBody | OfError {
  if (mpType === types.desc) {
    return end - at === descBody.size ? readDesc(dv, at) : badLength('desc');
  }
  if (mpType === types.aggregate) {
    if (end - at !== aggregateBody.size) return badLength('aggregate');
    return { kind: 'aggregate', ...aggregateBody.read(dv, at) };
  }
  if (mpType === types.groupFeatures) {
    if (end - at !== groupFeaturesBody.size) return badLength('groupFeatures');
    return { kind: 'groupFeatures', ...groupFeaturesBody.read(dv, at) };
  }
  if (mpType === types.meterFeatures) {
    if (end - at !== meterFeaturesBody.size) return badLength('meterFeatures');
    return { kind: 'meterFeatures', ...meterFeaturesBody.read(dv, at) };
  }
  const kind = Object.entries(types).find(([, number]) => number === mpType)?.[0] ?? '';
  const list = listOf(kind);
  if (!list) return { kind: 'other', mpType, body: bytesOf(dv, at, end - at).slice() };
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
  const list = listOf(reply.kind);
  if (list) {
    for (const row of rowsOf(reply, list)) list.write(to, row as never);
  } else if (reply.kind === 'desc') {
    writeDesc(to, reply);
  } else if (reply.kind === 'aggregate') {
    const at = to.room(aggregateBody.size);
    aggregateBody.write(to.dv, at, reply);
  } else if (reply.kind === 'groupFeatures') {
    const at = to.room(groupFeaturesBody.size);
    groupFeaturesBody.write(to.dv, at, reply);
  } else if (reply.kind === 'meterFeatures') {
    const at = to.room(meterFeaturesBody.size);
    meterFeaturesBody.write(to.dv, at, reply);
  } else if (reply.kind === 'other') {
    to.put(reply.body);
  }
}

type Desc = Extract<MultipartReplyBody, { readonly kind: 'desc' }>;

/** The ofp_desc at `at`; 1.0's is the same. */
export function readDesc(dv: DataView, at: number): Desc {
  const { manufacturer, hardware, software, serial, datapath } = descBody.read(dv, at);
  return {
    kind: 'desc',
    manufacturer: cString(manufacturer),
    hardware: cString(hardware),
    software: cString(software),
    serial: cString(serial),
    datapath: cString(datapath),
  };
}

export function writeDesc(to: Writer, desc: Desc): void {
  const at = to.room(descBody.size);
  descBody.write(to.dv, at, {
    manufacturer: cBytes(desc.manufacturer, 256),
    hardware: cBytes(desc.hardware, 256),
    software: cBytes(desc.software, 256),
    serial: cBytes(desc.serial, 32),
    datapath: cBytes(desc.datapath, 256),
  });
}
