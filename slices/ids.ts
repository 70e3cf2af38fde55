/**
 * The names of things, as types that cannot be confused.
 *
 * A brand costs nothing at run time; the `as` that makes one stands only in this file and where
 * a value was just checked (config.ts) or just allocated (snapshot.ts).
 */

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** The operator's name of a datapath, as in the configuration file: `s1`. */
export type DatapathName = Branded<string, 'DatapathName'>;

/** Where a vswitch lives for which no place has been chosen yet. */
export const nowhere = '' as DatapathName;

/** A vswitch's full name, `tenant/name`: `red/v3`. */
export type VswitchName = Branded<string, 'VswitchName'>;

/** Whose a vswitch is. */
export function tenantOf(name: VswitchName | string): string {
  return name.slice(0, name.indexOf('/'));
}

/**
 * Who has made a network: `ann` of `lab@ann`, or of what is in it; undefined: it is a tenant of the
 * file, or a copy (config/mirrors.ts).
 */
export function ownerOf(name: string): string | undefined {
  const [tenant = ''] = name.split('/', 1);
  const at = tenant.indexOf('@');
  return at < 1 || tenant.includes('~') ? undefined : tenant.slice(at + 1);
}

/** A datapath id, 64 bits: physical below, or a tenant's own above. */
export type Dpid = Branded<bigint, 'Dpid'>;

/** A port number on a datapath, 1..0xfffffeff. */
export type Port = Branded<number, 'Port'>;

/** A port number on a vswitch, 1..0xfeff (so that it fits OpenFlow 1.0 too). */
export type Vport = Branded<number, 'Vport'>;

/**
 * The port to the switch's own host, by OpenFlow 1.3's number (OFPP_LOCAL). Every vswitch has one,
 * as every Open vSwitch bridge has; nothing is behind it (docs/DESIGN.md, "Ports").
 */
export const LOCAL = 0xfffffffe as Vport;

/** A vswitch's number below, 1..0xfeff: upper bits of metadata, group ids and cookies. */
export type VswitchId = Branded<number, 'VswitchId'>;

/**
 * A VLAN id, 1..4094, that names a way to one place where its frames arrive, by one port of one
 * datapath; by another port it may name another (hop-tags.ts).
 */
export type Tag = Branded<number, 'Tag'>;

/** A tagged way's own number, 1..0xffffff: in cookies, whatever its tags on its hops are. */
export type WayNumber = Branded<number, 'WayNumber'>;

/** A label, 1..0xffffff: the service path of our network service header, which names a way. */
export type Label = Branded<number, 'Label'>;

/** `sixteen hex digits`, the one form that we print. */
export function dpidText(dpid: Dpid): string {
  return dpid.toString(16).padStart(16, '0');
}

/** Why a text is not taken for a dpid. */
export type NoDpid = 'unclear' | 'none';

const DPID_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * Reads a dpid in any form that users write: sixteen hex digits, or pairs of them with colons
 * between (six pairs are a MAC), `0x...`, `of:...`, or a decimal number. What could be hexadecimal
 * as well as decimal, and would be another dpid, is `unclear`: zeros that lead, or twelve digits.
 */
export function readDpidText(text: string): Dpid | NoDpid {
  const bare = text.startsWith('of:') ? text.slice(3) : text;
  const hex = bare.replaceAll(':', '');
  if (/^0x[0-9a-f]{1,16}$/i.test(bare)) return BigInt(bare) as Dpid;
  if (/^[0-9a-f]{16}$/i.test(hex)) return BigInt(`0x${hex}`) as Dpid;
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return BigInt(`0x${hex}`) as Dpid;
  if (!/^([0-9]{1,15}|[1-9][0-9]{16,19})$/.test(text)) return 'none';
  const value = BigInt(text);
  if (value > DPID_MAX) return 'none';
  const isOdd = text.length === 12 || (text.length > 1 && text.startsWith('0'));
  return isOdd && value !== BigInt(`0x${text}`) ? 'unclear' : (value as Dpid);
}

/** Two ends of a cable: a port of a datapath, or of a vswitch. */
export interface End<Device, Number> {
  readonly device: Device;
  readonly port: Number;
}

/** `s1:3` */
export function endText({ device, port }: End<string, number>): string {
  return `${device}:${port}`;
}

export function isSameEnd(one: End<string, number>, other: End<string, number>): boolean {
  return one.device === other.device && one.port === other.port;
}
