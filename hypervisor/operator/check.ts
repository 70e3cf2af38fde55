/**
 * `limevisor check FILE [--store [STORE]]`: the problems that `limevisor run` would report, without
 * running.
 *
 * The store is only read: also while a limevisor serves it, whose last commits may not be seen.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../../slices/config/config.ts';
import { isInfeasible } from '../../slices/network/snapshot.ts';
import type { Remedy } from '../../slices/remedy.ts';
import { Journal } from '../store/journal.ts';
import { loadWhole } from '../store/recovery.ts';
import type { Thing } from '../store/skipped-records.ts';
import { starting } from '../store/starting.ts';
import { noStore, readStore, whyNoStore } from '../store/store.ts';
import { loadsOf } from '../tenant/runtimes.ts';
import { messageOf } from '../world/error-text.ts';
import { nodeWorld } from '../world/node-world.ts';
import type { Store } from '../world/world.ts';

export interface Checked {
  /** Why it cannot be run at all. */
  readonly problem?: string;
  readonly remedies: readonly Remedy[];
  /** What of the store a start would leave out, the first of it by name; absent: nothing. */
  readonly leftOut?: { readonly count: number; readonly some: readonly Thing[] };
}

/** A line each, and how many are not named. */
export function leftOutLines({ leftOut }: Checked): readonly string[] {
  if (leftOut === undefined) return [];
  const { count, some } = leftOut;
  const named = some.map(({ vswitch, what, why }) => {
    return `${vswitch ?? 'the store'}: ${what} is left out: ${why}`;
  });
  const more = count - some.length;
  return more > 0 ? [...named, `and ${more} more that are left out`] : named;
}

/** With the store of an earlier process; without one, as with a store that is new. */
export function checkStart(config: Config, storeFile: string | undefined): Checked {
  const world = nodeWorld();
  const start = (store: Store): Checked => {
    const journal = new Journal(world, store);
    const begun = starting({ world, journal }, config, journal.load());
    if (isInfeasible(begun)) return { problem: begun.why, remedies: [] };
    for (const load of loadsOf(begun)) {
      loadWhole(load);
      load.done();
    }
    const { count, some } = journal.leftOut;
    return { remedies: begun.start.remedies, ...(count > 0 && { leftOut: { count, some } }) };
  };
  if (storeFile === undefined) return start(noStore);
  const file = path.resolve(storeFile);
  if (!fs.existsSync(file)) {
    const problem = whyNoStore(file);
    return problem === undefined ? checkStart(config, undefined) : { problem, remedies: [] };
  }
  try {
    const store = readStore(file);
    const checked = start(store);
    store.close();
    return checked;
  } catch (error) {
    return { problem: messageOf(error), remedies: [] };
  }
}

/** With a store that a person named: one that is not there is a slip, and no new store. */
export function checkWith(config: Config, storeFile: string): Checked {
  if (fs.existsSync(storeFile)) return checkStart(config, storeFile);
  const problem = 'this store does not exist; use --store alone for the store that the file names';
  return { problem, remedies: [] };
}
