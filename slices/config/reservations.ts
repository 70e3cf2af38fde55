/**
 * Capacities and reservations (slices/placement/): `capacity:` of a datapath, `reserve:` of a
 * vswitch, and `bandwidth:` of cables, virtual cables and hosts.
 *
 *   datapaths:  s1: { dpid: 1, capacity: { rules: 2000, groups: 100, meters: 50, vswitches: 8 } }
 *   links:      - { ends: s1:3 - s2:3, bandwidth: 10G }
 *   vswitches:  v1: { dpid: 1, place: auto, reserve: { rules: 500 } }
 */
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

/** What is counted; each vswitch is one of `vswitches`. */
export const countedNames = ['rules', 'groups', 'meters', 'vswitches'] as const;
export type Counted = (typeof countedNames)[number];

/** What is not named is not limited, or not needed. */
export type Amounts = Readonly<Partial<Record<Counted, number>>>;

/** Kilobits in a second. */
export type Kbps = number;

/** What a vswitch sets aside where it is. */
export function amountsOf({ reserve }: { readonly reserve?: Amounts }): Amounts {
  return { ...reserve, vswitches: 1 };
}

const AMOUNT_MAX = 100_000_000;

export function readAmounts(
  at: Reader | undefined,
  names: readonly Counted[],
): Amounts | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(names);
  const found = names.flatMap((name) => {
    const amounts = at.optional(name)?.parsed(parseAmount) ?? [];
    return amounts.map((amount) => [name, amount] as const);
  });
  return Object.fromEntries(found);
}

export function readBandwidth(at: Reader | undefined): Kbps | undefined {
  return at?.parsed(parseBandwidth)[0];
}

function parseAmount(text: string): Parsed<number> {
  const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= AMOUNT_MAX) return { ok: true, value: number };
  return { ok: false, why: `"${text}" is not a number; write 0 to ${AMOUNT_MAX}` };
}

const units: readonly (readonly [unit: string, kbps: Kbps])[] = [
  ['G', 1_000_000],
  ['M', 1_000],
  ['k', 1],
];

function parseBandwidth(text: string): Parsed<Kbps> {
  const [, number = '', unit] = /^([0-9]{1,6})([kMG])$/.exec(text) ?? [];
  const value = Number(number) * (units.find(([one]) => one === unit)?.[1] ?? 0);
  if (value > 0) return { ok: true, value };
  return { ok: false, why: `"${text}" is not a bandwidth; write bits in a second, such as 100M` };
}

export function bandwidthText(kbps: Kbps): string {
  const [unit, size] = units.find(([, one]) => kbps % one === 0) ?? ['k', 1];
  return `${kbps / size}${unit}`;
}

export function amountsTree(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).map(([name, one]) => [name, String(one)]));
}
