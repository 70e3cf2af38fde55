/**
 * The tenants' part of the configuration file: vswitches, hosts, virtual links (config.ts).
 */

import { type DatapathName, isSameEnd, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { readBandwidths } from './bandwidth.ts';
import {
  isNetworkName,
  type Known,
  knownIn,
  readDpid,
  readLinkItems,
  readName,
  readPhysicalEnd,
  readVirtualEnd,
} from './config-names.ts';
import { wishReading } from './failover.ts';
import { Listeners } from './listeners.ts';
import { type Place, readPlace } from './members.ts';
import type { Parsed } from './parsed.ts';
import { checkPortIdentities, readPortIdentities } from './port-identity.ts';
import { readQueues } from './queues.ts';
import type { Reader } from './reader.ts';
import { readRedial } from './redial.ts';
import { countedNames, readAmounts, readBandwidth } from './reservations.ts';
import { parseTarget, pointsAtUs, type Target, targetText } from './target.ts';
import { isUnlimited, type TenantLimits } from './tenant-limits.ts';
import { readTenantLimits } from './tenant-limits-reader.ts';
import { readTls, type TlsFiles } from './tls.ts';
import type { HostConfig, ReadLink, VirtualEnd, VlanRange, VswitchConfig } from './values.ts';
import { readVersions } from './versions.ts';

interface ReadTenants {
  readonly vswitches: readonly VswitchConfig[];
  readonly hosts: readonly HostConfig[];
  readonly vlinks: readonly ReadLink<VirtualEnd>[];
  readonly tenantLimits: ReadonlyMap<string, TenantLimits>;
}

const tenantKeys = [
  ...['controllers', 'openflow', 'buffers', 'redial'],
  ...['vswitches', 'hosts', 'links', 'tls', 'limits', 'importance'],
];

const vswitchKeys = [
  ...['dpid', 'on', 'consistency', 'partial', 'bodies', 'place', 'reserve'],
  ...['controllers', 'listen', 'ports'],
];

/** `taken` are the addresses that are listened on for others than tenants. */
export function readTenants(
  at: Reader,
  known: Known<DatapathName>,
  taken: { readonly ours: readonly Target[]; readonly api: readonly Target[] },
  ownAddresses: readonly string[],
  folder: string,
  tlsForAll: TlsFiles | undefined,
): ReadTenants {
  const vswitches: VswitchConfig[] = [];
  const hosts: HostConfig[] = [];
  const vlinks: ReadLink<VirtualEnd>[] = [];
  const tenantLimits = new Map<string, TenantLimits>();
  const listeners = new Listeners(taken.ours, taken.api);
  const dialled: Dialled[] = [];
  for (const [key, entry] of at.entries()) {
    entry.onlyKeys(tenantKeys);
    const tenant = isNetworkName(key) ? key : readName(entry, key);
    if (tenant === undefined) continue;
    const tls = readTls(entry.optional('tls'), folder) ?? tlsForAll;
    const readOwn = (one: Reader | undefined) => readControllers(one, dialled, tls);
    const controllers = readOwn(entry.optional('controllers'));
    const vswitchesAt = entry.required('vswitches');
    const entries = vswitchesAt.entries();
    const versions = readVersions(entry.optional('openflow'));
    const [buffers = 0] = entry.optional('buffers')?.parsed(parseBuffers) ?? [];
    const redial = readRedial(entry.optional('redial'));
    const read = readVswitches(entries, tenant, known, {
      controllers: (one) => (one === undefined ? controllers : readOwn(one)),
      listen: (one, owner) => listeners.read(one, owner, tls),
    });
    const names = knownIn(
      vswitchesAt,
      entries.map(([name]) => `${tenant}/${name}` as VswitchName),
    );
    const ownHosts = readHosts(entry.optional('hosts'), tenant, names, known);
    const ownLinks = readVlinks(entry.optional('links'), tenant, names, known);
    const own = read.flatMap(({ place, ...one }) => {
      const where = place(ownHosts);
      return where === undefined ? [] : [{ ...one, ...where, versions, buffers, redial }];
    });
    vswitches.push(...own);
    const ends = ownLinks.map((one) => one.ends);
    checkPortIdentities(entries, own, ownHosts, ends);
    const limitsAt = entry.optional('limits');
    const metered = { hosts: ownHosts, links: ownLinks };
    const bandwidths = readBandwidths(limitsAt?.optional('bandwidth'), tenant, names, metered);
    const ownLimits = { ...readTenantLimits(limitsAt, known), bandwidths };
    if (!isUnlimited(ownLimits) && read.length > 0) tenantLimits.set(tenant, ownLimits);
    hosts.push(...ownHosts);
    vlinks.push(...ownLinks);
  }
  for (const { item, target } of dialled) {
    if (!pointsAtUs(target, listeners.like(target), ownAddresses)) continue;
    item.problem("is Limevisor's own address; name the tenant's controller");
  }
  if (vswitches.length > limits.vswitchesMax) {
    at.problem(`has ${vswitches.length} vswitches; the limit is ${limits.vswitchesMax}`);
  }
  return { vswitches, hosts, vlinks, tenantLimits };
}

/** How a host shares its port; nothing when it does not. */
function readVlans(entry: Reader): Pick<HostConfig, 'vlan' | 'vlans'> {
  const [vlan] = entry.optional('vlan')?.parsed(parseVlan) ?? [];
  const [vlans] = entry.optional('vlans')?.parsed(parseVlans) ?? [];
  if (vlan !== undefined && vlans !== undefined) {
    entry.problem('has "vlan" and "vlans"; write "vlan" for one whose tag comes off, or "vlans"');
  }
  return { ...(vlan !== undefined && { vlan }), ...(vlans !== undefined && { vlans }) };
}

function parseVlans(text: string): Parsed<VlanRange> {
  const parts = /^([0-9]{1,4})(?:-([0-9]{1,4}))?$/.exec(text);
  const first = Number(parts?.[1]);
  const last = Number(parts?.[2] ?? first);
  if (first >= 1 && first <= last && last <= limits.vlanMax) {
    return { ok: true, value: { first, last } };
  }
  const why = `"${text}" is not a range of VLANs; write 100-199, within 1 to ${limits.vlanMax}`;
  return { ok: false, why };
}

export function parseVlan(text: string): Parsed<number> {
  const number = /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= limits.vlanMax) return { ok: true, value: number };
  return { ok: false, why: `"${text}" is not a VLAN id; write 1 to ${limits.vlanMax}` };
}

