/**
 * What one datapath has to do when the wiring changes (tables.ts), and what of it is taken back
 * when another one, or itself, refused a part.
 */
import type { Move } from '../../translation/flat/datapath.ts';
import { type Difference, flowKey, type Tables } from '../../translation/physical-tables.ts';
import type { Datapath } from './datapath.ts';

export interface Work {
  readonly datapath: Datapath;
  readonly parts: Difference;
  /** What it held before. */
  readonly before: Tables;
  readonly move: Move | undefined;
}

/** These parts were not sent: of what they are about, the datapath holds what it held before. */
export function takeBackPlan(
  { datapath, parts, before, move }: Work,
  names: readonly (keyof Difference)[],
): void {
  const flows = new Map(datapath.wired.flows);
  const groups = new Map(datapath.wired.groups);
  for (const message of names.flatMap((name) => parts[name])) {
    if (message.type === 'flowMod') putBack(flows, before.flows, flowKey(message));
    if (message.type === 'groupMod') putBack(groups, before.groups, message.groupId);
  }
  datapath.wired = { flows, groups, meters: datapath.wired.meters };
  if (move !== undefined) datapath.flat?.giveUp(move);
}

function putBack<K, V>(now: Map<K, V>, before: ReadonlyMap<K, V>, key: K): void {
  const old = before.get(key);
  if (old === undefined) now.delete(key);
  else now.set(key, old);
}
