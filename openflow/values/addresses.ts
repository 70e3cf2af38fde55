/**
 * MAC, IPv4 and IPv6 addresses, between bytes and the text that people type and ovs-ofctl prints.
 *
 * Parsers answer undefined for text that is no address. No package here: this folder imports
 * nothing, and what configuration needs beyond it (ranges, zones) is slices' and the shell's.
 */

const hexPair = /^[0-9a-f]{1,2}$/i;
const hexGroup = /^[0-9a-f]{1,4}$/i;
const decimalByte = /^\d{1,3}$/;

export function parseMac(text: string): Uint8Array | undefined {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => hexPair.test(part))) return undefined;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

export function formatMac(mac: Uint8Array): string {
  return Array.from(mac, hexByte).join(':');
}

export function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => decimalByte.test(part))) return undefined;
  const numbers = parts.map(Number);
  return numbers.some((part) => part > 255) ? undefined : Uint8Array.from(numbers);
}

export function formatIpv4(address: Uint8Array): string {
  return address.join('.');
}

export function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const front = groups(halves[0] ?? '');
  const back = groups(halves[1] ?? '');
  if (!front || !back) return undefined;
  const missing = 16 - front.length - back.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...front, ...new Array<number>(missing).fill(0), ...back]);
}

/** Colon-separated groups as bytes; the last may be a dotted IPv4 address. */
function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const dotted = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (dotted) out.push(...dotted);
    else if (hexGroup.test(part))
      out.push(Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255);
    else return undefined;
  }
  return out;
}

/** As inet_ntop does: the first longest run of zero groups becomes `::`. */
export function formatIpv6(address: Uint8Array): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push((address[i] ?? 0) * 256 + (address[i + 1] ?? 0));
  let best = { at: -1, size: 1 };
  for (let at = 0; at < 8; at++) {
    let size = 0;
    while (at + size < 8 && words[at + size] === 0) size++;
    if (size > best.size) best = { at, size };
  }
  const mapped = best.at === 0 && (best.size === 6 || (best.size === 5 && words[5] === 0xffff));
  const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  if (mapped) return `::${best.size === 5 ? 'ffff:' : ''}${formatIpv4(address.subarray(12))}`;
  if (best.at < 0) return text(words);
  return `${text(words.slice(0, best.at))}::${text(words.slice(best.at + best.size))}`;
}

/** How many leading one bits, if the rest are zeros; undefined for any other mask. */
export function prefixLength(mask: Uint8Array): number | undefined {
  let bits = 0;
  let ended = false;
  for (const byte of mask) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      if ((byte & bit) === 0) ended = true;
      else if (ended) return undefined;
      else bits++;
    }
  }
  return bits;
}

/** `size` bytes whose first `bits` bits are ones. */
export function prefixMask(bits: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => {
    const ones = Math.min(8, Math.max(0, bits - 8 * i));
    return (0xff << (8 - ones)) & 0xff;
  });
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

export function hex(data: Uint8Array): string {
  return Array.from(data, hexByte).join('');
}
