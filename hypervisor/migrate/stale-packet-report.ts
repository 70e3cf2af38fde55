/**
 * The report of a migration on the seconds after its end: whether packets still came by the ways
 * that it left (stale-flow-watch.ts). The next migration of the vswitch need not wait for that.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isOver, type Migration, type Watched } from '../../translation/migration/migration.ts';
import { oldPathsOf } from '../datapath/markers.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { whenDatapathsAreBack } from './after-restart.ts';
import type { ExecutorUser } from './executor-user.ts';

/** The executor's migrations. */
export interface Migrations {
  readonly all: ReadonlyMap<number, Migration>;
  keep(migration: Migration): void;
  /** Keeps it, and tells those who watch. */
  tell(migration: Migration): void;
}

export class Watching {
  readonly #user: ExecutorUser;
  readonly #migrations: Migrations;

  constructor(user: ExecutorUser, migrations: Migrations) {
    this.#user = user;
    this.#migrations = migrations;
  }

  /** From now on, over the ways to and from a body that is left. */
  begin({ id }: Migration, { vswitch }: VswitchRuntime, left: DatapathName): void {
    const migration = this.#migrations.all.get(id);
    if (migration === undefined) return;
    const { scheduler, heals, world } = this.#user;
    // At once: its ways are found in steps, and who waits for its end must know that there is one.
    this.#note(id, { stale: 0, heals: 0, untilMs: world.wallClockMs() + limits.watchMs });
    scheduler.follow(oldPathsOf(this.#user.snapshot(), vswitch, migration, left), (paths) =>
      heals.staleFlowWatch.watch(paths, (watched) => this.#note(id, watched)),
    );
  }

  /** An earlier process watched, and ended. */
  resume(migration: Migration): void {
    if (migration.watched?.untilMs === undefined) return;
    const { vswitch, from, to, state } = migration;
    const { datapaths } = this.#user.snapshot();
    const runtime = this.#user.runtime(vswitch);
    this.stopWaiting(vswitch, 'Limevisor was restarted');
    if (runtime === undefined || !datapaths.has(from) || !datapaths.has(to)) return;
    whenDatapathsAreBack(this.#user, migration, () => {
      this.begin(migration, runtime, state.type === 'done' ? from : to);
    });
  }

  /** What comes from now on after the migrations of a vswitch is not waited for any more. */
  stopWaiting(vswitch: VswitchName, unseen: string): void {
    for (const one of this.#migrations.all.values()) {
      if (one.vswitch !== vswitch || !isOver(one)) continue;
      if (one.watched?.untilMs === undefined) continue;
      const { stale = 0, heals = 0 } = one.watched ?? {};
      this.#migrations.tell({ ...one, watched: { stale, heals, unseen } });
    }
  }

  #note(id: number, watched: Watched): void {
    const migration = this.#migrations.all.get(id);
    if (migration === undefined) return;
    const { unseen } = migration.watched ?? {};
    const { untilMs, ...seen } = watched;
    // Where nobody waits any more it goes on all the same: its end is said, too.
    const isLate = unseen !== undefined && untilMs !== undefined;
    const next = { ...migration, watched: isLate ? { ...seen, unseen } : watched };
    if (isOver(next)) this.#migrations.tell(next);
    else this.#migrations.keep(next);
  }
}
