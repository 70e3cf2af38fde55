/**
 * What runs, for `show` and `diff`: the file that would make it so.
 */
import type { Fields } from '../../slices/config/config-fields.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';

export interface RunningResult {
  /** As a parsed file has it: every scalar is a text. */
  readonly file: Fields;
  /** Drained datapaths: ways do not lead through them. */
  readonly avoided: readonly DatapathName[];
}

export function runningResult(snapshot: Snapshot): RunningResult {
  return { file: fileTree(runningConfig(snapshot)), avoided: [...snapshot.avoiding.goal] };
}