function parseBuffers(text: string): Parsed<number> {
  const number = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= limits.buffersMax) return { ok: true, value: number };
  const why = `"${text}" is not a valid buffer count (0-${limits.buffersMax})`;
  return { ok: false, why };
}

/** Without what its tenant says for all; where it lives may follow from its hosts. */
interface ReadVswitch
  extends Pick<VswitchConfig, 'name' | 'tenant' | 'dpid' | 'controllers' | 'listen'>,
    Pick<VswitchConfig, 'portIdentities' | 'reserve'> {
  readonly place: Place;
}

function readVswitches(
  entries: readonly (readonly [string, Reader])[],
  tenant: string,
  known: Known<DatapathName>,
  read: {
    controllers(own: Reader | undefined): readonly Target[];
    listen(own: Reader | undefined, owner: string): readonly Target[];
  },
): readonly ReadVswitch[] {
  const seen = new Map<bigint, string>();
  return entries.flatMap(([key, entry]) => {
    entry.onlyKeys(vswitchKeys);
    const name = readName(entry, key);
    const dpid = readDpid(entry.required('dpid'));
    const full = `${tenant}/${key}` as VswitchName;
    const place = readPlace(entry, full, known);
    const reserve = readAmounts(entry.optional('reserve'), reservedNames);
    const controllers = read.controllers(entry.optional('controllers'));
    const listen = read.listen(entry.optional('listen'), `${tenant}/${key}`);
    const portIdentities = readPortIdentities(entry.optional('ports'));
    if (name === undefined || dpid === undefined || place === undefined) return [];
    const twin = seen.get(dpid);
    if (twin !== undefined)
      entry.problem(`has the same dpid as this tenant's ${twin}; choose another`);
    seen.set(dpid, name);
    const optional = { place, ...(reserve && { reserve }) };
    return [{ name: full, tenant, dpid, ...optional, controllers, listen, portIdentities }];
  });
}

/** A vswitch is one of itself. */
const reservedNames = countedNames.filter((name) => name !== 'vswitches');

/** A controller's address and its place, until every address of ours is known. */
interface Dialled {
  readonly item: Reader;
  readonly target: Target;
}

function readControllers(
  at: Reader | undefined,
  dialled: Dialled[],
  tls: TlsFiles | undefined,
): readonly Target[] {
  const seen = new Set<string>();
  return (at?.items() ?? []).flatMap((item) => {
    const [target] = item.parsed((text) => parseTarget(text, tls));
    if (target === undefined) return [];
    const text = targetText(target);
    if (seen.has(text)) {
      item.problem(`repeats ${text}; remove it: a controller drops a switch that connects twice`);
    }
    seen.add(text);
    dialled.push({ item, target });
    return [target];
  });
}

function readHosts(
  at: Reader | undefined,
  tenant: string,
  vswitches: Known<VswitchName>,
  datapaths: Known<DatapathName>,
): readonly HostConfig[] {
  return (at?.entries() ?? []).flatMap(([key, entry]) => {
    entry.onlyKeys(['port', 'at', 'vlan', 'vlans', 'bandwidth', 'queues']);
    const name = readName(entry, key);
    const portAt = entry.required('port');
    const port = readVirtualEnd(portAt, portAt.text(), tenant, vswitches);
    const placeAt = entry.required('at');
    const offers = (placeAt.isList ? placeAt.items('is an empty list') : [placeAt]).flatMap(
      (one) => readPhysicalEnd(one, one.text(), datapaths) ?? [],
    );
    const tagged = readVlans(entry);
    const queues = readQueues(entry.optional('queues'));
    const bandwidth = readBandwidth(entry.optional('bandwidth'));
    const [place] = offers;
    if (name === undefined || port === undefined || place === undefined) return [];
    if (Object.keys(tagged).length > 0 && queues.size > 0) {
      entry.problem('has a VLAN and "queues"; the queues of a port that hosts share are nobody\'s');
    }
    const optional = {
      ...(offers.length > 1 && { offers }),
      ...tagged,
      ...(bandwidth && { bandwidth }),
    };
    return [{ name: `${tenant}/${name}`, port, at: place, ...optional, queues }];
  });
}

function readVlinks(
  at: Reader | undefined,
  tenant: string,
  known: Known<VswitchName>,
  datapaths: Known<DatapathName>,
) {
  return readLinkItems(
    at,
    (item, text) => readVirtualEnd(item, text, tenant, known),
    ([one, other]) => {
      return isSameEnd(one, other)
        ? 'joins a vport to itself; a virtual link needs two'
        : undefined;
    },
    wishReading(datapaths),
  );
}
