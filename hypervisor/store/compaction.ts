/**
 * Writes a store that has grown anew, with only the entries that still count, a little in every
 * turn (journal.ts).
 *
 * What changes meanwhile is appended to the new log as it is to the old one, so it does not matter
 * when a rule is looked at: the entry that is read last says what it is. If the new log cannot be
 * made, the old one goes on, and some time later another is tried.
 */
import { Writer } from '../../openflow/layout/writer.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleArena } from '../../slices/rules/rule-arena.ts';
import { bytesOfRules, writeRuleAt, writeText } from '../../translation/stored/store-entries.ts';
import { type Boundary, Chore } from '../world/fault-boundary.ts';
import type { Rewriting, Store, World } from '../world/world.ts';

/** What matters. */
export interface Matters {
  readonly texts: ReadonlyMap<string, string>;
  textBytes(): number;
  /** The rules of each vswitch, with its name as it stands in entries. */
  rulebooks(): Iterable<readonly [key: DataView, arena: RuleArena]>;
  /**
   * Appends what has changed. What a step writes is what things are now: without what came before
   * it, such as a group that a rule uses, the new log would not be a state that starts.
   */
  flush(): void;
  /** The wall clock's value at the world's moment 0. */
  readonly epochMs: number;
}

export class Compaction {
  readonly #world: World;
  readonly #boundary: Boundary;
  readonly #store: Store;
  readonly #matters: Matters;
  #isUnderWay = false;
  /** What the store has to hold, when that was last looked at. */
  #neededBytes = 0;
  /** After one that was given up. */
  #notBeforeMs = 0;

  constructor(world: World, store: Store, matters: Matters, boundary: Boundary) {
    this.#world = world;
    this.#boundary = boundary;
    this.#store = store;
    this.#matters = matters;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Begins to make the store anew if most of it matters no more. */
  look(): void {
    if (this.#isUnderWay || !this.#isWasteful()) return;
    if (this.#world.nowMs() < this.#notBeforeMs) return;
    this.#isUnderWay = true;
    let rewriting: Rewriting | undefined;
    const ended = (isMade: boolean): void => {
      this.#isUnderWay = false;
      if (!isMade) this.#notBeforeMs = this.#world.nowMs() + limits.renewalRetryMs;
    };
    const chore = new Chore('making the store anew', (why) => {
      rewriting?.giveUp(why);
      ended(false);
    });
    this.#boundary.run(chore, () => {
      rewriting = this.#store.rewrite();
      this.#renew(rewriting, this.#boundary.bind(ended));
    });
  }

  #isWasteful(): boolean {
    const size = this.#store.size();
    const slack = limits.storeSlackBytes;
    if (size <= 2 * this.#neededBytes + slack) return false;
    this.#neededBytes = this.#matters.textBytes();
    for (const [key, arena] of this.#matters.rulebooks()) {
      this.#neededBytes += bytesOfRules(key, arena);
    }
    return size > 2 * this.#neededBytes + slack;
  }

  #renew(rewriting: Rewriting, done: (isMade: boolean) => void): void {
    const out = new Writer(limits.outboxBytesAtFirst);
    const rules = this.#rules(out);
    for (const [key, value] of this.#matters.texts) writeText(out, key, value);
    const step = this.#boundary.bind((): void => {
      if (rewriting.isGivenUp()) {
        done(false);
        return;
      }
      this.#matters.flush();
      const hasMore = writeSome(rules);
      rewriting.add(out.bytes.subarray(0, out.at));
      out.reset();
      if (hasMore) this.#later(rewriting, step);
      else rewriting.finish(done);
    });
    step();
  }

  /** As fast as the disk takes it: what waits for it waits in memory. */
  #later(rewriting: Rewriting, step: () => void): void {
    if (rewriting.pendingBytes() < limits.renewalWaitBytesMax) this.#world.soon(step);
    else this.#world.after(limits.holdPollMs, () => this.#later(rewriting, step));
  }

  /** Appends up to `rulesPerStep` rules with every step; each as it is when its turn comes. */
  *#rules(to: Writer): Iterator<void> {
    for (const [key, arena] of this.#matters.rulebooks()) {
      for (let slot = 1; slot < arena.records.end; slot++) {
        if (arena.isOccupied(slot)) writeRuleAt(to, key, arena, slot, this.#matters.epochMs);
        if (slot % limits.rulesPerStep === 0) yield;
      }
      yield; // Thousands of books may have a rule or two.
    }
  }
}

/** Writes a few rules; whether there may be more. */
function writeSome(rules: Iterator<void>): boolean {
  const steps = limits.rulesPerSlice / limits.rulesPerStep;
  for (let i = 0; i < steps; i++) if (rules.next().done === true) return false;
  return true;
}
