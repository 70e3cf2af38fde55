/**
 * Checks a configuration file: a plain tree in, a `Config` out.
 *
 * Every problem of the file is reported at once, each with its path in the file and what to do.
 * Nothing here knows YAML: the shell parses the text with every scalar kept as a string, so that
 * `0000000000000010` stays what was written. What the names mean is snapshot.ts's affair.
 */

import { type DatapathName, endText, isSameEnd } from '../ids.ts';
import { limits } from '../limits.ts';
import { readApi } from './api.ts';
import { checkBandwidths } from './bandwidth.ts';
import {
  bandwidthsOf,
  checkPortNumbers,
  type Known,
  knownIn,
  pairText,
  readDpid,
  readLinkItems,
  readName,
  readPhysicalEnd,
} from './config-names.ts';
import { readDrivers } from './drivers.ts';
import { readEvacuateOn, readImportance } from './evacuate-on.ts';
import { cableReading, checkSpread, checkWishes, readFailover } from './failover.ts';
import { Listeners } from './listeners.ts';
import { checkOffers, readOffers } from './offers.ts';
import { readOnIdle } from './on-idle.ts';
import { readOptimize } from './optimize.ts';
import { readQuotas } from './quota-reader.ts';
import { type Problem, Reader } from './reader.ts';
import { countedNames, readAmounts } from './reservations.ts';
import { type Named, readSchedules } from './schedules.ts';
import { readStore } from './store-sync.ts';
import { isUnix, type Target, whyNoSocket } from './target.ts';
import { readTenants } from './tenants.ts';
import { readTls, readWanted, type TlsFiles } from './tls.ts';
import { checkTunnels, parseOvsdb, tunnelsOf } from './tunnels.ts';
import type {
  AckLevel,
  Config,
  DatapathConfig,
  EncodingName,
  PhysicalEnd,
  ReadLink,
  VirtualEnd,
  VlanRange,
} from './values.ts';
import { readMeasuring, readMigrationsKept, readZones } from './zones.ts';

export { type Problem, problemText } from './reader.ts';
export type * from './values.ts';

const encodingNames: readonly EncodingName[] = ['pipeline', 'flat'];

export const DEFAULT_ACK: AckLevel = { type: 'automatic' };

/**
 * Checks a parsed file that is in `folder`. `ownAddresses` are this machine's, to refuse
 * controllers that are us.
 */
export function readConfig(
  tree: unknown,
  ownAddresses: readonly string[],
  folder = '.',
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const top = new Reader(tree, '', problems);
  top.onlyKeys([
    ...['listen', 'control', 'store', 'tls', 'api', 'offers', 'quotas'],
    ...['datapaths', 'links', 'failover', 'drivers', 'zones', 'migrations'],
    ...['traffic', 'schedules', 'on-idle', 'evacuate-on', 'optimize', 'tenants'],
  ]);
  const tls = readTls(top.optional('tls'), folder);
  const listen = readListen(top, tls);
  const datapathsAt = top.required('datapaths');
  const entries = datapathsAt.entries();
  // Who has a problem is there all the same: no second problem where somebody names it.
  const names = entries.map(([key]) => key as DatapathName);
  const known = knownIn(datapathsAt, names);
  const datapaths = readDatapaths(entries);
  const links = readLinks(top.optional('links'), known);
  const control = readControl(top, folder);
  const ours = [...listen, { path: control }];
  const api = readApi(top.optional('api'), new Listeners(ours), tls);
  const tenants = top.required('tenants');
  const read = readTenants(tenants, known, { ours, api }, ownAddresses, folder, tls);
  const { vswitches, hosts, vlinks, tenantLimits } = read;
  const zones = readZones(top.optional('zones'), known);
  const config: Config = {
    ...{ listen, control, api },
    ...readStore(top.optional('store')),
    datapaths,
    links: links.map((link) => link.ends),
    linkBandwidths: bandwidthsOf(links),
    ...numbersOf(links),
    tunnels: tunnelsOf(links),
    failover: readFailover(top.optional('failover')),
    drivers: readDrivers(top.optional('drivers')),
    zones,
    migrationsKept: readMigrationsKept(top.optional('migrations')),
    measuring: readMeasuring(top.optional('traffic')),
    ...readRemaps(top, tenants, { vswitches, datapaths: known, zones }, folder),
    vswitches,
    hosts,
    vlinks: vlinks.map((one) => one.ends),
    pathWishes: new Map(vlinks.flatMap(({ ends, wish }) => entryOf(ends, wish))),
    ledOver: new Map(),
    told: new Map(),
    tenantLimits,
    vlinkBandwidths: bandwidthsOf(vlinks),
  };
  checkPortNumbers(datapaths, links, hosts, problems);
  checkPorts(config, links, vlinks, problems);
  problems.push(...checkTunnels(config, links));
  checkWishes(vlinks, vswitches, problems);
  checkSpread(config, vlinks, problems);
  checkCertificates(entries, datapaths, listen, problems);
  checkBandwidths(config, problems);
  return problems.length > 0 ? { problems } : { config };
}

