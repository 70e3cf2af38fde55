/**
 * The counters of a body's rules in the flat encoding: each rule has several entries, which come
 * and go with placements, and one sum that never decreases while the rule exists.
 */
import type { Match } from '../../openflow/values/values.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import { flowKey } from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';
import { TAG_BYTES } from '../wiring/egress.ts';

/** An entry's counters, as a statistics row or a flow-removed says them. */
export interface Row {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  readonly cookie: bigint;
  readonly packetCount: bigint;
  readonly byteCount: bigint;
}

interface Sum {
  /** Of entries that are gone. */
  ended: Count;
  /** By `flowKey`. */
  readonly shows: Map<string, Count>;
  /** Whether its entries had counted nothing before they were first heard of. */
  isNew: boolean;
}

/** A rule's sum on this body, and what came since its entry was read before. */
export interface Seen {
  readonly serial: number;
  readonly sum: Count;
  readonly news: Count;
}

export class Counts {
  readonly #sums = new Map<number, Sum>();
  /** Entries that were deleted and have not reported yet, by serial. */
  readonly #leaving = new Map<number, number>();

  /** The rule's sum on this body, after a row; undefined when it is not a rule's. */
  saw(row: Row): Seen | undefined {
    const cookie = readCookie(row.cookie);
    if (cookie?.kind !== 'rule' && cookie?.kind !== 'tagged') return undefined;
    const { serial } = cookie;
    const own = this.#of(serial);
    const key = flowKey(row);
    const count = countOf(row, cookie.kind === 'tagged');
    // What an entry had counted before we came is no news.
    const before = own.shows.get(key) ?? (own.isNew ? none : count);
    own.shows.set(key, count);
    return { serial, sum: sumOf(own), news: since(before, count) };
  }

  /** An entry is made, and has counted nothing. */
  begins(serial: number, key: string): void {
    this.#of(serial).shows.set(key, none);
  }

  /** The same of all entries of a rule, whichever they are. */
  isNew(serial: number): void {
    this.#of(serial).isNew = true;
  }

  /** A packet met the rule without the datapath; the rule's sum. */
  passed(serial: number, bytes: number): Count {
    const own = this.#of(serial);
    own.ended = add(own.ended, { packets: 1n, bytes: BigInt(bytes) });
    return sumOf(own);
  }

  /** As `saw`, with an entry's last counters; and whether others that were deleted are to come. */
  ended(row: Row): (Seen & { readonly isLast: boolean }) | undefined {
    const found = this.saw(row);
    if (found === undefined) return undefined;
    const own = this.#of(found.serial);
    const key = flowKey(row);
    own.ended = add(own.ended, own.shows.get(key) ?? none);
    own.shows.delete(key);
    const left = (this.#leaving.get(found.serial) ?? 1) - 1;
    if (left > 0) this.#leaving.set(found.serial, left);
    else this.#leaving.delete(found.serial);
    return { ...found, isLast: left <= 0 };
  }

  /** So many of the rule's entries are deleted, and will report (`ended`). */
  leaves(serial: number, entries: number): void {
    if (entries > 0) this.#leaving.set(serial, (this.#leaving.get(serial) ?? 0) + entries);
  }

  /** Counting begins anew. */
  forget(serial: number): void {
    this.#sums.delete(serial);
  }

  #of(serial: number): Sum {
    const known = this.#sums.get(serial);
    if (known !== undefined) return known;
    const sum: Sum = { ended: none, shows: new Map(), isNew: false };
    this.#sums.set(serial, sum);
    return sum;
  }
}

const none: Count = { packets: 0n, bytes: 0n };

/** A switch counts a frame as it came in, with our tag if it came with one. */
function countOf({ packetCount, byteCount }: Row, isTagged: boolean): Count {
  const tags = isTagged ? packetCount * BigInt(TAG_BYTES) : 0n;
  return { packets: packetCount, bytes: byteCount - tags };
}

function since(before: Count, now: Count): Count {
  if (now.packets < before.packets || now.bytes < before.bytes) return now;
  return { packets: now.packets - before.packets, bytes: now.bytes - before.bytes };
}

function sumOf({ ended, shows }: Sum): Count {
  let sum = ended;
  for (const count of shows.values()) sum = add(sum, count);
  return sum;
}

function add(a: Count, b: Count): Count {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
