/**
 * A snapshot's ways after a change: wires, the crossings that lead outside, the numbers of ways,
 * and the index of places. Only the parts that the change concerns are computed anew.
 *
 * `allWays` computes everything, for a start, and to say what is wrong; it is also what tests
 * compare the other with (tests/translation/affected.test.ts).
 */

import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import { flatMapped, mapped, type Steps, withEach } from '../steps.ts';
import { crossingKeysOf, outsideOf } from './crossings.ts';
import { failuresChanged } from './failures.ts';
import { tagsOfCables } from './hop-tags.ts';
import { PersistentMap } from './persistent-map.ts';
import {
  bodyNamesOn,
  computedPlaces,
  moved,
  namesAtPort,
  namesOfPorts,
  type PortsOf,
  placesFrom,
  placesOf,
} from './places.ts';
import { computedWires } from './required-wires.ts';
import { unsharable } from './shared-ports.ts';
import type { TaggedWays } from './tags.ts';
import {
  concernedBy,
  type Infeasible,
  isInfeasible,
  type Outside,
  type Snapshot,
  type Vswitch,
  type Wire,
} from './values.ts';
import { inOrder, ordered } from './vswitch-order.ts';
import { changingWayNumbers, numberWays } from './way-numbers.ts';
import { sameWires } from './wires.ts';

const nowhere: PortsOf = new Map();

/** A snapshot whose ways are those of before. */
export type Draft = Snapshot;

/** Everything, anew; ways that are what they were are the same values. `ofNetwork`: hop-tags.ts. */
export function* allWays(draft: Draft, ofNetwork?: TaggedWays): Computation {
  const outside = yield* outsideOf(draft);
  if ('why' in outside) return outside;
  const next: Snapshot = { ...draft, outside: PersistentMap.from(outside) };
  const own = new Map<VswitchName, readonly Wire[]>();
  for (const vswitch of next.vswitches.values()) {
    const { name } = vswitch;
    own.set(name, kept(draft.wires.get(name), yield* computedWires(next, vswitch)));
    yield;
  }
  const all = [...own.values()].flat();
  yield;
  const trouble = (yield* lost(next, all)) ?? unsharable(next, next.vswitches.values(), all);
  if (trouble !== undefined) return trouble;
  const numbers = numberWays(all, draft, ofNetwork);
  if (isInfeasible(numbers)) return numbers;
  const where = yield* mapped(next.vswitches.values(), (vswitch) => {
    return [vswitch.name, placesOf(next, vswitch, own.get(vswitch.name) ?? [])] as const;
  });
  const wires = PersistentMap.from(own);
  const onDetour = [...own].filter(([, wires]) => wires.some(isDetour));
  const detoured = PersistentMap.from(onDetour.map(([name]) => [name, true] as const));
  return { ...next, wires, detoured, places: placesFrom(where), ...numbers };
}

function isDetour(wire: Wire): boolean {
  return wire.isDetour;
}

/** After the placements of these vswitches changed. */
export function waysOfPlaced(
  before: Snapshot,
  draft: Draft,
  names: readonly VswitchName[],
): Computation {
  const vswitches = names.flatMap((name) => draft.vswitches.get(name) ?? []);
  const bodies = (snapshot: Snapshot) =>
    names.flatMap((name) => snapshot.placements.get(name)?.bodies ?? []);
  const datapaths = new Set([...bodies(before), ...bodies(draft)]);
  const rewired = names.filter((name) => {
    const one = before.placements.get(name)?.bodies ?? [];
    const other = draft.placements.get(name)?.bodies ?? [];
    return one.length !== other.length || one.some((body, i) => body !== other[i]);
  });
  return changing(before, draft, { vswitches, datapaths, rewired: new Set(rewired) });
}

/** After rules stand otherwise on a datapath. */
export function* waysAt(before: Snapshot, draft: Draft, datapath: DatapathName): Computation {
  const rewired = new Set<VswitchName>();
  const put = (name: VswitchName): void => void rewired.add(name);
  yield* withEach(namesOfPorts(before, datapath), put);
  // Some may lack a way beside theirs because of how rules stand there.
  yield* withEach(before.detoured.keys(), put);
  const vswitches: Vswitch[] = [];
  yield* withEach(rewired, (name) => {
    const vswitch = draft.vswitches.get(name);
    if (vswitch !== undefined) vswitches.push(vswitch);
  });
  return yield* changing(before, draft, { vswitches, datapaths: new Set([datapath]), rewired });
}

