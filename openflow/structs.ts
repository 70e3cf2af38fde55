/**
 * The fixed structures inside messages: ports, buckets, actions, instructions, rows of statistics.
 *
 * One layout each; messages.ts has the messages' own fixed parts. OF1.3.5 sections 7.2 and 7.3.5.
 */

import { bytes, layout, pad, size8, size16, u8, u16, u32, u64 } from './layout.ts';

/** ofp_match and OXM TLVs (section 7.2.3): `length` counts these four bytes, not the padding. */
export const matchHeader = layout('Match', { type: u16, length: size16 });
export const oxmHeader = layout('Oxm', { oxmClass: u16, fieldAndMask: u8, length: size8 });

/** ofp_port (section 7.2.1). */
export const portDesc = layout('Port', {
  portNo: u32,
  pad: pad(4),
  hwAddr: bytes(6),
  pad2: pad(2),
  name: bytes(16),
  config: u32,
  state: u32,
  curr: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
  currSpeed: u32,
  maxSpeed: u32,
});

/** ofp_bucket (section 7.3.4.2). */
export const bucket = layout('Bucket', {
  length: size16,
  weight: u16,
  watchPort: u32,
  watchGroup: u32,
  pad: pad(4),
});

/** Actions (section 7.2.5). Those that carry nothing share `plain`. */
const action = { type: u16, length: size16 };
export const actionLayouts = {
  plain: layout('Action', { ...action, pad: pad(4) }),
  output: layout('ActionOutput', { ...action, port: u32, maxLen: u16, pad: pad(6) }),
  group: layout('ActionGroup', { ...action, groupId: u32 }),
  setQueue: layout('ActionSetQueue', { ...action, queueId: u32 }),
  ethertype: layout('ActionPush', { ...action, ethertype: u16, pad: pad(2) }),
  ttl: layout('ActionTtl', { ...action, ttl: u8, pad: pad(3) }),
  setField: layout('ActionSetField', { ...action }),
  experimenter: layout('ActionExperimenter', { ...action, experimenter: u32 }),
  move: layout('ActionMove', {
    ...action,
    experimenter: u32,
    subtype: u16,
    bits: u16,
    fromBit: u16,
    toBit: u16,
    from: u32,
    to: u32,
  }),
  load: layout('ActionLoad', {
    ...action,
    experimenter: u32,
    subtype: u16,
    /** The first bit, ten of these bits; the number of bits less one, six. */
    bits: u16,
    field: u32,
    value: u64,
  }),
  clone: layout('ActionClone', { ...action, experimenter: u32, subtype: u16, pad: pad(6) }),
  encap: layout('ActionEncap', {
    ...action,
    experimenter: u32,
    subtype: u16,
    headerSize: u16,
    packetType: u32,
  }),
  nshMdType: layout('PropertyNshMdType', {
    propertyClass: u16,
    type: u8,
    length: u8,
    mdType: u8,
    pad: pad(3),
  }),
  decap: layout('ActionDecap', {
    ...action,
    experimenter: u32,
    subtype: u16,
    pad: pad(2),
    packetType: u32,
  }),
  resubmit: layout('ActionResubmit', {
    ...action,
    experimenter: u32,
    subtype: u16,
    inPort: u16,
    table: u8,
    pad: pad(3),
  }),
} as const;

/** Instructions (section 7.2.4). */
const instruction = { type: u16, length: size16 };
export const instructionLayouts = {
  gotoTable: layout('GotoTable', { ...instruction, table: u8, pad: pad(3) }),
  writeMetadata: layout('WriteMetadata', {
    ...instruction,
    pad: pad(4),
    metadata: u64,
    mask: u64,
  }),
  actions: layout('InstructionActions', { ...instruction, pad: pad(4) }),
  meter: layout('InstructionMeter', { ...instruction, meterId: u32 }),
  experimenter: layout('InstructionExperimenter', { ...instruction, experimenter: u32 }),
} as const;

/** hello's elements (section 7.5.1). */
export const helloElement = layout('HelloElement', { type: u16, length: size16 });

/** ofp_desc (section 7.3.5.1): NUL-terminated strings. */
export const descBody = layout('Desc', {
  manufacturer: bytes(256),
  hardware: bytes(256),
  software: bytes(256),
  serial: bytes(32),
  datapath: bytes(256),
});

/** ofp_flow_stats_request and ofp_aggregate_stats_request, before the match (section 7.3.5.2). */
export const flowFilter = layout('FlowStatsRequest', {
  tableId: u8,
  pad: pad(3),
  outPort: u32,
  outGroup: u32,
  pad2: pad(4),
  cookie: u64,
  cookieMask: u64,
});

