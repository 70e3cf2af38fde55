/**
 * A configuration as the tree of a file that reads as the same configuration (config.ts).
 *
 * What is as it would be without a word is left out, and controllers that all vswitches of a tenant
 * have stand with the tenant, as a person would write it.
 */

import { endText } from '../ids.ts';
import { apiFields } from './api.ts';
import {
  bareName,
  datapathRows,
  type Fields,
  fieldsOf,
  hostRows,
  type LinkKey,
  linkFields,
  portIdentityRows,
  type Tree,
  tenantRows,
  tlsOf,
  tlsRows,
  virtualEndText,
  vlinkFields,
  vswitchRows,
} from './config-fields.ts';
import { pairText } from './config-names.ts';
import { byTenant, type Network } from './config-tenants.ts';
import { driversFields } from './drivers.ts';
import { evacuateOnFields } from './evacuate-on.ts';
import { defaultFailover, failoverFields } from './failover.ts';
import { offersFields } from './offers.ts';
import { onIdleFields } from './on-idle.ts';
import { optimizeFields } from './optimize.ts';
import { vportText } from './port-identity.ts';
import { quotasFields } from './quota-reader.ts';
import { schedulesFields } from './schedules.ts';
import { defaultStore, storeTree } from './store-sync.ts';
import { listenText, targetText } from './target.ts';
import { limitsFields } from './tenant-limits.ts';
import type { TlsFiles } from './tls.ts';
import type {
  Config,
  DatapathConfig,
  HostConfig,
  PhysicalEnd,
  PortIdentities,
  VirtualEnd,
  VswitchConfig,
} from './values.ts';
import { defaultMeasuring, defaultMigrationsKept, migrationsFields, zonesFields } from './zones.ts';

/** What reading gives where the file says nothing (config.ts, tenants.ts); its test compares. */
const unsaid: Readonly<Record<string, Tree>> = {
  listen: ['ptcp:6653', 'ptcp:6633'],
  control: '/run/limevisor.sock',
  api: {},
  store: storeTree(defaultStore),
  links: [],
  failover: failoverFields(defaultFailover),
  drivers: {},
  zones: {},
  migrations: migrationsFields(defaultMigrationsKept),
  traffic: defaultMeasuring,
  schedules: {},
  offers: {},
  quotas: {},
  ack: 'automatic',
  openflow: ['1.0', '1.3'],
  buffers: '0',
  redial: { first: '250ms', max: '2s' },
  controllers: [],
  queues: {},
  ports: {},
  hosts: {},
};

/** The tree of a file for `config`. */
export function fileTree(config: Config): Fields {
  const { listen, control, api, datapaths, links, vswitches, hosts, vlinks, ...rest } = config;
  const { store, storeSync, tenantLimits, linkBandwidths, vlinkBandwidths, ...more } = rest;
  const {
    linkCosts,
    linkMtus,
    tunnels,
    failover,
    drivers,
    pathWishes,
    ledOver: _,
    told: __,
    ...last
  } = more;
  const { zones, migrationsKept, measuring, schedules, onIdle, ...some } = last;
  const { evacuateOn, optimize, importance, offers, quotas, ...others } = some;
  // A key without a place in the file does not compile.
  others satisfies Record<string, never>;
  const tls = tlsOf([...listen, ...api]);
  const named = <T extends { readonly name: string }>(all: readonly T[], print: (one: T) => Tree) =>
    Object.fromEntries(all.map((one) => [bareName(one.name), print(one)]));
  return said({
    listen: listen.map(listenText),
    control,
    api: apiFields(api),
    store: storeTree({ store, storeSync }),
    ...(tls && { tls: fieldsOf(tls, tlsRows) }),
    datapaths: named(datapaths, datapathTree),
    links: links.map((ends) =>
      physicalLinkTree({ linkBandwidths, linkCosts, linkMtus, tunnels }, ends),
    ),
    failover: failoverFields(failover),
    drivers: driversFields(drivers),
    zones: zonesFields(zones),
    migrations: migrationsFields(migrationsKept),
    traffic: measuring,
    schedules: schedulesFields(schedules),
    ...(onIdle && { 'on-idle': onIdleFields(onIdle) }),
    ...(evacuateOn && { 'evacuate-on': evacuateOnFields(evacuateOn) }),
    ...(optimize && { optimize: optimizeFields(optimize) }),
    offers: offersFields(offers),
    quotas: quotasFields(quotas),
    tenants: Object.fromEntries(
      [...byTenant({ vswitches, hosts, vlinks })].map(([tenant, own]) => {
        const limits = tenantLimits.get(tenant);
        const tree = tenantTree({ ...own, vlinkBandwidths, pathWishes }, tls);
        const important = importance.get(tenant);
        const more = {
          ...(limits && { limits: limitsFields(limits) }),
          ...(important !== undefined && { importance: String(important) }),
        };
        return [tenant, { ...tree, ...more }];
      }),
    ),
  });
}

