/**
 * The entries of datapaths at the peak of several moves, and the vswitches that have to make room.
 *
 * A vswitch that is cloned has two copies until it retires, so where some leave a datapath for
 * which others come, all of them are there at once. Where that is too much, some give their old
 * copy up before anything is filled for which there was no room (`emptiesFirst`, migration.ts):
 * they are frozen meanwhile. There are so two moments that count: all are cloned that are not of
 * these; and these have given up, and are filled.
 */
import type { Counted } from '../../slices/config/reservations.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { bodiesOn, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { entriesPerRule } from '../datapath/entry-costs.ts';
import type { MoveCircumstances } from './move-checks.ts';
import type { Found } from './wanted-moves.ts';

/** How full a datapath is while there are two of what moves. */
export interface Peak {
  readonly datapath: DatapathName;
  readonly what: Counted;
  readonly count: number;
  /** Of the file, or what the datapath says and is too little; else absent. */
  readonly capacity?: number;
}

/** Who makes room, and why. */
export type Emptied = ReadonlyMap<VswitchName, string>;

type Moves = Found['moves'];

const kinds = ['rules', 'groups', 'meters', 'vswitches'] as const satisfies readonly Counted[];

/** What one vswitch has on a datapath. */
interface Load {
  readonly name: VswitchName;
  /** Whether it comes there, or leaves. */
  readonly way: 'comes' | 'leaves' | 'stays';
  readonly counts: Readonly<Record<Counted, number>>;
}

/** Of each datapath where something goes to; with those that make room. */
export function peaksOf(
  cloned: Snapshot,
  moves: Moves,
  tablesOf: MoveCircumstances['tablesOf'],
  emptied: Emptied = new Map(),
): readonly Peak[] {
  return targetsOf(moves).flatMap((on) => {
    const loads = loadsOn(cloned, moves, on, tablesOf);
    return kinds.flatMap((what): readonly Peak[] => {
      const count = Math.max(...moments.map((moment) => sumOf(loads, what, moment, emptied)));
      const limit = capacityOf(cloned, on, what, count);
      if (limit === undefined && what !== 'rules') return [];
      return [{ datapath: on, what, count, ...(limit !== undefined && { capacity: limit }) }];
    });
  });
}

export function isCrowded({ count, capacity = count }: Peak): boolean {
  return count > capacity;
}

export function crowdedText({ datapath, what, count, capacity }: Peak): string {
  return `${datapath} would have ${count} ${what} at the peak, and has room for ${capacity}`;
}

/** As few as it takes, so that there is room; less than enough, where there is none for all. */
export function emptiedIn(
  cloned: Snapshot,
  moves: Moves,
  tablesOf: MoveCircumstances['tablesOf'],
): Emptied {
  const emptied = new Map<VswitchName, string>();
  const loads = targetsOf(moves).map((on) => [on, loadsOn(cloned, moves, on, tablesOf)] as const);
  // Each turn adds one, and one that is added makes nothing fuller.
  for (;;) {
    const found = loads.flatMap(([on, all]) => next(cloned, on, all, emptied));
    const [first] = found;
    if (first === undefined) return emptied;
    emptied.set(first.name, first.why);
  }
}

const moments = ['cloned', 'filled'] as const;

/** Who is to make room on a datapath that has none: the least that is enough, else the most. */
function next(
  cloned: Snapshot,
  on: DatapathName,
  loads: readonly Load[],
  emptied: Emptied,
): readonly { readonly name: VswitchName; readonly why: string }[] {
  for (const what of kinds) {
    for (const moment of moments) {
      const count = sumOf(loads, what, moment, emptied);
      const capacity = capacityOf(cloned, on, what, count);
      if (capacity === undefined || count <= capacity) continue;
      const way = moment === 'cloned' ? 'comes' : 'leaves';
      const may = loads
        .filter((one) => one.way === way && one.counts[what] > 0 && !emptied.has(one.name))
        .sort((a, b) => a.counts[what] - b.counts[what]);
      const one = may.find(({ counts }) => count - counts[what] <= capacity) ?? may.at(-1);
      const why = crowdedText({ datapath: on, what, count, capacity });
      if (one !== undefined) return [{ name: one.name, why }];
    }
  }
  return [];
}

/** What is there in a moment. */
function sumOf(
  loads: readonly Load[],
  what: Counted,
  moment: (typeof moments)[number],
  emptied: Emptied,
): number {
  const gone = moment === 'cloned' ? 'comes' : 'leaves';
  return loads.reduce((sum, { name, way, counts }) => {
    return way === gone && emptied.has(name) ? sum : sum + counts[what];
  }, 0);
}

function loadsOn(
  cloned: Snapshot,
  moves: Moves,
  on: DatapathName,
  tablesOf: MoveCircumstances['tablesOf'],
): readonly Load[] {
  const targets = new Map(moves.map(({ vswitch, to }) => [vswitch.name, to]));
  return bodiesOn(cloned, on).map(({ name }): Load => {
    const to = targets.get(name);
    const tables = tablesOf(name);
    const isLeft = to !== undefined && placementOf(cloned, name).primary === on;
    const way = to === on ? 'comes' : isLeft ? 'leaves' : 'stays';
    const counts = {
      rules: (tables?.rulebook.size ?? 0) * entriesPerRule(cloned, name, on),
      groups: tables?.groups.table.groups().length ?? 0,
      meters: tables?.meters.table.meters().length ?? 0,
      vswitches: 1,
    };
    return { name, way, counts };
  });
}

/** What the datapath says is news where it is not enough. */
function capacityOf(
  { datapaths, config }: Snapshot,
  on: DatapathName,
  what: Counted,
  count: number,
): number | undefined {
  const said = config.told.get(on)?.[what];
  const { capacity = {} } = datapaths.get(on) ?? {};
  return capacity[what] ?? (said !== undefined && said < count ? said : undefined);
}

function targetsOf(moves: Moves): readonly DatapathName[] {
  return [...new Set(moves.map(({ to }) => to))];
}
