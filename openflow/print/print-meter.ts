/**
 * Meters as ovs-ofctl writes them, on one line each.
 */

import { hex } from '../values/addresses.ts';
import { meter as ids, meterFlag } from '../values/constants.ts';
import type { MeterBand, MeterConfig } from '../values/values.ts';
import { words } from './print-flow.ts';

const reserved: Readonly<Record<number, string>> = {
  [ids.slowpath]: 'slowpath',
  [ids.controller]: 'controller',
  [ids.all]: 'all',
};

export function printMeterId(meterId: number): string {
  return reserved[meterId] ?? String(meterId);
}

export function printMeter({ meterId, flags, bands }: MeterConfig): string {
  const named = Object.entries(meterFlag).filter(([, flag]) => (flags & flag) !== 0);
  const hasBurst = (flags & meterFlag.burst) !== 0;
  return words(
    `meter=${printMeterId(meterId)}`,
    ...named.map(([name]) => name),
    'bands=',
    ...bands.map((band) => printBand(band, hasBurst)),
  );
}

function printBand(band: MeterBand, hasBurst: boolean): string {
  const type = { drop: 'drop', dscpRemark: 'dscp_remark', other: 'other' }[band.type];
  return words(
    `type=${type}`,
    `rate=${band.rate}`,
    hasBurst && `burst_size=${band.burstSize}`,
    band.type === 'dscpRemark' && `prec_level=${band.precLevel}`,
    band.type === 'other' && `number=${band.number} data=${hex(band.data)}`,
  );
}
