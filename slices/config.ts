/**
 * What a person writes, checked: the configuration file as a plain tree in, a `Config` out.
 *
 * Every problem of the file is reported at once, each with its path in the file and what to do.
 * Nothing here knows YAML: the shell parses the text with every scalar kept as a string, so that
 * `0000000000000010` stays what was written. What the names mean is snapshot.ts's affair.
 */

import type { Vport, VswitchName } from './ids.ts';
import { type DatapathName, type Dpid, type End, type Port, parseDpid } from './ids.ts';
import { limits } from './limits.ts';
import { type Problem, Reader } from './reader.ts';
import { parseListen, parseTarget, pointsAtUs, type Target } from './target.ts';

export type { Problem } from './reader.ts';

/**
 * When a change on a datapath counts as done (docs/DESIGN.md, "Acknowledgements"): at the barrier
 * reply, `settleMs` after it, or when the Open vSwitch at this unixctl socket says that every
 * cached flow has been revalidated.
 */
export type AckLevel =
  | { readonly type: 'barrier' }
  | { readonly type: 'settle'; readonly settleMs: number }
  | { readonly type: 'proof'; readonly unixctl: string };

export interface DatapathConfig {
  readonly name: DatapathName;
  readonly dpid: Dpid;
  readonly ack: AckLevel;
}

export interface VswitchConfig {
  readonly name: VswitchName;
  readonly tenant: string;
  readonly dpid: Dpid;
  /** Where it lives when it is first seen; afterwards the store knows better. */
  readonly on: DatapathName;
  readonly controllers: readonly Target[];
}

export type PhysicalEnd = End<DatapathName, Port>;
export type VirtualEnd = End<VswitchName, Vport>;

export interface HostConfig {
  readonly name: string;
  readonly port: VirtualEnd;
  readonly at: PhysicalEnd;
}

export interface Config {
  readonly listen: readonly Target[];
  readonly control: string;
  readonly store: string;
  readonly datapaths: readonly DatapathConfig[];
  readonly links: readonly (readonly [PhysicalEnd, PhysicalEnd])[];
  readonly vswitches: readonly VswitchConfig[];
  readonly hosts: readonly HostConfig[];
  readonly vlinks: readonly (readonly [VirtualEnd, VirtualEnd])[];
}

/**
 * Settle time of a datapath whose entry names none: 1.5 times the longest stale window that was
 * measured on Open vSwitch 3.1 (41 ms, shared catalogue "cloning", measured 4,000 cached flows).
 */
const DEFAULT_ACK: AckLevel = { type: 'settle', settleMs: 60 };

/** Checks a parsed file. `ownAddresses` are this machine's, to refuse controllers that are us. */
export function readConfig(
  tree: unknown,
  ownAddresses: readonly string[],
): { readonly config: Config } | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const top = new Reader(tree, '', problems);
  top.onlyKeys(['listen', 'control', 'store', 'datapaths', 'links', 'tenants']);
  const listen = readListen(top);
  const datapaths = readDatapaths(top.required('datapaths'));
  const links = readLinks(top.optional('links'), new Set(datapaths.map((d) => d.name)));
  const config: Config = {
    listen,
    control: top.optional('control')?.text() ?? '/run/limevisor.sock',
    store: top.optional('store')?.text() ?? 'limevisor.db',
    datapaths,
    links,
    ...readTenants(top.required('tenants'), datapaths, listen, ownAddresses),
  };
  checkPhysicalPorts(config, problems);
  checkVirtualPorts(config, problems);
  return problems.length > 0 ? { problems } : { config };
}

function readListen(top: Reader): readonly Target[] {
  const items = top.optional('listen')?.items();
  if (items === undefined) {
    return [6653, 6633].map((port) => ({ host: '0.0.0.0', port }));
  }
  return items.flatMap((item) => item.parsed(parseListen));
}

