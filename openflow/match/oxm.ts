/**
 * One match field (an OXM TLV) as a value: made from numbers and text, and converted to a number.
 *
 * match.ts puts them together into matches; fields.ts says what each field is.
 */

import { parseIpv4, parseIpv6, parseMac, prefixMask } from '../values/addresses.ts';
import { type FieldName, type FieldRow, fields } from '../values/fields.ts';
import type { Oxm } from '../values/values.ts';

/** What a field's value may be given as: a number, an address's text, or the bytes themselves. */
export type OxmInput = number | bigint | string | Uint8Array;

/**
 * A field by name: `oxm('eth_type', 0x800)`, `oxm('ipv4_src', '10.0.0.0/8')`,
 * `oxm('metadata', 5n, 0xffn)`. For our own code: a value that does not fit is our mistake.
 *
 * Entries of ours say the same again and again, so what a number makes is often made already.
 */
export function oxm(name: FieldName, value: OxmInput, mask?: OxmInput): Oxm {
  if (!isNumber(value) || !(mask === undefined || isNumber(mask))) return made(name, value, mask);
  const key = mask === undefined ? value : `${value}/${mask}`;
  const own = known.get(name) ?? new Map<typeof key, Oxm>();
  known.set(name, own);
  const found = own.get(key);
  if (found !== undefined) return found;
  if (own.size >= KNOWN_MAX) own.clear();
  const fresh = made(name, value, mask);
  own.set(key, fresh);
  return fresh;
}

/** Of one field; beyond it all are forgotten. */
const KNOWN_MAX = 256;
const known = new Map<FieldName, Map<number | bigint | string, Oxm>>();

function isNumber(input: OxmInput): input is number | bigint {
  return typeof input === 'number' || typeof input === 'bigint';
}

function made(name: FieldName, value: OxmInput, mask: OxmInput | undefined): Oxm {
  const row: FieldRow = fields[name];
  let valueText = value;
  let maskBytes = mask === undefined ? undefined : toBytes(row, mask);
  if (typeof value === 'string' && value.includes('/')) {
    const [address = '', rest = ''] = value.split('/');
    valueText = address;
    maskBytes = /^\d+$/.test(rest) ? prefixMask(Number(rest), row.size) : toBytes(row, rest);
  }
  const one = { oxmClass: row.oxmClass, field: row.field, value: toBytes(row, valueText) };
  return normalOxm(maskBytes ? { ...one, mask: maskBytes } : one, row);
}

/** The value as a number, whatever its size. */
export function oxmNumber(field: Oxm): bigint {
  return bytesNumber(field.value);
}

export function bytesNumber(data: Uint8Array): bigint {
  let number = 0n;
  for (const byte of data) number = (number << 8n) | BigInt(byte);
  return number;
}

/** Big-endian bytes of a number; bits that do not fit are lost. */
export function numberBytes(number: bigint, size: number): Uint8Array {
  const data = new Uint8Array(size);
  let rest = number;
  for (let at = size; at > 0; at -= 4) {
    let word = Number(rest & 0xffff_ffffn);
    for (let i = at - 1; i >= Math.max(0, at - 4); i--) {
      data[i] = word & 0xff;
      word >>>= 8;
    }
    rest >>= 32n;
  }
  return data;
}

function toBytes(row: FieldRow, input: OxmInput): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (typeof input !== 'string') return numberBytes(BigInt(input), row.size);
  const parsed = parseMac(input) ?? parseIpv4(input) ?? parseIpv6(input);
  if (parsed && parsed.length === row.size) return parsed;
  return numberBytes(BigInt(input), row.size);
}

/** Bits above a field's width (vlan_vid has 13 of 16) as a mask of the width's bits. */
export function widthMask(row: FieldRow): Uint8Array {
  return onesOf(row.bits, row.size);
}

function onesOf(bits: number, size: number): Uint8Array {
  return numberBytes((1n << BigInt(bits)) - 1n, size);
}

/**
 * The same field in canonical form: value bits outside the mask cleared, a mask of all ones left
 * out. A mask of all zeros stays: a match drops the field then (match.ts).
 */
export function normalOxm(given: Oxm, row: FieldRow | undefined): Oxm {
  if (!given.mask) return given;
  const kept = row && onesOf(row.maskBits ?? row.bits, row.size);
  const width = row && widthMask(row);
  const mask = given.mask.map((byte, i) => byte & (kept?.[i] ?? 0xff));
  const value = given.value.map((byte, i) => byte & (mask[i] ?? 0));
  const { oxmClass, field } = given;
  const full = mask.every((byte, i) => (byte | ~(width?.[i] ?? 0xff)) === -1);
  if (full) return { oxmClass, field, value };
  // What is canonical already stays the same value, and is not kept twice.
  return sameBytes(mask, given.mask) && sameBytes(value, given.value)
    ? given
    : { oxmClass, field, value, mask };
}

function sameBytes(some: Uint8Array, others: Uint8Array): boolean {
  return some.length === others.length && some.every((byte, i) => byte === others[i]);
}
