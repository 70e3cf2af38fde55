/**
 * Who is told of every state of every migration, and of every ensemble: the log, and whoever waits
 * for one to end.
 */
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Log } from '../world/log.ts';

type Watcher<T> = (told: T) => void;

export class MigrationWatchers {
  readonly #log: Log;
  readonly #watchers = new Set<Watcher<Migration>>();
  readonly #ofEnsembles = new Set<Watcher<Ensemble>>();

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

  tellEnsemble(ensemble: Ensemble): void {
    const { id, what } = ensemble;
    const { type: state, ...more } = ensemble.state;
    this.#log.info({ id, what, state, ...more }, 'migration');
    for (const watcher of this.#ofEnsembles) watcher(ensemble);
  }

  /** `watcher` is called until the returned function is. */
  add(watcher: Watcher<Migration>): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  addEnsembles(watcher: Watcher<Ensemble>): () => void {
    this.#ofEnsembles.add(watcher);
    return () => this.#ofEnsembles.delete(watcher);
  }
}
