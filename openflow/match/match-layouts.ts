/**
 * The fixed parts of matches: ofp_match and its TLVs of 1.3, and the whole ofp_match of 1.0.
 */

import { bytes, layout, pad, size8, size16, u8, u16, u32 } from '../layout/layout.ts';

/** ofp_match and OXM TLVs (section 7.2.3): `length` counts these four bytes, not the padding. */
export const matchHeader = layout('Match', { type: u16, length: size16 });
export const oxmHeader = layout('Oxm', { oxmClass: u16, fieldAndMask: u8, length: size8 });

/** ofp_match of 1.0 (OF1.0.1 section 5.2.3). */
export const match10 = layout('Match10', {
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
