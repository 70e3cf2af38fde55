/**
 * A tenant's network in a form that can be moved elsewhere: the tenant's own part, and apart from
 * it, as hints, the names of this physical network and of the tenant's surroundings.
 *
 *   a tenant's tree of the file  --packed-->  network, hints  --unpacked-->  another tenant's tree
 *
 * Trees are those of the file (config-print.ts), so what a package holds is what a person would
 * write; but hosts have no `at` in `network`.
 */
import type { DatapathName } from '../ids.ts';
import type { Fields, Tree } from './config-fields.ts';
import { fileTree } from './config-print.ts';
import { ofTenants } from './config-tenants.ts';
import type { Config, Schedule } from './values.ts';

/** Keys of the file that are no tenant's own, where they stand. */
const elsewhere = {
  tenant: ['controllers', 'tls'],
  vswitch: ['on', 'partial', 'place', 'controllers', 'listen'],
  host: ['at', 'vlan', 'vlans', 'queues'],
  link: ['via', 'avoid'],
  limits: ['on'],
  schedule: ['to', 'away-from'],
} as const satisfies Record<string, readonly string[]>;

type Part = keyof typeof elsewhere;

export interface Packed {
  readonly network: Fields;
  /** The same with the other keys; links by their ends. */
  readonly hints: Fields;
  /** By their names. */
  readonly schedules: Fields;
  /** What is not in it, a line each. */
  readonly leftOut: readonly string[];
}

/** A tenant of the configuration. */
export function packed(config: Config, tenant: string): Packed {
  const own = ofTenants(config, new Set([tenant]));
  const tree = under(fileTree(own), 'tenants', tenant);
  const [head, headHints] = apart(tree, 'tenant');
  const bigs = new Set(own.vswitches.flatMap(({ name, members }) => (members ? [name] : [])));
  const vswitches = mapped(tree['vswitches'], 'vswitch');
  const hosts = mapped(tree['hosts'], 'host');
  const [limits, limitHints] = apart(fieldsIn(tree['limits']), 'limits');
  const links = listIn(tree['links']).map((link) => apart(linkFieldsOf(link), 'link'));
  const placed = Object.entries(vswitches.own).map(([name, fields]): [string, Tree] => {
    const isBig = bigs.has(`${tenant}/${name}` as (typeof own.vswitches)[number]['name']);
    const isCounted = 'bodies' in fieldsIn(fields);
    const place: Fields = isCounted ? {} : isBig ? { on: 'auto' } : { place: 'auto' };
    return [name, { ...fieldsIn(fields), ...place }];
  });
  const network = {
    ...head,
    vswitches: Object.fromEntries(placed),
    ...some('hosts', hosts.own),
    ...(links.length > 0 && { links: links.map(([fields]) => linkTree(fields)) }),
    ...some('limits', limits),
  };
  const paths = links.flatMap(([{ ends }, hints]) => {
    return Object.keys(hints).length === 0 ? [] : [[String(ends), hints] as const];
  });
  const hints = {
    ...headHints,
    ...some('vswitches', vswitches.hints),
    ...some('hosts', hosts.hints),
    ...some('links', Object.fromEntries(paths)),
    ...some('limits', limitHints),
  };
  return { network, hints, ...schedulesOf(config, tenant) };
}

/** Those that move nothing but this tenant's. */
function schedulesOf(config: Config, tenant: string): Pick<Packed, 'schedules' | 'leftOut'> {
  const isOwn = (name: string): boolean => name === tenant || name.startsWith(`${tenant}/`);
  const about = config.schedules.filter(({ moves }) => moves.some(isOwn));
  const whole = (one: Schedule): boolean => one.moves.every(isOwn);
  const trees = fieldsIn(fileTree(config)['schedules']);
  const own = about.filter(whole).map(({ name }) => [name, trees[name] ?? {}] as const);
  const leftOut = about.flatMap((one) => {
    return whole(one) ? [] : [`schedule ${one.name}, which moves others than ${tenant}, too`];
  });
  return { schedules: Object.fromEntries(own), leftOut };
}

/** How a package is to become a tenant. */
export interface Unpacking {
  /** The tenant's name in the package. */
  readonly from: string;
  readonly as: string;
  /** Hints are followed: it is where it was, with the controllers that it had. */
  readonly asItWas: boolean;
  readonly controllers: readonly string[];
  /** By vswitch, what stands in the file for where it is to live. */
  readonly on: ReadonlyMap<string, Fields>;
  /** By host, the port where it is plugged in. */
  readonly at: ReadonlyMap<string, string>;
}

/** The tenant's tree in the file, and schedules; of hosts without a port nothing. */
export function unpacked(
  { network, hints, schedules }: Pick<Packed, 'network' | 'hints' | 'schedules'>,
  how: Unpacking,
): { readonly tenant: Fields; readonly schedules: Fields } {
  const tree = how.asItWas ? withHints(network, hints) : network;
  const vswitches = Object.entries(fieldsIn(tree['vswitches'])).map(([name, own]) => {
    const place = how.on.get(name);
    return [name, place === undefined ? own : { ...without(own, ['on', 'place']), ...place }];
  });
  const hosts = Object.entries(fieldsIn(tree['hosts'])).flatMap(([name, own]) => {
    const at = how.at.get(name) ?? fieldsIn(own)['at'];
    return at === undefined ? [] : [[name, { ...fieldsIn(own), at }]];
  });
  const { controllers } = how;
  const tenant = {
    ...without(tree, ['hosts']),
    ...(controllers.length > 0 && { controllers }),
    vswitches: Object.fromEntries(
      controllers.length > 0
        ? vswitches.map(([name, own]) => [name, without(own as Tree, ['controllers'])])
        : vswitches,
    ) as Fields,
    ...some('hosts', Object.fromEntries(hosts) as Fields),
  };
  const renamed = Object.entries(schedules).map(([name, own]): [string, Tree] => {
    const fields = how.asItWas ? fieldsIn(own) : without(own, elsewhere.schedule);
    const moves = listIn(fields['move']).map((one) => renamedTo(how, String(one)));
    return [how.as === how.from ? name : `${how.as}-${name}`, { ...fields, move: moves }];
  });
  return { tenant, schedules: Object.fromEntries(renamed) };
}

