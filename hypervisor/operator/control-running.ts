/**
 * The running configuration as a file, for `show` and `diff`.
 */
import type { Fields } from '../../slices/config/config-fields.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import type { Amounts } from '../../slices/config/reservations.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { heldIn } from '../../slices/network/drained-datapaths.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { toldBy } from '../store/starting.ts';

export interface RunningResult {
  /** As a parsed file has it: every scalar is a text. */
  readonly file: Fields;
  /** Drained datapaths: ways do not lead through them. */
  readonly avoided: readonly DatapathName[];
  /** Those where nothing is placed, not even by a file. */
  readonly held: readonly DatapathName[];
  /** What datapaths say that they have room for. */
  readonly told: Readonly<Record<DatapathName, Amounts>>;
}

export function runningResult(
  snapshot: Snapshot,
  datapaths: Parameters<typeof toldBy>[1],
): RunningResult {
  const told = Object.fromEntries(toldBy(snapshot.config, datapaths));
  const avoided = [...snapshot.avoiding.goal];
  const held = [...heldIn(snapshot.avoiding)];
  return { file: fileTree(runningConfig(snapshot)), avoided, held, told };
}
