/**
 * Settings for the operator's own use: names for several datapaths, how many finished migrations
 * are remembered, and whether traffic is measured while nobody asks.
 *
 *   zones: { zone-b: [s3, s4] }
 *   migrations: { keep: 200 }
 *   traffic: always
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Known, readDatapath, readName } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import type { Measuring, Zones } from './values.ts';

export const defaultMigrationsKept = limits.migrationsKept;

/** A zone has a name that no datapath has, for both stand in the same place of a command. */
export function readZones(at: Reader | undefined, known: Known<DatapathName>): Zones {
  const datapaths = new Set<string>(known.keys());
  const zones = (at?.entries() ?? []).map(([key, entry]) => {
    readName(entry, key);
    if (datapaths.has(key)) entry.problem(`has the name of the datapath ${key}; choose another`);
    const items = entry.items('is an empty zone; name its datapaths, such as [s1, s2]');
    return [key, [...new Set(items.flatMap((one) => readDatapath(one, known) ?? []))]] as const;
  });
  return new Map(zones);
}

export function zonesFields(zones: Zones): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(zones);
}

export function readMigrationsKept(at: Reader | undefined): number {
  at?.onlyKeys(['keep']);
  return at?.optional('keep')?.parsed(parseKept)[0] ?? defaultMigrationsKept;
}

function parseKept(text: string): Parsed<number> {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= limits.migrationsKeptMax) return { ok: true, value };
  const most = limits.migrationsKeptMax;
  return { ok: false, why: `"${text}" is not a number of migrations; write 0 to ${most}` };
}

export function migrationsFields(kept: number): Readonly<Record<string, string>> {
  return { keep: String(kept) };
}

const measurings: readonly Measuring[] = ['when-asked', 'always'];
export const defaultMeasuring = 'when-asked' satisfies Measuring;

export function readMeasuring(at: Reader | undefined): Measuring {
  return at?.parsed(parseMeasuring)[0] ?? defaultMeasuring;
}

function parseMeasuring(text: string): Parsed<Measuring> {
  const value = measurings.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  return { ok: false, why: `"${text}" is not when; write ${measurings.join(' or ')}` };
}
