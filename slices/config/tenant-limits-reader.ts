/**
 * Reads the limits of a tenant (tenant-limits.ts).
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Rate } from '../token-bucket.ts';
import { type Known, unknownDatapath } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import {
  rateNames,
  type TableLimits,
  type TenantLimits,
  tableKinds,
  unlimited,
} from './tenant-limits.ts';

const keys = [
  ...tableKinds,
  ...Object.values(rateNames),
  'outbox',
  'per-datapath',
  'on',
  'bandwidth',
];

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
    bandwidths: new Map(),
    on: readOn(at.optional('on'), known),
    rates: Object.fromEntries(rates),
    ...(outboxBytes !== undefined && { outboxBytes }),
  };
}

function readOn(at: Reader | undefined, known: Known<DatapathName>): TenantLimits['on'] {
  return new Map(
    (at?.entries() ?? []).map(([name, entry]) => {
      entry.onlyKeys(tableKinds);
      if (at !== undefined && !known.has(name as DatapathName)) unknownDatapath(at, name, known);
      return [name as DatapathName, readTables(entry)] as const;
    }),
  );
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
