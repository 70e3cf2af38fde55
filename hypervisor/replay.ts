/**
 * What a store holds after everything that was ever appended to it (ledger.ts).
 */
import type { VswitchName } from '../slices/ids.ts';
import type { StoredRule } from '../slices/rulebook.ts';
import { type Clock, entriesIn, entryKind, readRule, serialOf, textOf } from './entries.ts';
import type { Store } from './world.ts';

/** Puts the texts into `texts`, and answers the rules of each vswitch. */
export function replay(
  store: Store,
  texts: Map<string, string>,
  clock: Clock,
): ReadonlyMap<VswitchName, readonly StoredRule[]> {
  const last = new Map<string, Map<number, Uint8Array>>();
  for (const payload of store.load()) {
    for (const { kind, key, value } of entriesIn(payload)) {
      if (kind === entryKind.text) texts.set(key, textOf(value));
      if (kind === entryKind.noText) texts.delete(key);
      if (kind === entryKind.noRule) last.get(key)?.delete(serialOf(value));
      if (kind !== entryKind.rule) continue;
      const own = last.get(key) ?? new Map<number, Uint8Array>();
      last.set(key, own);
      own.set(serialOf(value), value);
    }
  }
  const rules = new Map<VswitchName, readonly StoredRule[]>();
  for (const [name, own] of last) {
    if (own.size === 0) continue;
    const read = [...own.values()].map((value) => readRule(value, clock));
    rules.set(name as VswitchName, read);
  }
  return rules;
}
