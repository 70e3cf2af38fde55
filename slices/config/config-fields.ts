/**
 * Each field of the configuration and its text in the file: the inverse of reading it.
 *
 * `show` prints a file by these rows (config-print.ts), and a difference compares by them
 * (difference.ts), so what the one prints the other sees. A field without a row does not compile.
 */
import type { Version } from '../../openflow/values/constants.ts';
import { dpidText, endText, nowhere, type VswitchName } from '../ids.ts';
import { pairText } from './config-names.ts';
import { macText } from './port-identity.ts';
import { timeText } from './redial.ts';
import { amountsTree, bandwidthText, type Kbps } from './reservations.ts';
import type { Target } from './target.ts';
import type { TlsFiles, WantedCertificate } from './tls.ts';
import { tunnelFields } from './tunnels.ts';
import type {
  AckLevel,
  Config,
  DatapathConfig,
  HostConfig,
  PathWish,
  PhysicalEnd,
  PortIdentity,
  VirtualEnd,
  VlanRange,
  VswitchConfig,
} from './values.ts';
import { versionText } from './versions.ts';

export { tenantOf } from '../ids.ts';

/** What stands in the file: a text, or a list or a map of such. */
export type Tree = string | readonly Tree[] | { readonly [key: string]: Tree };

/** The key of a field in the file, and what stands there; undefined: nothing. */
interface Row<Value> {
  readonly key: string;
  readonly print: (value: Value) => Tree | undefined;
}

/** A row for each field of `T`; `Apart` are those that are things of their own, or its name. */
export type Rows<T, Apart extends keyof T> = {
  readonly [K in Exclude<keyof T, Apart>]-?: Row<Exclude<T[K], undefined>>;
};

export type Fields = Readonly<Record<string, Tree>>;

/** What stands in the file for the fields of `rows` that `value` has. */
export function fieldsOf<T extends object>(
  value: T,
  rows: Readonly<Record<string, Row<never>>>,
): Fields {
  const found = Object.entries(rows).flatMap(([name, { key, print }]) => {
    const field = value[name as keyof T] as never;
    const tree = field === undefined ? undefined : print(field);
    return tree === undefined ? [] : [[key, tree] as const];
  });
  return Object.fromEntries(found);
}

const text = (one: string): Tree => one;

export const datapathRows: Rows<DatapathConfig, 'name'> = {
  dpid: { key: 'dpid', print: dpidText },
  ack: { key: 'ack', print: ackText },
  certificate: { key: 'certificate', print: wantedText },
  encoding: { key: 'encoding', print: text },
  capacity: { key: 'capacity', print: amountsTree },
  ovsdb: { key: 'ovsdb', print: text },
};

/** What a tenant says once for all its vswitches. */
export const tenantRows = {
  versions: { key: 'openflow', print: (all: readonly Version[]) => all.map(versionText) },
  buffers: { key: 'buffers', print: String },
  redial: {
    key: 'redial',
    print: ({ firstMs, maxMs }: VswitchConfig['redial']) => {
      return { first: timeText(firstMs), max: timeText(maxMs) };
    },
  },
} satisfies Partial<Rows<VswitchConfig, never>>;

/** Controllers, listeners and vports are things of their own; copies are in no file. */
type ApartFromVswitch =
  | 'name'
  | 'tenant'
  | 'controllers'
  | 'listen'
  | 'portIdentities'
  | 'copyOf'
  // Of members, which the file has named: as they are printed all are.
  | 'named'
  | keyof typeof tenantRows;

export const vswitchRows: Rows<VswitchConfig, ApartFromVswitch> = {
  dpid: { key: 'dpid', print: dpidText },
  on: { key: 'on', print: (on) => (on === nowhere ? undefined : on) },
  // Where there are members they stand in its place.
  members: { key: 'on', print: (all) => all },
  consistency: { key: 'consistency', print: text },
  partial: { key: 'partial', print: (all) => all },
  bodies: { key: 'bodies', print: String },
  place: { key: 'place', print: text },
  reserve: { key: 'reserve', print: amountsTree },
};

export const portIdentityRows: Rows<PortIdentity, never> = {
  name: { key: 'name', print: text },
  hwAddr: { key: 'mac', print: macText },
};

export const hostRows: Rows<HostConfig, 'name'> = {
  port: { key: 'port', print: (end) => virtualEndText(end) },
  at: { key: 'at', print: (end) => endText(end) },
  vlan: { key: 'vlan', print: String },
  vlans: { key: 'vlans', print: rangeText },
  offers: { key: 'offers', print: (ends) => ends.map(endText).sort() },
  bandwidth: { key: 'bandwidth', print: bandwidthText },
  queues: {
    key: 'queues',
    print: (queues) => Object.fromEntries([...queues].map(([one, other]) => [one, String(other)])),
  },
};

export const tlsRows: Rows<TlsFiles, never> = {
  key: { key: 'key', print: text },
  certificate: { key: 'certificate', print: text },
  ca: { key: 'ca', print: text },
  peer: { key: 'peer', print: wantedText },
};

/** What the file says of a link besides its ends. */
export function linkFields(
  { linkBandwidths, linkCosts, linkMtus, tunnels }: Pick<Config, LinkKey>,
  ends: readonly PhysicalEnd[],
): Fields {
  const name = pairText(ends);
  const [cost, tunnel] = [linkCosts.get(name), tunnels.get(name)];
  const mtu = linkMtus.get(name);
  return {
    ...bandwidthFields(linkBandwidths.get(name)),
    ...(cost !== undefined && { cost: String(cost) }),
    ...(mtu !== undefined && { mtu: String(mtu) }),
    ...(tunnel !== undefined && { tunnel: tunnelFields(tunnel, ends) }),
  };
}

/** What a link is besides its ends. */
export type LinkKey = 'linkBandwidths' | 'linkCosts' | 'linkMtus' | 'tunnels';

function bandwidthFields(bandwidth: Kbps | undefined): Fields {
  return bandwidth === undefined ? {} : { bandwidth: bandwidthText(bandwidth) };
}

/** The same of a virtual link. */
export function vlinkFields(bandwidth: Kbps | undefined, wish: PathWish | undefined): Fields {
  const { via = [], avoid = [], spread } = wish ?? {};
  return {
    ...bandwidthFields(bandwidth),
    ...(via.length > 0 && { via }),
    ...(avoid.length > 0 && { avoid }),
    ...(spread && { spread }),
  };
}

/** A vswitch's name as its tenant's part of the file has it. */
export function bareName(name: VswitchName | string): string {
  return name.slice(name.indexOf('/') + 1);
}

export function rangeText({ first, last }: VlanRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

export function virtualEndText({ device, port }: VirtualEnd): string {
  return endText({ device: bareName(device), port });
}

/** The files that somebody's addresses over TLS are served with: all of them have the same. */
export function tlsOf(targets: readonly Target[]): TlsFiles | undefined {
  return targets.flatMap((one) => ('tls' in one && one.tls !== undefined ? [one.tls] : []))[0];
}

function ackText(ack: AckLevel): string {
  if (ack.type === 'settle') return `settle ${ack.settleMs}ms`;
  return ack.type === 'proof' ? `proof ${ack.unixctl}` : ack.type;
}

function wantedText(wanted: WantedCertificate): string {
  return wanted.type === 'name' ? wanted.name : `sha256:${wanted.hex}`;
}
