/**
 * What a store holds after everything that was ever appended to it (ledger.ts).
 */
import type { VswitchName } from '../slices/ids.ts';
import { saidIn } from '../slices/rule-run.ts';
import type { StoredRule } from '../slices/rulebook.ts';
import { type Count, zero } from '../slices/tally.ts';
import { bodyIn } from '../translation/flow-mod-bytes.ts';
import {
  type Clock,
  countedIn,
  entriesIn,
  entryKind,
  readRule,
  serialOf,
  textOf,
} from './entries.ts';
import { addedAtOf, flowModsIn } from './kept-flow-mods.ts';
import type { Store } from './world.ts';

/** Puts the texts into `texts`, and answers the rules of each vswitch. */
export function replay(
  store: Store,
  texts: Map<string, string>,
  clock: Clock,
): ReadonlyMap<VswitchName, readonly StoredRule[]> {
  const last = new Map<string, Kept>();
  for (const payload of store.load()) {
    for (const { kind, key, value } of entriesIn(payload)) {
      if (kind === entryKind.text) texts.set(key, textOf(value));
      if (kind === entryKind.noText) texts.delete(key);
      if (kind === entryKind.noRule) last.get(key)?.delete(serialOf(value));
      if (kind !== entryKind.rule && kind !== entryKind.flowMods) continue;
      const own: Kept = last.get(key) ?? new Map();
      last.set(key, own);
      if (kind === entryKind.flowMods) addFlowMods(own, value, clock);
      else
        own.set(serialOf(value), { counted: countedIn(value), read: () => readRule(value, clock) });
    }
  }
  const rules = new Map<VswitchName, readonly StoredRule[]>();
  for (const [name, own] of last) {
    if (own.size === 0) continue;
    const read = [...own.values()].map((rule) => rule.read());
    rules.set(name as VswitchName, read);
  }
  return rules;
}

/** By serial, what each rule has counted and how to read it: most are gone before anybody does. */
type Kept = Map<number, { readonly counted: Count; read(): StoredRule }>;

function addFlowMods(own: Kept, value: Uint8Array, clock: Clock): void {
  const dv = new DataView(value.buffer, value.byteOffset, value.length);
  const addedMs = addedAtOf(dv, 0) - clock.epochMs;
  for (const { serial, replaced, resets, at, length } of flowModsIn(dv, 0)) {
    const before = own.get(replaced);
    const counted = resets || before === undefined ? zero : before.counted;
    own.delete(replaced);
    const times = { addedMs, hardFromMs: addedMs, usedMs: clock.nowMs };
    const read = () => {
      return { ...saidIn(dv, at), ...times, serial, body: bodyIn(dv, at, length), counted };
    };
    own.set(serial, { counted, read });
  }
}
