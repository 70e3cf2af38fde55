/**
 * The report about an owned network: its state and its end, its use of the quota, and the offers
 * that it has taken. It says nothing about where anything is.
 */
import type { Fields } from '../../slices/config/config-fields.ts';
import { type Counts, mostOf, type Quota, sumOf } from '../../slices/config/quotas.ts';
import type {
  Frozen,
  NetworkRecord,
  NetworkState,
} from '../../translation/stored/stored-networks.ts';

export interface LifeReport {
  readonly owner: string;
  readonly quota: string;
  readonly state: NetworkState;
  readonly madeMs: number;
  /** Absent: it has no end. */
  readonly endsMs?: number;
  /** It ends before long. */
  readonly endsSoon: boolean;
  /** Its time is over, or it is being deleted: it is not gone yet. */
  readonly isEnding: boolean;
  /** Why an operator has frozen it, or has not approved of it. */
  readonly frozen?: string;
  readonly why?: string;
  readonly counts: Counts;
  readonly asked: Fields;
  readonly offers: Readonly<Record<string, string>>;
  readonly version: number;
}

export interface QuotaReport {
  readonly quota: string;
  readonly most: Counts;
  readonly used: Counts;
  readonly lifetimeMs?: number;
  readonly needsApproval: boolean;
  /** What may be taken, by its names. */
  readonly offers: readonly {
    readonly name: string;
    readonly isFree: boolean;
    /** The own network that has taken it; empty: none has. */
    readonly network: string;
  }[];
}

export function lifeReport(
  record: NetworkRecord,
  frozen: Frozen | undefined,
  ends: Pick<LifeReport, 'endsSoon' | 'isEnding'>,
): LifeReport {
  const { name: _, file: __, ...rest } = record;
  return { ...rest, ...ends, ...(frozen && { frozen: frozen.why }) };
}

/** `taken`: by offer, the own network that has it; the empty text: somebody else's. */
export function quotaReport(
  name: string,
  quota: Quota,
  own: readonly NetworkRecord[],
  offers: QuotaReport['offers'],
): QuotaReport {
  const { lifetimeMs, approval } = quota;
  return {
    quota: name,
    ...{ most: mostOf(quota), used: sumOf(own.filter(isCounted).map(({ counts }) => counts)) },
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    ...{ needsApproval: approval === 'required', offers },
  };
}

/** Why what is asked for is not for one that is as it is; `isThere`: it runs indeed. */
export function whyNotNow(
  { name, state }: Pick<NetworkRecord, 'name' | 'state'>,
  isThere: boolean,
): string {
  if (state === 'running' && !isThere) return `${name} does not run: ${whyBelow(name)}`;
  const texts: Readonly<Record<NetworkState, string>> = {
    running: 'runs already',
    paused: `is paused already; "limevisor network resume ${name}" has it go on`,
    pending: 'waits for the operator to approve of it; it can be deleted',
    rejected: 'was not approved of; "limevisor network show" says why, and it may be asked again',
  };
  return `${name} ${texts[state]}`;
}

/** What an owner hears where the cause is physical; `lost`: of what is its own. */
export function whyBelow(name: string, lost: readonly string[] = []): string {
  if (lost.length === 0) {
    return `${name} cannot be as things are below; the operator is told why: ask there`;
  }
  const hint = 'ask the operator for it, or delete it and make it anew';
  return `${name} cannot be as it was: ${lost.join('; ')}; ${hint}`;
}

/** One that was refused takes nothing. */
export function isCounted({ state }: Pick<NetworkRecord, 'state'>): boolean {
  return state !== 'rejected';
}
