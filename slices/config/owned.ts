/**
 * Networks that owners have made for themselves: tenants whose names are `NETWORK@OWNER`, which no
 * name of a file may be. They are in the configuration while they run. Only the store decides that
 * they exist: a file that has one, because `show` printed it, changes nothing.
 */
import { ownerOf, tenantOf } from '../ids.ts';
import { type Config, type Problem, problemText, readConfig } from './config.ts';
import type { Fields } from './config-fields.ts';
import { fileTree } from './config-print.ts';
import { userOf } from './offers.ts';

/** What an owner may say of a network. */
export const networkKeys = [
  ...(['controllers', 'openflow', 'vswitches', 'hosts', 'links', 'limits'] as const),
] as const;

/** What a configuration has of a tenant's. */
export type TenantParts = Pick<
  Config,
  'vswitches' | 'hosts' | 'vlinks' | 'tenantLimits' | 'pathWishes' | 'vlinkBandwidths'
>;

/** Of the tenants that are wanted; the others' with the names of all others. */
export function partsOf(config: Config, isWanted: (tenant: string) => boolean): TenantParts {
  const some = <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...all].filter(([key]) => isWanted(key.includes('/') ? tenantOf(key) : key)));
  return {
    vswitches: config.vswitches.filter(({ tenant }) => isWanted(tenant)),
    hosts: config.hosts.filter(({ name }) => isWanted(tenantOf(name))),
    vlinks: config.vlinks.filter(([{ device }]) => isWanted(tenantOf(device))),
    tenantLimits: some(config.tenantLimits),
    pathWishes: some(config.pathWishes),
    vlinkBandwidths: some(config.vlinkBandwidths),
  };
}

function hasNetworks({ vswitches }: Config): boolean {
  return vswitches.some(({ tenant }) => ownerOf(tenant) !== undefined);
}

/** Only what a person has put in a file, and copies of it. */
function withoutNetworks(config: Config): Config {
  if (!hasNetworks(config)) return config;
  return { ...config, ...partsOf(config, (tenant) => ownerOf(tenant) === undefined) };
}

/** Without one tenant. */
export function withoutTenant(config: Config, name: string): Config {
  return { ...config, ...partsOf(config, (tenant) => tenant !== name) };
}

/** With one more, or why not: what both need is there, and nobody else's. */
export function withParts(config: Config, parts: TenantParts): Config | { readonly why: string } {
  const known = new Set(config.datapaths.map(({ name }) => name));
  const both = <K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>) =>
    new Map([...one, ...other]);
  for (const { name, on, members = [on] } of parts.vswitches) {
    const gone = members.find((one) => one !== '' && !known.has(one));
    if (gone !== undefined) return { why: `${name} is on ${gone}, which is no datapath here` };
  }
  for (const { name, at, vlan } of parts.hosts) {
    if (!known.has(at.device)) {
      return { why: `${name} is at ${at.device}:${at.port}, which is at no datapath here` };
    }
    const user = userOf({ at, ...(vlan !== undefined && { vlan }) }, config);
    if (user !== undefined) return { why: `${name} is at ${at.device}:${at.port}, as is ${user}` };
  }
  return {
    ...config,
    vswitches: [...config.vswitches, ...parts.vswitches],
    hosts: [...config.hosts, ...parts.hosts],
    vlinks: [...config.vlinks, ...parts.vlinks],
    tenantLimits: both(config.tenantLimits, parts.tenantLimits),
    pathWishes: both(config.pathWishes, parts.pathWishes),
    vlinkBandwidths: both(config.vlinkBandwidths, parts.vlinkBandwidths),
  };
}

/** What a file says, with the owners' networks that run. */
export function carriedNetworks(file: Config, before: Config): Config | { readonly why: string } {
  if (!hasNetworks(before)) return withoutNetworks(file);
  const own = partsOf(before, (tenant) => ownerOf(tenant) !== undefined);
  const there = new Set(file.vswitches);
  if (own.vswitches.every((one) => there.has(one))) return file;
  const joined = withParts(withoutNetworks(file), own);
  if (!('why' in joined)) return joined;
  const hint = '"limevisor network list" has owners and ends, "network delete" ends one';
  return { why: `${joined.why}; it is a network that its owner has made: ${hint}` };
}

/** What a file says, with networks by their names and trees; and why some cannot be with it. */
export function withNetworks(
  file: Config,
  trees: ReadonlyMap<string, Fields>,
): { readonly config: Config; readonly leftOut: ReadonlyMap<string, string> } {
  const leftOut = new Map<string, string>();
  let config = withoutNetworks(file);
  for (const [name, tree] of trees) {
    const parts = readTenant(file, name, tree);
    const joined =
      'problems' in parts
        ? { why: parts.problems.map(problemText).join('; ') }
        : withParts(config, parts);
    if ('why' in joined) leftOut.set(name, joined.why);
    else config = joined;
  }
  return { config, leftOut };
}

/** How a tenant's tree is read beside a configuration. */
export type ReadTree = (
  tree: Fields,
) => { readonly config: Config } | { readonly problems: readonly Problem[] };

const readAnywhere: ReadTree = (tree) => readConfig(tree, [], '/');

/** A tenant's tree as parts of the configuration; nobody else's are looked at. */
export function readTenant(
  config: Config,
  name: string,
  tree: Fields,
  read: ReadTree = readAnywhere,
): TenantParts | { readonly problems: readonly Problem[] } {
  const { optimize: _, ...rest } = config;
  const nobody: Config = {
    ...rest,
    ...partsOf(config, () => false),
    ...{ schedules: [], importance: new Map(), offers: new Map(), quotas: new Map() },
  };
  const found = read({ ...fileTree(nobody), tenants: { [name]: tree } });
  return 'problems' in found ? found : partsOf(found.config, (tenant) => tenant === name);
}

/** What stands in a file for a tenant that runs. */
export function tenantTree(config: Config, name: string): Fields {
  const { optimize: _, ...rest } = config;
  const own = partsOf(config, (tenant) => tenant === name);
  const tree = fileTree({ ...rest, ...own, schedules: [], importance: new Map() });
  const tenants = tree['tenants'] as Readonly<Record<string, Fields>>;
  return tenants[name] ?? {};
}
