/**
 * The cost of migrations while they are under way: messages that change datapaths, and the most
 * entries that one of their datapaths held. Several migrations at a time share the messages
 * equally, so that their sum is the number sent; tenants' changes meanwhile are included.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { entriesPerRule } from '../../translation/datapath/entry-costs.ts';
import type { Migration, MigrationCost } from '../../translation/migration/migration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';

export interface MigrationCostsUser extends Datapaths {
  snapshot(): Snapshot;
  datapaths(): readonly Datapath[];
  runtime(name: VswitchName): { readonly rulebook: { readonly size: number } } | undefined;
}

export class MigrationCosts {
  readonly #user: MigrationCostsUser;
  /** By migration that is under way, its part of what was sent. */
  readonly #parts = new Map<number, number>();
  #sent = 0;

  constructor(user: MigrationCostsUser) {
    this.#user = user;
  }

  /** From now on. */
  begin({ id, cost }: Pick<Migration, 'id' | 'cost'>): void {
    this.#divide();
    if (!this.#parts.has(id)) this.#parts.set(id, cost?.messages ?? 0);
  }

  /** Until now; `isOver`: it is the last time. */
  of({ id, cost, from, to }: Migration, isOver: boolean): MigrationCost {
    this.begin({ id, ...(cost && { cost }) });
    const most = (peak: MigrationCost['peak'], on: DatapathName): MigrationCost['peak'] => {
      const entries = this.#entriesOn(on);
      return entries > peak.entries ? { on, entries } : peak;
    };
    const peak = [from, to].reduce(most, cost?.peak ?? { on: from, entries: 0 });
    const messages = Math.round(this.#parts.get(id) ?? 0);
    if (isOver) this.#parts.delete(id);
    return { messages, peak };
  }

  #divide(): void {
    const all = this.#user.datapaths().flatMap(({ writer }) => Object.values(writer.sent));
    const sent = all.reduce((sum, one) => sum + one, 0);
    // A datapath that left the file takes its count with it.
    const each = Math.max(0, sent - this.#sent) / this.#parts.size;
    this.#sent = sent;
    for (const [id, part] of this.#parts) this.#parts.set(id, part + each);
  }

  /** Ours, and the rules of all that have a body there. */
  #entriesOn(on: DatapathName): number {
    const snapshot = this.#user.snapshot();
    let entries = this.#user.datapath(on).intent.flows.size;
    for (const name of bodyNamesOn(snapshot, on)) {
      const rules = this.#user.runtime(name)?.rulebook.size ?? 0;
      entries += rules * entriesPerRule(snapshot, name, on);
    }
    return entries;
  }
}
