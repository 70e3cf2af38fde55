/**
 * The limits of a tenant, as the file says them; each is optional, and none is as if it were not
 * there.
 *
 *   limits: { rules: 1000, groups: 50, meters: 10, packet-ins: 500/s, changes: 200/s burst 1000 }
 */
import type { ControlRates } from '../control-traffic.ts';
import { limits } from '../limits.ts';
import type { Rate } from '../token-bucket.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

/** Entries on datapaths that a tenant's own make. */
export const tableKinds = ['rules', 'groups', 'meters'] as const;
export type TableKind = (typeof tableKinds)[number];
export type TableLimits = Partial<Readonly<Record<TableKind, number>>>;

export interface TenantLimits {
  /** Of all its vswitches together, each counted once, wherever it lives. */
  readonly tables: TableLimits;
  readonly rates: ControlRates;
}

export const unlimited: TenantLimits = { tables: {}, rates: {} };

/** What the file calls each rate. */
export const rateNames = {
  packetIns: 'packet-ins',
  toControllers: 'to-controllers',
  changes: 'changes',
  packetOuts: 'packet-outs',
  statistics: 'statistics',
  fromControllers: 'from-controllers',
} as const satisfies Record<keyof ControlRates, string>;

export function readTenantLimits(at: Reader | undefined): TenantLimits {
  if (at === undefined) return unlimited;
  at.onlyKeys([...tableKinds, ...Object.values(rateNames)]);
  const rates = Object.entries(rateNames).flatMap(([key, name]) => {
    return (at.optional(name)?.parsed(parseRate) ?? []).map((rate) => [key, rate] as const);
  });
  return { tables: readTables(at), rates: Object.fromEntries(rates) };
}

/** Whether they are none. */
export function isUnlimited({ tables, rates }: TenantLimits): boolean {
  return Object.keys(tables).length === 0 && Object.keys(rates).length === 0;
}

/** What stands in the file for them. */
export function limitsFields({ tables, rates }: TenantLimits): Readonly<Record<string, string>> {
  const named = Object.entries(rateNames).flatMap(([key, name]) => {
    const rate = rates[key as keyof ControlRates];
    return rate === undefined ? [] : [[name, rateText(rate)] as const];
  });
  const counts = Object.entries(tables).map(([kind, count]) => [kind, String(count)] as const);
  return Object.fromEntries([...counts, ...named]);
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
