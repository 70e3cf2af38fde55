/**
 * Nicira's extended match (`nx_match` of nicira-ext.h), to and from a canonical match of 1.3.
 *
 * It is a list of TLVs as OXM's are. Fields that are older than OXM have numbers of their own here,
 * and three have another form: a port has 16 bits, the type of service has its eight, and a VLAN
 * tag is one field with presence, priority and id. A cookie that rules must have is a field, too.
 */

import { portFrom10, portTo10 } from '../layout/numbers10.ts';
import type { Writer } from '../layout/writer.ts';
import { oxmClass, vlan } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import {
  type FieldName,
  fieldByNumber,
  fields,
  headerOf as tlvHeaderOf,
} from '../values/fields.ts';
import type { Match, OfError, Oxm } from '../values/structure-values.ts';
import {
  fieldOf,
  hasStrayBits,
  inOrder,
  keepNormal,
  oxm,
  oxmNumber,
  whatIsWrong,
} from './match.ts';
import { matchIn13 } from './match-meanings.ts';
import { oxmSize, readOxm, writeOxm } from './match-wire.ts';
import { bytesNumber, numberBytes } from './oxm.ts';

/** What rules are asked for: their match, and which bits of their cookie. */
export interface NiciraMatch {
  readonly match: Match;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
}

interface Row {
  readonly oxmClass: number;
  readonly field: number;
  readonly size: number;
  /** The field, or fields, of 1.3 that a TLV of this kind is. */
  heard(given: Oxm): readonly Oxm[] | OfError;
  /** The TLV that says it of a match; undefined when the match has nothing of it. */
  said(match: Match): Oxm | undefined;
}

const { nxm0, nxm1 } = oxmClass;
const headers = new Map<FieldName, number>();
const names = new Map<number, FieldName>();

/** The same bits under another number. */
function renamed(cls: number, field: number, name: FieldName): Row {
  const { oxmClass: known, field: number, size } = fields[name];
  const header = tlvHeaderOf({ oxmClass: cls, field, size });
  headers.set(name, header);
  names.set(header, name);
  return {
    ...{ oxmClass: cls, field, size },
    heard: (given) => [{ ...given, oxmClass: known, field: number }],
    said: (match) => {
      const found = fieldOf(match, name);
      return found && { ...found, oxmClass: cls, field };
    },
  };
}

/** What has its number of 1.3 here. */
function same(name: FieldName): Row {
  return renamed(fields[name].oxmClass, fields[name].field, name);
}

/** A number without a mask that is another in 1.3. */
function converted(
  cls: number,
  field: number,
  size: number,
  name: FieldName,
  from: (number: number) => number | undefined,
  to: (number: number) => number | undefined,
): Row {
  return {
    ...{ oxmClass: cls, field, size },
    heard: ({ value, mask }) => {
      if (mask?.every((byte) => byte === 0)) return [];
      if (mask?.some((byte) => byte !== 0xff)) {
        return ofError('badMatch', 'badMask', `${name} may not be masked`);
      }
      const number = from(Number(bytesNumber(value)));
      return number === undefined
        ? ofError('badMatch', 'badValue', `${name} cannot have this value`)
        : [oxm(name, number)];
    },
    said: (match) => {
      const found = fieldOf(match, name);
      const number = found && to(Number(oxmNumber(found)));
      if (number === undefined) return undefined;
      return { oxmClass: cls, field, value: numberBytes(BigInt(number), size) };
    },
  };
}

const PCP = 0xe000;
const VID = 0x1fff;

/** NXM_OF_VLAN_TCI: of no tag it is 0. */
const tci: Row = {
  ...{ oxmClass: nxm0, field: 4, size: 2 },
  heard: ({ value, mask }) => {
    const bits = mask === undefined ? 0xffff : Number(bytesNumber(mask));
    const number = Number(bytesNumber(value));
    if (number === 0 && bits === 0xffff) return [oxm('vlan_vid', vlan.none)];
    const pcp = bits & PCP;
    const isTagged = (number & bits & vlan.present) !== 0;
    if (pcp !== 0 && (pcp !== PCP || !isTagged)) {
      return ofError('badMatch', 'badMask', 'a priority is all of it, and of frames with a tag');
    }
    const vid = (bits & VID) === 0 ? [] : [oxm('vlan_vid', number & VID, bits & VID)];
    return pcp === 0 ? vid : [...vid, oxm('vlan_pcp', number >> 13)];
  },
  said: (match) => {
    const vid = fieldOf(match, 'vlan_vid');
    if (vid === undefined) return undefined;
    const pcp = fieldOf(match, 'vlan_pcp');
    const isNone = vid.mask === undefined && oxmNumber(vid) === BigInt(vlan.none);
    const vidBits = vid.mask === undefined ? VID : Number(bytesNumber(vid.mask));
    const bits = isNone || pcp !== undefined ? vidBits | PCP : vidBits;
    const priority = pcp === undefined ? 0 : Number(oxmNumber(pcp)) << 13;
    const value = numberBytes(oxmNumber(vid) | BigInt(priority), 2);
    const one = { oxmClass: nxm0, field: 4, value };
    return bits === 0xffff ? one : { ...one, mask: numberBytes(BigInt(bits), 2) };
  },
};

const port = converted(nxm0, 0, 2, 'in_port', portFrom10, portTo10);
const tos = converted(
  ...([nxm0, 5, 1, 'ip_dscp'] as const),
  (bits) => ((bits & 3) === 0 ? bits >> 2 : undefined),
  (dscp) => dscp << 2,
);

