/**
 * The costs of several moves that are one migration (ensemble-plan.ts) at their peak, when all are
 * cloned and hosts are at both places.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { type Estimate, estimateOf, type Remembered } from './estimate.ts';
import { checkedMoves, type MoveCircumstances } from './move-checks.ts';
import { type Emptied, type Peak, peaksOf } from './peak-room.ts';
import { entriesMade, type Plan } from './plan.ts';
import type { Found } from './wanted-moves.ts';

export interface Cost {
  readonly rules: number;
  readonly groups: number;
  readonly meters: number;
  /** Of ours, that are made or changed. */
  readonly entries: readonly { readonly datapath: DatapathName; readonly count: number }[];
  /** Ways that are made beside those in use, by what names them on a frame. */
  readonly labels: number;
  readonly tags: number;
  readonly peaks: readonly Peak[];
  /** Bytes a second that cross between what has moved and what has not, at the worst moment. */
  readonly boundaryPeak?: number;
  /** How long it will take, by what others took. */
  readonly time: Estimate;
}

type Moves = Found['moves'];

export function costOf(
  before: Snapshot,
  cloned: Snapshot,
  moves: Moves,
  { tablesOf }: MoveCircumstances,
  emptied?: Emptied,
): Omit<Cost, 'time'> {
  const tables = moves.flatMap(({ vswitch: { name } }) => tablesOf(name) ?? []);
  const sum = (count: (one: (typeof tables)[number]) => number): number =>
    tables.reduce((all, one) => all + count(one), 0);
  return {
    rules: sum(({ rulebook }) => rulebook.size),
    groups: sum(({ groups }) => groups.table.groups().length),
    meters: sum(({ meters }) => meters.table.meters().length),
    entries: entriesMade(before, cloned),
    ...waysMade(before, cloned),
    peaks: peaksOf(cloned, moves, tablesOf, emptied),
  };
}

function waysMade(before: Snapshot, cloned: Snapshot): { labels: number; tags: number } {
  const made = { label: 0, tag: 0 };
  for (const name of changedKeys(before.wires, cloned.wires)) {
    const known = new Set((before.wires.get(name) ?? []).map(({ key }) => key));
    for (const { key, carriage } of cloned.wires.get(name) ?? []) {
      if (!known.has(key)) made[carriage] += 1;
    }
  }
  return { labels: made.label, tags: made.tag };
}

/** Of one vswitch; undefined when something stands against it. */
export function costOfPlan(
  snapshot: Snapshot,
  { vswitch, from, to, strategy }: Plan,
  now: MoveCircumstances,
  remembered: Remembered,
): Cost | undefined {
  const own = snapshot.vswitches.get(vswitch);
  const moves = own === undefined ? [] : [{ vswitch: own, to }];
  const checked = checkedMoves(snapshot, moves, now);
  if ('problems' in checked) return undefined;
  const rulesOf = (): number => now.tablesOf(vswitch)?.rulebook.size ?? 0;
  const move = { type: 'vswitch', vswitch, from, to, strategy } as const;
  const time = estimateOf([[move]], rulesOf, remembered);
  return { ...costOf(snapshot, checked.cloned, moves, now), time };
}
