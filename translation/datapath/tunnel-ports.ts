/**
 * Tunnel ports that are created on a datapath because a link of the file is a tunnel: the questions
 * and commands for ovs-vsctl, by what the database of its Open vSwitch has, and the obstacles.
 *
 * A port of ours says so (`MARK` in its external_ids), and has a name that follows from where it
 * is. No other port is ever touched: one that stands where ours should is named to a person.
 */

import { pairText } from '../../slices/config/config-names.ts';
import type { Config } from '../../slices/config/values.ts';
import { type DatapathName, type Dpid, dpidText, endText } from '../../slices/ids.ts';
import { fnv } from '../../slices/text-hash.ts';

/** In external_ids: the dpid and the port number. */
const MARK = 'limevisor-tunnel';

/** Of an interface that could not be. */
const NO_OFPORT = -1;

/** A tunnel port that the file asks for. */
export interface TunnelPort {
  /** Of the interface: 15 characters at most, as the kernel has it. */
  readonly name: string;
  readonly ofport: number;
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  readonly mark: string;
  /** The link, for people. */
  readonly link: string;
}

export function tunnelPortsOf(
  { links, tunnels, datapaths }: Pick<Config, 'links' | 'tunnels' | 'datapaths'>,
  datapath: DatapathName,
): readonly TunnelPort[] {
  const dpid = datapaths.find(({ name }) => name === datapath)?.dpid;
  if (dpid === undefined || tunnels.size === 0) return [];
  return links.flatMap((ends) => {
    const tunnel = tunnels.get(pairText(ends));
    if (tunnel === undefined) return [];
    const { type, key, addresses } = tunnel;
    return ends.flatMap((end, i): readonly TunnelPort[] => {
      const other = ends[1 - i];
      if (end.device !== datapath || other === undefined) return [];
      const options = {
        local_ip: addresses.get(endText(end)) ?? '',
        remote_ip: addresses.get(endText(other)) ?? '',
        ...(key !== undefined && { key: String(key) }),
      };
      const mark = `${dpidText(dpid)}:${end.port}`;
      const link = ends.map(endText).join(' - ');
      return [{ name: nameOf(mark), ofport: end.port, type, options, mark, link }];
    });
  });
}

/** A hash in hex: a dpid and a port have more digits than a name. */
function nameOf(mark: string): string {
  return `lv-${fnv(mark).toString(16).padStart(8, '0')}`;
}

/** Asks for bridges, ports and interfaces, a table each. */
export const tunnelQuery: readonly string[] = [
  '--format=json',
  ...['--', '--columns=name,datapath_id,other_config,ports', 'list', 'Bridge'],
  ...['--', '--columns=_uuid,name,interfaces', 'list', 'Port'],
  ...['--', '--columns=_uuid,name,type,options,ofport,ofport_request,error,external_ids'],
  ...['list', 'Interface'],
];

export interface OvsdbInterface {
  readonly name: string;
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
  /** Undefined: it has none yet. */
  readonly ofport: number | undefined;
  readonly ofportRequest: number | undefined;
  readonly error: string;
  /** Of ours. */
  readonly mark: string | undefined;
}

export interface OvsdbBridge {
  readonly name: string;
  readonly dpid: string;
  readonly interfaces: readonly OvsdbInterface[];
}

/** What came of `tunnelQuery` (RFC 7047 section 5.1); undefined when it is something else. */
export function readBridges(text: string): readonly OvsdbBridge[] | undefined {
  const [bridges, ports, interfaces] = text.trim().split('\n').map(rowsOf);
  if (bridges === undefined || ports === undefined || interfaces === undefined) return undefined;
  const byId = new Map(interfaces.map((row) => [idsOf(row['_uuid'])[0] ?? '', interfaceOf(row)]));
  const members = new Map(
    ports.map((row) => [idsOf(row['_uuid'])[0] ?? '', idsOf(row['interfaces'])]),
  );
  return bridges.map((row) => ({
    name: String(row['name']),
    dpid: textOf(row['datapath_id']) || (mapOf(row['other_config'])['datapath-id'] ?? ''),
    interfaces: idsOf(row['ports'])
      .flatMap((port) => members.get(port) ?? [])
      .flatMap((one) => byId.get(one) ?? []),
  }));
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf(line: string): readonly Row[] | undefined {
  try {
    const { headings, data } = JSON.parse(line) as { headings?: string[]; data?: unknown[][] };
    return data?.map((row) =>
      Object.fromEntries(row.map((cell, i) => [headings?.[i] ?? '', cell])),
    );
  } catch {
    return undefined; // It is no table.
  }
}

function interfaceOf(row: Row): OvsdbInterface {
  return {
    name: String(row['name']),
    type: textOf(row['type']),
    options: mapOf(row['options']),
    ofport: numberOf(row['ofport']),
    ofportRequest: numberOf(row['ofport_request']),
    error: textOf(row['error']),
    mark: mapOf(row['external_ids'])[MARK],
  };
}

/** Of `["uuid", "..."]`, or of a set of those. */
function idsOf(cell: unknown): readonly string[] {
  if (!Array.isArray(cell)) return [];
  const [kind, value] = cell as [string, unknown];
  if (kind === 'uuid') return [String(value)];
  return kind === 'set' && Array.isArray(value) ? value.flatMap(idsOf) : [];
}

function mapOf(cell: unknown): Readonly<Record<string, string>> {
  const [kind, value] = Array.isArray(cell) ? (cell as [string, unknown]) : [];
  if (kind !== 'map' || !Array.isArray(value)) return {};
  const pairs = value.filter(Array.isArray).map(([key, text]) => [String(key), String(text)]);
  return Object.fromEntries(pairs);
}

/** What may be there is a set of one, or of none. */
function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : '';
}