/** A datapath’s entry. */
export function datapathTree(datapath: DatapathConfig): Fields {
  return said(fieldsOf(datapath, datapathRows));
}

/** A link’s item, whether the file has it yet or not. */
export function physicalLinkTree(
  config: Pick<Config, LinkKey>,
  ends: Config['links'][number],
): Tree {
  return linkTree(ends, endText, linkFields(config, ends));
}

type OneTenant = Network & Pick<Config, 'vlinkBandwidths' | 'pathWishes'>;

function tenantTree(own: OneTenant, tlsForAll: TlsFiles | undefined): Fields {
  const { vswitches, hosts, vlinks, vlinkBandwidths, pathWishes } = own;
  const tls = tlsOf(vswitches.flatMap(({ controllers, listen }) => [...controllers, ...listen]));
  const all = vswitches.map(({ controllers }) => controllers.map(targetText));
  const [first = []] = all;
  const isShared = all.every((one) => isSame(one, first));
  const trees = vswitches.map((vswitch, i): readonly [string, Tree] => {
    const own = isShared ? [] : (all[i] ?? []);
    return [bareName(vswitch.name), vswitchTree(vswitch, own)];
  });
  const isOwn = tls !== undefined && !isSame(fieldsOf(tls, tlsRows), tlsTree(tlsForAll));
  return said({
    ...(isShared && { controllers: first }),
    ...(vswitches[0] && fieldsOf(vswitches[0], tenantRows)),
    ...(isOwn && { tls: fieldsOf(tls, tlsRows) }),
    vswitches: Object.fromEntries(trees),
    hosts: Object.fromEntries(hosts.map((host) => [bareName(host.name), hostTree(host)])),
    links: vlinks.map((ends) => {
      const name = pairText(ends);
      const wish = pathWishes.get(name);
      return linkTree(ends, virtualEndText, vlinkFields(vlinkBandwidths.get(name), wish));
    }),
  });
}

/** Where it is plugged in, the one that is used first. */
function hostTree(host: HostConfig): Fields {
  const { offers: _, ...fields } = fieldsOf(host, hostRows);
  const { offers } = host;
  return said({ ...fields, ...(offers && { at: offers.map(endText) }) });
}

function linkTree<E extends PhysicalEnd | VirtualEnd>(
  ends: readonly [E, E],
  textOf: (end: E) => string,
  fields: Fields,
): Tree {
  const text = ends.map(textOf).join(' - ');
  return Object.keys(fields).length === 0 ? text : { ends: text, ...fields };
}

function tlsTree(tls: TlsFiles | undefined): Fields {
  return tls === undefined ? {} : fieldsOf(tls, tlsRows);
}

function vswitchTree(vswitch: VswitchConfig, controllers: readonly string[]): Fields {
  const listen = vswitch.listen.map(listenText);
  return {
    ...fieldsOf(vswitch, vswitchRows),
    ...(controllers.length > 0 && { controllers }),
    ...(listen.length > 0 && { listen }),
    ...said({ ports: portsTree(vswitch.portIdentities) }),
  };
}

function portsTree(ports: PortIdentities): Fields {
  const trees = [...ports].map(([vport, one]) => {
    return [vportText(vport), fieldsOf(one, portIdentityRows)];
  });
  return Object.fromEntries(trees);
}

/** Without what reading would give anyway. */
function said(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key, tree]) => !isUnsaid(key, tree)));
}

function isUnsaid(key: string, tree: Tree): boolean {
  return key in unsaid && isSame(unsaid[key] ?? '', tree);
}

/** Whether two trees are the same, the order of their keys too. */
export function isSame(one: Tree, other: Tree): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
