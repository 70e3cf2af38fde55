/**
 * A vswitch's rulebook and group book, as the store remembers them.
 */
import { isError } from '../openflow/errors.ts';
import { GroupBook, GroupIds } from '../slices/groups.ts';
import type { VswitchName } from '../slices/ids.ts';
import { type Rule, Rulebook } from '../slices/rulebook.ts';
import type { Loaded } from './ledger.ts';

export interface Books {
  readonly rulebook: Rulebook;
  readonly book: GroupBook;
}

/** The datapaths' ids that groups of all vswitches have, before any of them is put back. */
export function groupIdsOf({ groups }: Loaded): GroupIds {
  return new GroupIds([...groups.values()].flat().map((one) => one.below));
}

export function booksOf(name: VswitchName, loaded: Loaded, ids: GroupIds): Books {
  const rulebook = new Rulebook(loaded.serials.get(name));
  const book = new GroupBook(ids);
  book.restore(loaded.groups.get(name) ?? []);
  for (const rule of loaded.rules.get(name) ?? []) rulebook.restore(boundTo(book, rule));
  return { rulebook, book };
}

/** Groups before rules: a rule's group is there for as long as the rule is. */
function boundTo(book: GroupBook, rule: Rule): Rule {
  const instructions = book.bind(rule.instructions);
  if (!isError(instructions)) return { ...rule, instructions };
  throw new Error(`the store's rule ${rule.serial} is damaged: ${instructions.why}`);
}
