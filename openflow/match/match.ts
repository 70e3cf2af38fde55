/**
 * Matches: their canonical form, and comparisons of two of them.
 *
 * The rulebook computes with these. Bytes are match-wire.ts's; single fields are
 * oxm.ts's. Rules of validity: OF1.3.5 section 7.2.3.6 (prerequisites, masks, duplicates).
 */

import { oxmClass, vlan } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import {
  type Field,
  type FieldName,
  type FieldRow,
  fieldByNumber,
  fields,
} from '../values/fields.ts';
import type { Match, OfError, Oxm } from '../values/values.ts';
import { normalOxm, oxmNumber, widthMask } from './oxm.ts';

export { oxm, oxmNumber } from './oxm.ts';

/**
 * The canonical match of some fields in any order, or what is wrong with them. Fields' own sizes
 * are checked too, so it may be given whatever a peer sent.
 */
export function canonicalMatch(oxms: readonly Oxm[]): Match | OfError {
  const match: Oxm[] = [];
  for (const one of oxms.toSorted(inOrder)) {
    const wrong = whatIsWrong(one, match);
    if (wrong) return wrong;
    keepNormal(match, one);
  }
  return match;
}

/** Sorted and normal, nothing checked: for matches that a switch says it has. */
export function normalMatch(oxms: readonly Oxm[]): Match {
  const match: Oxm[] = [];
  for (const one of oxms) keepNormal(match, one);
  return match.sort(inOrder);
}

/** Appends a field in its normal form, unless it matches everything. */
export function keepNormal(match: Oxm[], given: Oxm): void {
  const normal = normalOxm(given, fieldByNumber(given.oxmClass, given.field));
  if (!normal.mask || normal.mask.some((byte) => byte !== 0)) match.push(normal);
}

/** The order of a canonical match. */
export function inOrder(a: Oxm, b: Oxm): number {
  return a.oxmClass - b.oxmClass || a.field - b.field;
}

/**
 * What is wrong with a match's next field, behind `earlier` ones (normal, found right). A peer's
 * fields are looked at in its own order, as each field's prerequisite must stand before it (OF1.3.5
 * section 7.2.3.6), and for the error: what comes first in the match is what is said, as by Open
 * vSwitch.
 */
export function whatIsWrong(one: Oxm, earlier: Match): OfError | undefined {
  return checkField(one) ?? checkPrerequisite(one, earlier) ?? checkDuplicate(one, earlier);
}

/** What is wrong with one field by itself (section 7.2.3.5 and table 12). */
function checkField(given: Oxm): OfError | undefined {
  const row = fieldByNumber(given.oxmClass, given.field);
  if (!row || given.oxmClass === oxmClass.only10) {
    return ofError('badMatch', 'badField', `field ${given.oxmClass}:${given.field}`);
  }
  const { value, mask } = given;
  if (value.length !== row.size || (mask && mask.length !== row.size)) {
    return ofError('badMatch', 'badLen', `${row.name} of ${value.length} bytes`);
  }
  if (hasStrayBits(given)) {
    return ofError('badMatch', 'badWildcards', `${row.name} has value bits outside its mask`);
  }
  const isTrivial =
    !mask || mask.every((byte) => byte === 0) || mask.every((byte) => byte === 0xff);
  if (!row.maskable && !isTrivial) {
    return ofError('badMatch', 'badMask', `${row.name} may not be masked`);
  }
  if (!exceeds(value, row)) return undefined;
  return ofError('badMatch', 'badValue', `${row.name} is too large`);
}

/** Does a value have bits that its mask leaves out? */
export function hasStrayBits({ value, mask }: Oxm): boolean {
  return mask !== undefined && value.some((byte, i) => (byte & ~(mask[i] ?? 0)) !== 0);
}

/** Does a value have bits above the field's width? */
export function exceeds(value: Uint8Array, row: Field): boolean {
  if (row.bits === row.size * 8) return false;
  const width = widthMask(row);
  return value.some((byte, i) => (byte & ~(width[i] ?? 0)) !== 0);
}

function checkDuplicate({ oxmClass, field }: Oxm, earlier: Match): OfError | undefined {
  if (!find(earlier, oxmClass, field)) return undefined;
  return ofError('badMatch', 'dupField', `field ${oxmClass}:${field} twice`);
}

