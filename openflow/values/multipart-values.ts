/**
 * Multipart requests and replies as values (OF1.3.5 section 7.3.5).
 *
 * A part of values.ts, which has the rest and exports these too; multipart.ts has the bytes.
 */

import type { Bucket, Instruction, Match, PortDesc } from './structure-values.ts';

/** One row of a flow multipart reply (OF1.3.5 section 7.3.5.2). */
export interface FlowStats {
  readonly tableId: number;
  readonly durationSec: number;
  readonly durationNsec: number;
  readonly priority: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly flags: number;
  readonly cookie: bigint;
  readonly packetCount: bigint;
  readonly byteCount: bigint;
  /** How long no packet met it, and it was not changed: Nicira's statistics say it. */
  readonly ages?: { readonly idleSec: number; readonly hardSec: number };
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

/** The filter of a flow or aggregate request. */
export interface FlowStatsFilter {
  readonly tableId: number;
  readonly outPort: number;
  readonly outGroup: number;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly match: Match;
}

export interface GroupStats {
  readonly groupId: number;
  readonly refCount: number;
  readonly packetCount: bigint;
  readonly byteCount: bigint;
  readonly durationSec: number;
  readonly durationNsec: number;
  readonly buckets: readonly { readonly packetCount: bigint; readonly byteCount: bigint }[];
}

/** What groups of each type can do; bits by OFPGT_*, OFPGFC_* and OFPAT_*. */
export interface GroupFeatures {
  readonly types: number;
  readonly capabilities: number;
  readonly maxAll: number;
  readonly maxSelect: number;
  readonly maxIndirect: number;
  readonly maxFf: number;
  readonly actionsAll: number;
  readonly actionsSelect: number;
  readonly actionsIndirect: number;
  readonly actionsFf: number;
}

/** What a meter does with packets above a rate (OF1.3.5 section 7.3.4.4). */
export type MeterBand =
  | { readonly type: 'drop'; readonly rate: number; readonly burstSize: number }
  | {
      readonly type: 'dscpRemark';
      readonly rate: number;
      readonly burstSize: number;
      readonly precLevel: number;
    }
  /** As a switch reported it; a controller's are refused. */
  | {
      readonly type: 'other';
      readonly number: number;
      readonly rate: number;
      readonly burstSize: number;
      readonly data: Uint8Array;
    };

/** A meter: `flags` are OFPMF_*, rates are in kbit/s or packets/s by them. */
export interface MeterConfig {
  readonly meterId: number;
  readonly flags: number;
  readonly bands: readonly MeterBand[];
}

/** `bands` are what each band has dropped or changed. */
export interface MeterStats {
  readonly meterId: number;
  readonly flowCount: number;
  readonly packetCount: bigint;
  readonly byteCount: bigint;
  readonly durationSec: number;
  readonly durationNsec: number;
  readonly bands: readonly { readonly packetCount: bigint; readonly byteCount: bigint }[];
}

/** What meters can do; bits by OFPMBT_* and OFPMF_*. */
export interface MeterFeatures {
  readonly maxMeter: number;
  readonly bandTypes: number;
  readonly capabilities: number;
  readonly maxBands: number;
  readonly maxColor: number;
}

/** Counters of a port; all 64 bits (OF1.3.5 section 7.3.5.7). */
export interface PortStats {
  readonly portNo: number;
  readonly rxPackets: bigint;
  readonly txPackets: bigint;
  readonly rxBytes: bigint;
  readonly txBytes: bigint;
  readonly rxDropped: bigint;
  readonly txDropped: bigint;
  readonly rxErrors: bigint;
  readonly txErrors: bigint;
  readonly rxFrameErr: bigint;
  readonly rxOverErr: bigint;
  readonly rxCrcErr: bigint;
  readonly collisions: bigint;
  readonly durationSec: number;
  readonly durationNsec: number;
}

/** Counters of a port's queue (OF1.3.5 section 7.3.5.8). */
export interface QueueStats {
  readonly portNo: number;
  readonly queueId: number;
  readonly txBytes: bigint;
  readonly txPackets: bigint;
  readonly txErrors: bigint;
  readonly durationSec: number;
  readonly durationNsec: number;
}

export interface TableStats {
  readonly tableId: number;
  readonly activeCount: number;
  readonly lookupCount: bigint;
  readonly matchedCount: bigint;
  /** What only 1.0 says of a table; `wildcards` is OFPFW_*. */
  readonly of10?: {
    readonly name: string;
    readonly wildcards: number;
    readonly maxEntries: number;
  };
}

/** What a multipart request asks (OF1.3.5 section 7.3.5). `other` keeps the body as it came. */
export type MultipartRequestBody =
  | { readonly kind: 'desc' }
  | { readonly kind: 'flow'; readonly filter: FlowStatsFilter }
  | { readonly kind: 'aggregate'; readonly filter: FlowStatsFilter }
  | { readonly kind: 'table' }
  | { readonly kind: 'portStats'; readonly portNo: number }
  | { readonly kind: 'queueStats'; readonly portNo: number; readonly queueId: number }
  | { readonly kind: 'groupStats'; readonly groupId: number }
  | { readonly kind: 'groupDesc' }
  | { readonly kind: 'groupFeatures' }
  | { readonly kind: 'portDesc' }
  | { readonly kind: 'meterStats' | 'meterConfig'; readonly meterId: number }
  | { readonly kind: 'meterFeatures' }
  | { readonly kind: 'other'; readonly mpType: number; readonly body: Uint8Array };

export type MultipartReplyBody =
  | {
      readonly kind: 'desc';
      readonly manufacturer: string;
      readonly hardware: string;
      readonly software: string;
      readonly serial: string;
      readonly datapath: string;
    }
  | { readonly kind: 'flow'; readonly flows: readonly FlowStats[] }
  | {
      readonly kind: 'aggregate';
      readonly packetCount: bigint;
      readonly byteCount: bigint;
      readonly flowCount: number;
    }
  | { readonly kind: 'table'; readonly tables: readonly TableStats[] }
  | { readonly kind: 'portStats'; readonly ports: readonly PortStats[] }
  | { readonly kind: 'queueStats'; readonly queues: readonly QueueStats[] }
  | { readonly kind: 'groupStats'; readonly groups: readonly GroupStats[] }
  | {
      readonly kind: 'groupDesc';
      readonly groups: readonly {
        readonly groupType: number;
        readonly groupId: number;
        readonly buckets: readonly Bucket[];
      }[];
    }
  | ({ readonly kind: 'groupFeatures' } & GroupFeatures)
  | { readonly kind: 'portDesc'; readonly ports: readonly PortDesc[] }
  | { readonly kind: 'meterStats'; readonly meters: readonly MeterStats[] }
  | { readonly kind: 'meterConfig'; readonly meters: readonly MeterConfig[] }
  | ({ readonly kind: 'meterFeatures' } & MeterFeatures)
  | { readonly kind: 'other'; readonly mpType: number; readonly body: Uint8Array };
