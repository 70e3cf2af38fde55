/**
 * The parts of messages as values: matches, actions, instructions, ports, buckets, queues.
 *
 * The specification's common structures (OF1.3.5 section 7.2). values.ts has the messages, and
 * exports these too.
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

/** An action (OF1.3.5 section 7.2.5, OF1.0.1 section 5.2.4). */
export type Action = Action13 | Action10;

/** Those of 1.0 that 1.3 cannot say in one; a packet without what they set is left alone. */
export type Action10 =
  /** Adds a tag (of priority 0, or id 0) to a packet that has none. */
  | { readonly type: 'setVlanVid'; readonly vid: number }
  | { readonly type: 'setVlanPcp'; readonly pcp: number }
  | { readonly type: 'stripVlan' }
  | { readonly type: 'setNwSrc' | 'setNwDst'; readonly address: Uint8Array }
  /** All eight bits; the two of ECN are zero, and stay as they are in the packet. */
  | { readonly type: 'setNwTos'; readonly tos: number }
  | { readonly type: 'setTpSrc' | 'setTpDst'; readonly port: number }
  /** Outputs to `port` by the queue, and leaves no queue set for what follows. */
  | { readonly type: 'enqueue'; readonly port: number; readonly queueId: number };

export type Action13 =
  | { readonly type: 'output'; readonly port: number; readonly maxLen: number }
  /** `below`, never on the wire: which group of the datapaths it is (groups.ts of slices/). */
  | { readonly type: 'group'; readonly groupId: number; readonly below?: number }
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
  /**
   * NXAST_REG_MOVE of `bits` bits, from bit `fromBit` of a field on to bit `toBit` of another
   * (absent is 0); the fields by their TLV headers.
   */
  | {
      readonly type: 'move';
      readonly bits: number;
      readonly from: number;
      readonly fromBit?: number;
      readonly to: number;
      readonly toBit?: number;
    }
  /** NXAST_REG_LOAD: some bits of a field, which its TLV header names. */
  | {
      readonly type: 'load';
      readonly field: number;
      readonly firstBit: number;
      readonly bits: number;
      readonly value: bigint;
    }
  /** NXAST_CONTROLLER: up to those controllers that have this number, with this OFPR_*. */
  | {
      readonly type: 'controller';
      readonly maxLen: number;
      readonly controllerId: number;
      readonly reason: number;
    }
  /** NXAST_CONTROLLER2: up, whole, what this meter lets pass; it measures nothing else. */
  | { readonly type: 'controller2'; readonly meterId: number }
  /** NXAST_NOTE: bytes that mean nothing to a switch, padded with zeros. */
  | { readonly type: 'note'; readonly data: Uint8Array }
  /** NXAST_CLONE: the actions are done to a copy of the packet. */
  | { readonly type: 'clone'; readonly actions: readonly Action[] }
  /** NXAST_ENCAP: a header in front of the packet; `mdType` is the network service header's. */
  | { readonly type: 'encap'; readonly packetType: number; readonly mdType?: number }
  /**
   * NXAST_LEARN2: an entry is added to a table, or made young again. What it matches and loads is
   * given here, or taken from the packet; without room for one more with its cookie none is added.
   */
  | {
      readonly type: 'learn';
      readonly table: number;
      readonly priority: number;
      readonly cookie: bigint;
      /** 0 is no time-out. */
      readonly hardTimeoutSec: number;
      /** NX_LEARN_F_*. */
      readonly flags: number;
      /** 0 is no limit. */
      readonly limit: number;
      readonly specs: readonly LearnSpec[];
    }
  /** NXAST_DECAP: takes the outermost header off; what is left is of this packet type. */
  | { readonly type: 'decap'; readonly packetType: number }
  /** Any other experimenter action: never passed on (catalogues/attacks.md, I3). */
  | { readonly type: 'experimenter'; readonly experimenter: number; readonly data: Uint8Array };

/** A field of an entry that is learnt: its bits are a value, or those of a field of the packet. */
export interface LearnSpec {
  readonly does: 'match' | 'load';
  readonly bits: number;
  readonly field: number;
  readonly firstBit: number;
  readonly from: { readonly field: number; readonly firstBit: number } | bigint;
}

/** The action of this type. */
export type ActionOf<N extends Action['type']> = Of<Action, N>;
type Of<A, N> = A extends { readonly type: infer T } ? (N extends T ? A : never) : never;

/** An instruction (OF1.3.5 section 7.2.4). */
export type Instruction =
  | { readonly type: 'gotoTable'; readonly table: number }
  | { readonly type: 'writeMetadata'; readonly metadata: bigint; readonly mask: bigint }
  | { readonly type: 'writeActions'; readonly actions: readonly Action[] }
  | { readonly type: 'applyActions'; readonly actions: readonly Action[] }
  | { readonly type: 'clearActions' }
  /** `below`, never on the wire: which meter of the datapaths it is (meters.ts of slices/). */
  | { readonly type: 'meter'; readonly meterId: number; readonly below?: number }
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

/** A peer's mistake, as the specification names it (OF1.3.5 section 7.4.4), and why in words. */
export interface OfError {
  readonly type: 'ofError';
  readonly errorType: number;
  readonly errorCode: number;
  readonly why: string;
}
