/**
 * A vswitch's rulebook, group book and meter book, as the store remembers them.
 */
import { isError } from '../openflow/errors.ts';
import type { Instruction, OfError } from '../openflow/values.ts';
import { GroupBook, groupIds } from '../slices/groups.ts';
import type { VswitchName } from '../slices/ids.ts';
import { MeterBook, meterIds } from '../slices/meters.ts';
import { instructionsIn, matchIn } from '../slices/rule-record.ts';
import { Rulebook, type StoredRule } from '../slices/rulebook.ts';
import type { BelowIds } from '../slices/shelf.ts';
import type { Loaded } from './loaded.ts';
import type { World } from './world.ts';

export interface Books {
  readonly rulebook: Rulebook;
  readonly groups: GroupBook;
  readonly meters: MeterBook;
}

/** The datapaths' ids that groups and meters of all vswitches have. */
export interface AllIds {
  readonly groups: BelowIds;
  readonly meters: BelowIds;
}

/** Before any vswitch's is put back. */
export function idsOf({ groups, meters }: Loaded): AllIds {
  const below = (all: readonly { readonly below: number }[]) => all.map((one) => one.below);
  return {
    groups: groupIds(below([...groups.values()].flat())),
    meters: meterIds(below([...meters.values()].flat())),
  };
}

export function booksOf(world: World, name: VswitchName, loaded: Loaded, ids: AllIds): Books {
  const word = (): number => Math.floor(world.random() * 0x1_0000_0000);
  const rulebook = new Rulebook(loaded.serials.get(name), { low: word(), high: word() });
  const groups = new GroupBook(ids.groups);
  const meters = new MeterBook(ids.meters);
  groups.restore(loaded.groups.get(name) ?? []);
  meters.restore(loaded.meters.get(name) ?? []);
  const books = { rulebook, groups, meters };
  for (const rule of loaded.rules.get(name) ?? []) rulebook.restore(boundTo(books, rule));
  return books;
}

/** Instructions with the datapaths' ids of what they use. */
export function bind(
  { groups, meters }: Pick<Books, 'groups' | 'meters'>,
  instructions: readonly Instruction[],
): readonly Instruction[] | OfError {
  const bound = meters.bind(instructions);
  return isError(bound) ? bound : groups.bind(bound);
}

/** Groups and meters before rules: they are there for as long as a rule that uses them. */
function boundTo(books: Books, { body, ...rule }: StoredRule) {
  const match = matchIn(body);
  const instructions = bind(books, instructionsIn(body));
  if (!isError(instructions)) return { ...rule, match, instructions };
  throw new Error(`the store's rule ${rule.serial} is damaged: ${instructions.why}`);
}
