/**
 * The choice of places for moves that may go to one of several (wanted-moves.ts), by the room there
 * and the paths between them.
 */
import { amountsOf } from '../../slices/config/reservations.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { groundOf } from '../../slices/placement/configured-substrate.ts';
import { type Demand, type DemandEnd, edgesOf, type Node } from '../../slices/placement/demand.ts';
import type { Substrate } from '../../slices/placement/substrate.ts';

/** What is left while all is where it is, and where it goes: the peak. */
export function substrateAround(
  { config, routes, placements }: Snapshot,
  places: ReadonlyMap<VswitchName, DatapathName>,
): Substrate {
  const substrate = groundOf(config, routes).substrate();
  for (const vswitch of config.vswitches) {
    const to = places.get(vswitch.name);
    const bodies = placements.get(vswitch.name)?.bodies ?? [];
    for (const body of new Set([...bodies, ...(to === undefined ? [] : [to])])) {
      substrate.reserve(body, amountsOf(vswitch));
    }
  }
  return substrate;
}

/** Those that are to have one of several places. */
export function demandOf(
  { config, placements }: Snapshot,
  open: readonly (readonly [Vswitch, readonly DatapathName[]])[],
  places: ReadonlyMap<VswitchName, DatapathName>,
): Demand {
  const configs = new Map(config.vswitches.map((one) => [one.name, one]));
  const nodes = open.map(([{ name }, offered]): Node => {
    const own = configs.get(name);
    return { name, reserve: own === undefined ? {} : amountsOf(own), offered };
  });
  const numbers = new Map(open.map(([{ name }], i) => [name, i]));
  const endOf = (name: VswitchName): DemandEnd | undefined =>
    numbers.get(name) ?? places.get(name) ?? placements.get(name)?.primary;
  const all = edgesOf(config, endOf, ({ at }) => at.device);
  const edges = all.filter(({ ends }) => ends.some((end) => typeof end === 'number'));
  return { nodes, edges };
}
