/**
 * The index from serials to records (record-pages.ts). Serials are given out in order, so
 * neighbours are kept together: a new one is beside the last, and old ones are not touched when the
 * index grows.
 */

import { LazyMap } from '../lazy-collections.ts';
import { Records } from './record-pages.ts';

const RUN_BITS = 6;
const RUN = 1 << RUN_BITS;
const RUN_MASK = RUN - 1;
/** How many of a run's serials are there; then their slots, 0 for none. */
const RUN_BYTES = 4 + 4 * RUN;

export class SerialIndex {
  readonly #records = new Records(RUN_BYTES);
  /** By the upper bits of its serials, where a run is. */
  readonly #runs = new LazyMap<number, number>();
  /** What was asked for last. */
  #lastUpper = -1;
  #lastRun = 0;

  /** The slot of this serial; 0 when there is none. */
  slot(serial: number): number {
    const run = this.#run(serial >>> RUN_BITS);
    if (run === 0) return 0;
    return this.#records.dv(run).getUint32(this.#at(run, serial));
  }

  put(serial: number, slot: number): void {
    const upper = serial >>> RUN_BITS;
    const run = this.#run(upper) || this.#newRun(upper);
    const dv = this.#records.dv(run);
    const at = this.#at(run, serial);
    if (dv.getUint32(at) === 0) this.#count(run, 1);
    dv.setUint32(at, slot);
  }

  remove(serial: number): void {
    const upper = serial >>> RUN_BITS;
    const run = this.#run(upper);
    if (run === 0 || this.slot(serial) === 0) return;
    this.#records.dv(run).setUint32(this.#at(run, serial), 0);
    if (this.#count(run, -1) > 0) return;
    this.#records.give(run);
    this.#runs.delete(upper);
    this.#lastUpper = -1;
  }

  clear(): void {
    this.#records.clear();
    this.#runs.clear();
    this.#lastUpper = -1;
  }

  #run(upper: number): number {
    if (upper === this.#lastUpper) return this.#lastRun;
    const run = this.#runs.get(upper) ?? 0;
    if (run !== 0) {
      this.#lastUpper = upper;
      this.#lastRun = run;
    }
    return run;
  }

  #newRun(upper: number): number {
    const run = this.#records.take();
    const dv = this.#records.dv(run);
    const at = this.#records.at(run);
    for (let i = 0; i < RUN_BYTES; i += 4) dv.setUint32(at + i, 0);
    this.#runs.set(upper, run);
    return run;
  }

  #at(run: number, serial: number): number {
    return this.#records.at(run) + 4 + 4 * (serial & RUN_MASK);
  }

  #count(run: number, more: number): number {
    const dv = this.#records.dv(run);
    const at = this.#records.at(run);
    const count = dv.getUint32(at) + more;
    dv.setUint32(at, count);
    return count;
  }
}
