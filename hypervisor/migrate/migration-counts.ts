/**
 * Counters of migrations since this process began, for metrics: only the last finished ones are
 * kept elsewhere.
 */
import { LRUCache } from 'lru-cache';
import { DurationsByKind } from '../../slices/durations.ts';
import { limits } from '../../slices/limits.ts';
import type { Strategy } from '../../translation/migration/migration.ts';
import { isOver, isSettled, type Migration } from '../../translation/migration/migration.ts';

export class MigrationCounts {
  readonly ended = { done: 0, undone: 0 };
  readonly packets = { held: 0, redirected: 0, lost: 0 };
  readonly durations = new DurationsByKind<Strategy>();
  readonly #underWay = new Set<number>();
  /** Those that were counted: what is seen after the end is told again. */
  readonly #counted = new LRUCache<number, true>({ max: limits.migrationsKept });

  get underWay(): number {
    return this.#underWay.size;
  }

  note(migration: Migration): void {
    const { id } = migration;
    if (isOver(migration)) this.#underWay.delete(id);
    else this.#underWay.add(id);
    if (!isSettled(migration) || this.#counted.has(id)) return;
    this.#counted.set(id, true);
    const { state, strategy, startedMs, stateSinceMs, handOver, watched } = migration;
    this.ended[state.type === 'done' ? 'done' : 'undone'] += 1;
    this.durations.took(strategy, stateSinceMs - startedMs);
    this.packets.held += handOver?.held ?? 0;
    this.packets.redirected += handOver?.redirected ?? 0;
    this.packets.lost += watched?.stale ?? 0;
  }
}