function readDatapaths(at: Reader): readonly DatapathConfig[] {
  const seen = new Map<bigint, string>();
  return at.entries().flatMap(([key, entry]) => {
    entry.onlyKeys(['dpid', 'ack']);
    const name = readName(entry, key);
    const dpid = readDpid(entry.required('dpid'));
    const ack = entry.optional('ack')?.parsed(parseAck)[0] ?? DEFAULT_ACK;
    if (name === undefined || dpid === undefined) return [];
    const twin = seen.get(dpid);
    if (twin !== undefined) {
      entry.problem(`has the same dpid as ${twin}; every datapath needs one of its own`);
    }
    seen.set(dpid, name);
    return [{ name: name as DatapathName, dpid, ack }];
  });
}

function parseAck(text: string) {
  const settle = /^settle ([0-9]+) ?ms$/.exec(text);
  if (text === 'barrier') return { ok: true, value: { type: 'barrier' } as AckLevel } as const;
  if (settle !== null) {
    return {
      ok: true,
      value: { type: 'settle', settleMs: Number(settle[1]) } as AckLevel,
    } as const;
  }
  const proof = /^proof (\/.+)$/.exec(text);
  if (proof !== null) {
    return { ok: true, value: { type: 'proof', unixctl: proof[1] ?? '' } as AckLevel } as const;
  }
  return {
    ok: false,
    why: `"${text}" is not an acknowledgement; write barrier, settle 60ms, or proof /path/to/vswitchd.ctl`,
  } as const;
}

function readLinks(at: Reader | undefined, known: ReadonlySet<DatapathName>) {
  return (at?.items() ?? []).flatMap((item) => {
    const ends = readPair(item, (text) => readPhysicalEnd(item, text, known));
    if (ends === undefined) return [];
    if (ends[0].device === ends[1].device) {
      item.problem('joins a datapath to itself; a link needs two datapaths');
      return [];
    }
    return [ends];
  });
}

function readTenants(
  at: Reader,
  datapaths: readonly DatapathConfig[],
  listen: readonly Target[],
  ownAddresses: readonly string[],
): Pick<Config, 'vswitches' | 'hosts' | 'vlinks'> {
  const known = new Set(datapaths.map((d) => d.name));
  const vswitches: VswitchConfig[] = [];
  const hosts: HostConfig[] = [];
  const vlinks: (readonly [VirtualEnd, VirtualEnd])[] = [];
  for (const [key, entry] of at.entries()) {
    entry.onlyKeys(['controllers', 'vswitches', 'hosts', 'links']);
    const tenant = readName(entry, key);
    if (tenant === undefined) continue;
    const controllers = readControllers(entry.optional('controllers'), listen, ownAddresses);
    const own = readVswitches(entry.required('vswitches'), tenant, known, (one) =>
      one === undefined ? controllers : readControllers(one, listen, ownAddresses),
    );
    vswitches.push(...own);
    const names = new Set(own.map((v) => v.name));
    hosts.push(...readHosts(entry.optional('hosts'), tenant, names, known));
    vlinks.push(...readVlinks(entry.optional('links'), tenant, names));
  }
  if (vswitches.length > limits.vswitchesMax) {
    at.problem(`has ${vswitches.length} vswitches; at most ${limits.vswitchesMax} fit`);
  }
  return { vswitches, hosts, vlinks };
}

function readVswitches(
  at: Reader,
  tenant: string,
  known: ReadonlySet<DatapathName>,
  controllersOf: (own: Reader | undefined) => readonly Target[],
): readonly VswitchConfig[] {
  const seen = new Map<bigint, string>();
  return at.entries().flatMap(([key, entry]) => {
    entry.onlyKeys(['dpid', 'on', 'controllers']);
    const name = readName(entry, key);
    const dpid = readDpid(entry.required('dpid'));
    const on = readDatapath(entry.required('on'), known);
    const controllers = controllersOf(entry.optional('controllers'));
    if (name === undefined || dpid === undefined || on === undefined) return [];
    const twin = seen.get(dpid);
    if (twin !== undefined) entry.problem(`has the same dpid as this tenant's ${twin}`);
    seen.set(dpid, name);
    return [{ name: `${tenant}/${name}` as VswitchName, tenant, dpid, on, controllers }];
  });
}

