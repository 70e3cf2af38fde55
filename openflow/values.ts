/**
 * What OpenFlow messages mean, as values that do not depend on a version's bytes.
 *
 * The cold path (rulebook, configuration, command line, tests) speaks in these; the codec
 * (codec.ts) turns frames into them and back. The hot path (packet-in, packet-out, barrier, echo)
 * never makes them: it reads fields in place with the layouts of messages.ts.
 *
 * Source: OpenFlow Switch Specification 1.3.5 (ONF TS-023), section numbers in the comments.
 */

import type { MultipartReplyBody, MultipartRequestBody } from './mpvalues.ts';

export type {
  FlowStats,
  FlowStatsFilter,
  GroupStats,
  MultipartReplyBody,
  MultipartRequestBody,
  PortStats,
  QueueStats,
  TableStats,
} from './mpvalues.ts';

/** One OpenFlow Extensible Match TLV (OF1.3.5 section 7.2.3.2). Payload in network byte order. */
export interface Oxm {
  /** oxm_class: 0x8000 is OFPXMC_OPENFLOW_BASIC, 0x0001 is Nicira's registers (NXM_1). */
  readonly oxmClass: number;
  /** oxm_field, 7 bits. */
  readonly field: number;
  readonly value: Uint8Array;
  /** Absent: every bit counts. Never all-ones nor all-zeros in a canonical match. */
  readonly mask?: Uint8Array;
}

/**
 * A flow match. Canonical: sorted by (class, field), each field once, value bits outside the mask
 * zero, fields whose mask is all-zeros left out. Two canonical matches are equal when their
 * `matchKey`s are.
 */
export type Match = readonly Oxm[];

/** An action (OF1.3.5 section 7.2.5). */
export type Action =
  | { readonly type: 'output'; readonly port: number; readonly maxLen: number }
  | { readonly type: 'group'; readonly groupId: number }
  | { readonly type: 'setQueue'; readonly queueId: number }
  | { readonly type: 'setField'; readonly oxm: Oxm }
  | { readonly type: 'pushVlan'; readonly ethertype: number }
  | { readonly type: 'popVlan' }
  | { readonly type: 'pushMpls'; readonly ethertype: number }
  | { readonly type: 'popMpls'; readonly ethertype: number }
  | { readonly type: 'pushPbb'; readonly ethertype: number }
  | { readonly type: 'popPbb' }
  | { readonly type: 'copyTtlOut' }
  | { readonly type: 'copyTtlIn' }
  | { readonly type: 'setMplsTtl'; readonly ttl: number }
  | { readonly type: 'decMplsTtl' }
  | { readonly type: 'setNwTtl'; readonly ttl: number }
  | { readonly type: 'decNwTtl' }
  /** NXAST_RESUBMIT_TABLE: go through `table` now, then come back; inPort 0xfff8 keeps in_port. */
  | { readonly type: 'resubmit'; readonly inPort: number; readonly table: number }
  /** Any other experimenter action: never passed on (catalogues/attacks.md, I3). */
  | { readonly type: 'experimenter'; readonly experimenter: number; readonly data: Uint8Array };

/** An instruction (OF1.3.5 section 7.2.4). */
export type Instruction =
  | { readonly type: 'gotoTable'; readonly table: number }
  | { readonly type: 'writeMetadata'; readonly metadata: bigint; readonly mask: bigint }
  | { readonly type: 'writeActions'; readonly actions: readonly Action[] }
  | { readonly type: 'applyActions'; readonly actions: readonly Action[] }
  | { readonly type: 'clearActions' }
  | { readonly type: 'meter'; readonly meterId: number }
  | { readonly type: 'experimenter'; readonly experimenter: number; readonly data: Uint8Array };

/** A port (OF1.3.5 section 7.2.1). Speeds in kbit/s; bitmaps as the specification has them. */
export interface PortDesc {
  readonly portNo: number;
  /** Six bytes. */
  readonly hwAddr: Uint8Array;
  /** At most 15 bytes of it fit on the wire. */
  readonly name: string;
  readonly config: number;
  readonly state: number;
  readonly curr: number;
  readonly advertised: number;
  readonly supported: number;
  readonly peer: number;
  readonly currSpeed: number;
  readonly maxSpeed: number;
}

/** A group's bucket (OF1.3.5 section 7.3.4.2). */
export interface Bucket {
  readonly weight: number;
  readonly watchPort: number;
  readonly watchGroup: number;
  readonly actions: readonly Action[];
}

/** A queue of a port (OF1.3.5 section 7.2.2). */
export interface QueueDesc {
  readonly queueId: number;
  readonly portNo: number;
  readonly properties: readonly QueueProperty[];
}

/** Rates are in tenths of a percent; above 1000 they are not set. */
export type QueueProperty =
  | { readonly type: 'minRate' | 'maxRate'; readonly rate: number }
  | { readonly type: 'other'; readonly number: number; readonly data: Uint8Array };

