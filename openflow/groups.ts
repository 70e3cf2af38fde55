/**
 * Buckets of groups, bytes to values and back (OF1.3.5 section 7.3.4.2).
 *
 * Their actions are actions.ts's; group-mods (decode.ts) and descriptions (stats.ts) hold them.
 */

import { readActions, writeActions } from './actions.ts';
import { isError, ofError } from './errors.ts';
import { bucket as layout } from './structs.ts';
import type { Bucket, OfError } from './values.ts';
import type { Writer } from './writer.ts';

/** Reads the buckets in [at, end). */
export function readBuckets(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): Bucket[] | OfError {
  const buckets: Bucket[] = [];
  for (let next = at; next < end; ) {
    if (next + layout.size > end) return ofError('groupModFailed', 'badBucket', 'cut in a bucket');
    const { length, weight, watchPort, watchGroup } = layout.read(dv, next);
    if (length < layout.size || length % 8 !== 0 || next + length > end) {
      return ofError('groupModFailed', 'badBucket', `bucket of ${length} bytes`);
    }
    const actions = readActions(dv, next + layout.size, next + length, strict);
    if (isError(actions)) return actions;
    buckets.push({ weight, watchPort, watchGroup, actions });
    next += length;
  }
  return buckets;
}

export function writeBuckets(to: Writer, buckets: readonly Bucket[]): void {
  for (const { weight, watchPort, watchGroup, actions } of buckets) {
    const at = to.room(layout.size);
    writeActions(to, actions);
    layout.write(to.dv, at, { weight, watchPort, watchGroup });
    to.end(layout, at);
  }
}
