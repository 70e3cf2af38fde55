/**
 * What a body in the flat encoding stands on: its datapath's ways in, what rules there lead to, and
 * whether a change fits there at all.
 */
import { isError, ofError } from '../../openflow/errors.ts';
import type { Match, OfError } from '../../openflow/values.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Rule } from '../../slices/rulebook.ts';
import type { Snapshot, Vswitch } from '../../slices/snapshot.ts';
import type { Count } from '../../slices/tally.ts';
import type { Change } from '../body.ts';
import type { PhysicalFlow } from '../physical.ts';
import type { Entrance } from './entrances.ts';
import { LEVELS_MAX, type LevelBook, levels } from './levels.ts';
import { refuseLongEntry } from './longest.ts';
import { appliedBy, ruleEntry, type Site, unfitRule } from './rules.ts';

/** What a body needs to know of its datapath, now. */
export interface Ground {
  site(): Site;
  entrances(vswitch: Vswitch): readonly Entrance[];
  /** The one that an entry's match names. */
  entranceOf(match: Match): Entrance | undefined;
}

/** A rule as the datapath has it. */
export interface Held {
  readonly rule: Rule;
  readonly flows: ReadonlyMap<string, PhysicalFlow>; // by flowKey
}

/** What an entry's counters say. */
export interface Reading {
  readonly serial: number;
  /** Of all the rule's entries on this body. */
  readonly sum: Count;
  /** What left since the last reading, by vport. */
  readonly sent: readonly (Count & { readonly vport: Vport })[];
}

/**
 * Why a change that the books allow cannot be carried out; undefined when it can. With the snapshot
 * of now, whatever this datapath was led to as yet.
 */
export function whyNot(
  change: Change,
  vswitch: Vswitch,
  book: LevelBook,
  ground: Ground,
  snapshot: Snapshot,
): OfError | undefined {
  if ('group' in change) {
    return ofError('groupModFailed', 'outOfGroups', 'its datapath has no groups');
  }
  if ('meter' in change) {
    return ofError('meterModFailed', 'outOfMeters', 'its datapath has no meters');
  }
  if (change.type === 'remove') return undefined;
  const { rule } = change;
  const site = { ...ground.site(), snapshot };
  const unfit = unfitRule(rule, site.speaks);
  if (unfit !== undefined) return unfit;
  const long = refuseLongEntry({ ...site, vswitch }, rule.match, appliedBy(rule));
  if (long !== undefined) return long;
  if (!book.hasRoomFor(rule.priority)) {
    return ofError('flowModFailed', 'tableFull', `${LEVELS_MAX} different priorities`);
  }
  for (const entrance of ground.entrances(vswitch)) {
    const entry = ruleEntry(site, entrance, rule, levels.lowest);
    if (entry !== undefined && isError(entry)) return entry;
  }
  return undefined;
}
