/**
 * The vswitches whose wiring or ports differ between two snapshots. All others are the same in
 * both, so the cost of a change depends on what it touches, and not on the size of the network.
 */

import type { DatapathName, VswitchName } from '../ids.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import { eachWithPeers, withPeers } from './changed-ways.ts';
import { changedIn, changedKeys } from './persistent-map.ts';
import { datapathsOf, namesOfPorts } from './places.ts';
import type { Snapshot, Vswitch } from './values.ts';
import { ordered } from './vswitch-order.ts';

/**
 * The vswitches of `after` whose wiring, or whose ports, may be other in one than in the other, in
 * the order of the configuration.
 */
export function touchedBy(before: Snapshot, after: Snapshot): readonly Vswitch[] {
  return atOnce(touched(before, after));
}

/** The same in steps. */
export function* touched(before: Snapshot, after: Snapshot): Steps<readonly Vswitch[]> {
  if (before === after) return [];
  const some = new Set<VswitchName>([
    ...(yield* changedIn(before.placements, after.placements)),
    ...(yield* changedIn(before.wires, after.wires)),
    ...changedKeys(before.portConfigs, after.portConfigs),
    ...changedVswitches(before, after),
  ]);
  for (const key of yield* changedIn(before.outside, after.outside)) {
    const [had, has] = [before.outside.get(key), after.outside.get(key)];
    if (had === undefined || has === undefined) for (const end of had ?? has ?? []) some.add(end);
  }
  for (const datapath of changedKeys(before.encodings, after.encodings)) {
    for (const snapshot of [before, after]) {
      yield* withEach(namesOfPorts(snapshot, datapath), (name) => void some.add(name));
    }
  }
  // What a vswitch sends by a link follows from the one at the other end.
  yield;
  const all = new Set<VswitchName>();
  const put = (name: VswitchName): void => void all.add(name);
  yield* withEach(eachWithPeers(before, some), put);
  yield* withEach(eachWithPeers(after, [...all]), put);
  for (const name of changedKeys(before.missesUp, after.missesUp)) all.add(name);
  return yield* ordered(after, all);
}

export { withPeers };

/** Those that came, went, or are others. */
export function changedVswitches(
  before: Pick<Snapshot, 'vswitches'>,
  after: Pick<Snapshot, 'vswitches'>,
): readonly VswitchName[] {
  if (before.vswitches === after.vswitches) return [];
  const names: VswitchName[] = [];
  for (const [name, one] of before.vswitches) {
    if (after.vswitches.get(name) !== one) names.push(name);
  }
  for (const name of after.vswitches.keys()) if (!before.vswitches.has(name)) names.push(name);
  return names;
}

/** The datapaths that hold, or are to hold, something of the vswitch. */
export function datapathsTouched(
  before: Snapshot,
  after: Snapshot,
  vswitch: Vswitch,
): ReadonlySet<DatapathName> {
  return new Set([...datapathsOf(before, vswitch), ...datapathsOf(after, vswitch)]);
}
