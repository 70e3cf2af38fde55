/**
 * The index of a store, made in one pass over it: its texts, and the places of each vswitch's
 * rules. Rules are read later, a vswitch after the other (recovery.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { entriesIn, storedKind, textOf } from '../../translation/stored/stored-entries.ts';
import type { Store } from '../world/world.ts';
import { StoredRules } from './stored-rules.ts';

/** Puts the texts into `texts`, and answers where the rules are. */
export function indexOf(
  store: Store,
  texts: Map<string, string>,
): ReadonlyMap<VswitchName, StoredRules> {
  const rules = new Map<VswitchName, StoredRules>();
  for (const _ of indexing(store, texts, rules));
  return rules;
}

/** The same, a commit with each step. */
export function* indexing(
  store: Store,
  texts: Map<string, string>,
  rules: Map<VswitchName, StoredRules>,
): Generator<void, void> {
  for (const { at: from, bytes } of store.scan()) {
    let done = 0;
    for (const { kind, key, value, at, end } of entriesIn(bytes)) {
      done = end;
      if (kind === storedKind.text) texts.set(key, textOf(value));
      else if (kind === storedKind.noText) texts.delete(key);
      else if (kind === storedKind.noRules) rules.delete(key as VswitchName);
      else {
        const stored = own(rules, store, key as VswitchName);
        stored.add(from + at, end - at);
        if (kind === storedKind.rule) {
          stored.longestBytes = Math.max(stored.longestBytes, value.length);
        }
      }
    }
    if (done < bytes.length) throw new Error(`the store is damaged at byte ${from + done}`);
    yield;
  }
}

function own(rules: Map<VswitchName, StoredRules>, store: Store, name: VswitchName): StoredRules {
  const known = rules.get(name);
  if (known !== undefined) return known;
  const made = new StoredRules(store);
  rules.set(name, made);
  return made;
}
