/**
 * The cost of migrations while they are under way: messages that change datapaths, the most entries
 * that one of their datapaths held, and of a single one what crossed between its two sides
 * (boundary-meter.ts). Several migrations at a time share the messages equally, so that their sum
 * is the number sent; tenants' changes meanwhile are included.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import { entriesPerRule } from '../../translation/datapath/entry-costs.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { MigrationCost } from '../../translation/migration/migration-costs.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { PortCounters } from '../tenant/port-counters.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { BoundaryMeter, type Crossing } from './boundary-meter.ts';
import type { MeteringContext } from './traffic-meter.ts';

export interface MigrationCostsUser extends Datapaths, MeteringContext {
  readonly boundary: Pick<Boundary, 'chore'>;
  datapaths(): readonly Datapath[];
  runtime(
    name: VswitchName,
  ):
    | { readonly rulebook: { readonly size: number }; readonly portCounters: PortCounters }
    | undefined;
}

/** Whose costs they are. */
interface Costing {
  readonly all: ReadonlyMap<number, Migration>;
  /** More is known of one that is over. */
  keep(migration: Migration): void;
}

export class MigrationCosts {
  readonly #user: MigrationCostsUser;
  /** By migration that is under way, its part of what was sent. */
  readonly #parts = new Map<number, number>();
  readonly #meter: BoundaryMeter;
  #sent = 0;

  constructor(user: MigrationCostsUser, { all, keep }: Costing) {
    this.#user = user;
    const known = (id: number): Crossing | undefined => {
      const migration = all.get(id);
      return migration && crossingOf(migration);
    };
    this.#meter = new BoundaryMeter(user, {
      crossing: known,
      crossed: (id, boundary) => {
        const migration = all.get(id);
        if (migration !== undefined) keep({ ...migration, boundary });
      },
    });
  }

  /** From now on. */
  begin(migration: Migration): void {
    this.#divide();
    const { id, cost } = migration;
    if (!this.#parts.has(id)) this.#parts.set(id, cost?.messages ?? 0);
    this.#measure(migration);
  }

  /** Until now, of one that enters a state; the last time when it is over. */
  of(migration: Migration): Pick<Migration, 'cost' | 'boundary'> {
    this.begin(migration);
    const { id } = migration;
    const boundary = this.#meter.crossedIn(migration);
    const cost = this.#costOf(migration);
    if (isOver(migration)) this.#parts.delete(id);
    return { cost, ...(boundary && { boundary }) };
  }

  #costOf({ id, cost, from, to }: Migration): MigrationCost {
    const most = (peak: MigrationCost['peak'], on: DatapathName): MigrationCost['peak'] => {
      const entries = this.#entriesOn(on);
      return entries > peak.entries ? { on, entries } : peak;
    };
    const peak = [from, to].reduce(most, cost?.peak ?? { on: from, entries: 0 });
    return { messages: Math.round(this.#parts.get(id) ?? 0), peak };
  }

  /**
   * From the beginning, when its ports are about to move (another body is the primary since a
   * moment ago), and to the end: a short one is not kept busy by it.
   */
  #measure(migration: Migration): void {
    const { id, ensemble, state } = migration;
    if (ensemble !== undefined) return;
    this.#user.boundary.chore(`migration ${id}`, () => {
      if (isOver(migration)) this.#meter.end(id);
      else if (state.type === 'move') this.#meter.read(crossingOf(migration));
      else this.#meter.begin(crossingOf(migration));
    });
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

function crossingOf({ id, vswitch, from, to, strategy, boundary }: Migration): Crossing {
  const move = { type: 'vswitch', vswitch, from, to, strategy } as const;
  return { id, members: [{ move }], ...(boundary && { boundary }) };
}