export interface FlowMod {
  readonly type: 'flowMod';
  readonly xid: number;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly tableId: number;
  /** OFPFC_*: 0 add, 1 modify, 2 modify strict, 3 delete, 4 delete strict. */
  readonly command: number;
  readonly idleTimeoutSec: number;
  readonly hardTimeoutSec: number;
  readonly priority: number;
  readonly bufferId: number;
  readonly outPort: number;
  readonly outGroup: number;
  /** OFPFF_*: 1 send flow-removed, 2 check overlap, 4 reset counts, 8, 16 no counts. */
  readonly flags: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

/** Every message of OpenFlow 1.3 as a value. `raw` ones are known by type, bodies untouched. */
export type Message =
  | { readonly type: 'hello'; readonly xid: number; readonly versions: readonly number[] }
  | {
      readonly type: 'error';
      readonly xid: number;
      readonly errorType: number;
      readonly errorCode: number;
      readonly data: Uint8Array;
    }
  | {
      readonly type: 'echoRequest' | 'echoReply';
      readonly xid: number;
      readonly data: Uint8Array;
    }
  | {
      readonly type: 'experimenter';
      readonly xid: number;
      readonly experimenter: number;
      readonly expType: number;
      readonly data: Uint8Array;
    }
  | {
      readonly type:
        | 'featuresRequest'
        | 'getConfigRequest'
        | 'barrierRequest'
        | 'barrierReply'
        | 'getAsyncRequest';
      readonly xid: number;
    }
  | {
      readonly type: 'featuresReply';
      readonly xid: number;
      readonly dpid: bigint;
      readonly bufferCount: number;
      readonly tableCount: number;
      readonly auxiliaryId: number;
      readonly capabilities: number;
    }
  | {
      readonly type: 'getConfigReply' | 'setConfig';
      readonly xid: number;
      readonly flags: number;
      readonly missSendLen: number;
    }
  | {
      readonly type: 'packetIn';
      readonly xid: number;
      readonly bufferId: number;
      readonly totalLen: number;
      readonly reason: number;
      readonly tableId: number;
      readonly cookie: bigint;
      readonly match: Match;
      readonly data: Uint8Array;
    }
  | {
      readonly type: 'flowRemoved';
      readonly xid: number;
      readonly cookie: bigint;
      readonly priority: number;
      readonly reason: number;
      readonly tableId: number;
      readonly durationSec: number;
      readonly durationNsec: number;
      readonly idleTimeoutSec: number;
      readonly hardTimeoutSec: number;
      readonly packetCount: bigint;
      readonly byteCount: bigint;
      readonly match: Match;
    }
  | {
      readonly type: 'portStatus';
      readonly xid: number;
      readonly reason: number;
      readonly desc: PortDesc;
    }
  | {
      readonly type: 'packetOut';
      readonly xid: number;
      readonly bufferId: number;
      readonly inPort: number;
      readonly actions: readonly Action[];
      readonly data: Uint8Array;
    }
  | FlowMod
  | {
      readonly type: 'groupMod';
      readonly xid: number;
      /** OFPGC_*: 0 add, 1 modify, 2 delete. */
      readonly command: number;
      /** OFPGT_*: 0 all, 1 select, 2 indirect, 3 fast failover. */
      readonly groupType: number;
      readonly groupId: number;
      readonly buckets: readonly Bucket[];
    }
  | {
      readonly type: 'portMod';
      readonly xid: number;
      readonly portNo: number;
      /** Six bytes: the port's own, or it is refused. */
      readonly hwAddr: Uint8Array;
      readonly config: number;
      /** The bits of `config` that count. */
      readonly mask: number;
      /** 0: as it is. */
      readonly advertise: number;
    }
  | {
      readonly type: 'queueGetConfigRequest';
      readonly xid: number;
      readonly portNo: number;
    }
  | {
      readonly type: 'queueGetConfigReply';
      readonly xid: number;
      readonly portNo: number;
      readonly queues: readonly QueueDesc[];
    }
  | {
      readonly type: 'multipartRequest';
      readonly xid: number;
      readonly flags: number;
      readonly request: MultipartRequestBody;
    }
  | {
      readonly type: 'multipartReply';
      readonly xid: number;
      readonly flags: number;
      readonly reply: MultipartReplyBody;
    }
  | {
      readonly type: 'roleRequest' | 'roleReply';
      readonly xid: number;
      readonly role: number;
      readonly generationId: bigint;
    }
  | {
      readonly type: 'raw';
      readonly xid: number;
      /** ofp_header.type: tableMod, meterMod, getAsyncReply, setAsync. */
      readonly messageType: number;
      readonly body: Uint8Array;
    };

/** A peer's mistake, as the specification names it (OF1.3.5 section 7.4.4), and why in words. */
export interface OfError {
  readonly type: 'ofError';
  readonly errorType: number;
  readonly errorCode: number;
  readonly why: string;
}
