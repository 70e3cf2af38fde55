/**
 * Names, dpids and ends of links, as the configuration file writes them (config.ts, tenants.ts).
 */

import type { Vport, VswitchName } from '../ids.ts';
import {
  type DatapathName,
  type Dpid,
  type End,
  endText,
  type Port,
  readDpidText,
} from '../ids.ts';
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Problem, Reader } from './reader.ts';
import { type Kbps, readBandwidth } from './reservations.ts';
import type { DatapathConfig, HostConfig, PhysicalEnd, ReadLink, VirtualEnd } from './values.ts';

/** What the file names where others refer to it. */
export interface Known<Name> {
  has(name: Name): boolean;
  keys(): Iterable<Name>;
}

/** When `at` lists nothing that can be read, that is the problem: not everyone who refers to it. */
export function knownIn<Name>(at: Reader, names: readonly Name[]): Known<Name> {
  return at.isMap ? new Set(names) : { has: () => true, keys: () => [] };
}

function readPair<E>(
  item: Reader,
  readEnd: (text: string) => E | undefined,
): readonly [E, E] | undefined {
  const text = item.text();
  if (text === undefined) return undefined;
  const halves = text.split(/\s+-\s+/);
  if (halves.length !== 2) {
    item.problem(`"${text}" is not a link; write it as "NAME:PORT - NAME:PORT"`);
    return undefined;
  }
  const [one, other] = halves.map(readEnd);
  return one === undefined || other === undefined ? undefined : [one, other];
}

/** What else a link's item may say. */
export interface LinkReading {
  readonly keys: readonly string[];
  readonly read: (item: Reader) => Pick<ReadLink<never>, 'cost' | 'mtu' | 'wish' | 'tunnel'>;
}

/**
 * The items of a list of links: `A:1 - B:2`, or a map with such `ends` and a `bandwidth`. `whyNot`
 * says what else is wrong with two ends.
 */
export function readLinkItems<E>(
  at: Reader | undefined,
  readEnd: (item: Reader, text: string) => E | undefined,
  whyNot: (ends: readonly [E, E]) => string | undefined,
  more: LinkReading,
): readonly ReadLink<E>[] {
  return (at?.items() ?? []).flatMap((item) => {
    if (item.isMap) item.onlyKeys(['ends', 'bandwidth', ...more.keys]);
    const endsAt = item.isMap ? item.required('ends') : item;
    const ends = readPair(endsAt, (text) => readEnd(endsAt, text));
    const bandwidth = item.isMap ? readBandwidth(item.optional('bandwidth')) : undefined;
    if (ends === undefined) return [];
    const why = whyNot(ends);
    const said = item.isMap ? more.read(item) : {};
    if (why === undefined) {
      return [{ ends, path: item.path, ...(bandwidth && { bandwidth }), ...said }];
    }
    item.problem(why);
    return [];
  });
}

/** The same whichever end comes first. */
export function pairText(ends: readonly End<string, number>[]): string {
  return ends.map(endText).sort().join(' - ');
}

/** Of the links that say one. */
export function bandwidthsOf<E extends End<string, number>>(
  links: readonly ReadLink<E>[],
): ReadonlyMap<string, Kbps> {
  return new Map(
    links.flatMap(({ ends, bandwidth }) => {
      return bandwidth === undefined ? [] : [[pairText(ends), bandwidth] as const];
    }),
  );
}

export function readPhysicalEnd(
  at: Reader,
  text: string | undefined,
  known: Known<DatapathName>,
): PhysicalEnd | undefined {
  if (text === undefined) return undefined;
  const end = parsePhysicalEnd(text);
  if (end.ok && known.has(end.value.device)) return end.value;
  if (end.ok) unknownDatapath(at, end.value.device, known);
  else at.problem(end.why);
  return undefined;
}

/** OFPP_MAX of OpenFlow 1.3, and below it what Open vSwitch and OpenFlow 1.0 have. */
const PORT_MAX = 0xfffffeff;

export function whyNoPort(text: string): string {
  const range = `with 1 to ${limits.ofportMax}`;
  return `"${text}" is not a port of a datapath; write DATAPATH:NUMBER ${range}, such as s1:3`;
}

/**
 * Ports of Open vSwitch, and of OpenFlow 1.0: only a flat datapath of 1.3 may have higher ones. Of
 * tunnels tunnels.ts says so.
 */
