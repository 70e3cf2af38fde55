/**
 * Structures in messages, of both versions: ports, queues, buckets of groups, bands of meters.
 *
 * OF1.3.5 sections 7.2 and 7.3.4, OF1.0.1 section 5.2; `...10` is 1.0's, where it is another.
 * Rows of statistics are statistics.ts's.
 */

import { actionList } from '../actions/actions.ts';
import { bytes, type Kinds, layout, pad, size16, text, u8, u16, u32 } from '../layout/layout.ts';
import { port16, portFeatures10, portState10, speedOf } from '../layout/numbers10.ts';
import { badLength, list, type Part, rest, type Struct, struct } from '../layout/struct.ts';
import { type Variant, variantHead, variants } from '../layout/variants.ts';
import { meterBandType } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { MeterBand, OfError, PortDesc, QueueProperty } from '../values/values.ts';

/** ofp_port (section 7.2.1). */
export const port = struct(
  'a port',
  layout('Port', {
    portNo: u32,
    pad: pad(4),
    hwAddr: bytes(6),
    pad2: pad(2),
    name: text(16),
    config: u32,
    state: u32,
    curr: u32,
    advertised: u32,
    supported: u32,
    peer: u32,
    currSpeed: u32,
    maxSpeed: u32,
  }),
  {},
);

/** ofp_phy_port (OF1.0.1 section 5.2.1). */
export const port10 = struct(
  'a port',
  layout('PhyPort', {
    portNo: port16,
    hwAddr: bytes(6),
    name: text(16),
    config: u32,
    state: portState10,
    curr: portFeatures10,
    advertised: portFeatures10,
    supported: portFeatures10,
    peer: portFeatures10,
  }),
  {},
  {
    heard: (port): PortDesc => ({
      ...port,
      currSpeed: speedOf(port.curr),
      maxSpeed: speedOf(port.supported),
    }),
    said: (port: PortDesc) => port,
  },
);

/** ofp_bucket (section 7.3.4.2). */
export const bucket = struct(
  'a bucket',
  layout('Bucket', {
    length: size16,
    weight: u16,
    watchPort: u32,
    watchGroup: u32,
    pad: pad(4),
  }),
  { actions: actionList },
  { unit: 8, badLength: (why) => ofError('groupModFailed', 'badBucket', why) },
);

/** A kind of something: its number, and its structure, which begins with that and a length. */
function kind(number: number, type: string, kinds: Kinds): Variant<unknown> {
  const part = struct(`a ${type}`, layout(type, { ...variantHead, ...kinds }), {}, { type });
  return { number, part: part as Part<unknown> };
}

/** Structures of which we need not know every kind: the others are bytes. */
function kindsOf<T extends { readonly type: string }>(
  name: string,
  known: Readonly<Record<string, Variant<unknown>>>,
  other: Struct<unknown>,
  refuse?: (number: number, length: number) => OfError | undefined,
): Part<readonly T[]> {
  const rows = Object.values(known);
  const one = variants<unknown>({
    ...{ name, minimum: other.minimum, unit: 1, badLength },
    read: (number, length, strict) => {
      const wrong = strict ? refuse?.(number, length) : undefined;
      const row = rows.find((one) => one.number === number && one.part.minimum === length);
      return wrong ?? row?.part ?? other;
    },
    write: (value) => {
      const { type, number } = value as { type: string; number: number };
      return known[type] ?? { number, part: other };
    },
  });
  return list(one) as Part<readonly unknown[]> as Part<readonly T[]>;
}

/** ofp_meter_band_* (section 7.3.4.4). */
const band = { rate: u32, burstSize: u32 };
const bandKinds = {
  drop: kind(meterBandType.drop, 'drop', { ...band, pad: pad(4) }),
  dscpRemark: kind(meterBandType.dscpRemark, 'dscpRemark', { ...band, precLevel: u8, pad: pad(3) }),
};
const bandBytes = bandKinds.drop.part.minimum;
const otherBand = layout('Band', { number: u16, length: size16, ...band });
/** A controller's are of types that we know. */
export const bands = kindsOf<MeterBand>(
  'a band',
  bandKinds,
  struct('a band', otherBand, { data: rest }, { type: 'other' }),
  (number, length) => {
    if (length !== bandBytes) return badLength(`a band of ${length} bytes`);
    const isKnown = Object.values(bandKinds).some((one) => one.number === number);
    return isKnown ? undefined : ofError('meterModFailed', 'badBand', `band of type ${number}`);
  },
);

/** ofp_queue_prop_* (section 7.2.2), OFPQT_*. */
const rate = { pad: pad(4), rate: u16, pad2: pad(6) };
const otherProperty = layout('Property', { number: u16, length: size16, pad: pad(4) });
export const properties = kindsOf<QueueProperty>(
  'a property of a queue',
  { minRate: kind(1, 'minRate', rate), maxRate: kind(2, 'maxRate', rate) },
  struct('a property of a queue', otherProperty, { data: rest }, { type: 'other' }),
);

/** ofp_packet_queue (section 7.2.2); 1.0's do not repeat their port. */
export const queue = struct(
  'a queue',
  layout('PacketQueue', { queueId: u32, portNo: u32, length: size16, pad: pad(6) }),
  { properties },
);
export const queue10 = struct(
  'a queue',
  layout('PacketQueue10', { queueId: u32, length: size16, pad: pad(2) }),
  { properties },
);
