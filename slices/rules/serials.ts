/**
 * The serials of a rulebook: the names of its rules on datapaths, in our cookies. Each is used
 * once, until 32 bits are used up; then unused ones begin again.
 */

const SERIAL_MAX = 0xffff_ffff;

/** Which serials somebody has. */
export interface Known {
  isKnown(serial: number): boolean;
}

export class Serials {
  #next: number;
  readonly #known: Known;

  constructor(next: number, known: Known) {
    this.#next = next;
    this.#known = known;
  }

  get next(): number {
    return this.#next;
  }

  /** One that is nobody's. Hot. */
  take(): number {
    let serial = fitting(this.#next);
    while (this.#known.isKnown(serial)) serial = fitting(serial + 1);
    this.#next = serial + 1;
    return serial;
  }

  /** A rule has this one already. */
  used(serial: number): void {
    this.#next = Math.max(this.#next, serial + 1);
  }
}

function fitting(serial: number): number {
  return serial > SERIAL_MAX ? 1 : serial;
}
