/**
 * Bands of meters, bytes to values and back (OF1.3.5 section 7.3.4.4).
 *
 * Meter-mods (decode.ts) and configurations (stats.ts) hold them.
 */

import { meterBandType as types } from './constants.ts';
import { ofError } from './errors.ts';
import { bytesOf } from './layout.ts';
import { dscpBand, meterBand as layout } from './structs.ts';
import type { MeterBand, OfError } from './values.ts';
import type { Writer } from './writer.ts';

const BAND_SIZE = 16;

/** Reads the bands in [at, end). A controller's (`strict`) are of types that we know. */
export function readBands(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): MeterBand[] | OfError {
  const bands: MeterBand[] = [];
  for (let next = at; next < end; ) {
    if (next + layout.size > end) return badLength('cut in a band');
    const { length } = layout.read(dv, next);
    if (length < layout.size || next + length > end || (strict && length !== BAND_SIZE)) {
      return badLength(`band of ${length} bytes`);
    }
    const band = readBand(dv, next, length);
    if (strict && band.type === 'other') {
      return ofError('meterModFailed', 'badBand', `band of type ${band.number}`);
    }
    bands.push(band);
    next += length;
  }
  return bands;
}

function badLength(why: string): OfError {
  return ofError('badRequest', 'badLen', why);
}

function readBand(dv: DataView, at: number, length: number): MeterBand {
  const { type: number, rate, burstSize } = layout.read(dv, at);
  const body = at + layout.size;
  if (length === BAND_SIZE && number === types.drop) return { type: 'drop', rate, burstSize };
  if (length === BAND_SIZE && number === types.dscpRemark) {
    return { type: 'dscpRemark', rate, burstSize, precLevel: dscpBand.get.precLevel(dv, body) };
  }
  return {
    type: 'other',
    number,
    rate,
    burstSize,
    data: bytesOf(dv, body, length - layout.size).slice(),
  };
}

export function writeBands(to: Writer, bands: readonly MeterBand[]): void {
  for (const band of bands) {
    const { rate, burstSize } = band;
    const at = to.room(layout.size);
    if (band.type === 'other') to.put(band.data);
    else {
      const body = to.room(dscpBand.size);
      if (band.type === 'dscpRemark') dscpBand.write(to.dv, body, band);
    }
    const type = band.type === 'other' ? band.number : types[band.type];
    layout.write(to.dv, at, { type, rate, burstSize });
    to.end(layout, at);
  }
}