/** What moves by itself, and who is told of what carries nothing then; what owners may have. */
function readRemaps(top: Reader, tenants: Reader, named: Named, folder: string) {
  const { vswitches, datapaths, zones } = named;
  const onIdle = readOnIdle(top.optional('on-idle'));
  const evacuateOn = readEvacuateOn(top.optional('evacuate-on'), datapaths, zones);
  const optimize = readOptimize(top.optional('optimize'), vswitches);
  const offers = readOffers(top.optional('offers'), datapaths);
  return {
    offers,
    quotas: readQuotas(top.optional('quotas'), { offers, zones, datapaths, folder }),
    schedules: readSchedules(top.optional('schedules'), named),
    importance: readImportance(tenants),
    ...(onIdle && { onIdle }),
    ...(evacuateOn && { evacuateOn }),
    ...(optimize && { optimize }),
  };
}

function readListen(top: Reader, tls: TlsFiles | undefined): readonly Target[] {
  const at = top.optional('listen');
  if (at === undefined) return [6653, 6633].map((port) => ({ host: '0.0.0.0', port }));
  at.items('is an empty list; write [ptcp:6653], or leave it out');
  return new Listeners([]).read(at, 'switches', tls);
}

/** A relative path is beside the file, as all that the file names. */
function readControl(top: Reader, folder: string): string {
  const at = top.optional('control');
  const text = at?.text();
  if (text === undefined) return '/run/limevisor.sock';
  const path = text.startsWith('/') ? text : `${folder}/${text}`;
  const why = whyNoSocket(path);
  if (why !== undefined) at?.problem(why);
  return path;
}

function readDatapaths(entries: readonly (readonly [string, Reader])[]): readonly DatapathConfig[] {
  const seen = new Map<bigint, string>();
  return entries.flatMap(([key, entry]) => {
    entry.onlyKeys(['dpid', 'ack', 'certificate', 'encoding', 'capacity', 'ovsdb']);
    const name = readName(entry, key);
    const dpid = readDpid(entry.required('dpid'));
    const ack = entry.optional('ack')?.parsed(parseAck)[0] ?? DEFAULT_ACK;
    if (name === undefined || dpid === undefined) return [];
    const twin = seen.get(dpid);
    if (twin !== undefined) {
      entry.problem(`has the same dpid as ${twin}; every datapath needs one of its own`);
    }
    seen.set(dpid, name);
    const certificate = readWanted(entry.optional('certificate'));
    const encoding = entry.optional('encoding')?.parsed(parseEncoding)[0];
    const capacity = readAmounts(entry.optional('capacity'), countedNames);
    const ovsdb = entry.optional('ovsdb')?.parsed(parseOvsdb)[0];
    const optional = {
      ...(certificate && { certificate }),
      ...(encoding && { encoding }),
      ...(capacity && { capacity }),
      ...(ovsdb && { ovsdb }),
    };
    return [{ name: name as DatapathName, dpid, ack, ...optional }];
  });
}

function parseEncoding(text: string) {
  const value = encodingNames.find((one) => one === text);
  if (value !== undefined) return { ok: true, value } as const;
  return {
    ok: false,
    why: `"${text}" is not an encoding; write ${encodingNames.join(' or ')}`,
  } as const;
}