function readControllers(
  at: Reader | undefined,
  listen: readonly Target[],
  ownAddresses: readonly string[],
): readonly Target[] {
  return (at?.items() ?? []).flatMap((item) => {
    const [target] = item.parsed(parseTarget);
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
    const port = readVirtualEnd(portAt, portAt.text() ?? '', tenant, vswitches);
    const placeAt = entry.required('at');
    const place = readPhysicalEnd(placeAt, placeAt.text() ?? '', datapaths);
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

function readPhysicalEnd(
  at: Reader,
  text: string,
  known: ReadonlySet<DatapathName>,
): PhysicalEnd | undefined {
  const parts = /^([^:]+):([0-9]+)$/.exec(text);
  const port = Number(parts?.[2]);
  if (parts === null || port < 1 || port > 0xfffffeff) {
    at.problem(`"${text}" is not a port of a datapath; write DATAPATH:NUMBER, such as s1:3`);
    return undefined;
  }
  const device = parts[1] as DatapathName;
  if (!known.has(device)) {
    at.problem(`names the datapath "${device}", which "datapaths" does not have`);
    return undefined;
  }
  return { device, port: port as Port };
}

function readVirtualEnd(
  at: Reader,
  text: string,
  tenant: string,
  known: ReadonlySet<VswitchName>,
): VirtualEnd | undefined {
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
    at.problem(`names the vswitch "${parts[1]}", which tenant ${tenant} does not have`);
    return undefined;
  }
  return { device, port: port as Vport };
}

function readDatapath(at: Reader, known: ReadonlySet<DatapathName>): DatapathName | undefined {
  const name = at.text();
  if (name === undefined) return undefined;
  if (known.has(name as DatapathName)) return name as DatapathName;
  at.problem(`names the datapath "${name}", which "datapaths" does not have`);
  return undefined;
}

function readDpid(at: Reader): Dpid | undefined {
  const text = at.text();
  if (text === undefined) return undefined;
  const dpid = parseDpid(text);
  if (dpid === undefined) {
    at.problem(`"${text}" is not a dpid; write sixteen hex digits, 0x..., or a decimal number`);
  }
  return dpid;
}

function readName(at: Reader, name: string): string | undefined {
  if (/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,43})$/.test(name)) return name;
  at.problem(`"${name}" is not a name; use letters, digits, "-", "_" and ".", at most 44`);
  return undefined;
}

function checkPhysicalPorts(config: Config, problems: Problem[]): void {
  const users = new Map<string, string>();
  const claim = (end: PhysicalEnd, path: string): void => {
    const key = `${end.device}:${end.port}`;
    const other = users.get(key);
    if (other !== undefined) {
      problems.push({ path, why: `uses the port ${key}, which ${other} uses already` });
    }
    users.set(key, path);
  };
  config.links.forEach((ends, i) => {
    for (const end of ends) claim(end, `links[${i}]`);
  });
  for (const host of config.hosts) claim(host.at, `host ${host.name}`);
}

function checkVirtualPorts(config: Config, problems: Problem[]): void {
  const users = new Map<string, string>();
  const claim = (end: VirtualEnd, path: string): void => {
    const key = `${end.device}:${end.port}`;
    const other = users.get(key);
    if (other !== undefined) {
      problems.push({ path, why: `uses the vport ${key}, which ${other} uses already` });
    }
    users.set(key, path);
  };
  for (const host of config.hosts) claim(host.port, `host ${host.name}`);
  for (const ends of config.vlinks) {
    for (const end of ends) claim(end, `link ${ends[0].device} - ${ends[1].device}`);
  }
}
