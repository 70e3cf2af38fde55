/**
 * The texts of the store (journal.ts): the stored ones, and those that are to be written.
 */
import type { Boundary, Party } from '../world/fault-boundary.ts';

/** A text, or how to make it when it is written; undefined deletes. */
export type TextValue = string | (() => string) | undefined;

type Waiting =
  | string
  /** Made for whom it was asked for (fault-boundary.ts). */
  | { readonly make: () => string; readonly party: Party | undefined }
  | undefined;

/** So many are looked for in a key; of more, a key is read. */
const NAMES_MAX = 4;

export class Texts {
  /** Every text that is in the store. */
  readonly all = new Map<string, string>();
  /** The characters of those that were written. */
  bytes = 0;
  readonly #waiting = new Map<string, Waiting>();
  readonly #boundary: Boundary;

  constructor(boundary: Boundary) {
    this.#boundary = boundary;
  }

  /** Those that there are, or will be, in whose keys one of these is named. */
  naming(names: ReadonlySet<string>): readonly string[] {
    const all = [...names];
    // Of few names most keys are passed over without a look at what they are of.
    const isNamed = (key: string): boolean =>
      all.length > NAMES_MAX || all.some((name) => key.includes(name));
    return [...this.all.keys().filter(isNamed), ...this.#waiting.keys().filter(isNamed)];
  }

  put(key: string, value: TextValue): void {
    const { serving: party } = this.#boundary;
    this.#waiting.set(key, typeof value === 'function' ? { make: value, party } : value);
  }

  /** One that is written by itself, in what is appended next. */
  written(key: string, value: string | undefined): void {
    this.#waiting.delete(key);
    this.#note(key, value);
  }

  /** Writes what waits. A text that cannot be made stays in the store as it was. */
  flush(write: (key: string, value: string | undefined) => void): void {
    for (const [key, value] of this.#waiting) {
      if (value === undefined || typeof value === 'string') this.#write(key, value, write);
      else {
        const text = this.#boundary.attempt(value.party, value.make);
        if (text !== undefined) this.#write(key, text, write);
      }
    }
    this.#waiting.clear();
  }

  #write(
    key: string,
    value: string | undefined,
    write: (key: string, value: string | undefined) => void,
  ): void {
    this.#note(key, value);
    write(key, value);
  }

  #note(key: string, value: string | undefined): void {
    this.bytes -= this.all.get(key)?.length ?? 0;
    if (value === undefined) this.all.delete(key);
    else this.all.set(key, value);
    this.bytes += value?.length ?? 0;
  }
}
