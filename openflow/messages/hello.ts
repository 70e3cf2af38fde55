/**
 * The versions in a hello, bytes to values and back (OF1.3.5 section 7.5.1).
 *
 * A hello without a bitmap offers every version up to its header's (section 6.3.1 takes the lower
 * of the two headers), so the two forms decode alike, and encode picks the shorter.
 */

import { layout } from '../layout/layout.ts';
import type { Part } from '../layout/struct.ts';
import { variantHead } from '../layout/variants.ts';
import type { Writer } from '../layout/writer.ts';
import { version } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { OfError } from '../values/structure-values.ts';
import { header } from './message-layouts.ts';

const element = layout('HelloElement', variantHead);
/** OFPHET_VERSIONBITMAP. */
const versionBitmap = 1;

/** The versions that a hello offers, ascending; behind its header, which has the highest. */
export const helloVersions: Part<readonly number[]> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end) => {
    const versions = readElements(dv, at, end);
    return Array.isArray(versions) ? { value: versions, size: end - at } : versions;
  },
  write: writeBitmap,
};

function readElements(dv: DataView, at: number, end: number): number[] | OfError {
  for (let next = at; next < end; ) {
    if (next + element.size > end) return ofError('badRequest', 'badLen', 'cut in a hello');
    const length = element.get.length(dv, next);
    if (length < element.size || next + length > end) {
      return ofError('badRequest', 'badLen', `hello element of ${length} bytes`);
    }
    if (element.get.type(dv, next) === versionBitmap) {
      return readBitmap(dv, next + element.size, next + length);
    }
    next += (length + 7) & ~7;
  }
  return upTo(header.get.version(dv, at - header.size));
}

function readBitmap(dv: DataView, at: number, end: number): number[] {
  const versions: number[] = [];
  // A version is one byte: eight words hold every one there can be.
  const words = Math.min(8, (end - at) >> 2);
  for (let word = 0; word < words; word++) {
    const bits = dv.getUint32(at + word * 4);
    for (let bit = 0; bit < 32; bit++) {
      const number = word * 32 + bit;
      if (number > 0 && (bits & (1 << bit)) !== 0) versions.push(number);
    }
  }
  return versions;
}

/** What a hello without a bitmap offers. */
export function upTo(highest: number): number[] {
  return Array.from({ length: highest }, (_, i) => i + 1);
}

/** The header's version: the highest offered. */
export function helloVersion(versions: readonly number[]): number {
  return versions.length === 0 ? version.of13 : Math.max(...versions);
}

/** Appends the bitmap, unless the header's version says it all. */
function writeBitmap(to: Writer, versions: readonly number[]): void {
  const highest = helloVersion(versions);
  if (new Set(versions).size === highest) return;
  const words = (highest >> 5) + 1;
  const at = to.room(element.size + words * 4);
  element.set.type(to.dv, at, versionBitmap);
  to.end(element, at);
  for (const number of versions) {
    const word = at + element.size + (number >> 5) * 4;
    to.dv.setUint32(word, (to.dv.getUint32(word) | (1 << (number & 31))) >>> 0);
  }
  to.align(at);
}
