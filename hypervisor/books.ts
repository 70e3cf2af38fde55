/**
 * A vswitch's rulebook and group book, as the store remembers them.
 */
import { isError } from '../openflow/errors.ts';
import { GroupBook, GroupIds } from '../slices/groups.ts';
import type { VswitchName } from '../slices/ids.ts';
import { Rulebook, type StoredRule } from '../slices/rulebook.ts';
import type { Loaded } from './ledger.ts';
import type { World } from './world.ts';

export interface Books {
  readonly rulebook: Rulebook;
  readonly book: GroupBook;
}

/** The datapaths' ids that groups of all vswitches have, before any of them is put back. */
export function groupIdsOf({ groups }: Loaded): GroupIds {
  return new GroupIds([...groups.values()].flat().map((one) => one.below));
}

export function booksOf(world: World, name: VswitchName, loaded: Loaded, ids: GroupIds): Books {
  const word = (): number => Math.floor(world.random() * 0x1_0000_0000);
  const rulebook = new Rulebook(loaded.serials.get(name), { low: word(), high: word() });
  const book = new GroupBook(ids);
  book.restore(loaded.groups.get(name) ?? []);
  for (const rule of loaded.rules.get(name) ?? []) rulebook.restore(boundTo(book, rule));
  return { rulebook, book };
}

/** Groups before rules: a rule's group is there for as long as the rule is. */
function boundTo(book: GroupBook, rule: StoredRule): StoredRule {
  const instructions = book.bind(rule.instructions);
  if (!isError(instructions)) return { ...rule, instructions };
  throw new Error(`the store's rule ${rule.serial} is damaged: ${instructions.why}`);
}
