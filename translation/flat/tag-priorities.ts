/**
 * Frames that meet the same rule and differ in their tags, as entries of several levels: one list
 * of actions for all, and above it lists for frames that are treated otherwise (rules.ts).
 */
import { fieldOf } from '../../openflow/match/match.ts';
import type { Action, Match } from '../../openflow/values/values.ts';
import type { VlanRange } from '../../slices/config/values.ts';
import { sameFlow } from '../entries/physical-tables.ts';
import type { FlatActions } from './actions.ts';
import { amongTags, type Kind, onlyOf } from './tenant-tags.ts';

/** Frames of one kind; where `vids` are given, with one of these tags. */
export interface Frames {
  readonly kind: Kind;
  readonly vids?: VlanRange;
}

/** What is done to them. */
export interface Made extends FlatActions, Frames {}

/** The match for some frames only, where a wider one stands below for the others. */
export function matchesOf(where: Match, { kind, vids }: Frames): readonly Match[] {
  const among = vids === undefined ? where : amongTags(where, vids);
  if (among === undefined) return [];
  const isSaid = kind === 'stacked' && fieldOf(where, 'eth_type') !== undefined;
  return kind === 'tagged' || isSaid ? [among] : onlyOf(kind, among);
}

interface Leveled {
  readonly made: Made;
  /** So many levels above the rule's own. */
  readonly above: 0 | 1 | 2;
}

/**
 * One list of actions for all frames, and above it those of frames that are treated otherwise: what
 * has a certain tag above what has any, and above both what has another inside.
 */
export function spread(all: readonly Made[]): readonly Leveled[] {
  const plain = all.filter(({ vids }) => vids === undefined);
  const base = plain.find(({ kind }) => kind === 'tagged') ?? plain[0];
  if (base === undefined) return [];
  const others = plain.filter((made) => made.kind !== 'tagged' && !isAlike(made, base));
  const stacked = others.find(({ kind }) => kind === 'stacked');
  const top: Leveled[] = [];
  const middle: Leveled[] = others.map((made) => ({ made, above: 1 }));
  for (const made of all) {
    if (made.vids === undefined) continue;
    if (made.kind === 'tagged') {
      if (!isAlike(made, base)) middle.push({ made, above: 1 });
      continue;
    }
    const shallow = all.find(({ kind, vids }) => kind === 'tagged' && vids === made.vids);
    const own = shallow === undefined || isAlike(shallow, base) ? undefined : shallow;
    const isMet = own === undefined || stacked === undefined;
    if (!isMet || !isAlike(made, own ?? stacked ?? base)) top.push({ made, above: 2 });
  }
  return [...top, ...middle, { made: base, above: 0 }];
}

function isAlike(one: Made, other: Made): boolean {
  return sameFlow(
    { instructions: [applying(one.actions)] },
    { instructions: [applying(other.actions)] },
  );
}

export function applying(actions: readonly Action[]) {
  return { type: 'applyActions', actions } as const;
}
