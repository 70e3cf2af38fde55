/**
 * The approximate number of entries that a rule of a vswitch takes on a datapath: one where there
 * are several tables. Where there is one table it is one for each entrance (flat/ingress.ts),
 * whatever the match says; and at a host's own port one more for each match that stands for the
 * VLANs of the vswitch's trunks, since it may send frames with such a tag there (flat/rules.ts).
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { isFlat, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import type { Costs } from '../../slices/network/tenant-account.ts';
import { trunkBlocks } from '../../slices/network/trunks.ts';
import { entrancesOf } from '../flat/ingress.ts';

export function entriesPerRule(snapshot: Snapshot, name: VswitchName, on: DatapathName): number {
  const vswitch = snapshot.vswitches.get(name);
  if (vswitch === undefined || !isFlat(snapshot, on)) return 1;
  const ways = [...entrancesOf(snapshot, on, [vswitch]).values()];
  const parts = trunkBlocks(snapshot, on, vswitch).length;
  const own = ways.filter(({ tag, trunk }) => tag === undefined && trunk === undefined);
  return Math.max(1, ways.length + parts * own.length);
}

/** Those of the snapshot of now; ways in are counted once for each snapshot. */
export function costsOf(now: () => Snapshot): Costs {
  let counted = { in: undefined as Snapshot | undefined, ways: new Map<string, number>() };
  return {
    bodiesOf(name) {
      const snapshot = now();
      if (!snapshot.vswitches.has(name)) return [];
      const { bodies, primary } = placementOf(snapshot, name);
      return bodies.length < 2 ? bodies : [primary, ...bodies.filter((one) => one !== primary)];
    },
    entriesPerRule(name, on) {
      const snapshot = now();
      if (!isFlat(snapshot, on)) return 1;
      if (counted.in !== snapshot) counted = { in: snapshot, ways: new Map() };
      const key = `${name} ${on}`;
      const known = counted.ways.get(key) ?? entriesPerRule(snapshot, name, on);
      counted.ways.set(key, known);
      return known;
    },
  };
}
