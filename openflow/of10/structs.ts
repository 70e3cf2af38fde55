/**
 * The fixed structures inside the messages of OpenFlow 1.0: match, port, actions, statistics.
 *
 * As ../structs.ts is for 1.3. Source: OpenFlow 1.0.1, sections 5.2 and 5.3.5.
 */

import { bytes, layout, pad, size16, u8, u16, u32, u64 } from '../layout.ts';

/** ofp_match (section 5.2.3). */
export const match = layout('Match10', {
  wildcards: u32,
  inPort: u16,
  dlSrc: bytes(6),
  dlDst: bytes(6),
  dlVlan: u16,
  dlVlanPcp: u8,
  pad: pad(1),
  dlType: u16,
  nwTos: u8,
  nwProto: u8,
  pad2: pad(2),
  nwSrc: bytes(4),
  nwDst: bytes(4),
  tpSrc: u16,
  tpDst: u16,
});

/** ofp_phy_port (section 5.2.1). */
export const phyPort = layout('PhyPort', {
  portNo: u16,
  hwAddr: bytes(6),
  name: bytes(16),
  config: u32,
  state: u32,
  curr: u32,
  advertised: u32,
  supported: u32,
  peer: u32,
});

/** Actions (section 5.2.4). */
const action = { type: u16, length: size16 };
export const actionLayouts = {
  plain: layout('Action10', { ...action, pad: pad(4) }),
  output: layout('ActionOutput10', { ...action, port: u16, maxLen: u16 }),
  vlanVid: layout('ActionVlanVid', { ...action, vid: u16, pad: pad(2) }),
  vlanPcp: layout('ActionVlanPcp', { ...action, pcp: u8, pad: pad(3) }),
  dlAddr: layout('ActionDlAddr', { ...action, address: bytes(6), pad: pad(6) }),
  nwAddr: layout('ActionNwAddr', { ...action, address: bytes(4) }),
  nwTos: layout('ActionNwTos', { ...action, tos: u8, pad: pad(3) }),
  tpPort: layout('ActionTpPort', { ...action, port: u16, pad: pad(2) }),
  enqueue: layout('ActionEnqueue', { ...action, port: u16, pad: pad(6), queueId: u32 }),
} as const;

/** ofp_packet_queue, before its properties (section 5.2.2). */
export const queue = layout('PacketQueue10', { queueId: u32, length: size16, pad: pad(2) });

/** ofp_flow_stats_request and ofp_aggregate_stats_request (sections 5.3.5). */
export const flowFilter = layout('FlowStatsRequest10', {
  match: pad(40),
  tableId: u8,
  pad: pad(1),
  outPort: u16,
});

/** ofp_flow_stats, before the actions. */
export const flowRow = layout('FlowStats10', {
  length: size16,
  tableId: u8,
  pad: pad(1),
  match: pad(40),
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  pad2: pad(6),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
});

/** ofp_table_stats. */
export const tableRow = layout('TableStats10', {
  tableId: u8,
  pad: pad(3),
  name: bytes(32),
  wildcards: u32,
  maxEntries: u32,
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});

/** ofp_port_stats_request and ofp_port_stats. */
export const portFilter = layout('PortStatsRequest10', { portNo: u16, pad: pad(6) });
export const portRow = layout('PortStats10', {
  portNo: u16,
  pad: pad(6),
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
});

/** ofp_queue_stats_request and ofp_queue_stats. */
export const queueFilter = layout('QueueStatsRequest10', {
  portNo: u16,
  pad: pad(2),
  queueId: u32,
});
export const queueRow = layout('QueueStats10', {
  portNo: u16,
  pad: pad(2),
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
});
