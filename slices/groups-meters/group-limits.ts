/**
 * Limits on the buckets of a vswitch's groups, and on their bytes on a datapath: our memory keeps
 * each with its counters, and the connection that carries them is shared by all tenants.
 */
import { ofError, group as ofpg } from '../../openflow/values/constants.ts';
import type { Bucket, OfError } from '../../openflow/values/values.ts';
import { bucketBytes } from '../bytes-below.ts';
import { limits } from '../limits.ts';

/** What some groups take of it. */
export interface Room {
  take(group: { readonly buckets: readonly Bucket[]; readonly bytesBelow: number }): void;
  /** Why there is none for these as well. */
  refuse(buckets: readonly Bucket[]): OfError | undefined;
}

export function bucketRoom(): Room {
  let count = 0;
  let bytes = 0;
  return {
    take({ buckets, bytesBelow }) {
      count += buckets.length;
      bytes += bytesBelow;
    },
    refuse(buckets) {
      const [countThen, bytesThen] = [count + buckets.length, bytes + bucketBytes(buckets)];
      if (countThen > limits.bucketsPerVswitchMax)
        return outOf(`${countThen} buckets, and may have ${limits.bucketsPerVswitchMax}`);
      if (bytesThen <= limits.bucketBytesPerVswitchMax) return undefined;
      const max = limits.bucketBytesPerVswitchMax;
      return outOf(`${bytesThen} bytes of buckets on a datapath, and may have ${max}`);
    },
  };
}

function outOf(what: string): OfError {
  const why = `this vswitch's groups would have ${what}`;
  return ofError('groupModFailed', 'outOfBuckets', why);
}

/** Those of a store that there is room for, in their order, and the others, with why. */
export function withRoom<T extends { readonly buckets: readonly Bucket[] }>(all: readonly T[]) {
  const room = bucketRoom();
  const kept: T[] = [];
  const beyond: { readonly group: T; readonly why: string }[] = [];
  for (const group of all) {
    const { buckets } = group;
    const error = kept.length < limits.groupsPerVswitchMax ? room.refuse(buckets) : tooMany;
    if (error !== undefined) beyond.push({ group, why: error.why });
    else {
      kept.push(group);
      room.take({ buckets, bytesBelow: bucketBytes(buckets) });
    }
  }
  return { kept, beyond };
}

const tooMany = { why: `a vswitch has ${limits.groupsPerVswitchMax} groups at most` };

/** The groups that a bucket names. */
export function namesIn({ watchGroup, actions }: Bucket): readonly number[] {
  const chained = actions.flatMap((one) => (one.type === 'group' ? [one.groupId] : []));
  return watchGroup === ofpg.any ? chained : [...chained, watchGroup];
}

export function tooManyNames(): OfError {
  const why = `the buckets name more than ${limits.groupNamesPerVswitchMax} groups`;
  return ofError('groupModFailed', 'outOfGroups', why);
}
