/**
 * What OpenFlow messages mean, as values that do not depend on a version's bytes.
 *
 * The cold path (rulebook, configuration, command line, tests) speaks in these; the codec
 * (codec.ts) turns frames into them and back. The hot path (packet-in, packet-out, barrier, echo)
 * never makes them: it reads fields in place with the layouts of messages.ts.
 *
 * Source: OpenFlow Switch Specification 1.3.5 (ONF TS-023), section numbers in the comments.
 */

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

export interface TableStats {
  readonly tableId: number;
  readonly activeCount: number;
  readonly lookupCount: bigint;
  readonly matchedCount: bigint;
}

/** What a multipart request asks (OF1.3.5 section 7.3.5). `other` keeps the body as it came. */
export type MultipartRequestBody =
  | { readonly kind: 'desc' }
  | { readonly kind: 'flow'; readonly filter: FlowStatsFilter }
  | { readonly kind: 'aggregate'; readonly filter: FlowStatsFilter }
  | { readonly kind: 'table' }
  | { readonly kind: 'portStats'; readonly portNo: number }
  | { readonly kind: 'groupStats'; readonly groupId: number }
  | { readonly kind: 'groupDesc' }
  | { readonly kind: 'portDesc' }
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
  | { readonly kind: 'groupStats'; readonly groups: readonly GroupStats[] }
  | {
      readonly kind: 'groupDesc';
      readonly groups: readonly {
        readonly groupType: number;
        readonly groupId: number;
        readonly buckets: readonly Bucket[];
      }[];
    }
  | { readonly kind: 'portDesc'; readonly ports: readonly PortDesc[] }
  | { readonly kind: 'other'; readonly mpType: number; readonly body: Uint8Array };

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
      /** ofp_header.type: portMod, tableMod, meterMod, queueGetConfig..., setAsync, getAsyncReply. */
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
