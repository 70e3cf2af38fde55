/**
 * The difference between two configurations, as a value: by kind of object, the added, changed and
 * removed ones.
 *
 * Things are compared by what stands in the file for them (config-fields.ts), so the order of a
 * list, and which end of a cable is written first, make no difference. A thing is the same one when
 * its kind and its name are: one that was renamed is removed and added, and said to be.
 */

import { endText } from '../ids.ts';
import { atOnce, flatMapped, mapped, type Steps, withEach } from '../steps.ts';
import { apiFields } from './api.ts';
import {
  bareName,
  datapathRows,
  type Fields,
  fieldsOf,
  hostRows,
  linkFields,
  portIdentityRows,
  type Tree,
  tenantOf,
  tenantRows,
  tlsOf,
  tlsRows,
  vlinkFields,
  vswitchRows,
} from './config-fields.ts';
import { pairText } from './config-names.ts';
import { isSame } from './config-print.ts';
import { driversFields } from './drivers.ts';
import { evacuateOnFields } from './evacuate-on.ts';
import { failoverFields } from './failover.ts';
import { offersFields } from './offers.ts';
import { onIdleFields } from './on-idle.ts';
import { optimizeFields } from './optimize.ts';
import { vportText } from './port-identity.ts';
import { quotasFields } from './quota-reader.ts';
import { schedulesFields } from './schedules.ts';
import { storeFields } from './store-sync.ts';
import { listenText, type Target, targetText } from './target.ts';
import { limitsFields } from './tenant-limits.ts';
import type { Config, VswitchConfig } from './values.ts';
import { migrationsFields, zonesFields } from './zones.ts';

/** In the order in which people are told. A vport is what the file says of its name and MAC. */
export const kinds = [
  ...(['setting', 'listener', 'tls', 'datapath', 'cable', 'tenant', 'limits', 'vswitch'] as const),
  ...(['controller', 'vport', 'host', 'link'] as const),
] as const;
export type Kind = (typeof kinds)[number];

/** What a person adds, changes and removes. */
export interface Thing {
  readonly kind: Kind;
  /** Unique among its kind: `red/v1`, `red/v1 tcp:192.0.2.1:6653`, `s1:3 - s2:3`. */
  readonly name: string;
  /** Whose it is; absent: the operator's. */
  readonly tenant?: string;
  readonly fields: Fields;
}

/** A field that is not what it was; `from` or `to` is absent where the file says nothing. */
export interface FieldChange {
  readonly field: string;
  readonly from?: Tree;
  readonly to?: Tree;
}

export type Change = Omit<Thing, 'fields'> &
  (
    | { readonly type: 'removed'; readonly fields: Fields }
    | { readonly type: 'added'; readonly fields: Fields; readonly renamed?: string }
    | { readonly type: 'changed'; readonly fields: readonly FieldChange[] }
  );

/** By kind, and by name in each; empty: the two are the same. */
export type Difference = readonly Change[];

/** What leads from one configuration to the other. */
export function differenceOf(from: Config, to: Config): Difference {
  return atOnce(differing(from, to));
}

/** The same in steps. */
export function* differing(from: Config, to: Config): Steps<Difference> {
  const before = yield* eachThing(from);
  const after = yield* eachThing(to);
  const changes = [...(yield* flatMapped(before, ([key, one]) => changeOf(one, after.get(key))))];
  yield* withEach(after, ([key, one]) => {
    if (!before.has(key)) changes.push(...changeOf(undefined, one));
  });
  return yield* withRenamed(changes.sort(byKind));
}

/** Of one kind, the names that were added, changed or removed. */
export function namesOf(
  difference: Difference,
  kind: Kind,
  type: Change['type'],
): readonly string[] {
  return difference.filter((one) => one.kind === kind && one.type === type).map(({ name }) => name);
}

function setting(name: string, fields: Fields = {}): readonly Thing[] {
  return [{ kind: 'setting', name, fields }];
}

/** All that a configuration consists of, by kind and name. */
export function thingsOf(config: Config): ReadonlyMap<string, Thing> {
  return atOnce(eachThing(config));
}

function* eachThing(config: Config): Steps<ReadonlyMap<string, Thing>> {
  const things = new Map<string, Thing>();
  for (const read of Object.values(readers)) {
    yield* withEach(read(config), (one) => things.set(`${one.kind} ${one.name}`, one));
  }
  return things;
}

