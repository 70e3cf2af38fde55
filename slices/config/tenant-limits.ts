/**
 * The limits of a tenant, as the file says them; each is optional, and none is as if it were not
 * there.
 *
 *   limits: { rules: 1000, packet-ins: 500/s, changes: 200/s burst 1000, on: { s1: { rules: 50 } } }
 */
import type { ControlRates } from '../control-traffic.ts';
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Rate } from '../token-bucket.ts';
import type { Known } from './config-ends.ts';
import type { Fields } from './config-fields.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

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
}

export const unlimited: TenantLimits = {
  tables: {},
  perDatapath: {},
  on: new Map(),
  rates: {},
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

const keys = [...tableKinds, ...Object.values(rateNames), 'outbox', 'per-datapath', 'on'];

export function readTenantLimits(at: Reader | undefined, known: Known<DatapathName>): TenantLimits {
  if (at === undefined) return unlimited;
  at.onlyKeys(keys);
  const rates = Object.entries(rateNames).flatMap(([key, name]) => {
    return (at.optional(name)?.parsed(parseRate) ?? []).map((rate) => [key, rate] as const);
  });
  const each = at.optional('per-datapath');
  each?.onlyKeys(tableKinds);
  const [outboxBytes] = at.optional('outbox')?.parsed(parseBytes) ?? [];
  return {
    tables: readTables(at),
    perDatapath: each === undefined ? {} : readTables(each),
    on: readOn(at.optional('on'), known),
    rates: Object.fromEntries(rates),
    ...(outboxBytes !== undefined && { outboxBytes }),
  };
}

function readOn(at: Reader | undefined, known: Known<DatapathName>): TenantLimits['on'] {
  return new Map(
    (at?.entries() ?? []).map(([name, entry]) => {
      entry.onlyKeys(tableKinds);
      if (!known.has(name as DatapathName)) {
        at?.problem(`names the datapath "${name}", which is not in "datapaths"`);
      }
      return [name as DatapathName, readTables(entry)] as const;
    }),
  );
}

/** Whether they are none. */
export function isUnlimited(limits: TenantLimits): boolean {
  return Object.keys(limitsFields(limits)).length === 0;
}

/** What stands in the file for them. */
export function limitsFields(limits: TenantLimits): Fields {
  const { tables, perDatapath, on, rates, outboxBytes } = limits;
  const named = Object.entries(rateNames).flatMap(([key, name]) => {
    const rate = rates[key as keyof ControlRates];
    return rate === undefined ? [] : [[name, rateText(rate)] as const];
  });
  const some = (fields: Fields) => (Object.keys(fields).length > 0 ? fields : undefined);
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
  };
}

function tablesFields(tables: TableLimits): Fields {
  return Object.fromEntries(Object.entries(tables).map(([kind, count]) => [kind, String(count)]));
}

export function rateText({ perSec, burst }: Rate): string {
  return burst === perSec ? `${perSec}/s` : `${perSec}/s burst ${burst}`;
}

function readTables(at: Reader): TableLimits {
  const all = tableKinds.flatMap((kind) => {
    return (at.optional(kind)?.parsed(parseCount) ?? []).map((count) => [kind, count] as const);
  });
  return Object.fromEntries(all);
}

function parseCount(text: string): Parsed<number> {
  if (/^[0-9]{1,9}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, why: `"${text}" is not a number of entries; write 1000, or leave it out` };
}

/** `8MB`, `500kB`, `65536B`. */
function parseBytes(text: string): Parsed<number> {
  const [, number = '', unit = ''] = /^([0-9]{1,9}) ?(B|kB|MB)$/.exec(text) ?? [];
  const bytes = Number(number) * (unit === 'MB' ? 1_000_000 : unit === 'kB' ? 1_000 : 1);
  const { tenantOutboxBytesMin: least, controllerOutboxBytesMax: most } = limits;
  if (unit !== '' && bytes >= least && bytes <= most) return { ok: true, value: bytes };
  const why = `"${text}" is not a size; write 8MB (${least / 1000}kB to ${most / 1_000_000}MB)`;
  return { ok: false, why };
}

/** `500/s`, or `500/s burst 2000`; without a burst as many as come in a second. */
function parseRate(text: string): Parsed<Rate> {
  const [, number = '', burst] = /^([0-9]{1,7}) ?\/ ?s(?: burst ([0-9]{1,7}))?$/.exec(text) ?? [];
  const perSec = Number(number);
  const value = { perSec, burst: burst === undefined ? perSec : Number(burst) };
  const most = limits.messagesPerSecMax;
  const isFine = perSec >= 1 && perSec <= most && value.burst >= 1 && value.burst <= most;
  if (isFine) return { ok: true, value };
  const why = `"${text}" is not a rate; write 500/s, or 500/s burst 2000 (1 to ${most} each)`;
  return { ok: false, why };
}
