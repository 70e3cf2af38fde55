/**
 * The ways that placements ask for (required-wires.ts): their names, the meaning of their ends, and
 * how each is found.
 *
 * translation/datapath/wiring.ts turns them into classifier entries, snapshot.ts gives each its
 * label, its tag, or both.
 */

import { isSameValue } from '../equality.ts';
import type { DatapathName, Vport, VswitchId } from '../ids.ts';
import type { HostAttachment } from './host-attachments.ts';
import type { Hop } from './routes.ts';
import {
  type Carriage,
  isFlat,
  type Snapshot,
  type Vswitch,
  type Wire,
  type WireEnd,
} from './values.ts';

export type { Carriage, Wire, WireEnd } from './values.ts';

/** Whether they are the same in everything. */
export function sameWires(some: readonly Wire[], others: readonly Wire[]): boolean {
  return (
    some.length === others.length &&
    some.every((one, i) => {
      const other = others[i];
      return other !== undefined && sameWire(one, other);
    })
  );
}

/** A key names the vport, and says neither what that is now nor where its host is plugged in. */
function sameWireEnd(one: WireEnd, other: WireEnd): boolean {
  if (one.type === 'enter') return other.type === 'enter' && one.vswitch === other.vswitch;
  return isSameValue(one, other);
}

/** A key says where a way ends, what that means, and over which path it leads. */
function sameWire(one: Wire, other: Wire): boolean {
  return (
    one.key === other.key &&
    one.from === other.from &&
    one.carriage === other.carriage &&
    one.role === other.role &&
    one.isDetour === other.isDetour &&
    one.to === other.to &&
    sameWireEnd(one.end, other.end)
  );
}

/** The goal of ways that enter `vport` at the body on `body`. */
export function enterGoal(vswitch: Vswitch, vport: Vport, body: DatapathName): string {
  // As a template, its parts would be kept beside it for as long as a vswitch has the way.
  return ['enter', vswitch.id, vport, body].join('/');
}

/**
 * The goal of ways by which another body leads to the one on `body` what enters by `vport`. Where
 * there are several tables it is one of its own, so that what comes by it is counted apart.
 */
export function leadGoal(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  body: DatapathName,
): string {
  if (isFlat(snapshot, body)) return enterGoal(vswitch, vport, body);
  return `lead/${vswitch.id}/${vport}/${body}`;
}

/** The goal of ways from bodies to the host of `vport`. */
export function hostGoal(
  { id }: Vswitch,
  vport: Vport,
  { isSecond }: Pick<HostAttachment, 'isSecond'> = {},
): string {
  return `deliver/${id}/${vport}${isSecond ? '/second' : ''}`;
}

/** The vswitch at whose port the way of a key, or those to a goal, end. */
export function endOfKey(key: string): VswitchId {
  return Number(key.split('/', 2)[1]) as VswitchId;
}

/** How frames go from a datapath over these hops. */
export function carriageOf(
  snapshot: Snapshot,
  from: DatapathName,
  hops: readonly Hop[] | undefined,
): Carriage {
  const isPlain = !isFlat(snapshot, from) && !hops?.some((hop) => isFlat(snapshot, hop.to));
  return isPlain ? 'label' : 'tag';
}

/** The way in use from a datapath to a goal at one of a vswitch's ports. */
export function wayFrom(
  { wires }: Pick<Snapshot, 'wires'>,
  { name }: Vswitch,
  goal: string,
  from: DatapathName,
): Wire | undefined {
  const own = wires.get(name) ?? [];
  if (own.length > INDEXED_FROM) return indexOf(own).used.get(`${goal}@${from}`);
  return own.findLast((one) => one.role === 'used' && one.goal === goal && one.from === from);
}

/**
 * And those beside it, in their order: that share its load, or that are switched to when its first
 * cable fails.
 */
export function waysBeside(
  { wires }: Pick<Snapshot, 'wires'>,
  { name }: Vswitch,
  goal: string,
  from: DatapathName,
  role: 'shared' | 'backup',
): readonly Wire[] {
  const own = wires.get(name) ?? [];
  if (own.length > INDEXED_FROM) return indexOf(own).beside.get(`${goal}@${from} ${role}`) ?? [];
  return own.filter((one) => one.role === role && one.goal === goal && one.from === from);
}

/** Most vswitches have fewer ways, and no index that stays: by goal and sender. */
const INDEXED_FROM = 24;

const indexes = new WeakMap<readonly Wire[], ReturnType<typeof indexed>>();

function indexOf(wires: readonly Wire[]) {
  const known = indexes.get(wires) ?? indexed(wires);
  indexes.set(wires, known);
  return known;
}

function indexed(wires: readonly Wire[]) {
  const keyOf = ({ goal, from }: Wire): string => `${goal}@${from}`;
  return {
    used: new Map(wires.filter(({ role }) => role === 'used').map((one) => [keyOf(one), one])),
    beside: Map.groupBy(
      wires.filter(({ role }) => role === 'shared' || role === 'backup'),
      (one) => `${keyOf(one)} ${one.role}`,
    ),
  };
}

/** The wires that end at these vswitches; at all, if none are named. */
export function wiresOf(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch> = snapshot.vswitches.values(),
): readonly Wire[] {
  const wires: Wire[] = [];
  for (const { name } of vswitches) wires.push(...(snapshot.wires.get(name) ?? []));
  return wires;
}
