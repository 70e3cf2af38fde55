/**
 * Who is told of every state of every migration: the log, and whoever waits for one to end.
 */
import type { Migration } from '../../translation/migration/migration.ts';
import type { Log } from '../world/log.ts';

export class MigrationWatchers {
  readonly #log: Log;
  readonly #watchers = new Set<(migration: Migration) => void>();

  constructor(log: Log) {
    this.#log = log;
  }

  tell(migration: Migration): void {
    const { id, vswitch, from, to, strategy } = migration;
    // With the port that moves, or why it is undone; and what was seen after its end.
    const { type: state, ...more } = { ...migration.state, ...migration.watched };
    this.#log.info({ id, vswitch, from, to, strategy, state, ...more }, 'migration');
    for (const watcher of this.#watchers) watcher(migration);
  }

  /** `watcher` is called until the returned function is. */
  add(watcher: (migration: Migration) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}
