/**
 * Datapaths by name, for those that send messages to them or ask what they hold.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';

export interface Datapaths {
  /** Throws for a name that is not in the snapshot. */
  datapath(name: DatapathName): Datapath;
}

interface Started {
  readonly world: Pick<World, 'nowMs'>;
  readonly startedMs: number;
}

/**
 * After a start a datapath takes some seconds to connect, and forwards meanwhile: for so long its
 * absence means nothing.
 */
export function isAwaited(
  { world, startedMs }: Started,
  { wasReady }: Pick<Datapath, 'wasReady'>,
  nowMs = world.nowMs(),
): boolean {
  return !wasReady && nowMs < startedMs + limits.datapathLostMs;
}
