/**
 * The limits of a tenant in the file; each is optional, and an absent one limits nothing.
 *
 *   limits: { rules: 900, packet-ins: 500/s, changes: 200/s burst 999, on: { s1: { rules: 50 } } }
 */
import type { ControlRates } from '../control-traffic.ts';
import type { DatapathName } from '../ids.ts';
import type { Rate } from '../token-bucket.ts';
import { bandwidthText } from './reservations.ts';
import type { VirtualEnd } from './values.ts';

/** Entries on datapaths that a tenant's own make. */
export const tableKinds = ['rules', 'groups', 'meters'] as const;
export type TableKind = (typeof tableKinds)[number];
export type TableLimits = Partial<Readonly<Record<TableKind, number>>>;

export interface TenantLimits {
  /** Of all its vswitches together, each counted once, wherever it lives. */
  readonly tables: TableLimits;
  /** On each datapath by itself, and on some that the file names. */
  readonly perDatapath: TableLimits;
  readonly on: ReadonlyMap<DatapathName, TableLimits>;
  readonly rates: ControlRates;
  /** Bytes that wait for all of its controllers. */
  readonly outboxBytes?: number;
  readonly bandwidths: Bandwidths;
}

/** What passes in a second, and at once after a pause. */
export interface FlowRate {
  readonly kbps: number;
  readonly burstKbit: number;
}

/** Of hosts' ports, and of virtual links by one of their ends (`endKey`); each way. */
export type Bandwidths = ReadonlyMap<string, FlowRate>;

/** The name of a vport: `red/v1:2`. */
export function endKey({ device, port }: VirtualEnd): string {
  return `${device}:${port}`;
}

export const unlimited: TenantLimits = {
  tables: {},
  perDatapath: {},
  on: new Map(),
  rates: {},
  bandwidths: new Map(),
};

/** What a tenant may have on one datapath; undefined: as much as it may have at all. */
export function limitOn(
  { perDatapath, on }: TenantLimits,
  kind: TableKind,
  datapath: DatapathName,
): number | undefined {
  return on.get(datapath)?.[kind] ?? perDatapath[kind];
}

/** What the file calls each rate. */
export const rateNames = {
  packetIns: 'packet-ins',
  toControllers: 'to-controllers',
  changes: 'changes',
  packetOuts: 'packet-outs',
  statistics: 'statistics',
  fromControllers: 'from-controllers',
} as const satisfies Record<keyof ControlRates, string>;

/** What stands in the file: texts, and maps of them. */
export interface Printed {
  readonly [key: string]: string | Printed;
}

/** Whether they are none. */
export function isUnlimited(limits: TenantLimits): boolean {
  return Object.keys(limitsFields(limits)).length === 0;
}

/** What stands in the file for them. */
export function limitsFields(limits: TenantLimits): Printed {
  const { tables, perDatapath, on, rates, outboxBytes, bandwidths } = limits;
  const named = Object.entries(rateNames).flatMap(([key, name]) => {
    const rate = rates[key as keyof ControlRates];
    return rate === undefined ? [] : [[name, rateText(rate)] as const];
  });
  const some = (fields: Printed) => (Object.keys(fields).length > 0 ? fields : undefined);
  const each = some(tablesFields(perDatapath));
  const places = some(
    Object.fromEntries([...on].map(([name, table]) => [name, tablesFields(table)])),
  );
  return {
    ...tablesFields(tables),
    ...Object.fromEntries(named),
    ...(outboxBytes !== undefined && { outbox: `${outboxBytes}B` }),
    ...(each && { 'per-datapath': each }),
    ...(places && { on: places }),
    ...(bandwidths.size > 0 && { bandwidth: bandwidthFields(bandwidths) }),
  };
}

function tablesFields(tables: TableLimits): Printed {
  return Object.fromEntries(Object.entries(tables).map(([kind, count]) => [kind, String(count)]));
}

function bandwidthFields(bandwidths: Bandwidths): Printed {
  const texts = [...bandwidths].map(([key, rate]) => {
    return [key.slice(key.indexOf('/') + 1), flowRateText(rate)] as const;
  });
  return Object.fromEntries(texts);
}

export function flowRateText({ kbps, burstKbit }: FlowRate): string {
  return `${bandwidthText(kbps)} burst ${burstKbit}kbit`;
}

export function rateText({ perSec, burst }: Rate): string {
  return burst === perSec ? `${perSec}/s` : `${perSec}/s burst ${burst}`;
}
