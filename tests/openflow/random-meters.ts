/**
 * Random meters, for random.ts.
 */

import type { MeterBand, MeterConfig, MeterStats } from '../../openflow/values/values.ts';
import type { Random } from './random.ts';

const ALL_32_BITS = 0x1_0000_0000;

export function randomMeter(random: Random): MeterConfig {
  const bands = random.some(3, (): MeterBand => {
    const [rate, burstSize] = [random.number(ALL_32_BITS), random.number(ALL_32_BITS)];
    const precLevel = random.number(256);
    return random.pick<MeterBand>([
      { type: 'drop', rate, burstSize },
      { type: 'dscpRemark', rate, burstSize, precLevel },
    ]);
  });
  // Not kilobits and packets at once (OF1.3.5 section 7.3.4.4).
  const flags = random.number(0x4000) * 4 + random.number(3);
  return { meterId: random.number(ALL_32_BITS), flags, bands };
}

export function randomMeterStats(random: Random): MeterStats {
  const count = (): bigint => BigInt(random.number(ALL_32_BITS)) * 0x1_0000_0001n;
  return {
    meterId: random.number(ALL_32_BITS),
    flowCount: random.number(ALL_32_BITS),
    packetCount: count(),
    byteCount: count(),
    durationSec: random.number(ALL_32_BITS),
    durationNsec: random.number(ALL_32_BITS),
    bands: random.some(3, () => ({ packetCount: count(), byteCount: count() })),
  };
}
