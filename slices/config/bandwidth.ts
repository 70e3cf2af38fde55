/**
 * Bandwidth limits of a tenant's vports in the file: of a host's port, each way; or of a virtual
 * link, which either of its ends names. Reserved bandwidth is another thing (reservations.ts).
 *
 *   limits: { bandwidth: { v1:1: 10M, v1:2: 100M burst 500kB } }
 */
import { type DatapathName, tenantOf, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { bareName } from './config-fields.ts';
import { type Known, readVirtualEnd } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Problem, Reader } from './reader.ts';
import { type Bandwidths, endKey, type FlowRate, flowRateText } from './tenant-limits.ts';
import type { Config, HostConfig, ReadLink, VirtualEnd } from './values.ts';

/** Where it may be said. */
interface Ends {
  readonly hosts: readonly HostConfig[];
  readonly links: readonly ReadLink<VirtualEnd>[];
}

export function readBandwidths(
  at: Reader | undefined,
  tenant: string,
  vswitches: Known<VswitchName>,
  { hosts, links }: Ends,
): Bandwidths {
  const found = new Map<string, FlowRate>();
  /** By end: the end of its virtual link that names it, or itself. */
  const names = new Map(hosts.map(({ port }) => [endKey(port), endKey(port)]));
  for (const { ends } of links) {
    const [first = '', second = ''] = ends.map(endKey).toSorted();
    for (const end of [first, second]) names.set(end, first);
  }
  const taken = new Map<string, string>();
  for (const [name, entry] of at?.entries() ?? []) {
    const end = readVirtualEnd(entry, name, tenant, vswitches);
    const [rate] = entry.parsed(parseBandwidth);
    if (end === undefined || rate === undefined) continue;
    const key = endKey(end);
    if (!names.has(key)) {
      entry.problem(`is no port of a host or a virtual link; name one under "hosts" or "links"`);
    }
    const one = names.get(key) ?? key;
    const twin = taken.get(one);
    if (twin !== undefined) entry.problem(`names the same virtual link as ${twin}; remove one`);
    taken.set(one, name);
    found.set(key, rate);
  }
  return found;
}

/** Datapaths that are to have one table, and have no meters then. */
export function unmetered({ datapaths }: Pick<Config, 'datapaths'>): ReadonlySet<DatapathName> {
  return new Set(datapaths.filter((one) => one.encoding === 'flat').map(({ name }) => name));
}

/** By vswitch, how many of its ports' bandwidths are limited: those of links at one end. */
export function meteredPorts({
  tenantLimits,
}: Pick<Config, 'tenantLimits'>): ReadonlyMap<VswitchName, number> {
  const metered = new Map<VswitchName, number>();
  for (const { bandwidths } of tenantLimits.values()) {
    for (const key of bandwidths.keys()) {
      const device = deviceOf(key);
      metered.set(device, (metered.get(device) ?? 0) + 1);
    }
  }
  return metered;
}

function deviceOf(key: string): VswitchName {
  return key.slice(0, key.lastIndexOf(':')) as VswitchName;
}

/** Whoever limits a bandwidth needs meters where its vport is, and room for the way to them. */
export function checkBandwidths(config: Config, problems: Problem[]): void {
  const flat = unmetered(config);
  const on = new Map(config.vswitches.map((one) => [one.name, one.members ?? [one.on]]));
  const plugs = new Map(config.hosts.map(({ port, at }) => [endKey(port), at.device]));
  for (const [tenant, { bandwidths }] of config.tenantLimits) {
    for (const key of bandwidths.keys()) {
      const places = [...(on.get(deviceOf(key)) ?? []), plugs.get(key)];
      const place = places.find((one) => one !== undefined && flat.has(one));
      if (place === undefined) continue;
      const path = `tenants.${tenant}.limits.bandwidth.${bareName(key)}`;
      const why = `${place} has the encoding flat, which has no meters; let it live elsewhere`;
      problems.push({ path, why });
    }
  }
  for (const [name, count] of meteredPorts(config)) {
    if (count <= limits.meteredPortsMax) continue;
    const path = `tenants.${tenantOf(name)}.limits.bandwidth`;
    const most = limits.meteredPortsMax;
    problems.push({ path, why: `${name} has ${count} ports here; the limit is ${most}` });
  }
}

const units = { k: 1, M: 1_000, G: 1_000_000, kbit: 1, kB: 8, MB: 8_000 } as const;

/** Without a burst as much as comes in a tenth of a second, and some full frames at least. */
export function parseBandwidth(text: string): Parsed<FlowRate> {
  const pattern = /^([0-9]{1,7})([kMG])(?: burst ([0-9]{1,7})(kbit|kB|MB))?$/;
  const [, number = '', unit = '', burst = '', burstUnit = ''] = pattern.exec(text) ?? [];
  const kbps = Number(number) * unitOf(unit);
  const otherwise = Math.max(limits.burstKbitMin, Math.round(kbps / 10));
  const burstKbit = burst === '' ? otherwise : Number(burst) * unitOf(burstUnit);
  const isFine = kbps >= 1 && kbps <= limits.kbpsMax && burstKbit >= limits.burstKbitLeast;
  if (isFine && burstKbit <= limits.kbpsMax) return { ok: true, value: { kbps, burstKbit } };
  const example = `10M, or ${flowRateText({ kbps: 10_000, burstKbit: 1_600 })}`;
  const least = `a burst of ${limits.burstKbitLeast}kbit at least`;
  return { ok: false, why: `"${text}" is not a bandwidth; write ${example} (${least})` };
}

function unitOf(unit: string): number {
  return units[unit as keyof typeof units] ?? 0;
}
