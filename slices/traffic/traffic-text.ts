/**
 * Prints rates and times for people.
 */

const units = [
  ['Gbit/s', 1e9],
  ['Mbit/s', 1e6],
  ['kbit/s', 1e3],
] as const;

/** Of bytes in a second. */
export function rateText(bytesPerSec: number): string {
  const bits = bytesPerSec * 8;
  for (const [unit, size] of units) if (bits >= size) return `${(bits / size).toFixed(1)} ${unit}`;
  return `${Math.round(bits)} bit/s`;
}

/** Of bytes: `950 B`, `12.3 kB`, `4.5 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const times: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `5m`, `12h`, `7d` in milliseconds; undefined when it is none of these. */
export function msOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const size = times[unit];
  return size === undefined ? undefined : Number(number) * size;
}
