/** What simulated switches look up for every packet: a table's entries, the best first. */

interface Ranked {
  readonly tableId: number;
  readonly priority: number;
}

/** Of a list that is replaced, or grows, when anything changes. */
export class ByTable<Entry extends Ranked> {
  #all: readonly Entry[] = [];
  #count = 0;
  #tables = new Map<number, Entry[]>();

  /** From the highest priority down, as they are in the list where it is the same. */
  sorted(all: readonly Entry[], table: number): readonly Entry[] {
    if (this.#all !== all || this.#count !== all.length) {
      this.#tables = Map.groupBy(all, ({ tableId }) => tableId);
      for (const some of this.#tables.values()) some.sort((a, b) => b.priority - a.priority);
      this.#all = all;
      this.#count = all.length;
    }
    return this.#tables.get(table) ?? [];
  }
}