/**
 * The things that each key of the configuration makes: a new key does not compile without. Some are
 * fields of another's.
 */
const readers: { readonly [K in keyof Config]-?: (config: Config) => Iterable<Thing> } = {
  listen: ({ listen }) => [
    ...listen.map((at) => ({ kind: 'listener', name: listenText(at), fields: {} }) as const),
    ...tlsThings(listen, 'switches'),
  ],
  api: ({ api }) => [
    { kind: 'setting', name: 'api', fields: apiFields(api) },
    ...tlsThings(api, 'the API'),
  ],
  control: ({ control }) => [{ kind: 'setting', name: 'control', fields: { path: control } }],
  store: (config) => [{ kind: 'setting', name: 'store', fields: storeFields(config) }],
  storeSync: () => [],
  *datapaths({ datapaths }) {
    for (const one of datapaths) {
      yield { kind: 'datapath', name: one.name, fields: fieldsOf(one, datapathRows) };
    }
  },
  *links(config) {
    for (const ends of config.links) {
      const name = pairText(ends);
      const inOrder = ends.toSorted((one, other) => (endText(one) < endText(other) ? -1 : 1));
      yield { kind: 'cable', name, fields: linkFields(config, inOrder) };
    }
  },
  linkBandwidths: () => [],
  linkCosts: () => [],
  linkMtus: () => [],
  tunnels: () => [],
  pathWishes: () => [],
  ledOver: () => [],
  told: () => [],
  zones: ({ zones }) => [{ kind: 'setting', name: 'zones', fields: zonesFields(zones) }],
  migrationsKept: ({ migrationsKept }) => [
    { kind: 'setting', name: 'migrations', fields: migrationsFields(migrationsKept) },
  ],
  measuring: ({ measuring }) => [
    { kind: 'setting', name: 'traffic', fields: { measured: measuring } },
  ],
  schedules: ({ schedules }) => [
    { kind: 'setting', name: 'schedules', fields: schedulesFields(schedules) },
  ],
  onIdle: ({ onIdle }) => setting('on-idle', onIdle && onIdleFields(onIdle)),
  evacuateOn: ({ evacuateOn }) =>
    setting('evacuate-on', evacuateOn && evacuateOnFields(evacuateOn)),
  optimize: ({ optimize }) => setting('optimize', optimize && optimizeFields(optimize)),
  offers: ({ offers }) => setting('offers', offersFields(offers)),
  quotas: ({ quotas }) => setting('quotas', quotasFields(quotas)),
  importance: ({ importance }) =>
    setting(
      'importance',
      Object.fromEntries([...importance].map(([tenant, one]) => [tenant, String(one)])),
    ),
  failover: ({ failover }) => [
    { kind: 'setting', name: 'failover', fields: failoverFields(failover) },
  ],
  drivers: ({ drivers }) => [{ kind: 'setting', name: 'drivers', fields: driversFields(drivers) }],
  *vswitches({ vswitches }) {
    yield* tenantThings(vswitches);
    for (const one of vswitches) yield* vswitchThings(one);
  },
  *hosts({ hosts }) {
    for (const one of hosts) {
      const { name } = one;
      yield { kind: 'host', name, tenant: tenantOf(name), fields: fieldsOf(one, hostRows) };
    }
  },
  *vlinks({ vlinks, vlinkBandwidths, pathWishes }) {
    for (const ends of vlinks) {
      const tenant = tenantOf(ends[0].device);
      const bare = ends.map(({ device, port }) => ({ device: bareName(device), port }));
      const key = pairText(ends);
      const fields = vlinkFields(vlinkBandwidths.get(key), pathWishes.get(key));
      yield { kind: 'link', name: `${tenant}/${pairText(bare)}`, tenant, fields };
    }
  },
  tenantLimits: ({ tenantLimits }) =>
    [...tenantLimits].map(([tenant, limits]) => {
      return { kind: 'limits', name: tenant, tenant, fields: limitsFields(limits) };
    }),
  vlinkBandwidths: () => [],
};

