/**
 * The rules of one vswitch as they stand in the store: scattered parts of the log, which are read a
 * few entries at a time.
 */
import { limits } from '../../slices/limits.ts';
import {
  type Entry,
  entriesIn,
  goneIn,
  type RuleRead,
  rulesIn,
  storedKind,
} from '../../translation/stored/stored-entries.ts';
import type { Store } from '../world/world.ts';

/** Who takes rules as they were put, replaced and taken out, in that order. */
export interface RuleTaker {
  put(rule: RuleRead): void;
  drop(serial: number): void;
}

const CHUNK_BYTES = 64 * 1024;

export class StoredRules {
  readonly #store: Pick<Store, 'read'>;
  /** Where each part begins, and its size; neighbours are one. */
  readonly #ats: number[] = [];
  readonly #sizes: number[] = [];
  #bytes = 0;
  /** The longest entry of one rule. */
  longestBytes = 0;
  #count: number | undefined;

  constructor(store: Pick<Store, 'read'>) {
    this.#store = store;
  }

  /** Of all the entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The entry at `at` is about a rule, or several. */
  add(at: number, size: number): void {
    const last = this.#ats.length - 1;
    this.#bytes += size;
    if (last >= 0 && (this.#ats[last] as number) + (this.#sizes[last] as number) === at) {
      this.#sizes[last] = (this.#sizes[last] as number) + size;
      return;
    }
    this.#ats.push(at);
    this.#sizes.push(size);
  }

  /** How many rules there are in the end: all entries are read for that, once. */
  get count(): number {
    if (this.#count === undefined) {
      const serials = new Set<number>();
      const reading = this.readInto({
        put: ({ serial, replaced }) => {
          serials.delete(replaced);
          serials.add(serial);
        },
        drop: (serial) => void serials.delete(serial),
      });
      while (reading.step());
      this.#count = serials.size;
    }
    return this.#count;
  }

  /** Hands everything to `taker`, some of it with each step. */
  readInto(taker: RuleTaker): RuleReading {
    return new RuleReading(this.#entries(), taker, this.#bytes);
  }

  *#entries(): Generator<Entry, undefined> {
    let chunk = new Uint8Array(0);
    for (const [i, from] of this.#ats.entries()) {
      const size = this.#sizes[i] as number;
      let room = CHUNK_BYTES;
      for (let done = 0; done < size; ) {
        const count = Math.min(room, size - done);
        if (chunk.length < count) chunk = new Uint8Array(count);
        const bytes = chunk.subarray(0, count);
        this.#store.read(bytes, from + done);
        let end = 0;
        for (const entry of entriesIn(bytes)) {
          end = entry.end;
          yield entry;
        }
        // An entry that is longer than there was room for.
        if (end === 0) room *= 2;
        done += end;
      }
    }
    return undefined;
  }
}

/** Rules on their way from the store. */
export class RuleReading {
  readonly #entries: Generator<Entry, undefined>;
  readonly #taker: RuleTaker;
  readonly bytes: number;
  /** Of the entries that have been read. */
  bytesDone = 0;

  constructor(entries: Generator<Entry, undefined>, taker: RuleTaker, bytes: number) {
    this.#entries = entries;
    this.#taker = taker;
    this.bytes = bytes;
  }

  /** Reads some; true when there may be more. */
  step(): boolean {
    for (let left = limits.rulesAtOnce; left > 0; ) {
      const { value: entry } = this.#entries.next();
      if (entry === undefined) return false;
      this.bytesDone += entry.end - entry.at;
      left -= this.#take(entry);
    }
    return true;
  }

  /** Answers how much that was. */
  #take(entry: Entry): number {
    if (entry.kind === storedKind.noRule) this.#taker.drop(goneIn(entry));
    const rules = rulesIn(entry);
    for (const rule of rules) this.#taker.put(rule);
    return Math.max(1, rules.length);
  }
}
