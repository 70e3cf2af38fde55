/**
 * Layouts of the packets' own headers: Ethernet and what it carries.
 *
 * packet.ts parses with them, frames.ts builds with them.
 */

import { bytes, layout, pad, u8, u16, u32 } from '../layout/layout.ts';

export const ethernet = layout('Ethernet', { dst: bytes(6), src: bytes(6) });
/** An 802.1Q or 802.1ad tag: TPID, then priority, DEI and vid. */
export const vlanTag = layout('VlanTag', { tpid: u16, tci: u16 });
export const arp = layout('Arp', {
  hardware: u16,
  protocol: u16,
  hardwareSize: u8,
  protocolSize: u8,
  op: u16,
  sha: bytes(6),
  spa: bytes(4),
  tha: bytes(6),
  tpa: bytes(4),
});
export const ipv4 = layout('Ipv4', {
  versionAndSize: u8,
  tos: u8,
  totalLength: u16,
  id: u16,
  fragment: u16,
  ttl: u8,
  protocol: u8,
  checksum: u16,
  src: bytes(4),
  dst: bytes(4),
});
export const ipv6 = layout('Ipv6', {
  versionClassLabel: u32,
  payloadLength: u16,
  nextHeader: u8,
  hopLimit: u8,
  src: bytes(16),
  dst: bytes(16),
});
/** How TCP, UDP and SCTP start. */
export const ports = layout('Ports', { src: u16, dst: u16 });
export const udp = layout('Udp', { src: u16, dst: u16, length: u16, checksum: u16 });
export const tcp = layout('Tcp', {
  src: u16,
  dst: u16,
  sequence: u32,
  acknowledgement: u32,
  offsetAndFlags: u16,
  window: u16,
  checksum: u16,
  urgent: u16,
});
export const icmp = layout('Icmp', { type: u8, code: u8, checksum: u16 });
/** Neighbour solicitation and advertisement, before the options (RFC 4861 sections 4.3, 4.4). */
export const neighbour = layout('Neighbour', {
  type: u8,
  code: u8,
  checksum: u16,
  flags: pad(4),
  target: bytes(16),
});
/** A link-layer address option of one unit of eight bytes (RFC 4861 section 4.6.1). */
export const linkOption = layout('LinkOption', { type: u8, units: u8, address: bytes(6) });
export const mpls = layout('Mpls', { entry: u32 });
/** The I-tag of 802.1ah: flags, then 24 bits of service identifier. */
export const pbb = layout('Pbb', { flags: u8, isid: bytes(3) });
