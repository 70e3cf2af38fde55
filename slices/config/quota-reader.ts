/**
 * Reads quotas (quotas.ts), and writes them as the file has them.
 *
 *   quotas:
 *     student: { networks: 2, hosts: 4, rules: 1000, lifetime: 7d, offers: [a, b] }
 */
import ipaddr from 'ipaddr.js';
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { parseBandwidth } from './bandwidth.ts';
import { type Fields, fieldsOf, type Tree, tlsRows } from './config-fields.ts';
import { type Known, readName } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import { lifetimeText, parseLifetime, type Quota, quotaCounts } from './quotas.ts';
import type { Reader } from './reader.ts';
import { flowRateText } from './tenant-limits.ts';
import { readTls } from './tls.ts';
import type { Config } from './values.ts';

const keys = ['bandwidth', 'lifetime', 'approval', 'offers', 'on', 'controllers', 'tls'] as const;

interface Surroundings extends Pick<Config, 'offers' | 'zones'> {
  readonly datapaths: Known<DatapathName>;
  /** Of the file. */
  readonly folder: string;
}

export function readQuotas(
  at: Reader | undefined,
  surroundings: Surroundings,
): ReadonlyMap<string, Quota> {
  const all = (at?.entries() ?? []).flatMap(([key, entry]) => {
    const name = readName(entry, key);
    const quota = readQuota(entry, surroundings);
    return name === undefined ? [] : [[name, quota] as const];
  });
  return new Map(all);
}

function readQuota(at: Reader, { offers, zones, datapaths, folder }: Surroundings): Quota {
  at.onlyKeys([...quotaCounts, ...keys]);
  const counts = quotaCounts.flatMap((name) => {
    return (at.optional(name)?.parsed(parseCount) ?? []).map((count) => [name, count] as const);
  });
  const [bandwidth] = at.optional('bandwidth')?.parsed(parseBandwidth) ?? [];
  const [lifetimeMs] = at.optional('lifetime')?.parsed(parseLifetime) ?? [];
  const [approval] = at.optional('approval')?.parsed(parseApproval) ?? [];
  const places = {
    has: (name: string) => zones.has(name) || datapaths.has(name as DatapathName),
    keys: () => [...zones.keys(), ...datapaths.keys()],
  };
  const own = readNames(at.optional('offers'), 'offer', offers);
  const on = readNames(at.optional('on'), 'datapath or zone', places);
  const controllersAt = at.optional('controllers');
  const controllers = controllersAt?.items().flatMap((one) => one.parsed(parsePrefix));
  const tls = readTls(at.optional('tls'), folder);
  return {
    counts: Object.fromEntries(counts),
    ...(bandwidth && { bandwidth }),
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    ...(approval && { approval }),
    ...(own && { offers: own }),
    ...(on && { on }),
    ...(controllers && { controllers }),
    ...(tls && { tls }),
  };
}

function readNames(
  at: Reader | undefined,
  kind: string,
  known: Known<string>,
): readonly string[] | undefined {
  return at?.items().flatMap((item) => {
    const name = item.text();
    if (name === undefined || known.has(name)) return name ?? [];
    const what = `names the ${kind} "${name}", which the file does not have`;
    item.unknown(what, name, () => known.keys());
    return [];
  });
}

function parseCount(text: string): Parsed<number> {
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= limits.quotaMax) return { ok: true, value: number };
  return { ok: false, why: `"${text}" is not a number; write 0 to ${limits.quotaMax}` };
}

function parseApproval(text: string): Parsed<'required'> {
  if (text === 'required') return { ok: true, value: text };
  return { ok: false, why: `"${text}" is not when; write required, or leave it out` };
}

function parsePrefix(text: string): Parsed<string> {
  if (text === 'any' || ipaddr.isValidCIDR(text)) return { ok: true, value: text };
  return { ok: false, why: `"${text}" is not a prefix; write 192.0.2.0/24, or any` };
}

export function quotasFields(quotas: ReadonlyMap<string, Quota>): Fields {
  return Object.fromEntries([...quotas].map(([name, quota]) => [name, quotaFields(quota)]));
}

/** What stands in the file for it. */
function quotaFields(quota: Quota): Fields {
  const { counts, bandwidth, lifetimeMs, approval, offers, on, controllers, tls } = quota;
  const numbers = Object.entries(counts).map(([name, one]): [string, Tree] => [name, String(one)]);
  return {
    ...Object.fromEntries(numbers),
    ...(bandwidth && { bandwidth: flowRateText(bandwidth) }),
    ...(lifetimeMs !== undefined && { lifetime: lifetimeText(lifetimeMs) }),
    ...(approval && { approval }),
    ...(offers && { offers }),
    ...(on && { on }),
    ...(controllers && { controllers }),
    ...(tls && { tls: fieldsOf(tls, tlsRows) }),
  };
}
