/**
 * One row of each multipart reply that is a list, bytes to values and back (OF1.3.5 section 7.3.5).
 *
 * multipart.ts walks the lists and cuts them into frames. Rows come from switches, so matches and
 * actions are read as they are (not strict).
 */

import { isError, ofError } from './errors.ts';
import { readBuckets, writeBuckets } from './groups.ts';
import { readInstructions, writeInstructions } from './instructions.ts';
import { readMatch, writeMatch } from './matchwire.ts';
import { readBands, writeBands } from './meters.ts';
import { readPort, writePort } from './ports.ts';
import {
  bucketCounter,
  flowRow,
  groupDescRow,
  groupRow,
  meterConfigRow,
  meterRow,
  portDesc,
  portRow,
  queueRow,
  tableRow,
} from './structs.ts';
import type {
  Bucket,
  FlowStats,
  GroupStats,
  MeterConfig,
  MeterStats,
  OfError,
  PortDesc,
  PortStats,
  QueueStats,
  TableStats,
} from './values.ts';
import type { Writer } from './writer.ts';

/** A row and the bytes it took. */
export interface RowAt<T> {
  readonly row: T;
  readonly size: number;
}

export interface GroupDesc {
  readonly groupType: number;
  readonly groupId: number;
  readonly buckets: readonly Bucket[];
}

function cut(what: string): OfError {
  return ofError('badRequest', 'badLen', `cut in ${what}`);
}

export function readFlow(dv: DataView, at: number, end: number): RowAt<FlowStats> | OfError {
  if (at + flowRow.size + 8 > end) return cut('flow statistics');
  const { length, ...fixed } = flowRow.read(dv, at);
  if (length < flowRow.size + 8 || length % 8 !== 0 || at + length > end) {
    return ofError('badRequest', 'badLen', `flow statistics of ${length} bytes`);
  }
  const found = readMatch(dv, at + flowRow.size, at + length, false);
  if (isError(found)) return found;
  const instructions = readInstructions(dv, at + flowRow.size + found.size, at + length, false);
  if (isError(instructions)) return instructions;
  return { row: { ...fixed, match: found.match, instructions }, size: length };
}

export function writeFlow(to: Writer, row: FlowStats): void {
  const at = to.room(flowRow.size);
  writeMatch(to, row.match);
  writeInstructions(to, row.instructions);
  flowRow.write(to.dv, at, row);
  to.end(flowRow, at);
}

export function readTable(dv: DataView, at: number, end: number): RowAt<TableStats> | OfError {
  if (at + tableRow.size > end) return cut('table statistics');
  return { row: tableRow.read(dv, at), size: tableRow.size };
}

export function writeTable(to: Writer, row: TableStats): void {
  const at = to.room(tableRow.size);
  tableRow.write(to.dv, at, row);
}

export function readPortStats(dv: DataView, at: number, end: number): RowAt<PortStats> | OfError {
  if (at + portRow.size > end) return cut('port statistics');
  return { row: portRow.read(dv, at), size: portRow.size };
}

export function writePortStats(to: Writer, row: PortStats): void {
  const at = to.room(portRow.size);
  portRow.write(to.dv, at, row);
}

export function readQueueStats(dv: DataView, at: number, end: number): RowAt<QueueStats> | OfError {
  if (at + queueRow.size > end) return cut('queue statistics');
  return { row: queueRow.read(dv, at), size: queueRow.size };
}

export function writeQueueStats(to: Writer, row: QueueStats): void {
  const at = to.room(queueRow.size);
  queueRow.write(to.dv, at, row);
}

export function readGroupStats(dv: DataView, at: number, end: number): RowAt<GroupStats> | OfError {
  if (at + groupRow.size > end) return cut('group statistics');
  const { length, ...fixed } = groupRow.read(dv, at);
  const buckets = readCounters(dv, at + groupRow.size, at + length, end);
  if (buckets !== undefined) return { row: { ...fixed, buckets }, size: length };
  return ofError('badRequest', 'badLen', `group statistics of ${length} bytes`);
}

interface Counter {
  readonly packetCount: bigint;
  readonly byteCount: bigint;
}

/** The counters in [at, end) of a list that ends at `listEnd`; undefined when it is cut. */
function readCounters(dv: DataView, at: number, end: number, listEnd: number) {
  const size = end - at;
  if (size < 0 || size % bucketCounter.size !== 0 || end > listEnd) return undefined;
  const counters: Counter[] = [];
  for (let next = at; next < end; next += bucketCounter.size) {
    counters.push(bucketCounter.read(dv, next));
  }
  return counters;
}

function writeCounters(to: Writer, counters: readonly Counter[]): void {
  for (const counter of counters) {
    const next = to.room(bucketCounter.size);
    bucketCounter.write(to.dv, next, counter);
  }
}

export function writeGroupStats(to: Writer, row: GroupStats): void {
  const at = to.room(groupRow.size);
  writeCounters(to, row.buckets);
  groupRow.write(to.dv, at, row);
  to.end(groupRow, at);
}

export function readGroupDesc(dv: DataView, at: number, end: number): RowAt<GroupDesc> | OfError {
  if (at + groupDescRow.size > end) return cut('a group description');
  const { length, groupType, groupId } = groupDescRow.read(dv, at);
  if (length < groupDescRow.size || at + length > end) {
    return ofError('badRequest', 'badLen', `group description of ${length} bytes`);
  }
  const buckets = readBuckets(dv, at + groupDescRow.size, at + length, false);
  if (isError(buckets)) return buckets;
  return { row: { groupType, groupId, buckets }, size: length };
}

export function writeGroupDesc(to: Writer, row: GroupDesc): void {
  const at = to.room(groupDescRow.size);
  writeBuckets(to, row.buckets);
  const { groupType, groupId } = row;
  groupDescRow.write(to.dv, at, { groupType, groupId });
  to.end(groupDescRow, at);
}

export function readMeter(dv: DataView, at: number, end: number): RowAt<MeterStats> | OfError {
  if (at + meterRow.size > end) return cut('meter statistics');
  const { length, ...fixed } = meterRow.read(dv, at);
  const bands = readCounters(dv, at + meterRow.size, at + length, end);
  if (bands !== undefined) return { row: { ...fixed, bands }, size: length };
  return ofError('badRequest', 'badLen', `meter statistics of ${length} bytes`);
}

export function writeMeter(to: Writer, row: MeterStats): void {
  const at = to.room(meterRow.size);
  writeCounters(to, row.bands);
  meterRow.write(to.dv, at, row);
  to.end(meterRow, at);
}

export function readMeterConfig(
  dv: DataView,
  at: number,
  end: number,
): RowAt<MeterConfig> | OfError {
  if (at + meterConfigRow.size > end) return cut('a meter');
  const { length, ...fixed } = meterConfigRow.read(dv, at);
  if (length < meterConfigRow.size || at + length > end) {
    return ofError('badRequest', 'badLen', `meter of ${length} bytes`);
  }
  const bands = readBands(dv, at + meterConfigRow.size, at + length, false);
  if (isError(bands)) return bands;
  return { row: { ...fixed, bands }, size: length };
}

export function writeMeterConfig(to: Writer, row: MeterConfig): void {
  const at = to.room(meterConfigRow.size);
  writeBands(to, row.bands);
  meterConfigRow.write(to.dv, at, row);
  to.end(meterConfigRow, at);
}

export function readPortDesc(dv: DataView, at: number, end: number): RowAt<PortDesc> | OfError {
  if (at + portDesc.size > end) return cut('a port');
  return { row: readPort(dv, at), size: portDesc.size };
}

export { writePort as writePortDesc };
