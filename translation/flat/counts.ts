/**
 * What a body's rules have counted, in the flat encoding: each has several entries, which come and
 * go with placements, and one sum that never goes back while the rule is there.
 */
import type { FlowStats, Match } from '../../openflow/values.ts';
import type { Count } from '../../slices/tally.ts';
import { TAG_BYTES } from '../egress.ts';
import { flowKey } from '../physical.ts';
import { readCookie } from '../pipeline.ts';

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
}

export class Counts {
  readonly #sums = new Map<number, Sum>();

  /** The rule's sum on this body, after a row; undefined when it is not a rule's. */
  saw(row: FlowStats | Row): { readonly serial: number; readonly sum: Count } | undefined {
    const cookie = readCookie(row.cookie);
    if (cookie?.kind !== 'rule' && cookie?.kind !== 'tagged') return undefined;
    const { serial } = cookie;
    const own = this.#of(serial);
    own.shows.set(flowKey(row), countOf(row, cookie.kind === 'tagged'));
    return { serial, sum: sumOf(own) };
  }

  /** A packet met the rule without the datapath; the rule's sum. */
  passed(serial: number, bytes: number): Count {
    const own = this.#of(serial);
    own.ended = add(own.ended, { packets: 1n, bytes: BigInt(bytes) });
    return sumOf(own);
  }

  /** As `saw`, with an entry's last counters. */
  ended(row: Row): { readonly serial: number; readonly sum: Count } | undefined {
    const found = this.saw(row);
    if (found === undefined) return undefined;
    const own = this.#of(found.serial);
    const key = flowKey(row);
    own.ended = add(own.ended, own.shows.get(key) ?? none);
    own.shows.delete(key);
    return found;
  }

  /** Counting begins anew. */
  forget(serial: number): void {
    this.#sums.delete(serial);
  }

  #of(serial: number): Sum {
    const known = this.#sums.get(serial);
    if (known !== undefined) return known;
    const sum: Sum = { ended: none, shows: new Map() };
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

function sumOf({ ended, shows }: Sum): Count {
  let sum = ended;
  for (const count of shows.values()) sum = add(sum, count);
  return sum;
}

function add(a: Count, b: Count): Count {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
