/**
 * The number of a vswitch on datapaths, in metadata, cookies and group ids. It is given to nobody
 * else while any datapath may still hold entries with it.
 *
 * A vswitch that leaves the file keeps its number until every datapath has been cleaned of it
 * (departures.ts). Numbers that were never given out come first, then of the free ones
 * the one that has been free for longest.
 */
import type { VswitchId, VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Infeasible, Remembered } from './values.ts';

/** The numbers of these vswitches; those that have one keep it. */
export function idsFor(
  names: readonly VswitchName[],
  { ids, freedIds }: Pick<Remembered, 'ids' | 'freedIds'>,
): ReadonlyMap<VswitchName, VswitchId> | Infeasible {
  const taken = new Set<number>(ids.values());
  const freed = freedIds.filter((id) => !taken.has(id));
  let last = 0;
  for (const id of [...taken, ...freed]) {
    if (id <= limits.vswitchesMax && id > last) last = id;
  }
  const found = new Map<VswitchName, VswitchId>();
  let used = 0;
  for (const name of names) {
    const earlier = ids.get(name);
    // Where groups of tenants begin no vswitch's may be (translation/entries/pipeline.ts,
    // `groupOf`).
    if (earlier !== undefined && earlier <= limits.vswitchesMax) {
      found.set(name, earlier);
      continue;
    }
    if (last < limits.vswitchesMax) last += 1;
    else used += 1;
    const id = used === 0 ? (last as VswitchId) : freed[used - 1];
    if (id === undefined) return { why: whyFull(name, names, ids) };
    found.set(name, id);
  }
  return found;
}

function whyFull(name: VswitchName, names: readonly VswitchName[], ids: Remembered['ids']): string {
  const own = new Set(names);
  const left = [...ids.keys()].filter((one) => !own.has(one)).length;
  return (
    `no number below is left for ${name}: there are ${limits.vswitchesMax}, and ${left} are kept ` +
    'for vswitches that have left the file, until every datapath was connected after that; ' +
    'connect those that are away, or take those that are gone for good out of the store ' +
    'with "limevisor purge --left"'
  );
}