function numberOf(cell: unknown): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

/** What there is to do on one bridge, in words, and as one transaction of ovs-vsctl. */
export interface TunnelPlan {
  readonly args: readonly string[];
  readonly done: readonly string[];
  /** What cannot be done, and what a person can do about it. */
  readonly troubles: readonly string[];
}

/** `isWhole`: what the file asks for no more goes, too. */
export function planTunnels(
  bridges: readonly OvsdbBridge[],
  dpid: Dpid,
  wanted: readonly TunnelPort[],
  isWhole: boolean,
): TunnelPlan {
  const bridge = bridgeOf(bridges, dpid);
  const [args, done, troubles]: [string[], string[], string[]] = [[], [], []];
  if (bridge === undefined) {
    return { args, done, troubles: wanted.length === 0 ? [] : [whyNoBridge(bridges, dpid)] };
  }
  const ours = bridge.interfaces.filter(({ mark }) => mark?.startsWith(dpidText(dpid)) === true);
  for (const known of ours) {
    const { name } = known;
    if (wanted.some((one) => one.name === name)) continue;
    // Two tunnels that are the same in all but their numbers cannot be at once.
    const isMoved = wanted.some((one) => isSameTunnel(known, one));
    if (!isWhole && !isMoved) continue;
    args.push('--', '--if-exists', 'del-port', bridge.name, name);
    done.push(`the tunnel port ${name} is removed from ${bridge.name}`);
  }
  for (const one of wanted) {
    const known = ours.find(({ name }) => name === one.name);
    if (known !== undefined && isAsWanted(known, one)) continue;
    const why = known === undefined ? whyTaken(bridges, bridge, one) : undefined;
    if (why !== undefined) {
      troubles.push(why);
      continue;
    }
    if (known?.ofport === NO_OFPORT) args.push('--', 'del-port', bridge.name, one.name);
    const isThere = known !== undefined && known.ofport !== NO_OFPORT;
    const add = isThere ? [] : ['--', 'add-port', bridge.name, one.name];
    args.push(...add, ...settingOf(one));
    done.push(`${one.link} is a ${one.type} tunnel: port ${one.ofport} of ${bridge.name}`);
  }
  return { args, done, troubles };
}

/** What is wrong with those that should be there by now. */
export function tunnelTroubles(
  bridges: readonly OvsdbBridge[],
  dpid: Dpid,
  wanted: readonly TunnelPort[],
): readonly string[] {
  const bridge = bridgeOf(bridges, dpid);
  return wanted.flatMap(({ name, ofport, link, type }) => {
    const one = bridge?.interfaces.find((known) => known.name === name);
    if (one === undefined || one.ofport === ofport) return [];
    const what = `${link}: the ${type} port ${name} of ${bridge?.name}`;
    if (one.error !== '') return [`${what} cannot be: ${one.error}`];
    if (one.ofport === undefined) {
      return [`${what} is not there yet; look whether ovs-vswitchd runs there`];
    }
    return [`${what} has the number ${one.ofport} and not ${ofport}; free that number there`];
  });
}

function bridgeOf(bridges: readonly OvsdbBridge[], dpid: Dpid): OvsdbBridge | undefined {
  return bridges.find((one) => one.dpid.toLowerCase() === dpidText(dpid));
}

function whyNoBridge(bridges: readonly OvsdbBridge[], dpid: Dpid): string {
  const known = bridges.map(({ name, dpid: own }) => `${name} (${own})`).join(', ') || 'none';
  return `its "ovsdb" has no bridge of the dpid ${dpidText(dpid)}; it has: ${known}`;
}

/** Why a port of ours cannot be there: somebody else's is. */
function whyTaken(
  bridges: readonly OvsdbBridge[],
  { name: bridge, interfaces }: OvsdbBridge,
  { name, ofport, link }: TunnelPort,
): string | undefined {
  const there = interfaces.find((one) => (one.ofport ?? one.ofportRequest) === ofport);
  if (there !== undefined) {
    const next = `write another number in "links", or remove ${there.name} there`;
    return `${link}: port ${ofport} of ${bridge} is ${there.name}, which is not ours; ${next}`;
  }
  const twin = bridges.find((one) => one.interfaces.some((other) => other.name === name));
  if (twin === undefined) return undefined;
  return `${link}: ${twin.name} has a port ${name}, which is not ours; remove it there`;
}

/** One that could not be is made anew: what was in its way may have gone. */
function isAsWanted(known: OvsdbInterface, wanted: TunnelPort): boolean {
  const isNumbered = known.ofportRequest === wanted.ofport && known.ofport !== NO_OFPORT;
  return isNumbered && isSameTunnel(known, wanted);
}

function isSameTunnel(known: OvsdbInterface, { type, options }: TunnelPort): boolean {
  const names = new Set([...Object.keys(known.options), ...Object.keys(options)]);
  const areSame = [...names].every((name) => known.options[name] === options[name]);
  return known.type === type && areSame;
}

function settingOf({ name, type, options, ofport, mark }: TunnelPort): readonly string[] {
  const map = Object.entries(options).map(([key, value]) => `${key}="${value}"`);
  return [
    ...['--', 'set', 'Interface', name, `type=${type}`, `options={${map.join(',')}}`],
    ...[`ofport_request=${ofport}`, `external_ids:${MARK}="${mark}"`],
  ];
}
