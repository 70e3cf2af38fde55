/**
 * A tenant's meter in the store (journal.ts): the meter-mod that makes it, id below and counts.
 */
import { decode, encode } from '../../openflow/messages/codec.ts';
import { meterCommand, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Meter } from '../../slices/groups-meters/meters.ts';
import { hex, unhex } from '../../slices/hex.ts';
import { type CountsText, counterFrom, countsText } from './stored-groups.ts';

export interface MeterRecord {
  /** As a meter-mod frame of OpenFlow 1.3, in hex. */
  readonly meterMod: string;
  readonly below: number;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** Of the meter, then of each band. */
  readonly counts: CountsText;
}

export function meterText(meter: Meter, epochMs: number): string {
  return JSON.stringify(meterRecord(meter, epochMs));
}

export function meterRecord(meter: Meter, epochMs: number): MeterRecord {
  const { meterId, flags, bands, below, counter, counters } = meter;
  const mod = { meterId, flags, bands, command: meterCommand.add };
  return {
    meterMod: hex(encode(version.of13, { type: 'meterMod', xid: 0, ...mod })),
    below,
    added: meter.addedMs + epochMs,
    counts: countsText([counter, ...counters]),
  };
}

/** `epochMs` is the wall clock's value at the world's moment 0. */
export function meterFrom(record: MeterRecord, epochMs: number): Meter {
  const { meterMod, below, added, counts } = record;
  const frame = unhex(meterMod);
  const mod = decode(version.of13, new DataView(frame.buffer, frame.byteOffset), 0, frame.length);
  if (isError(mod) || mod.type !== 'meterMod') {
    throw new Error('its meter-mod cannot be read');
  }
  const { meterId, flags, bands } = mod;
  const counters = bands.map((_, i) => counterFrom(counts[i + 1]));
  const addedMs = added - epochMs;
  return { meterId, flags, bands, below, addedMs, counter: counterFrom(counts[0]), counters };
}
