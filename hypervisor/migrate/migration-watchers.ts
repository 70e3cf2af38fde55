/**
 * The listeners for every state of every migration and ensemble: the log, and whoever waits for one
 * to end.
 */
import { LRUCache } from 'lru-cache';
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { isSettled, type Migration } from '../../translation/migration/migration.ts';
import type { Log } from '../world/log.ts';
import { MigrationCounts } from './migration-counts.ts';

/** What migrates. */
interface Moved {
  runtime(name: VswitchName):
    | {
        readonly rulebook: Pick<Rulebook, 'size'>;
        readonly vswitch: Vswitch;
      }
    | undefined;
}

type Watcher<T> = (told: T) => void;

export class MigrationWatchers {
  /** Of all since this process began. */
  readonly counts = new MigrationCounts();
  readonly #log: Log;
  readonly #watchers = new Set<Watcher<Migration>>();
  readonly #ofEnsembles = new Set<Watcher<Ensemble>>();
  readonly #moved: Moved;
  /** Migrations whose end was said. */
  readonly #ended = new LRUCache<number, true>({ max: limits.migrationsKept });

  constructor(log: Log, moved: Moved) {
    this.#log = log;
    this.#moved = moved;
  }

  tell(migration: Migration): void {
    const { id, vswitch, from, to, strategy } = migration;
    // With the port that moves, or why it is undone; and what was seen after its end.
    const { type: state, ...more } = { ...migration.state, ...migration.watched };
    this.#log.info({ id, vswitch, from, to, strategy, state, ...more }, 'migration');
    if (isSettled(migration) && !this.#ended.has(id)) this.#sum(migration);
    this.counts.note(migration);
    for (const watcher of this.#watchers) watcher(migration);
  }

  tellEnsemble(ensemble: Ensemble): void {
    const { id, what } = ensemble;
    const { type: state, ...more } = ensemble.state;
    this.#log.info({ id, what, state, ...more }, 'migration');
    for (const watcher of this.#ofEnsembles) watcher(ensemble);
  }

  /** One line that has all of it. */
  #sum({ id, vswitch, from, to, strategy, state, ...more }: Migration): void {
    this.#ended.set(id, true);
    const runtime = this.#moved.runtime(vswitch);
    const { handOver, watched } = more;
    const { held = 0, redirected, dropped, inDoubt = 0 } = handOver ?? {};
    this.#log.info(
      {
        ...{ id, vswitch, from, to, strategy, end: state.type },
        ...('why' in state && { why: state.why }),
        tookMs: Math.round(more.stateSinceMs - more.startedMs),
        ...(runtime && { rules: runtime.rulebook.size, ports: runtime.vswitch.ports.size }),
        ...{ held, redirected, dropped, lost: watched?.stale, countersOffBy: inDoubt },
      },
      'migration over',
    );
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
