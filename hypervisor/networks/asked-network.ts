/**
 * An owner's request for a network, read like a tenant of a file: in a configuration that has only
 * that tenant, with all hosts at made-up ports. So its mistakes are found as those of a file are,
 * and no message about them has a physical name.
 */
import { type Problem, problemText, readConfig } from '../../slices/config/config.ts';
import { type Fields, fieldsOf, type Tree, tlsRows } from '../../slices/config/config-fields.ts';
import { networkKeys } from '../../slices/config/owned.ts';
import { fieldsIn } from '../../slices/config/packages.ts';
import { type Counts, type Quota, whyNotDialled } from '../../slices/config/quotas.ts';
import { Reader } from '../../slices/config/reader.ts';
import {
  type InetTarget,
  isUnix,
  listenText,
  type Target,
  targetText,
} from '../../slices/config/target.ts';
import { tableKinds } from '../../slices/config/tenant-limits.ts';
import type { Config, Offer } from '../../slices/config/values.ts';
import { endText } from '../../slices/ids.ts';
import { ownAddresses } from '../world/local-addresses.ts';

/** Problems are a line each, in words that have nothing physical. */
export interface Problems {
  readonly problems: readonly string[];
}

export interface ReadAsked {
  readonly asked: Fields;
  /** By host, the offer that it is to take. */
  readonly offers: Readonly<Record<string, string>>;
  /** What it takes of its owner's quota. */
  readonly counts: Counts;
}

/** What is allowed, and where we listen ourselves. */
export interface Terms {
  readonly quota: Quota;
  readonly ours: Pick<Config, 'listen' | 'api'>;
}

/** Deeper than any network. */
const DEPTH_MAX = 8;

/** What came as JSON, as the reader of files has it: numbers and words are texts. */
function treeIn(value: unknown, depth = 0): Tree | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return undefined;
  if (Array.isArray(value)) {
    const all = value.flatMap((one) => treeIn(one, depth + 1) ?? []);
    return all.length === value.length ? all : undefined;
  }
  const own = Object.entries(value).map(([key, one]) => [key, treeIn(one, depth + 1)] as const);
  if (own.some(([, tree]) => tree === undefined)) return undefined;
  return Object.fromEntries(own) as Fields;
}

/** Of an owner with this quota; `name` is the tenant's. */
export function readAsked(
  name: string,
  value: unknown,
  { quota, ours }: Terms,
): ReadAsked | Problems {
  const tree = treeIn(value);
  if (tree === undefined || typeof tree === 'string') {
    return { problems: ['a network is a map with "vswitches", "hosts" and "controllers"'] };
  }
  const problems: Problem[] = [];
  checkKeys(new Reader(tree, '', problems));
  if (problems.length > 0) return { problems: problems.map(problemText) };
  const asked = withDpids(fieldsIn(tree));
  const hosts = Object.entries(fieldsIn(asked['hosts']));
  const offers = hosts.map(([host, own]) => {
    const { offer = host } = fieldsIn(own);
    return [host, String(offer)] as const;
  });
  const read = readConfig(madeUp(name, asked, { quota, ours }), ownAddresses(), '/');
  if ('problems' in read) return { problems: read.problems.map((one) => bareText(name, one)) };
  const why = whyNotReached(read.config, quota);
  if (why.length > 0) return { problems: why };
  const { vswitches, vlinks } = read.config;
  const tables = tablesOf(asked, quota);
  const sizes = { vswitches: vswitches.length, hosts: hosts.length, links: vlinks.length };
  const counts = { networks: 1, ...sizes, ...tables };
  return { asked, offers: Object.fromEntries(offers), counts };
}

function checkKeys(at: Reader): void {
  at.onlyKeys(networkKeys);
  for (const [, one] of at.required('vswitches').entries()) {
    one.onlyKeys(['dpid', 'on', 'place', 'consistency', 'controllers', 'ports']);
    for (const key of ['on', 'place']) {
      const word = one.optional(key);
      if (word !== undefined && !word.isText('auto')) word.problem('is auto, or left out');
    }
  }
  for (const [, one] of at.optional('hosts')?.entries() ?? []) {
    one.onlyKeys(['port', 'offer']);
    one.optional('offer')?.text();
  }
  for (const one of at.optional('links')?.items() ?? []) if (one.isMap) one.onlyKeys(['ends']);
  at.optional('limits')?.onlyKeys(tableKinds);
}

/** Who says no dpid gets the lowest that is free. */
function withDpids(tree: Fields): Fields {
  const all = Object.entries(fieldsIn(tree['vswitches']));
  const used = new Set(all.map(([, own]) => String(fieldsIn(own)['dpid'] ?? '')));
  let next = 1;
  const vswitches = all.map(([name, own]) => {
    const fields = fieldsIn(own);
    while (used.has(String(next))) next += 1;
    if (fields['dpid'] !== undefined) return [name, fields] as const;
    used.add(String(next));
    return [name, { dpid: String(next), ...fields }] as const;
  });
  return { ...tree, vswitches: Object.fromEntries(vswitches) };
}

const places = ['here', 'there'] as const;

/** A file that has this network and places that are nowhere. */
function madeUp(name: string, asked: Fields, { quota, ours: { listen, api } }: Terms): Fields {
  const hosts = Object.entries(fieldsIn(asked['hosts'])).map(([host, own], i): [string, Fields] => {
    const { offer: _, ...fields } = fieldsIn(own);
    return [host, { ...fields, at: `${places[i % 2]}:${i + 1}` }];
  });
  const datapaths = Object.fromEntries(places.map((place, i) => [place, { dpid: String(i + 1) }]));
  const tenant = { ...placed(asked), ...tlsOf(quota), hosts: Object.fromEntries(hosts) };
  const own = [...listen, ...api].flatMap((one) => (isUnix(one) ? [] : [plainText(one)]));
  return { listen: own, datapaths, tenants: { [name]: tenant } };
}

