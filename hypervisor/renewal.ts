/**
 * A store that has grown is made anew from what still matters, a little in every turn (ledger.ts).
 *
 * What changes meanwhile is appended to the new log as it is to the old one, so it does not matter
 * when a rule is looked at: the entry that is read last says what it is.
 */
import { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';
import { writeText } from './entries.ts';
import type { Store, World } from './world.ts';

export interface Matters {
  /**
   * Appends what has changed. What a step writes is what things are now: without what came before
   * it, such as a group that a rule uses, the new log would not be a state that starts.
   */
  flush(): void;
  readonly texts: ReadonlyMap<string, string>;
  /** Appends up to `rulesPerStep` rules with every step. */
  rules(to: Writer): Iterator<void>;
}

/** `done` when the new log is the store. */
export function renew(world: World, store: Store, matters: Matters, done: () => void): void {
  const rewriting = store.rewrite();
  const out = new Writer(limits.outboxBytesAtFirst);
  const rules = matters.rules(out);
  for (const [key, value] of matters.texts) writeText(out, key, value);
  const step = (): void => {
    matters.flush();
    const hasMore = writeSome(rules);
    rewriting.add(out.bytes.subarray(0, out.at));
    out.reset();
    if (hasMore) world.soon(step);
    else rewriting.finish(done);
  };
  step();
}

/** Writes a few rules; whether there may be more. */
function writeSome(rules: Iterator<void>): boolean {
  const steps = limits.rulesPerSlice / limits.rulesPerStep;
  for (let i = 0; i < steps; i++) if (rules.next().done === true) return false;
  return true;
}
