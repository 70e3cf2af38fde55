/**
 * A body's knowledge of its datapath in the flat encoding: its entrances, where its rules' outputs
 * lead, and whether a change fits there at all.
 */
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Match, OfError } from '../../openflow/values/values.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Change } from '../entries/body.ts';
import { flowKey, type PhysicalFlow } from '../entries/physical-tables.ts';
import type { Entrance } from './ingress.ts';
import { refuseLongEntry } from './longest-entry.ts';
import { LEVELS_MAX, type LevelTable, levels } from './priority-map.ts';
import { appliedBy, ruleEntries, type Site, unfitRule, widthOf } from './rules.ts';

/** What a body needs to know of its datapath, now. */
export interface FlatContext {
  site(): Site;
  entrances(vswitch: Vswitch): readonly Entrance[];
  /** The one that an entry's match names. */
  entranceOf(match: Match): Entrance | undefined;
  /** What stands as bytes there. */
  readonly unsettled: { readonly isAwaited: boolean };
}

/** A rule as the datapath has it. */
export interface InstalledRule {
  readonly rule: Rule;
  /** By flowKey, those above others first. */
  readonly flows: ReadonlyMap<string, PhysicalFlow>;
  /** Of entries whose frames cannot leave by every vport: how many copies of one do not. */
  readonly lost: ReadonlyMap<string, ReadonlyMap<Vport, number>>;
}

/** What an entry's counters say. */
export interface Reading {
  readonly serial: number;
  /** Of all the rule's entries on this body. */
  readonly sum: Count;
  /** What left since the last reading, by vport. */
  readonly sent: readonly (Count & { readonly vport: Vport })[];
  /** What came in by a shared port since then, where no port of a datapath counts that alone. */
  readonly came: readonly {
    readonly vport: Vport;
    readonly rxPackets: bigint;
    readonly rxBytes: bigint;
  }[];
}

/**
 * Why a change that the tables allow cannot be carried out; undefined when it can. With the current
 * snapshot, whatever this datapath was led to as yet.
 */
export function whyNot(
  change: Change,
  vswitch: Vswitch,
  book: LevelTable,
  context: FlatContext,
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
  const site = { ...context.site(), snapshot };
  const unfit = unfitRule(rule, site.speaks);
  if (unfit !== undefined) return unfit;
  const long = refuseLongEntry({ ...site, vswitch }, rule.match, appliedBy(rule));
  if (long !== undefined) return long;
  if (!book.hasRoomFor(rule.priority, widthOf(site.datapath, vswitch, rule))) {
    return ofError('flowModFailed', 'tableFull', `all ${LEVELS_MAX} priority levels are in use`);
  }
  for (const entrance of context.entrances(vswitch)) {
    const entries = ruleEntries(site, entrance, rule, levels.lowest);
    if (isError(entries)) return entries;
  }
  return undefined;
}

/** A rule's entries at all its entrances; its own level and the one above it are the rule's. */
export function entriesOf(
  rule: Rule,
  vswitch: Vswitch,
  context: FlatContext,
  level: number,
): InstalledRule {
  const site = context.site();
  const flows = new Map<string, PhysicalFlow>();
  const lost = new Map<string, ReadonlyMap<Vport, number>>();
  for (const entrance of context.entrances(vswitch)) {
    const entries = ruleEntries(site, entrance, rule, level);
    // What does not fit is refused before it gets here (refuse); a packet then meets no rule.
    if (isError(entries)) continue;
    for (const entry of entries) {
      const key = flowKey(entry.flow);
      flows.set(key, entry.flow);
      if (entry.lost.size > 0) lost.set(key, entry.lost);
    }
  }
  return { rule, flows, lost };
}
