/**
 * Priorities in the flat encoding: a tenant's 65,536 and a few of ours in one table's 65,536.
 *
 * Entries of different vswitches never meet the same packet, so each vswitch has all of them. A
 * rule stands at its own priority; only a tenant that uses the ends of the range pushes some rules
 * to the next level that is free. The order is always the tenant's.
 */

/** From the highest: what is above all rules, and below them. */
export const levels = {
  /** A host's frames are carried to the body that processes them. */
  carry: 0xffff,
  freeze: 0xfffe,
  /** Redirected, or held back because it has a tag of its own and cannot be (guards.ts). */
  guard: 0xfffd,
  hold: 0xfffc,
  /** A vport that does not take this. */
  closed: 0xfffb,
  highest: 0xfffa,
  lowest: 3,
  /** What misses every rule of a vswitch. */
  miss: 2,
  /** What comes by a cable and no way is for, while it is counted (../forgetful.ts). */
  stray: 1,
  /** What no entry names. */
  drop: 0,
} as const;

/** How many different priorities a vswitch may use at once. */
export const LEVELS_MAX = levels.highest - levels.lowest + 1;

/**
 * The level of each priority in use, which are given in ascending order: the priority itself, as
 * far as there is room above and below. At most `LEVELS_MAX` of them.
 */
export function levelsOf(priorities: readonly number[]): ReadonlyMap<number, number> {
  const found: number[] = [];
  let lowest: number = levels.lowest;
  for (const priority of priorities) {
    const level = Math.max(priority, lowest);
    found.push(level);
    lowest = level + 1;
  }
  let highest: number = levels.highest;
  for (let i = found.length - 1; i >= 0 && (found[i] ?? 0) > highest; i -= 1) {
    found[i] = highest;
    highest -= 1;
  }
  return new Map(priorities.map((priority, i) => [priority, found[i] ?? highest]));
}

/** The levels of the priorities that a body's rules have now. */
export class LevelBook {
  /** How many rules have each priority. */
  readonly #uses = new Map<number, number>();
  #levels: ReadonlyMap<number, number> = new Map();
  /** Whether a priority came into use, or went out of it, since the levels were reckoned. */
  #isStale = false;

  of(priority: number): number {
    return this.#levels.get(priority) ?? levels.lowest;
  }

  hasRoomFor(priority: number): boolean {
    return this.#uses.has(priority) || this.#uses.size < LEVELS_MAX;
  }

  /** So many rules more, or fewer, have this priority. */
  use(priority: number, by: 1 | -1): void {
    const before = this.#uses.get(priority) ?? 0;
    const uses = before + by;
    if ((before === 0) !== (uses === 0)) this.#isStale = true;
    if (uses > 0) this.#uses.set(priority, uses);
    else this.#uses.delete(priority);
  }

  /**
   * The priorities that were at another level before, and their new one; in an order in which none
   * overtakes another: what goes up begins at the top, what goes down at the bottom.
   */
  shift(): readonly (readonly [priority: number, level: number])[] {
    if (!this.#isStale) return [];
    this.#isStale = false;
    const before = this.#levels;
    this.#levels = levelsOf([...this.#uses.keys()].sort((a, b) => a - b));
    const moved = [...this.#levels].filter(([p, level]) => (before.get(p) ?? level) !== level);
    const up = moved.filter(([p, level]) => level > (before.get(p) ?? 0)).reverse();
    const down = moved.filter(([p, level]) => level < (before.get(p) ?? 0));
    return [...up, ...down];
  }
}