export function checkPortNumbers(
  datapaths: readonly DatapathConfig[],
  links: readonly ReadLink<PhysicalEnd>[],
  hosts: readonly HostConfig[],
  problems: Problem[],
): void {
  const flat = new Set(datapaths.flatMap((one) => (one.encoding === 'flat' ? [one.name] : [])));
  const look = (ends: readonly PhysicalEnd[], path: string): void => {
    for (const end of ends) {
      if (end.port <= limits.ofportMax || flat.has(end.device)) continue;
      problems.push({ path, why: whyNoPort(endText(end)) });
    }
  };
  for (const { ends, tunnel, path } of links) if (tunnel === undefined) look(ends, path);
  for (const { name, at, offers = [at] } of hosts) {
    look(offers, `tenants.${name.replace('/', '.hosts.')}.at`);
  }
}

/** `s1:3`, whether there is such a datapath or not. */
export function parsePhysicalEnd(text: string): Parsed<PhysicalEnd> {
  const parts = /^([^:]+):([0-9]+)$/.exec(text);
  const port = Number(parts?.[2]);
  if (parts === null || port < 1 || port > PORT_MAX) return { ok: false, why: whyNoPort(text) };
  return { ok: true, value: { device: parts[1] as DatapathName, port: port as Port } };
}

export function readVirtualEnd(
  at: Reader,
  text: string | undefined,
  tenant: string,
  known: Known<VswitchName>,
): VirtualEnd | undefined {
  if (text === undefined) return undefined;
  const parts = /^([^:]+):([0-9]+)$/.exec(text);
  const port = Number(parts?.[2]);
  if (parts === null || port < 1 || port > limits.vportMax) {
    at.problem(
      `"${text}" is not a port of a vswitch; write VSWITCH:NUMBER with 1 to ${limits.vportMax}`,
    );
    return undefined;
  }
  const device = `${tenant}/${parts[1]}` as VswitchName;
  if (!known.has(device)) {
    const what = `names the vswitch "${parts[1]}", which tenant ${tenant} does not have`;
    at.unknown(what, parts[1] ?? '', () => ownOf(tenant, known));
    return undefined;
  }
  return { device, port: port as Vport };
}

/** Without the tenant's name, as they stand in its part of the file. */
function ownOf(tenant: string, known: Known<VswitchName>): readonly string[] {
  const all = [...known.keys()].filter((one) => one.startsWith(`${tenant}/`));
  return all.map((one) => one.slice(tenant.length + 1));
}

/** `zones`: where a zone may stand as well. */
export function readDatapath(
  at: Reader,
  known: Known<DatapathName>,
  zones?: Known<string>,
): DatapathName | undefined {
  const name = at.text();
  if (name === undefined) return undefined;
  if (known.has(name as DatapathName)) return name as DatapathName;
  unknownDatapath(at, name, known, zones);
  return undefined;
}

export function unknownDatapath(
  at: Reader,
  name: string,
  known: Known<DatapathName>,
  zones?: Known<string>,
): void {
  const what =
    zones === undefined
      ? `names the datapath "${name}", which is not in "datapaths"`
      : `names "${name}", and there is no such datapath or zone`;
  at.unknown(what, name, () => [...known.keys(), ...(zones?.keys() ?? [])]);
}

export function readDpid(at: Reader): Dpid | undefined {
  const text = at.text();
  if (text === undefined) return undefined;
  const dpid = readDpidText(text);
  if (typeof dpid === 'string') {
    at.problem(dpid === 'none' ? `"${text}" is not a dpid; ${dpidForms}` : whyUnclear(text));
    return undefined;
  }
  // Open vSwitch takes a datapath id of all zeros for none.
  if (dpid === 0n) at.problem(`"${text}" is not usable as a dpid; write 1 or more`);
  return dpid;
}

const dpidForms =
  'write sixteen hex digits, with colons or without, 0x and up to sixteen, or a decimal number ' +
  'of at most 2^64 - 1 (sixteen digits are hexadecimal)';

/** Both that it could be. */
function whyUnclear(text: string): string {
  const hex = text.padStart(16, '0');
  const decimal = `0x${BigInt(text).toString(16)}`;
  return `"${text}" could be hexadecimal or decimal; write ${hex} or ${decimal}`;
}

/** Whether it can be the name of a datapath, a tenant or anything else of the file. */
export function isName(text: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,43})$/.test(text);
}

/** Whether it can be that of a network that its owner has made: `lab@ann`. */
export function isNetworkName(text: string): boolean {
  const [name = '', owner = '', ...more] = text.split('@');
  return isName(name) && isName(owner) && more.length === 0;
}

export function readName(at: Reader, name: string): string | undefined {
  if (isName(name)) return name;
  at.problem(`"${name}" is not a name; use letters, digits, "-", "_" and ".", at most 44`);
  return undefined;
}
