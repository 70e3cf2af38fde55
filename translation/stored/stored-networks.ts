/**
 * Records of networks that owners have made, and of tenants that an operator has frozen:
 *
 *   network/<network>   what it is, whose, and until when       frozen/<tenant>   why, since when
 */
import type { Fields } from '../../slices/config/config-fields.ts';
import type { Counts } from '../../slices/config/quotas.ts';

/**
 *   pending --approved--> running <--> paused          pending --refused--> rejected
 *
 * Each of them may be deleted, and ends when its time is over; what is gone has no record.
 */
const networkStates = ['pending', 'rejected', 'running', 'paused'] as const;
export type NetworkState = (typeof networkStates)[number];

export interface NetworkRecord {
  /** `lab@ann`: the name of its tenant. */
  readonly name: string;
  readonly owner: string;
  /** The name of its owner's quota. */
  readonly quota: string;
  readonly state: NetworkState;
  /** As its owner has asked for it. */
  readonly asked: Fields;
  /** As a file would have it, with places; absent until it has some. */
  readonly file?: Fields;
  /** By host, the offer that it has taken. */
  readonly offers: Readonly<Record<string, string>>;
  /** What it takes of its owner's quota. */
  readonly counts: Counts;
  /** Milliseconds since 1970. */
  readonly madeMs: number;
  /** Absent: it has no end. */
  readonly endsMs?: number;
  /** Of one that was refused; what the operator has said. */
  readonly why?: string;
  /** Counts its changes. */
  readonly version: number;
}

export interface Frozen {
  readonly why: string;
  readonly sinceMs: number;
}

export interface StoredNetworks {
  readonly networks: ReadonlyMap<string, NetworkRecord>;
  readonly frozen: ReadonlyMap<string, Frozen>;
}

/** While the texts are read (recovered.ts). */
export interface DraftNetworks {
  readonly networks: Map<string, NetworkRecord>;
  readonly frozen: Map<string, Frozen>;
}

interface Text {
  readonly parsed: unknown;
  readonly name: string;
}

type Reader = (draft: DraftNetworks, text: Text) => void;

/** By the first word of the key; each throws when the text makes no sense. */
export const networkReaders: Readonly<Record<'network' | 'frozen', Reader>> = {
  network(draft, { parsed, name }) {
    const record = parsed as NetworkRecord;
    const isOurs = record.name === name && networkStates.includes(record.state);
    if (!isOurs || typeof record.asked !== 'object') throw new Error('it is no network');
    draft.networks.set(name, record);
  },
  frozen(draft, { parsed, name }) {
    const { why, sinceMs } = parsed as Frozen;
    draft.frozen.set(name, { why: String(why), sinceMs: Number(sinceMs) });
  },
};