function parseAck(text: string) {
  const settle = /^settle ([0-9]{1,9}) ?ms$/.exec(text);
  if (text === 'automatic' || text === 'barrier' || text === 'canary') {
    return { ok: true, value: { type: text } as AckLevel } as const;
  }
  if (settle !== null && Number(settle[1]) <= limits.settleMsMax) {
    return {
      ok: true,
      value: { type: 'settle', settleMs: Number(settle[1]) } as AckLevel,
    } as const;
  }
  const proof = /^proof (\/.+)$/.exec(text);
  if (proof !== null) {
    return { ok: true, value: { type: 'proof', unixctl: proof[1] ?? '' } as AckLevel } as const;
  }
  const longest = `at most ${limits.settleMsMax}ms`;
  if (text.startsWith('settle')) {
    const why = `"${text}" is not a settle time; use ms: settle 60ms (${longest})`;
    return { ok: false, why } as const;
  }
  return {
    ok: false,
    why:
      `"${text}" is not an acknowledgement; write automatic, canary, barrier, ` +
      'settle 60ms, or proof /path/to/vswitchd.ctl',
  } as const;
}

function readLinks(
  at: Reader | undefined,
  known: Known<DatapathName>,
): readonly ReadLink<PhysicalEnd>[] {
  return readLinkItems(
    at,
    (item, text) => readPhysicalEnd(item, text, known),
    ([one, other]) => {
      return isSameEnd(one, other) ? 'joins a port to itself; a link needs two ports' : undefined;
    },
    cableReading,
  );
}

/** What some cables cost, and how long frames may be there. */
function numbersOf(links: readonly ReadLink<PhysicalEnd>[]) {
  return {
    linkCosts: new Map(links.flatMap(({ ends, cost }) => entryOf(ends, cost))),
    linkMtus: new Map(links.flatMap(({ ends, mtu }) => entryOf(ends, mtu))),
  };
}

/** By the ends of a link, whichever comes first. */
function entryOf<T>(
  ends: readonly (PhysicalEnd | VirtualEnd)[],
  value: T | undefined,
): readonly (readonly [string, T])[] {
  return value === undefined ? [] : [[pairText(ends), value]];
}

/** Whoever must show a certificate needs a place for it; an address with problems may be one. */
function checkCertificates(
  entries: readonly (readonly [string, Reader])[],
  datapaths: readonly DatapathConfig[],
  listen: readonly Target[],
  problems: readonly Problem[],
): void {
  if (problems.some(({ path }) => path.startsWith('listen'))) return;
  if (listen.some((at) => !isUnix(at) && at.tls !== undefined)) return;
  const places = new Map(entries);
  for (const { name, certificate } of datapaths) {
    if (certificate === undefined) continue;
    const at = places.get(name);
    at?.problem('requires a certificate, but "listen" has no pssl:PORT; add one');
  }
}

/** The one VLAN of a host, as a range. */
export function ranged(vlan: number | undefined): VlanRange | undefined {
  return vlan === undefined ? undefined : { first: vlan, last: vlan };
}

/** No port, physical or virtual, serves two masters, nor does a VLAN of a physical one. */
function checkPorts(
  config: Pick<Config, 'hosts' | 'links' | 'offers'>,
  links: readonly ReadLink<PhysicalEnd>[],
  vlinks: readonly ReadLink<VirtualEnd>[],
  problems: Problem[],
): void {
  const users = new Map<string, string>();
  const claim = (kind: string, end: PhysicalEnd | VirtualEnd, path: string): boolean => {
    const key = `${kind} ${endText(end)}`;
    const other = users.get(key);
    if (other !== undefined) {
      problems.push({ path, why: `uses the ${key}, which ${other} uses already; choose another` });
    }
    users.set(key, path);
    return other === undefined;
  };
  for (const { ends, path } of links) for (const end of ends) claim('port', end, path);
  const shared = new Map<string, string>();
  for (const { name, at, offers = [at], vlan, vlans = ranged(vlan), port } of config.hosts) {
    const path = `tenants.${name.replace('/', '.hosts.')}`;
    for (const one of offers) {
      const place = endText(one);
      if (vlans === undefined) claim('port', one, path);
      else {
        let vid = vlans.first;
        while (vid <= vlans.last && claim(`VLAN ${vid} of port`, one, path)) vid += 1;
        if (!shared.has(place)) shared.set(place, path);
      }
    }
    claim('vport', port, path);
  }
  for (const [place, path] of shared) {
    const other = users.get(`port ${place}`);
    if (other === undefined) continue;
    problems.push({
      path,
      why: `uses a VLAN of the port ${place}, which ${other} uses whole; write a VLAN for both`,
    });
  }
  for (const { ends, path } of vlinks) for (const end of ends) claim('vport', end, path);
  checkOffers(config, problems);
}
