/**
 * The network that is drawn, from the API's documents: the operator's, in two planes, and an
 * owner's, which has nothing physical.
 */
import type { OwnDocument, TenantDocument, TopologyDocument } from './documents.ts';
import {
  type Cable,
  type Controller,
  type Datapath,
  deviceOf,
  emptyNetwork,
  type Host,
  type Network,
  type Port,
  tenantOf,
  type Vlink,
  type Vswitch,
  type Way,
} from './network.ts';

export function networkOf({ datapaths, links, hosts, tenants }: TopologyDocument): Network {
  const byEnd = new Map(links.flatMap(({ ends }) => ends.map((end) => [end, ends.join(' - ')])));
  return {
    datapaths: datapaths.map(datapathOf),
    cables: links.map(cableOf),
    vswitches: tenants.flatMap(({ vswitches }) => vswitches.map(vswitchOf)),
    vlinks: tenants.flatMap(({ name: tenant, links: all }) =>
      all.map(({ ends }): Vlink => ({ id: ends.join(' - '), tenant, ends: pair(ends) })),
    ),
    hosts: hosts.map(hostOf),
    ways: tenants.flatMap(({ ways }) =>
      ways
        .filter(({ role }) => role === 'used' || role === 'shared')
        .map(({ of, path, links: leaves }): Way => {
          const cables = leaves.flatMap((end) => byEnd.get(end) ?? []);
          return { vswitch: deviceOf(of), datapaths: path, cables };
        }),
    ),
  };
}

function pair([a = '', b = '']: readonly string[]): readonly [string, string] {
  return [a, b];
}

function datapathOf(one: TopologyDocument['datapaths'][number]): Datapath {
  const { name, dpid, state, why, encoding, isDrained, load } = one;
  const says = why === '' ? state : `${state}: ${why}`;
  const rate = load === undefined ? {} : { rate: load };
  return { name, dpid, isReady: state === 'ready', says, encoding, isDrained, ...rate };
}

function cableOf({ ends, state, text, kbps, load }: TopologyDocument['links'][number]): Cable {
  const rates = [load.there, load.back].filter((rate) => rate !== undefined);
  const rate = Math.max(0, ...rates);
  const id = ends.join(' - ');
  const whole =
    kbps === undefined || kbps === 0 ? undefined : Math.min(1, (rate * 8) / (kbps * 1000));
  return {
    ...{ id, ends: pair(ends), says: `${id}: ${text}`, isUp: !badLinks.includes(state) },
    ...(rates.length > 0 && { rate }),
    ...(rates.length > 0 && whole !== undefined && { load: whole }),
  };
}

/** What is not known is no trouble. */
const badLinks: readonly string[] = ['down', 'silent', 'miswired', 'tooSmall', 'away'];

/** The primary first. */
function vswitchOf(one: TenantDocument['vswitches'][number]): Vswitch {
  const { name, dpid, on, primary, rules, down = '' } = one;
  const bodies = [...on].sort((a, b) => Number(b === primary) - Number(a === primary));
  const ports = one.ports.map(({ state, ...port }): Port => ({ ...port, isUp: state === 'up' }));
  const controllers = one.controllers.map((each): Controller => ({ why: '', ...each }));
  return { name, tenant: tenantOf(name), dpid, bodies, rules, down, ports, controllers };
}

function hostOf({ name, vport: port, at, state, why }: TopologyDocument['hosts'][number]): Host {
  const where = at.length === 0 ? `at port ${port}` : `at ${at.join(' and ')}, port ${port}`;
  const says = `${name} ${where}${why === '' ? '' : `, down: ${why}`}`;
  return { name, tenant: tenantOf(name), port, at, isUp: state === 'up', says };
}

export function ownNetworkOf({ name: tenant, vswitches, hosts, links }: OwnDocument): Network {
  return {
    ...emptyNetwork,
    vswitches: vswitches.map(({ state, why, ...one }) => {
      return vswitchOf({ ...one, on: [], ...(state !== 'up' && { down: why || state }) });
    }),
    vlinks: links.map(({ ends }): Vlink => ({ id: ends.join(' - '), tenant, ends: pair(ends) })),
    hosts: hosts.map(({ port, ...one }) => hostOf({ ...one, vport: port, at: [], why: '' })),
  };
}
