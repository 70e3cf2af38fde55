/**
 * Deviations of a datapath from a switch's behaviour, in the operator's words (`status`, the log),
 * and how they are handled.
 */
import { group as ofpg, meter as ofpm, table, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartRequestBody } from '../../openflow/values/values.ts';
import { plural } from '../../slices/plural.ts';
import { deleteAll, deleteGroup, deleteMeter } from '../../translation/entries/physical-tables.ts';

type Kind = MultipartRequestBody['kind'];
type Warning = 'statistics' | 'barriers';

/** A datapath's warnings. */
interface Warnings {
  has(what: Warning): boolean;
  set(what: Warning, how: string): unknown;
  delete(what: Warning): unknown;
}

/** What `status` says of a connection; what is new of it is told. */
export class UnansweredWarnings {
  readonly #warnings: Warnings;
  readonly #tell: (how: string) => void;

  constructor(warnings: Warnings, tell: (how: string) => void) {
    this.#warnings = warnings;
    this.#tell = tell;
    warnings.delete('statistics');
    warnings.delete('barriers');
  }

  /** None: it answers everything. */
  statistics(kinds: readonly Kind[]): void {
    const which = kinds.join(', ');
    const how =
      `it answers no statistics (${which}): treated as empty; what it held is deleted, ` +
      'what it holds is not looked at again, and counters that it does not tell stay as they are';
    this.#note('statistics', kinds.length === 0 ? undefined : how);
  }

  barriers(dropped: number): void {
    const how =
      `it did not answer ${plural(dropped, 'barrier')}, and answered later ones: ` +
      'what came before is taken for done by those';
    this.#note('barriers', how);
  }

  #note(what: Warning, how: string | undefined): void {
    const isNew = how !== undefined && !this.#warnings.has(what);
    if (how === undefined) this.#warnings.delete(what);
    else this.#warnings.set(what, how);
    if (isNew) this.#tell(how);
  }
}

/** Makes it hold nothing, as far as it does not say what it holds. */
export function emptying(speaks: number, isSilent: (kind: Kind) => boolean): readonly Message[] {
  const messages: Message[] = [];
  if (isSilent('flow')) messages.push(deleteAll(table.all, 0n, 0n));
  if (speaks === version.of10) return messages;
  if (isSilent('groupDesc')) messages.push(deleteGroup(ofpg.all));
  if (isSilent('meterConfig')) messages.push(deleteMeter(ofpm.all));
  return messages;
}
