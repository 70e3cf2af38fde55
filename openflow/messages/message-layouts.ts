/**
 * The fixed parts of messages, of OpenFlow 1.3 and 1.0 (`...10`, where they differ).
 *
 * The hot path reads and writes fields in place with these; messages.ts says what follows them.
 * What 1.0 does not say has the value that is beside it here.
 */

import {
  bytes,
  layout,
  pad,
  size16,
  tag8,
  tag16,
  u8,
  u16,
  u32,
  u64,
  unsaid,
} from '../layout/layout.ts';
import { capabilities10, port16 } from '../layout/numbers10.ts';
import { group } from '../values/constants.ts';

/** ofp_header (OF1.3.5 section 7.1). */
export const head = { version: tag8, type: tag8, length: size16, xid: u32 };
export const header = layout('Header', head);

export const experimenter = layout('Experimenter', { ...head, experimenter: u32, expType: u32 });
/** What follows is the vendor's; one that has types says them first (OF1.0.1 section 5.5.4). */
export const vendor10 = layout('Vendor10', { ...head, experimenter: u32 });
export const error = layout('Error', { ...head, errorType: u16, errorCode: u16 });
export const features = layout('FeaturesReply', {
  ...head,
  dpid: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: u8,
  pad: pad(2),
  capabilities: u32,
  reserved: pad(4),
});
/** Then the actions that there are, and the ports (OF1.0.1 section 5.3.1). */
export const features10 = layout('FeaturesReply10', {
  ...head,
  dpid: u64,
  bufferCount: u32,
  tableCount: u8,
  auxiliaryId: unsaid(0),
  pad: pad(3),
  capabilities: capabilities10,
});
export const switchConfig = layout('SwitchConfig', { ...head, flags: u16, missSendLen: u16 });
/** Then the match, two bytes of padding, the packet (section 7.4.1). */
export const packetIn = layout('PacketIn', {
  ...head,
  bufferId: u32,
  totalLen: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
});
/** Then the packet (OF1.0.1 section 5.4.1). No cookie is Open vSwitch's word for "not said". */
export const packetIn10 = layout('PacketIn10', {
  ...head,
  bufferId: u32,
  totalLen: u16,
  inPort: port16,
  reason: u8,
  pad: pad(1),
  tableId: unsaid(0),
  cookie: unsaid(0xffff_ffff_ffff_ffffn),
});
/** Then the match (section 7.4.2). */
export const flowRemoved = layout('FlowRemoved', {
  ...head,
  cookie: u64,
  priority: u16,
  reason: u8,
  tableId: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  packetCount: u64,
  byteCount: u64,
});
/** The match is inside (OF1.0.1 section 5.4.3). */
export const flowRemoved10 = layout('FlowRemoved10', {
  ...head,
  match: pad(40),
  cookie: u64,
  priority: u16,
  reason: u8,
  tableId: unsaid(0),
  pad: pad(1),
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  hardTimeoutSec: unsaid(0),
  pad2: pad(2),
  packetCount: u64,
  byteCount: u64,
});
/** Then an ofp_port (section 7.4.3), or ofp_phy_port. */
export const portStatus = layout('PortStatus', { ...head, reason: u8, pad: pad(7) });
/** Then the actions, then the packet (section 7.3.7). */
export const packetOut = layout('PacketOut', {
  ...head,
  bufferId: u32,
  inPort: u32,
  actionsLen: size16,
  pad: pad(6),
});
export const packetOut10 = layout('PacketOut10', {
  ...head,
  bufferId: u32,
  inPort: port16,
  actionsLen: size16,
});
/** Then the match, then the instructions (section 7.3.4.1). */
export const flowMod = layout('FlowMod', {
  ...head,
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  pad: pad(2),
});
/** The match is inside; then the actions (OF1.0.1 section 5.3.3). */
export const flowMod10 = layout('FlowMod10', {
  ...head,
  match: pad(40),
  cookie: u64,
  cookieMask: unsaid(0n),
  tableId: unsaid(0),
  command: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  priority: u16,
  bufferId: u32,
  outPort: port16,
  outGroup: unsaid(group.any),
  flags: u16,
});
/** Then the buckets (section 7.3.4.2). */
export const groupMod = layout('GroupMod', {
  ...head,
  command: u16,
  groupType: u8,
  pad: pad(1),
  groupId: u32,
});
export const portMod = layout('PortMod', {
  ...head,
  portNo: u32,
  pad: pad(4),
  hwAddr: bytes(6),
  pad2: pad(2),
  config: u32,
  mask: u32,
  advertise: u32,
  pad3: pad(4),
});
export const portMod10 = layout('PortMod10', {
  ...head,
  portNo: port16,
  hwAddr: bytes(6),
  config: u32,
  mask: u32,
  advertise: u32,
  pad: pad(4),
});
export const tableMod = layout('TableMod', { ...head, tableId: u8, pad: pad(3), config: u32 });
/** Then the body (section 7.3.5). Requests and replies have the same shape. */
export const multipart = layout('Multipart', { ...head, mpType: tag16, flags: u16, pad: pad(4) });
export const multipart10 = layout('Multipart10', { ...head, mpType: tag16, flags: u16 });
/** In a reply, then the queues (section 7.3.6). */
export const queuesOf = layout('QueueGetConfig', { ...head, portNo: u32, pad: pad(4) });
export const queuesOf10 = layout('QueueRequest10', { ...head, portNo: port16, pad: pad(2) });
export const queuesAt10 = layout('QueueReply10', { ...head, portNo: port16, pad: pad(6) });
export const role = layout('Role', { ...head, role: u32, pad: pad(4), generationId: u64 });
/** Masks come in pairs: as master or equal, then as slave (section 7.3.10). */
export const asyncMasks = {
  packetIn: u32,
  packetInSlave: u32,
  portStatus: u32,
  portStatusSlave: u32,
  flowRemoved: u32,
  flowRemovedSlave: u32,
};
export const asyncConfig = layout('AsyncConfig', { ...head, ...asyncMasks });
/** Then the bands (section 7.3.4.4). */
export const meterMod = layout('MeterMod', { ...head, command: u16, flags: u16, meterId: u32 });
