/**
 * Reads a store again while it is being written: the state that a start would find there now
 * (journal.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { messageOf } from '../world/error-text.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Store } from '../world/world.ts';
import type { Journal, Release } from './journal.ts';
import { type Recovered, recoveredFrom } from './recovered.ts';
import { LeftOut } from './skipped-records.ts';
import { indexing } from './store-index.ts';
import type { StoredRules } from './stored-rules.ts';

/** What is there now; it is there until `release`, which whoever gets it has to call. */
export interface Reread {
  readonly recovered: Recovered;
  readonly release: Release;
}

/** In turns; `done` gets what is there, or why it cannot be read. */
export function reread(
  store: Store,
  scheduler: Scheduler,
  journal: Journal,
  done: (reread: Reread | string) => void,
): void {
  const texts = new Map<string, string>();
  const rules = new Map<VswitchName, StoredRules>();
  let reading: Generator<void, void> | undefined;
  let trouble: string | undefined;
  const step = (): boolean => {
    try {
      reading ??= indexing(store, texts, rules);
      return reading.next().done !== true;
    } catch (error) {
      trouble = messageOf(error);
      return false;
    }
  };
  const release = journal.hold();
  const mayGo = (): boolean => !journal.isRenewed;
  journal.sync(() => {
    scheduler.run({ step, mayGo }, () => {
      if (trouble === undefined) {
        const recovered = recoveredFrom(texts, rules, new LeftOut(), journal.dateOf(0));
        done({ recovered, release });
        return;
      }
      release();
      done(trouble);
    });
  });
}
