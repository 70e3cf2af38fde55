/**
 * OpenFlow messages as values that do not depend on a version's bytes.
 *
 * The cold path (rulebook, configuration, command line, tests) speaks in these; the codec
 * (codec.ts) turns frames into them and back. The hot path (packet-in, packet-out, barrier, echo)
 * never makes them: it reads fields in place with the layouts of message-layouts.ts. What messages
 * are made of is in structure-values.ts and multipart-values.ts, and exported here too.
 *
 * Source: OpenFlow Switch Specification 1.3.5 (ONF TS-023), section numbers in the comments.
 */

import type { MeterConfig, MultipartReplyBody, MultipartRequestBody } from './multipart-values.ts';
import type {
  Action,
  Bucket,
  Instruction,
  Match,
  PortDesc,
  QueueDesc,
} from './structure-values.ts';

export type * from './multipart-values.ts';
export type * from './structure-values.ts';

export interface FlowMod {
  readonly type: 'flowMod';
  readonly xid: number;
  /**
   * ofp_header.version of a controller that spoke 1.0, where commands do other things to counters
   * and timers, and a modify may add; absent: 1.3.
   */
  readonly version?: number;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  /** What a modify that asks for a cookie gives to rules instead of theirs (Nicira's flow-mod). */
  readonly newCookie?: bigint;
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

/** Every message of both versions as a value; `raw` ones are known by type, bodies untouched. */
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
      /** What only 1.0 says: the actions there are (bits by OFPAT_*), and the ports. */
      readonly of10?: { readonly actions: number; readonly ports: readonly PortDesc[] };
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
      /** Bits by reason, as master or equal and as slave. */
      readonly type: 'setAsync' | 'getAsyncReply';
      readonly xid: number;
      readonly packetIn: number;
      readonly packetInSlave: number;
      readonly portStatus: number;
      readonly portStatusSlave: number;
      readonly flowRemoved: number;
      readonly flowRemovedSlave: number;
    }
  | {
      readonly type: 'tableMod';
      readonly xid: number;
      readonly tableId: number;
      readonly config: number;
    }
  | ({
      readonly type: 'meterMod';
      readonly xid: number;
      /** OFPMC_*. A deletion has no bands. */
      readonly command: number;
    } & MeterConfig);

/** The message of this type. */
export type MessageOf<N extends Message['type']> = Of<Message, N>;
type Of<M, N> = M extends { readonly type: infer T } ? (N extends T ? M : never) : never;
