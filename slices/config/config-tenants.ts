/**
 * A configuration by tenant: the parts that each tenant owns, in the order of the file.
 */
import { tenantOf } from '../ids.ts';
import type { Config } from './values.ts';

/** What belongs to tenants. */
export type Network = Pick<Config, 'vswitches' | 'hosts' | 'vlinks'>;

/** Of each tenant that has a vswitch. */
export function byTenant({ vswitches, hosts, vlinks }: Network): ReadonlyMap<string, Network> {
  const own = {
    hosts: Map.groupBy(hosts, ({ name }) => tenantOf(name)),
    vlinks: Map.groupBy(vlinks, ([{ device }]) => tenantOf(device)),
  };
  const all = [...Map.groupBy(vswitches, ({ tenant }) => tenant)].map(([tenant, some]) => {
    const theirs = { hosts: own.hosts.get(tenant) ?? [], vlinks: own.vlinks.get(tenant) ?? [] };
    return [tenant, { vswitches: some, ...theirs }] as const;
  });
  return new Map(all);
}

/** Only what belongs to these tenants, of all that is the operator's everything. */
export function ofTenants(config: Config, names: ReadonlySet<string>): Config {
  const own = [...byTenant(config)].flatMap(([tenant, one]) => (names.has(tenant) ? [one] : []));
  return {
    ...config,
    vswitches: own.flatMap(({ vswitches }) => vswitches),
    hosts: own.flatMap(({ hosts }) => hosts),
    vlinks: own.flatMap(({ vlinks }) => vlinks),
  };
}