function* tenantThings(vswitches: readonly VswitchConfig[]): Iterable<Thing> {
  for (const [tenant, own] of Map.groupBy(vswitches, ({ tenant }) => tenant)) {
    const [first] = own;
    const targets = own.flatMap(({ controllers, listen }) => [...controllers, ...listen]);
    const fields = first === undefined ? {} : fieldsOf(first, tenantRows);
    yield { kind: 'tenant', name: tenant, tenant, fields };
    yield* tlsThings(targets, tenant, tenant);
  }
}

function vswitchThings(vswitch: VswitchConfig): readonly Thing[] {
  const { name, tenant, controllers, listen, portIdentities } = vswitch;
  const thing = (kind: Kind, what: string, fields: Fields = {}): Thing => {
    return { kind, name: `${name}${what}`, tenant, fields };
  };
  return [
    thing('vswitch', '', fieldsOf(vswitch, vswitchRows)),
    ...controllers.map((one) => thing('controller', ` ${targetText(one)}`)),
    ...listen.map((one) => thing('listener', ` ${listenText(one)}`)),
    ...[...portIdentities].map(([vport, one]) => {
      return thing('vport', `:${vportText(vport)}`, fieldsOf(one, portIdentityRows));
    }),
  ];
}

/** The keys that those of the targets have that are served over TLS. */
function tlsThings(targets: readonly Target[], name: string, tenant?: string): readonly Thing[] {
  const tls = tlsOf(targets);
  if (tls === undefined) return [];
  const whose = tenant === undefined ? {} : { tenant };
  return [{ kind: 'tls', name, ...whose, fields: fieldsOf(tls, tlsRows) }];
}

function changeOf(before: Thing | undefined, after: Thing | undefined): readonly Change[] {
  if (after === undefined) return before ? [{ ...before, type: 'removed' }] : [];
  if (before === undefined) return [{ ...after, type: 'added' }];
  const names = new Set([...Object.keys(before.fields), ...Object.keys(after.fields)]);
  const fields = [...names].flatMap((field): readonly FieldChange[] => {
    const from = before.fields[field];
    const to = after.fields[field];
    if (from !== undefined && to !== undefined && isSame(from, to)) return [];
    return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
  });
  return fields.length === 0 ? [] : [{ ...after, type: 'changed', fields }];
}

function byKind(one: Change, other: Change): number {
  const byOrder = kinds.indexOf(one.kind) - kinds.indexOf(other.kind);
  return byOrder === 0 ? compare(one.name, other.name) : byOrder;
}

/** `s2` before `s10`; the same on every machine. */
function compare(one: string, other: string): number {
  return collator.compare(one, other) || (one < other ? -1 : 1);
}

const collator = new Intl.Collator('en', { numeric: true });

/** Says of what was added which of those that were removed it seems to be. */
function* withRenamed(changes: readonly Change[]): Steps<Difference> {
  const vswitches = new Map<string, Change[]>();
  yield* withEach(changes, (one) => {
    const { kind, tenant = '' } = one;
    if (kind !== 'vswitch') return;
    const own = vswitches.get(tenant);
    if (own === undefined) vswitches.set(tenant, [one]);
    else own.push(one);
  });
  const before = new Map<string, Change>();
  yield* withEach(changes, (one) => {
    const mark = one.type === 'removed' ? markOf(one, vswitches) : undefined;
    if (mark !== undefined && !before.has(mark)) before.set(mark, one);
  });
  return yield* mapped(changes, (one): Change => {
    const was = one.type === 'added' ? before.get(markOf(one, vswitches) ?? '') : undefined;
    return one.type !== 'added' || was === undefined ? one : { ...one, renamed: was.name };
  });
}

/**
 * What a thing keeps when its name changes, and shares with no other of its kind. `vswitches`:
 * those that are changed, by tenant.
 */
function markOf(
  { kind, name, tenant, fields }: Change,
  vswitches: ReadonlyMap<string, readonly Change[]>,
): string | undefined {
  const field = (of: object, key: string) => JSON.stringify((of as Fields)[key]);
  if (kind === 'datapath') return `${kind} ${field(fields, 'dpid')}`;
  if (kind === 'vswitch') return `${kind} ${tenant} ${field(fields, 'dpid')}`;
  if (kind === 'host') return `${kind} ${field(fields, 'at')}`;
  if (kind !== 'tenant') return undefined;
  const own = vswitches.get(name) ?? [];
  return `${kind} ${own.map((one) => `${bareName(one.name)} ${field(one.fields, 'dpid')}`)}`;
}