function checkPrerequisite(given: Oxm, earlier: Match): OfError | undefined {
  const row = fieldByNumber(given.oxmClass, given.field);
  if (!row?.needs || hasPrerequisite(earlier, row)) return undefined;
  return ofError('badMatch', 'badPrereq', `${row.name} without ${row.needs.field}`);
}

/** Does a match promise that packets have this field? */
export function hasPrerequisite(match: Match, { needs }: Pick<FieldRow, 'needs'>): boolean {
  if (!needs) return true;
  if (needs.and !== undefined && !hasPrerequisite(match, { needs: needs.and })) return false;
  const met = fieldOf(match, needs.field as FieldName);
  if (!met) return false;
  const number = Number(oxmNumber(met));
  if (needs.field === 'vlan_vid') return (number & vlan.present) !== 0;
  // Neighbour discovery has code 0 (RFC 4861 section 4.3).
  const code = needs.field === 'icmpv6_type' ? fieldOf(match, 'icmpv6_code') : undefined;
  if (code !== undefined && oxmNumber(code) !== 0n) return false;
  return needs.values.length === 0 || needs.values.includes(number);
}

/** Equal for equal canonical matches, and only for them. An opaque string, not for people. */
export function matchKey(match: Match): string {
  let key = '';
  for (const { oxmClass, field, value, mask } of match) {
    key += String.fromCharCode(oxmClass, field * 2 + (mask ? 1 : 0), value.length, ...value);
    if (mask) key += String.fromCharCode(...mask);
  }
  return key;
}

/** Whether `matchKey` says the same of both. */
export function sameMatch(a: Match, b: Match): boolean {
  return a.length === b.length && a.every((one, i) => sameOxm(one, b[i]));
}

function sameOxm(a: Oxm, b: Oxm | undefined): boolean {
  if (b === undefined || a.oxmClass !== b.oxmClass || a.field !== b.field) return false;
  if (!sameBytes(a.value, b.value)) return false;
  if (a.mask === undefined || b.mask === undefined) return a.mask === b.mask;
  return sameBytes(a.mask, b.mask);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Is every packet that `a` matches one that `b` matches? (Non-strict modify and delete.) */
export function isSubset(a: Match, b: Match): boolean {
  return b.every((wide) => {
    const narrow = find(a, wide.oxmClass, wide.field);
    if (!narrow) return false;
    for (let i = 0; i < wide.value.length; i++) {
      const wideMask = wide.mask?.[i] ?? 0xff;
      const narrowMask = narrow.mask?.[i] ?? 0xff;
      if ((wideMask & ~narrowMask) !== 0) return false;
      if ((((narrow.value[i] ?? 0) ^ (wide.value[i] ?? 0)) & wideMask) !== 0) return false;
    }
    return true;
  });
}

/** May some packet match both? (OFPFF_CHECK_OVERLAP, flowspaces.) */
export function overlaps(a: Match, b: Match): boolean {
  return a.every((one) => {
    const other = find(b, one.oxmClass, one.field);
    if (!other) return true;
    for (let i = 0; i < one.value.length; i++) {
      const both = (one.mask?.[i] ?? 0xff) & (other.mask?.[i] ?? 0xff);
      if ((((one.value[i] ?? 0) ^ (other.value[i] ?? 0)) & both) !== 0) return false;
    }
    return true;
  });
}

/** The match with this field added, or put in the place of the one it had. */
export function withField(match: Match, added: Oxm): Match {
  return normalMatch([...withoutField(match, added.oxmClass, added.field), added]);
}

export function withoutField(match: Match, oxmClass: number, field: number): Match {
  return match.filter((one) => one.oxmClass !== oxmClass || one.field !== field);
}

export function fieldOf(match: Match, name: FieldName): Oxm | undefined {
  return find(match, fields[name].oxmClass, fields[name].field);
}

function find(match: Match, oxmClass: number, field: number): Oxm | undefined {
  return match.find((one) => one.oxmClass === oxmClass && one.field === field);
}

/** A canonical match of fields that our own code chose; wrong ones are our mistake. */
export function matchOf(...oxms: readonly Oxm[]): Match {
  const match = canonicalMatch(oxms);
  if (isError(match)) throw new Error(`not a match: ${match.why}`);
  return match;
}