/** Names in the package, of vswitches and hosts. */
export function namesIn(network: Fields, kind: 'vswitches' | 'hosts'): readonly string[] {
  return Object.keys(fieldsIn(network[kind]));
}

/** Which vswitch a host of the package has a port of. */
export function vswitchOfHost(network: Fields, host: string): string {
  const port = under(network, 'hosts', host)['port'];
  return String(port).split(':')[0] ?? '';
}

/** Whether it is a switch over several datapaths, which follow from its hosts if nobody says. */
export function isBigIn(network: Fields, vswitch: string): boolean {
  const fields = under(network, 'vswitches', vswitch);
  return fields['on'] === 'auto' || 'bodies' in fields;
}

/** Where a vswitch lives, as the file has it: one datapath, several as members, or any of these. */
export function placeFields(
  names: readonly DatapathName[],
  kind: 'members' | 'any',
): { readonly fields: Fields; readonly among?: readonly DatapathName[] } {
  const [only, ...rest] = names;
  if (only !== undefined && rest.length === 0) return { fields: { on: only } };
  if (kind === 'members') return { fields: { on: names } };
  return { fields: { place: 'auto' }, among: names };
}

function renamedTo({ from, as }: Unpacking, name: string): string {
  return name === from ? as : `${as}/${name.slice(from.length + 1)}`;
}

/** What is hinted at stands where it stood. */
function withHints(network: Fields, hints: Fields): Fields {
  const both = (key: string): Fields => {
    const [own, more] = [fieldsIn(network[key]), fieldsIn(hints[key])];
    const names = Object.keys(own);
    const trees = names.map((name) => [name, joined(own[name], more[name])] as const);
    return Object.fromEntries(trees);
  };
  const paths = fieldsIn(hints['links']);
  const links = listIn(network['links']).map((link) => {
    const fields = linkFieldsOf(link);
    return linkTree({ ...fields, ...fieldsIn(paths[String(fields['ends'])]) });
  });
  return {
    ...network,
    ...without(hints, ['vswitches', 'hosts', 'links', 'limits']),
    vswitches: both('vswitches'),
    ...some('hosts', both('hosts')),
    ...(links.length > 0 && { links }),
    ...some('limits', joined(network['limits'], hints['limits'])),
  };
}

function joined(own: Tree | undefined, hint: Tree | undefined): Fields {
  const [fields, more] = [fieldsIn(own), fieldsIn(hint)];
  // Where it was is said: nothing is chosen.
  const kept = 'on' in more && !('place' in more) ? without(fields, ['place']) : fields;
  return { ...kept, ...more };
}

function apart(fields: Fields, part: Part): readonly [own: Fields, hints: Fields] {
  const keys: readonly string[] = elsewhere[part];
  const entries = Object.entries(fields);
  return [
    Object.fromEntries(entries.filter(([key]) => !keys.includes(key) && !hasParts(key))),
    Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
  ];
}

/** What is taken apart by itself. */
function hasParts(key: string): boolean {
  return ['vswitches', 'hosts', 'links', 'limits'].includes(key);
}

function mapped(tree: Tree | undefined, part: Part): { own: Fields; hints: Fields } {
  const all = Object.entries(fieldsIn(tree)).map(([name, one]) => {
    return [name, apart(fieldsIn(one), part)] as const;
  });
  const hinted = all.filter(([, [, hints]]) => Object.keys(hints).length > 0);
  return {
    own: Object.fromEntries(all.map(([name, [own]]) => [name, own])),
    hints: Object.fromEntries(hinted.map(([name, [, hints]]) => [name, hints])),
  };
}

function some(key: string, fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { [key]: fields };
}

function without(tree: Tree | undefined, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fieldsIn(tree)).filter(([key]) => !keys.includes(key)));
}

function linkFieldsOf(link: Tree): Fields {
  return typeof link === 'string' ? { ends: link } : fieldsIn(link);
}

function linkTree(fields: Fields): Tree {
  const { ends = '' } = fields;
  return Object.keys(fields).length === 1 ? ends : fields;
}

function under(fields: Fields, ...path: readonly string[]): Fields {
  return path.reduce((at, key) => fieldsIn(at[key]), fields);
}

/** A map of the file; what is none has no fields. */
export function fieldsIn(tree: Tree | undefined): Fields {
  return typeof tree === 'object' && !Array.isArray(tree) ? (tree as Fields) : {};
}

/** A list of the file; one value stands for a list of it. */
function listIn(tree: Tree | undefined): readonly Tree[] {
  if (Array.isArray(tree)) return tree as readonly Tree[];
  return typeof tree === 'string' ? [tree] : [];
}