/** In the order in which Open vSwitch says them (`nx_put_raw`). */
const rows: readonly Row[] = [
  port,
  renamed(nxm0, 2, 'eth_src'),
  renamed(nxm0, 1, 'eth_dst'),
  renamed(nxm0, 3, 'eth_type'),
  tci,
  same('mpls_tc'),
  same('mpls_bos'),
  same('mpls_label'),
  renamed(nxm0, 7, 'ipv4_src'),
  renamed(nxm0, 8, 'ipv4_dst'),
  renamed(nxm1, 19, 'ipv6_src'),
  renamed(nxm1, 20, 'ipv6_dst'),
  tos,
  renamed(nxm1, 28, 'ip_ecn'),
  renamed(nxm0, 6, 'ip_proto'),
  renamed(nxm0, 9, 'tcp_src'),
  renamed(nxm0, 10, 'tcp_dst'),
  renamed(nxm0, 11, 'udp_src'),
  renamed(nxm0, 12, 'udp_dst'),
  same('sctp_src'),
  same('sctp_dst'),
  renamed(nxm0, 13, 'icmpv4_type'),
  renamed(nxm0, 14, 'icmpv4_code'),
  renamed(nxm1, 21, 'icmpv6_type'),
  renamed(nxm1, 22, 'icmpv6_code'),
  renamed(nxm1, 23, 'ipv6_nd_target'),
  renamed(nxm1, 24, 'ipv6_nd_sll'),
  renamed(nxm1, 25, 'ipv6_nd_tll'),
  renamed(nxm1, 27, 'ipv6_flabel'),
  renamed(nxm0, 15, 'arp_op'),
  renamed(nxm0, 16, 'arp_spa'),
  renamed(nxm0, 17, 'arp_tpa'),
  renamed(nxm1, 17, 'arp_sha'),
  renamed(nxm1, 18, 'arp_tha'),
  renamed(nxm1, 16, 'tunnel_id'),
  same('reg0'),
  same('reg1'),
  same('reg2'),
  same('reg3'),
  same('metadata'),
  same('pkt_mark'),
];
const byNumber = new Map(rows.map((row) => [row.oxmClass * 128 + row.field, row]));

/** The TLV header of a field that has a number of Nicira's; actions name fields by it. */
export function headerOf(name: FieldName): number | undefined {
  return headers.get(name);
}

/** The field that such a header names, where it has the same bits as 1.3's. */
export function fieldOfHeader(header: number): FieldName | undefined {
  return names.get(header);
}

/** NXM_NX_COOKIE, which is no field of packets. */
const cookieField = { oxmClass: nxm1, field: 30, size: 8 } as const;
const EVERY_BIT = 0xffff_ffff_ffff_ffffn;

/** Reads the TLVs from `at` to `end`; errors as of 1.3's matches. */
export function readNiciraMatch(dv: DataView, at: number, end: number): NiciraMatch | OfError {
  const match: Oxm[] = [];
  let cookie: { value: bigint; mask: bigint } | undefined;
  for (let next = at; next < end; ) {
    const one = readOxm(dv, next, end);
    if (isError(one)) return one;
    next += oxmSize(one);
    if (isCookie(one)) {
      if (cookie !== undefined) return ofError('badMatch', 'dupField', 'a cookie twice');
      // A delete whose mask is a slip would take other rules, or all of them.
      if (hasStrayBits(one)) return ofError('badMatch', 'badWildcards', outside('the cookie'));
      const mask = one.mask === undefined ? EVERY_BIT : bytesNumber(one.mask);
      cookie = { value: bytesNumber(one.value), mask };
      continue;
    }
    const wrong = keep(match, one);
    if (wrong !== undefined) return wrong;
  }
  const { value = 0n, mask = 0n } = cookie ?? {};
  return { match: match.sort(inOrder), cookie: value, cookieMask: mask };
}

const outside = (what: string): string => `${what} has bits outside its mask`;

function isCookie({ oxmClass: cls, field, value }: Oxm): boolean {
  return (
    cls === cookieField.oxmClass && field === cookieField.field && value.length === cookieField.size
  );
}

/** Appends what a TLV asks for, unless something is wrong with it. */
function keep(match: Oxm[], given: Oxm): OfError | undefined {
  const { oxmClass: cls, field, value } = given;
  const row = byNumber.get(cls * 128 + field);
  const isKnown = row === undefined ? fieldByNumber(cls, field) : row.size === value.length;
  if (!isKnown) return ofError('badMatch', 'badField', `field ${cls}:${field} of ${value.length}`);
  if (hasStrayBits(given)) {
    return ofError('badMatch', 'badWildcards', outside(`field ${cls}:${field}`));
  }
  const heard = row === undefined ? [given] : row.heard(given);
  if (isError(heard)) return heard;
  for (const one of heard) {
    const wrong = whatIsWrong(one, match);
    if (wrong !== undefined) return wrong;
    keepNormal(match, one);
  }
  return undefined;
}

/** Appends the TLVs of a match; what only OpenFlow 1.0 says is said as 1.3 says it. */
export function writeNiciraMatch(to: Writer, { match, cookie, cookieMask }: NiciraMatch): void {
  const said = matchIn13(match);
  for (const row of rows) {
    const one = row.said(said);
    if (one !== undefined) writeOxm(to, one);
  }
  if (cookieMask === 0n) return;
  const value = numberBytes(cookie, cookieField.size);
  const { oxmClass: cls, field } = cookieField;
  const mask = cookieMask === EVERY_BIT ? {} : { mask: numberBytes(cookieMask, cookieField.size) };
  writeOxm(to, { oxmClass: cls, field, value, ...mask });
}
