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
import type { Ledger } from './ledger.ts';
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

/** A vswitch's books as they were; a rule that does not bind is left out, in the store too. */
export function booksOf(
  { world, ledger }: { readonly world: World; readonly ledger: Ledger },
  name: VswitchName,
  loaded: Loaded,
  ids: AllIds,
): Books {
  const word = (): number => Math.floor(world.random() * 0x1_0000_0000);
  const rulebook = new Rulebook(loaded.serials.get(name), { low: word(), high: word() });
  const groups = new GroupBook(ids.groups);
  const meters = new MeterBook(ids.meters);
  for (const group of groups.restore(loaded.groups.get(name) ?? [])) ledger.putGroup(name, group);
  for (const meter of meters.restore(loaded.meters.get(name) ?? [])) ledger.putMeter(name, meter);
  const books = { rulebook, groups, meters };
  for (const rule of loaded.rules.get(name) ?? []) {
    const why = restoreInto(books, rule);
    if (why === undefined) continue;
    ledger.leftOut.add(name, `rule ${rule.serial}`, why);
    ledger.dropRule(name, rule.serial);
  }
  return books;
}

/** Groups and meters before rules: why the rule cannot be, when what it uses is not there. */
function restoreInto(books: Books, { body, ...rule }: StoredRule): string | undefined {
  const instructions = bind(books, instructionsIn(body));
  if (isError(instructions)) return instructions.why;
  books.rulebook.restore({ ...rule, match: matchIn(body), instructions });
  return undefined;
}

/** Of one whose books cannot be read. */
export function emptyBooks(ids: AllIds): Books {
  const groups = new GroupBook(ids.groups);
  return { rulebook: new Rulebook(), groups, meters: new MeterBook(ids.meters) };
}

/** Instructions with the datapaths' ids of what they use. */
export function bind(
  { groups, meters }: Pick<Books, 'groups' | 'meters'>,
  instructions: readonly Instruction[],
): readonly Instruction[] | OfError {
  const bound = meters.bind(instructions);
  return isError(bound) ? bound : groups.bind(bound);
}
