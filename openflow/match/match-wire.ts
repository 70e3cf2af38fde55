/**
 * Matches and single fields as bytes (OF1.3.5 section 7.2.3).
 *
 * `strict` is for what a controller asks: every rule of the specification holds. What a switch
 * reports is taken as it is, since it may use fields that nobody asked it about (Open vSwitch adds
 * its own to packet-ins).
 */

import { bytesOf } from '../layout/layout.ts';
import type { At, Part } from '../layout/struct.ts';
import type { Writer } from '../layout/writer.ts';
import { NSH_FIELDS, oxmClass as wireClass } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import { fieldByNumber } from '../values/fields.ts';
import type { Match, OfError, Oxm } from '../values/structure-values.ts';
import { inOrder, keepNormal, whatIsWrong } from './match.ts';
import { matchHeader, oxmHeader } from './match-layouts.ts';

/** OFPMT_OXM. */
const oxmMatchType = 1;

/** Bytes of an experimenter's id, before the value. */
const EXPERIMENTER = 4;

/** The ofp_match, padding included. */
export const matchPart: Part<Match> = {
  minimum: 8,
  isExact: false,
  read: readMatch,
  write: writeMatch,
};

/** Reads the ofp_match at `at`; nothing at or after `end` belongs to it. */
export function readMatch(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): At<Match> | OfError {
  if (at + 8 > end) return ofError('badMatch', 'badLen', 'no room for a match');
  const type = matchHeader.get.type(dv, at);
  const length = matchHeader.get.length(dv, at);
  const size = (length + 7) & ~7;
  // OFPMT_STANDARD was of another length, says Open vSwitch.
  if (type === 0) return ofError('badMatch', 'badLen', 'a match of type OFPMT_STANDARD');
  if (type !== oxmMatchType) return ofError('badMatch', 'badType', `match type ${type}`);
  if (length < matchHeader.size || at + size > end) {
    return ofError('badMatch', 'badLen', `match length ${length}`);
  }
  const match: Oxm[] = [];
  for (let next = at + matchHeader.size; next < at + length; ) {
    const one = readOxm(dv, next, at + length);
    if (isError(one)) return one;
    const wrong = strict ? whatIsWrong(one, match) : undefined;
    if (wrong) return wrong;
    keepNormal(match, one);
    next += oxmSize(one);
  }
  return { value: match.sort(inOrder), size };
}

/** Reads one TLV; a field we know must have its size (or, with a mask, twice that). */
export function readOxm(dv: DataView, at: number, end: number): Oxm | OfError {
  if (at + oxmHeader.size > end) return ofError('badMatch', 'badLen', 'cut in a field header');
  const { oxmClass, fieldAndMask } = oxmHeader.read(dv, at);
  const length = oxmHeader.get.length(dv, at);
  if (at + oxmHeader.size + length > end) {
    return ofError('badMatch', 'badLen', 'field runs over the end');
  }
  if (isOfNsh(dv, at, oxmClass, length)) {
    const value = { oxmClass: wireClass.nsh, fieldAndMask, length: length - EXPERIMENTER };
    return readValue(dv, at + oxmHeader.size + EXPERIMENTER, value);
  }
  return readValue(dv, at + oxmHeader.size, { oxmClass, fieldAndMask, length });
}

/** Whether the experimenter of an experimenter's field is that of fields which we know. */
function isOfNsh(dv: DataView, at: number, oxmClass: number, length: number): boolean {
  if (oxmClass !== wireClass.experimenter || length <= EXPERIMENTER) return false;
  return dv.getUint32(at + oxmHeader.size) === NSH_FIELDS;
}

interface Header {
  readonly oxmClass: number;
  readonly fieldAndMask: number;
  /** Of what is at `body`. */
  readonly length: number;
}

function readValue(
  dv: DataView,
  body: number,
  { oxmClass, fieldAndMask, length }: Header,
): Oxm | OfError {
  const field = fieldAndMask >> 1;
  const masked = (fieldAndMask & 1) === 1;
  const size = masked ? length / 2 : length;
  const row = fieldByNumber(oxmClass, field);
  // A field is known by its whole header, the length included: Open vSwitch's reading.
  if (length === 0 || !Number.isInteger(size) || (row && row.size !== size)) {
    return ofError('badMatch', 'badField', `field ${oxmClass}:${field} has length ${length}`);
  }
  const value = bytesOf(dv, body, size).slice();
  if (!masked) return { oxmClass, field, value };
  return { oxmClass, field, value, mask: bytesOf(dv, body + size, size).slice() };
}

export function oxmSize(one: Oxm): number {
  const before = one.oxmClass === wireClass.nsh ? EXPERIMENTER : 0;
  return oxmHeader.size + before + one.value.length + (one.mask?.length ?? 0);
}

export function writeMatch(to: Writer, match: Match): void {
  const start = to.at;
  writeUnpadded(to, match);
  to.align(start);
}

/** The ofp_match without its padding. */
export function writeUnpadded(to: Writer, match: Match): void {
  const start = to.room(matchHeader.size);
  for (const one of match) writeOxm(to, one);
  matchHeader.write(to.dv, start, { type: oxmMatchType });
  to.end(matchHeader, start);
}

export function writeOxm(to: Writer, one: Oxm): void {
  const { oxmClass, field, value, mask } = one;
  const at = to.room(oxmHeader.size);
  const isOfNsh = oxmClass === wireClass.nsh;
  const cls = isOfNsh ? wireClass.experimenter : oxmClass;
  oxmHeader.write(to.dv, at, { oxmClass: cls, fieldAndMask: field * 2 + (mask ? 1 : 0) });
  if (isOfNsh) {
    // The room first: the writer's view may be another one after it.
    const id = to.room(EXPERIMENTER);
    to.dv.setUint32(id, NSH_FIELDS);
  }
  to.put(value);
  if (mask) to.put(mask);
  to.putSize8(at + oxmHeader.offset.length, at + oxmHeader.size);
}
