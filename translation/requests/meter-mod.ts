/**
 * A tenant's meters: which meter-mods are refused, and how a meter is encoded on a datapath.
 *
 * A meter is the same on every body. What its datapaths can do differs, so the shell says what that
 * is (`MeterFeatures`): of several bodies, what they all can.
 */
import {
  meterBandType,
  meterCommand,
  meterFlag,
  ofError,
  meter as ofpm,
} from '../../openflow/values/constants.ts';
import type { Message, MeterConfig, MeterFeatures, OfError } from '../../openflow/values/values.ts';
import {
  isReserved,
  type Meter,
  type MeterChange,
  type MeterMod,
} from '../../slices/groups-meters/meters.ts';
import { limits } from '../../slices/limits.ts';
import {
  addMeter,
  deleteMeter,
  modifyMeter,
  type PhysicalMeter,
} from '../entries/physical-tables.ts';

const RATES = meterFlag.kbps | meterFlag.pktps;

/** What is wrong whatever the datapath, beyond what the codec refuses. */
export function refuseMeterMod({ command, meterId }: MeterMod): OfError | undefined {
  if (command === meterCommand.delete) return undefined;
  if (meterId === 0 || (meterId > ofpm.max && !isReserved(meterId))) {
    return ofError('meterModFailed', 'invalidMeter', `invalid meter 0x${meterId.toString(16)}`);
  }
  return undefined;
}

/** Of meters that are there, or not: how many bands a meter has is looked at before that. */
export function refuseBandCount({ bands }: MeterConfig, can: MeterFeatures): OfError | undefined {
  if (can.maxMeter === 0) {
    return ofError('meterModFailed', 'outOfMeters', "the vswitch's datapath has no meters");
  }
  if (bands.length <= can.maxBands) return undefined;
  return ofError('meterModFailed', 'outOfBands', `${bands.length} bands are too many`);
}

/** The rest of a meter, as Open vSwitch's datapaths look at it. */
export function refuseMeter(
  { flags, bands }: MeterConfig,
  can: MeterFeatures,
): OfError | undefined {
  if ((flags & RATES) === 0 || (flags & ~can.capabilities) !== 0) {
    return ofError('meterModFailed', 'badFlags', `unsupported meter flags 0x${flags.toString(16)}`);
  }
  if (bands.length === 0) return ofError('meterModFailed', 'outOfBands', 'a meter needs a band');
  for (const { type, rate } of bands) {
    if (type === 'other' || (can.bandTypes & (1 << meterBandType[type])) === 0) {
      return ofError('meterModFailed', 'badBand', `bands of type ${type} are not supported`);
    }
    if (rate === 0) return ofError('meterModFailed', 'badRate', 'the rate of a band may not be 0');
  }
  return undefined;
}

export function encodeMeter(meter: Meter): PhysicalMeter {
  return { ...shownMeter(meter), meterId: meter.below };
}

/** What a change of the meter table is on every datapath: nothing, if it is a reserved meter's. */
export function changeMeter({ type, meter }: MeterChange): readonly Message[] {
  if (isReserved(meter.meterId)) return [];
  switch (type) {
    case 'addMeter':
      return [addMeter(encodeMeter(meter))];
    case 'modifyMeter':
      return [modifyMeter(encodeMeter(meter))];
    case 'removeMeter':
      return [deleteMeter(meter.below)];
  }
}

/** As Open vSwitch shows it: a burst of nothing is as large as the rate. */
export function shownMeter({ meterId, flags, bands }: Meter): MeterConfig {
  const shown = bands.map((band) => ({ ...band, burstSize: band.burstSize || band.rate }));
  return { meterId, flags, bands: shown };
}

export const noMeters: MeterFeatures = {
  maxMeter: 0,
  bandTypes: 0,
  capabilities: 0,
  maxBands: 0,
  maxColor: 0,
};

/** What a meter of this number can do: of packet-ins we measure ourselves, we remark none. */
export function abilities(meterId: number, can: MeterFeatures): MeterFeatures {
  if (!isReserved(meterId)) return can;
  return { ...can, bandTypes: can.bandTypes & (1 << meterBandType.drop) };
}

/** What all of these datapaths can do, and how many meters a tenant may have. */
export function commonFeatures(all: readonly MeterFeatures[]): MeterFeatures {
  const [first = noMeters, ...rest] = all;
  const common = rest.reduce(
    (a, b) => ({
      maxMeter: Math.min(a.maxMeter, b.maxMeter),
      bandTypes: a.bandTypes & b.bandTypes,
      capabilities: a.capabilities & b.capabilities,
      maxBands: Math.min(a.maxBands, b.maxBands),
      maxColor: Math.min(a.maxColor, b.maxColor),
    }),
    first,
  );
  return { ...common, maxMeter: Math.min(common.maxMeter, limits.metersPerVswitchMax) };
}
