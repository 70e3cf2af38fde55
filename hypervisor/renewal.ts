/**
 * A store that has grown is made anew from what still matters, a little in every turn (ledger.ts).
 *
 * What changes meanwhile is appended to the new log as it is to the old one, so it does not matter
 * when a rule is looked at: the entry that is read last says what it is.
 */
import { Writer } from '../openflow/writer.ts';
import type { VswitchName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { RuleHead } from '../slices/rule.ts';
import type { Body } from '../slices/rule-record.ts';
import type { Count } from '../slices/tally.ts';
import { writeText } from './entries.ts';
import type { Store, World } from './world.ts';

/** A rule on its way into the new log. */
export interface Kept {
  readonly name: VswitchName;
  readonly rule: RuleHead;
  readonly body: Body;
  readonly base: Count;
}

export interface Matters {
  readonly texts: ReadonlyMap<string, string>;
  readonly rules: Iterator<Kept>;
  write(to: Writer, kept: Kept): void;
}

/** `done` when the new log is the store. */
export function renew(world: World, store: Store, matters: Matters, done: () => void): void {
  const rewriting = store.rewrite();
  const out = new Writer(limits.outboxBytesAtFirst);
  for (const [key, value] of matters.texts) writeText(out, key, value);
  const step = (): void => {
    const hasMore = someRules(matters, out);
    rewriting.add(out.bytes.subarray(0, out.at));
    out.reset();
    if (hasMore) world.soon(step);
    else rewriting.finish(done);
  };
  step();
}

/** Writes a few rules; whether there may be more. */
function someRules({ rules, write }: Matters, out: Writer): boolean {
  for (let i = 0; i < limits.rulesPerSlice; i++) {
    const next = rules.next();
    if (next.done === true) return false;
    write(out, next.value);
  }
  return true;
}
