/**
 * Whether a vswitch can live on a datapath of the flat encoding: everything that its tenant uses
 * must fit (DESIGN 4). Nothing is left out in silence.
 */
import { isError } from '../../openflow/errors.ts';
import { printMatch } from '../../openflow/printmatch.ts';
import type { GroupBook } from '../../slices/groups.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { MeterBook } from '../../slices/meters.ts';
import type { Rulebook } from '../../slices/rulebook.ts';
import { isFlat, type Snapshot, type Vswitch } from '../../slices/snapshot.ts';
import { FlatDatapath } from './datapath.ts';

/** What a vswitch's tenant has made. */
export interface Books {
  readonly rulebook: Rulebook;
  readonly groups: { readonly book: GroupBook };
  readonly meters: { readonly book: MeterBook };
}

/** Why it cannot, naming the rule; undefined when it can, or when the datapath is not flat. */
export function misfit(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
  { rulebook, groups, meters }: Books,
): string | undefined {
  if (!isFlat(snapshot, datapath)) return undefined;
  const kind = snapshot.encodings.get(datapath) === 'flat of 1.0' ? 'OpenFlow 1.0' : 'one table';
  const used = [
    ...(groups.book.groups().length > 0 ? ['groups'] : []),
    ...(meters.book.meters().length > 0 ? ['meters'] : []),
  ];
  if (used.length > 0) {
    return `${vswitch.name} has ${used.join(' and ')}, and ${datapath} has ${kind}, without them`;
  }
  const body = new FlatDatapath(snapshot, datapath).bodyOf(vswitch);
  for (const rule of rulebook.rules()) {
    const wrong = body.refuse({ type: 'add', rule, replaced: undefined, resets: false }, snapshot);
    if (wrong === undefined || !isError(wrong)) continue;
    const name = `table=${rule.tableId},priority=${rule.priority},${printMatch(rule.match)}`;
    return `${vswitch.name} has the rule ${name}, which ${datapath} cannot hold: ${wrong.why}`;
  }
  return undefined;
}
