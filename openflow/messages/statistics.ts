/**
 * Rows and filters of statistics, and the other contents of multiparts, of both versions: one
 * layout each (OF1.3.5 section 7.3.5, OF1.0.1 section 5.3.5).
 *
 * `...10` is 1.0's, where it is another. What 1.0 does not say has the value that is beside it. A
 * controller of 1.0 that asks about a rule of a colleague's of 1.3 sees what 1.0 can say of that.
 */

import { instructions10 } from '../actions/actions10.ts';
import { instructionList } from '../actions/instructions.ts';
import { layout, nested, pad, size16, text, u8, u16, u32, u64, unsaid } from '../layout/layout.ts';
import { port16, queuePort16 } from '../layout/numbers10.ts';
import { inside, list, struct } from '../layout/struct.ts';
import { matchPart } from '../match/match-wire.ts';
import { matchPart10 } from '../match/match10.ts';
import { group } from '../values/constants.ts';
import { bands, bucket } from './structs.ts';

/** ofp_desc (section 7.3.5.1). */
export const desc = struct(
  'desc',
  layout('Desc', {
    manufacturer: text(256),
    hardware: text(256),
    software: text(256),
    serial: text(32),
    datapath: text(256),
  }),
  {},
);

/** ofp_flow_stats_request and ofp_aggregate_stats_request (section 7.3.5.2). */
export const flowFilter = struct(
  'a filter',
  layout('FlowStatsRequest', {
    tableId: u8,
    pad: pad(3),
    outPort: u32,
    outGroup: u32,
    pad2: pad(4),
    cookie: u64,
    cookieMask: u64,
  }),
  { match: matchPart },
);
export const flowFilter10 = struct(
  'a filter',
  layout('FlowStatsRequest10', {
    match: pad(40),
    tableId: u8,
    pad: pad(1),
    outPort: port16,
    outGroup: unsaid(group.any),
    cookie: unsaid(0n),
    cookieMask: unsaid(0n),
  }),
  { match: inside(matchPart10) },
);

/** ofp_flow_stats. */
export const flowRow = struct(
  'flow statistics',
  layout('FlowStats', {
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
  }),
  { match: matchPart, instructions: instructionList },
  { unit: 8 },
);
export const flowRow10 = struct(
  'flow statistics',
  layout('FlowStats10', {
    length: size16,
    tableId: u8,
    pad: pad(1),
    match: pad(40),
    durationSec: u32,
    durationNsec: u32,
    priority: u16,
    idleTimeoutSec: u16,
    hardTimeoutSec: u16,
    flags: unsaid(0),
    pad2: pad(6),
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
  }),
  { match: inside(matchPart10), instructions: instructions10 },
);

/** ofp_aggregate_stats_reply (section 7.3.5.3). */
export const aggregate = struct(
  'aggregate statistics',
  layout('AggregateStats', { packetCount: u64, byteCount: u64, flowCount: u32, pad: pad(4) }),
  {},
);

/** ofp_table_stats (section 7.3.5.4). */
export const tableRow = struct(
  'table statistics',
  layout('TableStats', {
    tableId: u8,
    pad: pad(3),
    activeCount: u32,
    lookupCount: u64,
    matchedCount: u64,
  }),
  {},
);
/** What only 1.0 says of a table. */
const of10 = layout('TableOf10', { name: text(32), wildcards: u32, maxEntries: u32 });
export const tableRow10 = struct(
  'table statistics',
  layout('TableStats10', {
    tableId: u8,
    pad: pad(3),
    of10: nested(of10, { name: '', wildcards: 0, maxEntries: 0 }),
    activeCount: u32,
    lookupCount: u64,
    matchedCount: u64,
  }),
  {},
);

/** ofp_port_stats_request and ofp_port_stats (section 7.3.5.6). */
export const portFilter = struct('', layout('PortFilter', { portNo: u32, pad: pad(4) }), {});
export const portFilter10 = struct('', layout('PortFilter10', { portNo: port16, pad: pad(6) }), {});
const portCounters = {
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
};
const timed = { durationSec: u32, durationNsec: u32 };
const timeless = { durationSec: unsaid(0), durationNsec: unsaid(0) };
export const portRow = struct(
  'port statistics',
  layout('PortStats', { portNo: u32, pad: pad(4), ...portCounters, ...timed }),
  {},
);
export const portRow10 = struct(
  'port statistics',
  layout('PortStats10', { portNo: port16, pad: pad(6), ...portCounters, ...timeless }),
  {},
);

/** ofp_queue_stats_request and ofp_queue_stats (section 7.3.5.8). */
export const queueFilter = struct('', layout('QueueFilter', { portNo: u32, queueId: u32 }), {});
export const queueFilter10 = struct(
  '',
  layout('QueueFilter10', { portNo: queuePort16, pad: pad(2), queueId: u32 }),
  {},
);
const queueCounters = { queueId: u32, txBytes: u64, txPackets: u64, txErrors: u64 };
export const queueRow = struct(
  'queue statistics',
  layout('QueueStats', { portNo: u32, ...queueCounters, ...timed }),
  {},
);
export const queueRow10 = struct(
  'queue statistics',
  layout('QueueStats10', { portNo: port16, pad: pad(2), ...queueCounters, ...timeless }),
  {},
);

/** Of a bucket, and of a meter's band (sections 7.3.5.9 and 7.3.5.12). */
export const counter = struct(
  'a counter',
  layout('Counter', { packetCount: u64, byteCount: u64 }),
  {},
);
const counterBytes = counter.layout.size;

/** ofp_group_stats_request and ofp_group_stats (section 7.3.5.9). */
export const groupFilter = struct('', layout('GroupFilter', { groupId: u32, pad: pad(4) }), {});
export const groupRow = struct(
  'group statistics',
  layout('GroupStats', {
    length: size16,
    pad: pad(2),
    groupId: u32,
    refCount: u32,
    pad2: pad(4),
    packetCount: u64,
    byteCount: u64,
    ...timed,
  }),
  { buckets: list(counter) },
  { unit: counterBytes },
);

/** ofp_group_desc (section 7.3.5.10). */
export const groupDescRow = struct(
  'group description',
  layout('GroupDesc', { length: size16, groupType: u8, pad: pad(1), groupId: u32 }),
  { buckets: list(bucket) },
);

/** ofp_group_features: of the four types in the order of OFPGT_* (section 7.3.5.11). */
export const groupFeatures = struct(
  'group features',
  layout('GroupFeatures', {
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
  }),
  {},
);

/** ofp_meter_multipart_request and ofp_meter_stats (section 7.3.5.12). */
export const meterFilter = struct('', layout('MeterFilter', { meterId: u32, pad: pad(4) }), {});
export const meterRow = struct(
  'meter statistics',
  layout('MeterStats', {
    meterId: u32,
    length: size16,
    pad: pad(6),
    flowCount: u32,
    packetCount: u64,
    byteCount: u64,
    ...timed,
  }),
  { bands: list(counter) },
  { unit: counterBytes },
);

/** ofp_meter_config (section 7.3.5.13). */
export const meterConfigRow = struct(
  'meter',
  layout('MeterConfig', { length: size16, flags: u16, meterId: u32 }),
  { bands },
);

/** ofp_meter_features (section 7.3.5.14). */
export const meterFeatures = struct(
  'meter features',
  layout('MeterFeatures', {
    maxMeter: u32,
    bandTypes: u32,
    capabilities: u32,
    maxBands: u8,
    maxColor: u8,
    pad: pad(2),
  }),
  {},
);