/** After something has failed, or come back: in steps, for it may concern all. */
export function* waysAround(before: Snapshot, draft: Draft): Computation {
  const { ends, lost } = failuresChanged(before.failures, draft.failures);
  const rewired = new Set<VswitchName>();
  const put = (name: VswitchName): void => void rewired.add(name);
  yield* withEach(before.detoured.keys(), put);
  for (const { device, port } of draft.config.links.flat()) {
    if (!ends.has(endText({ device, port }))) continue;
    yield* withEach(namesAtPort(before, device, port), put);
  }
  for (const datapath of lost) yield* withEach(namesOfPorts(before, datapath), put);
  return yield* changing(before, draft, { vswitches: [], datapaths: new Set(), rewired });
}

/** After all ways are to lead elsewhere. */
export function waysElsewhere(before: Snapshot, draft: Draft): Computation {
  return changing(before, draft, scopeElsewhere(before, draft));
}

function scopeElsewhere(before: Snapshot, draft: Draft): Scope {
  const hasWayOut = ({ routes }: Snapshot, on: DatapathName): boolean =>
    routes.wayOut(on, on) !== undefined;
  // How far frames go inside depends on whether they can come back from outside.
  const other = [...draft.datapaths.keys()].filter(
    (on) => hasWayOut(before, on) !== hasWayOut(draft, on),
  );
  const names = new Set(other.flatMap((on) => [...bodyNamesOn(draft, on)]));
  const vswitches = inOrder(draft, names);
  return { vswitches, datapaths: new Set(other), rewired: new Set(draft.vswitches.keys()) };
}

/** What comes of it, in steps. */
export type Computation = Steps<Snapshot | Infeasible>;

/** After these vswitches came, went, or became others. */
export function waysOfThese(
  before: Snapshot,
  draft: Draft,
  names: readonly VswitchName[],
): Computation {
  return changing(before, draft, scopeOf(before, draft, names));
}

/** The same, when there are other cables besides. */
export function* waysOverOthers(
  before: Snapshot,
  draft: Draft,
  names: readonly VswitchName[],
): Computation {
  const own = scopeOf(before, draft, names);
  const all = scopeElsewhere(before, draft);
  const next = yield* changing(before, draft, {
    vswitches: [...new Set([...own.vswitches, ...all.vswitches])],
    datapaths: new Set([...own.datapaths, ...all.datapaths]),
    rewired: new Set([...own.rewired, ...all.rewired]),
  });
  return isInfeasible(next) ? next : { ...next, hopTags: tagsOfCables(next) };
}

function scopeOf(before: Snapshot, draft: Draft, names: readonly VswitchName[]): Scope {
  const own = (snapshot: Snapshot): readonly Vswitch[] =>
    names.flatMap((name) => snapshot.vswitches.get(name) ?? []);
  const bodies = (snapshot: Snapshot) =>
    names.flatMap((name) => snapshot.placements.get(name)?.bodies ?? []);
  return {
    vswitches: [...own(before), ...own(draft)],
    datapaths: new Set([...bodies(before), ...bodies(draft)]),
    rewired: new Set(names),
  };
}

interface Scope {
  /** Crossings among these, and others of their tenants, on these datapaths. */
  readonly vswitches: readonly Vswitch[];
  readonly datapaths: ReadonlySet<DatapathName>;
  /** Their wires, and those of their links' peers. */
  readonly rewired: ReadonlySet<VswitchName>;
}

