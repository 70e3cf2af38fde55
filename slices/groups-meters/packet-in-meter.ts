/**
 * The meter of all packet-ins to a vswitch's controllers (OFPM_CONTROLLER, OF1.3.5 section
 * 7.3.4.4).
 *
 * Datapaths have none for each tenant, so packet-ins are measured here, of all bodies together.
 * The arithmetic is that of Open vSwitch's userspace datapath: a band has a bucket as large as
 * its burst, filled by its rate each millisecond; of those exceeded the highest rate acts.
 */
import { meterFlag } from '../../openflow/values/constants.ts';
import type { Meter } from './meters.ts';

/** What a packet takes out of buckets: thousandths of packets, or bits. */
const PER_PACKET = 1000;
const PER_BYTE = 8;

export class PacketInMeter {
  readonly meter: Meter;
  readonly #rates: readonly number[];
  readonly #sizes: readonly number[];
  readonly #buckets: number[];
  #filledMs: number;

  /** Of a meter that was just made, or remembered: its buckets are full. */
  constructor(meter: Meter, nowMs: number) {
    this.meter = meter;
    this.#rates = meter.bands.map(({ rate }) => rate);
    this.#sizes = meter.bands.map(({ rate, burstSize }) => (burstSize || rate) * 1000);
    this.#buckets = [...this.#sizes];
    this.#filledMs = Math.floor(nowMs);
  }

  /** Counts a packet of this size; false when a band drops it. */
  passes(bytes: number, nowMs: number): boolean {
    this.#fill(Math.floor(nowMs));
    const { flags, counter, counters } = this.meter;
    const one = { packets: 1n, bytes: BigInt(bytes) };
    counter.count(one);
    const dropping = this.#take((flags & meterFlag.pktps) !== 0 ? PER_PACKET : bytes * PER_BYTE);
    counters[dropping]?.count(one);
    return dropping < 0;
  }

  #fill(nowMs: number): void {
    const pastMs = Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = nowMs;
    for (const [i, rate] of this.#rates.entries()) {
      const filled = (this.#buckets[i] ?? 0) + pastMs * rate;
      this.#buckets[i] = Math.min(filled, this.#sizes[i] ?? 0);
    }
  }

  /** Out of every bucket that has so much; the band that acts, or -1. */
  #take(volume: number): number {
    let acts = -1;
    for (const [i, held] of this.#buckets.entries()) {
      if (held >= volume) this.#buckets[i] = held - volume;
      else if ((this.#rates[i] ?? 0) > (this.#rates[acts] ?? 0)) acts = i;
    }
    return acts;
  }
}
