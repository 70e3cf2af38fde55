/**
 * Priorities in the flat encoding: a tenant's 65,536 and a few of ours in one table's 65,536.
 *
 * Entries of different vswitches never meet the same packet, so each vswitch has all of them. A
 * rule stands at its own priority; only a tenant that uses the ends of the range pushes some rules
 * to the next level that is free, or one whose rules need two or three (tenant-tags.ts) the
 * priorities above. The order is always the tenant's.
 */

/** From the highest: what is above all rules, and below them. */
export const levels = {
  /** What has a tag inside that of a shared port. */
  inner: 0xffff,
  /** A host's frames are carried to the body that processes them. */
  carry: 0xfffe,
  freeze: 0xfffd,
  /** Redirected, or held back because it has a tag of its own and cannot be (guards.ts). */
  guard: 0xfffc,
  hold: 0xfffb,
  /** A vport that does not take this. */
  closed: 0xfffa,
  highest: 0xfff9,
  lowest: 5,
  /** What misses every rule of a vswitch. */
  miss: 4,
  /** What a host sends is no probe, whatever it looks like. */
  noProbe: 3,
  /** Probes of ours (../link-probe.ts). */
  probe: 2,
  /** What comes by a cable and no way is for, while it is counted (../stale-flows.ts). */
  stray: 1,
  /** What no entry names. */
  drop: 0,
} as const;

/** How many levels a vswitch may use at once. */
export const LEVELS_MAX = levels.highest - levels.lowest + 1;

/** How many levels the rules of a priority need, one above the other. */
export type Width = 1 | 2 | 3;

/**
 * The lowest level of each priority in use, which are given in ascending order: the priority
 * itself, as far as there is room above and below. With at most `LEVELS_MAX` levels in all.
 */
export function levelsOf(
  priorities: readonly number[],
  widthOf: (priority: number) => Width = () => 1,
): ReadonlyMap<number, number> {
  const found: number[] = [];
  let lowest: number = levels.lowest;
  for (const priority of priorities) {
    const level = Math.max(priority, lowest);
    found.push(level);
    lowest = level + widthOf(priority);
  }
  let above: number = levels.highest + 1;
  for (let i = found.length - 1; i >= 0; i -= 1) {
    const level = above - widthOf(priorities[i] ?? 0);
    if ((found[i] ?? 0) <= level) break;
    found[i] = level;
    above = level;
  }
  return new Map(priorities.map((priority, i) => [priority, found[i] ?? levels.lowest]));
}

/** The widest first. */
const widths: readonly Width[] = [3, 2, 1];
const none: readonly number[] = [0, 0, 0];

/** The level of a priority. */
export type LevelOf = (priority: number) => number;

/** A rule that comes, or goes. */
export interface Use {
  readonly priority: number;
  readonly by: 1 | -1;
  readonly width: Width;
}

/** The levels of the priorities that a body's rules have now. */
export class LevelTable {
  /** How many rules have each priority: of width 1, 2 and 3. */
  readonly #uses = new Map<number, readonly number[]>();
  #levels: ReadonlyMap<number, number> = new Map();
  /** How many levels they need. */
  #needed = 0;
  /** Whether that is other than when the levels were computed. */
  #isStale = false;

  of(priority: number): number {
    return this.#levels.get(priority) ?? levels.lowest;
  }

  /** As they are now, whatever becomes of them. */
  get levelOf(): LevelOf {
    const now = this.#levels;
    return (priority) => now.get(priority) ?? levels.lowest;
  }

  /** Whether rules of the priority stand already, and one more moves nothing. */
  holds(priority: number, width: Width): boolean {
    return !this.#isStale && this.#widthOf(priority) >= width;
  }

  hasRoomFor(priority: number, width: Width): boolean {
    const more = Math.max(0, width - this.#widthOf(priority));
    return this.#needed + more <= LEVELS_MAX;
  }

  /** So many rules more, or fewer, have this priority. */
  use(priority: number, by: 1 | -1, width: Width): void {
    const before = this.#widthOf(priority);
    const uses = (this.#uses.get(priority) ?? none).with(
      width - 1,
      this.#count(priority, width) + by,
    );
    if (uses.some((count) => count > 0)) this.#uses.set(priority, uses);
    else this.#uses.delete(priority);
    const change = this.#widthOf(priority) - before;
    this.#needed += change;
    if (change !== 0) this.#isStale = true;
  }

  /** 0 of one that is not in use. */
  #widthOf(priority: number): Width | 0 {
    const uses = this.#uses.get(priority);
    if (uses === undefined) return 0;
    return widths.find((width) => (uses[width - 1] ?? 0) > 0) ?? 0;
  }

  #count(priority: number, width: Width): number {
    return this.#uses.get(priority)?.[width - 1] ?? 0;
  }

  /** Whether any priority would move if these came and went, one after the other. */
  wouldMove(uses: readonly Use[]): boolean {
    // Nearly always rules of the priority stand already, and others when one has gone.
    const own = new LevelTable();
    for (const { priority } of uses) this.#copyTo(own, priority);
    own.#isStale = false;
    for (const { priority, by, width } of uses) own.use(priority, by, width);
    if (!own.#isStale && !this.#isStale) return false;
    const all = new LevelTable();
    for (const priority of this.#uses.keys()) this.#copyTo(all, priority);
    all.#needed = this.#needed;
    all.#levels = this.#levels;
    all.#isStale = this.#isStale;
    return uses.some(({ priority, by, width }) => {
      all.use(priority, by, width);
      return all.shift().length > 0;
    });
  }

  #copyTo(other: LevelTable, priority: number): void {
    const counts = this.#uses.get(priority);
    if (counts !== undefined) other.#uses.set(priority, counts);
  }

  /**
   * The priorities that were at another level before, and their new one; in an order in which none
   * overtakes another: what goes up begins at the top, what goes down at the bottom.
   */
  shift(): readonly (readonly [priority: number, level: number])[] {
    if (!this.#isStale) return [];
    this.#isStale = false;
    const before = this.#levels;
    const used = [...this.#uses.keys()].sort((a, b) => a - b);
    this.#levels = levelsOf(used, (priority) => this.#widthOf(priority) || 1);
    const moved = [...this.#levels].filter(([p, level]) => (before.get(p) ?? level) !== level);
    const up = moved.filter(([p, level]) => level > (before.get(p) ?? 0)).reverse();
    const down = moved.filter(([p, level]) => level < (before.get(p) ?? 0));
    return [...up, ...down];
  }
}