function* changing(before: Snapshot, draft: Draft, scope: Scope): Computation {
  const found = yield* outsideIn(before, draft, scope);
  // What is wrong is said by who looks at everything.
  if (found === undefined) return yield* allWays(draft);
  const next: Snapshot = { ...draft, outside: found.outside };
  const rewired = new Set(found.ends);
  yield* withEach(eachWithPeers(before, scope.rewired), (name) => rewired.add(name));
  yield* withEach(eachWithPeers(draft, [...rewired]), (name) => rewired.add(name));
  const concerned = new Set([...rewired, ...scope.vswitches.map(({ name }) => name)]);
  let { wires, places, detoured } = before;
  const [gone, made]: [Wire[], Wire[]] = [[], []];
  // Those that went stand where they were.
  const get = (name: VswitchName) => draft.vswitches.get(name) ?? before.vswitches.get(name);
  for (const { name } of yield* ordered({ vswitches: { get } }, concerned)) {
    yield;
    const [was, vswitch] = [before.vswitches.get(name), draft.vswitches.get(name)];
    const old = before.wires.get(name) ?? [];
    const now = rewired.has(name) && vswitch ? yield* computedWires(next, vswitch) : [];
    const own = rewired.has(name) ? kept(old, now) : old;
    yield;
    const had = was === undefined ? nowhere : yield* computedPlaces(before, was, old);
    yield;
    const has = vswitch === undefined ? nowhere : yield* computedPlaces(next, vswitch, own);
    yield;
    places = moved(places, name, had, has);
    const isOnDetour = own.some(isDetour);
    if (isOnDetour && !detoured.has(name)) detoured = detoured.with(name, true);
    if (!isOnDetour && detoured.has(name)) detoured = detoured.without(name);
    if (vswitch === undefined) wires = wires.without(name);
    else if (own === old && before.wires.has(name)) continue;
    else wires = wires.with(name, own);
    gone.push(...old);
    made.push(...own);
  }
  const all = yield* ordered(draft, concerned);
  yield;
  const isTrouble = (yield* lost(next, made)) ?? unsharable(next, all, made);
  if (isTrouble !== undefined) return yield* allWays(draft);
  yield;
  const numbers = yield* changingWayNumbers(before, gone, made);
  return numbers === undefined
    ? yield* allWays(draft)
    : { ...next, wires, detoured, places, ...numbers };
}

/** Undefined when frames cannot cross at all. */
function* outsideIn(before: Snapshot, draft: Draft, { vswitches, datapaths }: Scope) {
  const tenants = [...new Set(vswitches.map(({ tenant }) => tenant))];
  const of = (snapshot: Snapshot) => tenants.flatMap((one) => snapshot.tenants.get(one) ?? []);
  const now = yield* outsideOf(draft, of(draft), datapaths);
  if ('why' in now) return undefined;
  let outside: PersistentMap<string, Ends> = PersistentMap.from(before.outside);
  const ends = new Set<VswitchName>();
  for (const key of yield* crossingKeysOf(before, of(before), datapaths)) {
    const old = outside.get(key);
    if (old === undefined || now.has(key)) continue;
    for (const end of old) ends.add(end);
    outside = outside.without(key);
  }
  for (const [key, both] of now) {
    if (outside.has(key)) continue;
    for (const end of both) ends.add(end);
    outside = outside.with(key, both);
  }
  return { outside, ends };
}

type Ends = Outside extends ReadonlyMap<string, infer V> ? V : never;

/** Vswitches, those at the other ends of their links, and copies. */
export function withPeers(
  snapshot: Pick<Snapshot, 'vswitches'>,
  names: Iterable<VswitchName>,
): ReadonlySet<VswitchName> {
  return new Set(eachWithPeers(snapshot, names));
}

/** The same one after the other, each once. */
export function* eachWithPeers(
  { vswitches }: Pick<Snapshot, 'vswitches'>,
  names: Iterable<VswitchName>,
): Generator<VswitchName, void> {
  const found = new Set<VswitchName>();
  for (const name of names) {
    const vswitch = vswitches.get(name);
    for (const one of [name, ...(vswitch === undefined ? [] : concernedBy(vswitch))]) {
      if (found.has(one)) continue;
      found.add(one);
      yield one;
    }
  }
}

/** The value of before, when it is the same. */
function kept(before: readonly Wire[] | undefined, now: readonly Wire[]): readonly Wire[] {
  return before !== undefined && sameWires(before, now) ? before : now;
}

/** In steps, the first way that the links do not offer, and whose they are. */
function* lost({ vswitches }: Draft, wires: readonly Wire[]): Steps<Infeasible | undefined> {
  const all = yield* flatMapped(wires, ({ what, of, from, to, hops }) => {
    if (hops !== undefined) return [];
    const { via = [], avoid = [] } = vswitches.get(of.device)?.ports.get(of.port)?.wish ?? {};
    const wishes = [
      ...(via.length > 0 ? [`via ${via.join(', ')}`] : []),
      ...(avoid.length > 0 ? [`avoiding ${avoid.join(', ')}`] : []),
    ];
    const why = [`no way from ${from} to ${to}`, ...wishes].join(' ');
    return [{ what, vport: of, why, isWished: wishes.length > 0 }];
  });
  const [first] = all;
  if (first === undefined) return undefined;
  const next = first.isWished
    ? 'that meets no datapath twice; change "via" or "avoid", or add a link to "links"'
    : 'add a link to "links"';
  const sentence = `${first.what} has ${first.why}`;
  return { why: `${sentence}${first.isWished ? ' ' : '; '}${next}`, lacking: all };
}
