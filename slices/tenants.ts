/**
 * The tenants' part of the configuration file: vswitches, hosts, virtual links (config.ts).
 */
import type { Config, DatapathConfig, HostConfig, VirtualEnd, VswitchConfig } from './config.ts';
import {
  readDatapath,
  readDpid,
  readName,
  readPair,
  readPhysicalEnd,
  readVirtualEnd,
} from './ends.ts';
import { checkFaces, readFaces } from './faces.ts';
import type { DatapathName, VswitchName } from './ids.ts';
import { limits } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { Reader } from './reader.ts';
import { parseTarget, pointsAtUs, type Target } from './target.ts';
import { readTls, type TlsFiles } from './tls.ts';
import { readVersions } from './versions.ts';

export function readTenants(
  at: Reader,
  datapaths: readonly DatapathConfig[],
  listen: readonly Target[],
  ownAddresses: readonly string[],
  folder: string,
  tlsForAll: TlsFiles | undefined,
): Pick<Config, 'vswitches' | 'hosts' | 'vlinks'> {
  const known = new Set(datapaths.map((d) => d.name));
  const vswitches: VswitchConfig[] = [];
  const hosts: HostConfig[] = [];
  const vlinks: (readonly [VirtualEnd, VirtualEnd])[] = [];
  const listeners = new Listeners(listen);
  for (const [key, entry] of at.entries()) {
    entry.onlyKeys(['controllers', 'openflow', 'vswitches', 'hosts', 'links', 'tls']);
    const tenant = readName(entry, key);
    if (tenant === undefined) continue;
    const tls = readTls(entry.optional('tls'), folder) ?? tlsForAll;
    const readOwn = (one: Reader | undefined) => readControllers(one, listen, ownAddresses, tls);
    const controllers = readOwn(entry.optional('controllers'));
    const entries = entry.required('vswitches').entries();
    const versions = readVersions(entry.optional('openflow'));
    const own = readVswitches(entries, tenant, known, {
      controllers: (one) => (one === undefined ? controllers : readOwn(one)),
      listen: (one, owner) => listeners.read(one, owner, tls),
    }).map((one) => ({ ...one, versions }));
    vswitches.push(...own);
    const names = new Set(own.map((v) => v.name));
    const ownHosts = readHosts(entry.optional('hosts'), tenant, names, known);
    const ownLinks = readVlinks(entry.optional('links'), tenant, names);
    checkFaces(entries, own, ownHosts, ownLinks);
    hosts.push(...ownHosts);
    vlinks.push(...ownLinks);
  }
  if (vswitches.length > limits.vswitchesMax) {
    at.problem(`has ${vswitches.length} vswitches; at most ${limits.vswitchesMax} fit`);
  }
  return { vswitches, hosts, vlinks };
}

function readVswitches(
  entries: readonly (readonly [string, Reader])[],
  tenant: string,
  known: ReadonlySet<DatapathName>,
  read: {
    controllers(own: Reader | undefined): readonly Target[];
    listen(own: Reader | undefined, owner: string): readonly Target[];
  },
): readonly Omit<VswitchConfig, 'versions'>[] {
  const seen = new Map<bigint, string>();
  return entries.flatMap(([key, entry]) => {
    entry.onlyKeys(['dpid', 'on', 'controllers', 'listen', 'ports']);
    const name = readName(entry, key);
    const dpid = readDpid(entry.required('dpid'));
    const on = readDatapath(entry.required('on'), known);
    const controllers = read.controllers(entry.optional('controllers'));
    const listen = read.listen(entry.optional('listen'), `${tenant}/${key}`);
    const faces = readFaces(entry.optional('ports'));
    if (name === undefined || dpid === undefined || on === undefined) return [];
    const twin = seen.get(dpid);
    if (twin !== undefined) entry.problem(`has the same dpid as this tenant's ${twin}`);
    seen.set(dpid, name);
    const full = `${tenant}/${name}` as VswitchName;
    return [{ name: full, tenant, dpid, on, controllers, listen, faces }];
  });
}

function readControllers(
  at: Reader | undefined,
  listen: readonly Target[],
  ownAddresses: readonly string[],
  tls: TlsFiles | undefined,
): readonly Target[] {
  return (at?.items() ?? []).flatMap((item) => {
    const [target] = item.parsed((text) => parseTarget(text, tls));
    if (target === undefined) return [];
    if (pointsAtUs(target, listen, ownAddresses)) {
      item.problem("is Limevisor's own address for switches; name the tenant's controller");
      return [];
    }
    return [target];
  });
}

function readHosts(
  at: Reader | undefined,
  tenant: string,
  vswitches: ReadonlySet<VswitchName>,
  datapaths: ReadonlySet<DatapathName>,
): readonly HostConfig[] {
  return (at?.entries() ?? []).flatMap(([key, entry]) => {
    entry.onlyKeys(['port', 'at']);
    const portAt = entry.required('port');
    const port = readVirtualEnd(portAt, portAt.text(), tenant, vswitches);
    const placeAt = entry.required('at');
    const place = readPhysicalEnd(placeAt, placeAt.text(), datapaths);
    if (port === undefined || place === undefined) return [];
    return [{ name: `${tenant}/${key}`, port, at: place }];
  });
}

function readVlinks(at: Reader | undefined, tenant: string, known: ReadonlySet<VswitchName>) {
  return (at?.items() ?? []).flatMap((item) => {
    const ends = readPair(item, (text) => readVirtualEnd(item, text, tenant, known));
    if (ends === undefined) return [];
    if (ends[0].device === ends[1].device) {
      item.problem('joins a vswitch to itself; a virtual link needs two vswitches');
      return [];
    }
    return [ends];
  });
}