/** ofp_flow_stats, before the match. */
export const flowRow = layout('FlowStats', {
  length: size16,
  tableId: u8,
  pad: pad(1),
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  flags: u16,
  pad2: pad(4),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
});

/** ofp_aggregate_stats_reply (section 7.3.5.3). */
export const aggregateBody = layout('AggregateStats', {
  packetCount: u64,
  byteCount: u64,
  flowCount: u32,
  pad: pad(4),
});

/** ofp_table_stats (section 7.3.5.4). */
export const tableRow = layout('TableStats', {
  tableId: u8,
  pad: pad(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});

/** ofp_packet_queue, before its properties, and a property (section 7.2.2). */
export const queue = layout('PacketQueue', {
  queueId: u32,
  portNo: u32,
  length: size16,
  pad: pad(6),
});
export const queueProperty = layout('QueueProperty', { number: u16, length: size16, pad: pad(4) });
export const queueRate = layout('QueueRate', {
  number: u16,
  length: size16,
  pad: pad(4),
  rate: u16,
  pad2: pad(6),
});

/** ofp_queue_stats_request and ofp_queue_stats (section 7.3.5.8). */
export const queueFilter = layout('QueueStatsRequest', { portNo: u32, queueId: u32 });
export const queueRow = layout('QueueStats', {
  portNo: u32,
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationSec: u32,
  durationNsec: u32,
});

/** ofp_port_stats_request and ofp_group_stats_request: a number and padding. */
export const portFilter = layout('PortStatsRequest', { portNo: u32, pad: pad(4) });
export const groupFilter = layout('GroupStatsRequest', { groupId: u32, pad: pad(4) });

/** ofp_port_stats (section 7.3.5.6). */
export const portRow = layout('PortStats', {
  portNo: u32,
  pad: pad(4),
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
  rxFrameErr: u64,
  rxOverErr: u64,
  rxCrcErr: u64,
  collisions: u64,
  durationSec: u32,
  durationNsec: u32,
});

/** ofp_group_stats; of a bucket, and of a meter's band (sections 7.3.5.9 and 7.3.5.12). */
export const groupRow = layout('GroupStats', {
  length: size16,
  pad: pad(2),
  groupId: u32,
  refCount: u32,
  pad2: pad(4),
  packetCount: u64,
  byteCount: u64,
  durationSec: u32,
  durationNsec: u32,
});
export const bucketCounter = layout('BucketCounter', { packetCount: u64, byteCount: u64 });

/** ofp_meter_band_*: a dscp_remark's last bytes are its level and padding (section 7.3.4.4). */
export const meterBand = layout('MeterBand', {
  type: u16,
  length: size16,
  rate: u32,
  burstSize: u32,
});
export const dscpBand = layout('MeterBandDscpRemark', { precLevel: u8, pad: pad(3) });

/** ofp_meter_multipart_request (section 7.3.5.12). */
export const meterFilter = layout('MeterRequest', { meterId: u32, pad: pad(4) });

/** ofp_meter_stats and ofp_meter_band_stats (section 7.3.5.12). */
export const meterRow = layout('MeterStats', {
  meterId: u32,
  length: size16,
  pad: pad(6),
  flowCount: u32,
  packetCount: u64,
  byteCount: u64,
  durationSec: u32,
  durationNsec: u32,
});

/** ofp_meter_config, before its bands (section 7.3.5.13). */
export const meterConfigRow = layout('MeterConfig', { length: size16, flags: u16, meterId: u32 });

/** ofp_meter_features (section 7.3.5.14). */
export const meterFeaturesBody = layout('MeterFeatures', {
  maxMeter: u32,
  bandTypes: u32,
  capabilities: u32,
  maxBands: u8,
  maxColor: u8,
  pad: pad(2),
});

/** ofp_group_features: of the four types in the order of OFPGT_* (section 7.3.5.11). */
export const groupFeaturesBody = layout('GroupFeatures', {
  types: u32,
  capabilities: u32,
  maxAll: u32,
  maxSelect: u32,
  maxIndirect: u32,
  maxFf: u32,
  actionsAll: u32,
  actionsSelect: u32,
  actionsIndirect: u32,
  actionsFf: u32,
});

/** ofp_group_desc, before its buckets (section 7.3.5.10). */
export const groupDescRow = layout('GroupDesc', {
  length: size16,
  groupType: u8,
  pad: pad(1),
  groupId: u32,
});