/** With what their controllers over TLS are met. */
function tlsOf({ tls }: Pick<Quota, 'tls'>): Fields {
  return tls === undefined ? {} : { tls: fieldsOf(tls, tlsRows) };
}

function plainText({ host, port }: InetTarget): string {
  return listenText({ host, port });
}

/** Each vswitch is placed for its owner, alone or on many datapaths. */
function placed(asked: Fields, on: ReadonlyMap<string, string> = new Map()): Fields {
  const vswitches = Object.entries(fieldsIn(asked['vswitches'])).map(([vswitch, own]) => {
    const { on: said, place: _, ...fields } = fieldsIn(own);
    const chosen = on.get(vswitch);
    const where =
      said === undefined ? { place: 'auto', ...(chosen && { on: chosen }) } : { on: said };
    return [vswitch, { ...fields, ...where }] as const;
  });
  return { ...asked, vswitches: Object.fromEntries(vswitches) };
}

/** As a file has it: with the ports of its offers, limits of its quota, and places if known. */
export function fileOf(
  { asked, offers }: Pick<ReadAsked, 'asked' | 'offers'>,
  { known, quota }: { readonly known: Config['offers']; readonly quota: Quota },
  on: ReadonlyMap<string, string> = new Map(),
): Fields {
  const ports: string[] = [];
  const hosts = Object.entries(fieldsIn(asked['hosts'])).map(([host, own]): [string, Fields] => {
    const { port = '' } = fieldsIn(own);
    ports.push(String(port));
    const offer = known.get(offers[host] ?? '');
    return [host, { port, ...(offer && plugFields(offer)) }];
  });
  const { bandwidth } = quota;
  const rate = bandwidth && `${bandwidth.kbps}k burst ${bandwidth.burstKbit}kbit`;
  const own = {
    ...Object.fromEntries(Object.entries(tablesOf(asked, quota)).map(([k, n]) => [k, String(n)])),
    ...(rate && { bandwidth: Object.fromEntries(ports.map((port) => [port, rate])) }),
  };
  const { limits: _, ...rest } = placed(asked, on);
  return {
    ...rest,
    ...tlsOf(quota),
    hosts: Object.fromEntries(hosts),
    ...(Object.keys(own).length > 0 && { limits: own }),
  };
}

function plugFields({ at, vlan }: Offer): Fields {
  return { at: endText(at), ...(vlan !== undefined && { vlan: String(vlan) }) };
}

/** What it may make of each kind: as asked for, or its share of what its owner has. */
function tablesOf(asked: Fields, { counts }: Quota): Counts {
  const own = fieldsIn(asked['limits']);
  const all = tableKinds.flatMap((kind) => {
    const share = counts[kind] === undefined ? [] : [shareOf(counts[kind], counts.networks)];
    const said = own[kind];
    return (said === undefined ? share : [Number(said)]).map((count) => [kind, count] as const);
  });
  return Object.fromEntries(all);
}

function shareOf(whole: number, networks = 1): number {
  return Math.floor(whole / Math.max(1, networks));
}

/** Where controllers may be: each is an address, and the operator's own are nobody's. */
function whyNotReached({ vswitches }: Pick<Config, 'vswitches'>, quota: Quota): readonly string[] {
  const all = new Map<string, Target>();
  for (const { controllers } of vswitches)
    for (const one of controllers) all.set(targetText(one), one);
  return [...all].flatMap(([text, target]) => {
    if (isUnix(target)) return [`${text} is a socket of the machine; write tcp:ADDRESS:PORT`];
    const why = whyNotDialled(target.host, quota, ownAddresses());
    return why === undefined ? [] : [`controller ${text} ${why}`];
  });
}

/** As it stands in what its owner wrote. */
function bareText(name: string, problem: Problem): string {
  const prefix = `tenants.${name}`;
  const { path } = problem;
  const bare = path === prefix ? 'network' : path.replace(`${prefix}.`, '');
  // Keys and datapaths are the operator's, so an owner has none to add.
  const why = problem.why
    .replace(
      /needs TLS keys;.*/,
      'is over TLS, for which your quota has no keys; write tcp:ADDRESS:PORT',
    )
    .replace('; name datapaths', '; plug one in there, or leave "on" out');
  return problemText({ path: bare, why: why.replaceAll(`${name}/`, '') });
}

/** Controllers for all its vswitches, read as those of a network; or what is wrong with them. */
export function readControllers(
  name: string,
  asked: Fields,
  controllers: readonly string[],
  { quota, ours }: Terms,
): { readonly asked: Fields; readonly targets: readonly Target[] } | Problems {
  const vswitches = Object.entries(fieldsIn(asked['vswitches'])).map(([vswitch, own]) => {
    const { controllers: _, ...fields } = fieldsIn(own);
    return [vswitch, fields] as const;
  });
  const tree = { ...asked, controllers, vswitches: Object.fromEntries(vswitches) };
  const read = readConfig(madeUp(name, tree, { quota, ours }), ownAddresses(), '/');
  if ('problems' in read) return { problems: read.problems.map((one) => bareText(name, one)) };
  const why = whyNotReached(read.config, quota);
  if (why.length > 0) return { problems: why };
  return { asked: tree, targets: read.config.vswitches[0]?.controllers ?? [] };
}
