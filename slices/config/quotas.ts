/**
 * Quotas of owners of networks, by names that tokens refer to. Counts are over all networks of one
 * owner; bandwidth is each host's, each way.
 */
import ipaddr from 'ipaddr.js';
import { limits } from '../limits.ts';
import { plural } from '../plural.ts';
import type { Parsed } from './parsed.ts';
import type { TlsFiles } from './tls.ts';

export const quotaCounts = [
  ...(['networks', 'vswitches', 'hosts', 'links'] as const),
  ...(['rules', 'groups', 'meters'] as const),
] as const;
export type QuotaCount = (typeof quotaCounts)[number];

export type Counts = Partial<Readonly<Record<QuotaCount, number>>>;

/** Where the file says nothing; rules, groups and meters are as many as a tenant may have. */
const unsaid: Counts = { networks: 1, vswitches: 16, links: 64 };

export interface Quota {
  readonly counts: Counts;
  readonly bandwidth?: { readonly kbps: number; readonly burstKbit: number };
  /** How far ahead the end of a network may be; absent: it need not have one. */
  readonly lifetimeMs?: number;
  /** Whether an operator has to say yes; absent: no. */
  readonly approval?: 'required';
  /** Which offers; absent: all of them. */
  readonly offers?: readonly string[];
  /** Datapaths and zones where vswitches may live; absent: anywhere. */
  readonly on?: readonly string[];
  /** Where controllers may be, as prefixes, or `any`; absent: nowhere on this machine. */
  readonly controllers?: readonly string[];
  /** With what controllers over TLS are met; absent: there are none. */
  readonly tls?: TlsFiles;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** How long something is to be there: `12h`, `7d`; up to ten years. */
export function parseLifetime(text: string): Parsed<number> {
  const [, number = '', unit] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const value = Number(number) * (units.find(([one]) => one === unit)?.[1] ?? 0);
  if (value > 0 && value <= limits.lifetimeMsMax) return { ok: true, value };
  return { ok: false, why: `"${text}" is not a time; write 12h, or 7d` };
}

export function lifetimeText(ms: number): string {
  const [unit, size] = units.find(([, one]) => ms % one === 0) ?? ['s', 1_000];
  return `${Math.ceil(ms / size)}${unit}`;
}

/**
 * Why a controller may not be dialled there, by the addresses of the machine that dials; undefined
 * when it may. A name could lead anywhere by the time it is looked up.
 */
export function whyNotDialled(
  host: string,
  { controllers }: Pick<Quota, 'controllers'>,
  ownAddresses: readonly string[],
): string | undefined {
  if (controllers?.includes('any')) return undefined;
  if (!ipaddr.isValid(host)) return 'is no IP address; write the address of the controller';
  const address = ipaddr.process(host);
  if (controllers !== undefined) {
    const isInside = controllers.some((prefix) => {
      const [net, bits] = ipaddr.parseCIDR(prefix);
      return net.kind() === address.kind() && address.match(net, bits);
    });
    return isInside ? undefined : `is not within ${controllers.join(', ')}, where it has to be`;
  }
  const own = ownAddresses.filter((one) => ipaddr.isValid(one)).map(normal);
  const isElsewhere = elsewhere.includes(address.range()) && !own.includes(normal(host));
  return isElsewhere ? undefined : nobodysText;
}

const nobodysText =
  'is no address of a machine of yours: it is of the machine where Limevisor runs, or of none; ' +
  'write where your controller is';

/** Ranges, in ipaddr.js's words, in which other machines have addresses. */
const elsewhere = ['unicast', 'private', 'uniqueLocal', 'carrierGradeNat', 'reserved'];

function normal(host: string): string {
  return ipaddr.process(host).toNormalizedString();
}

/** Why that is too much, a line each; `used` is what the owner's other networks have. */
export function whyBeyond({ counts }: Quota, used: Counts, wanted: Counts): readonly string[] {
  const all = { ...unsaid, ...counts };
  return quotaCounts.flatMap((kind) => {
    const [most, before, count] = [all[kind], used[kind] ?? 0, wanted[kind] ?? 0];
    if (most === undefined || before + count <= most) return [];
    const others = before === 0 ? '' : `, and your other networks have ${before}`;
    const limit = `your quota is ${most} ("limevisor network quota" has all of it)`;
    if (kind === 'networks' && before > 0) {
      return [`you have ${plural(before, 'network')}: ${limit}; delete one first`];
    }
    const one = kind.replace(/(?<=ch)es$|s$/, '');
    return [`it has ${plural(count, one)}${others}: ${limit}`];
  });
}

export function sumOf(all: readonly Counts[]): Counts {
  const sums = quotaCounts.map((kind) => {
    return [kind, all.reduce((sum, one) => sum + (one[kind] ?? 0), 0)] as const;
  });
  return Object.fromEntries(sums);
}

/** How much there may be of everything that has a limit. */
export function mostOf({ counts }: Quota): Counts {
  return { ...unsaid, ...counts };
}
