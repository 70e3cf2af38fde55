/**
 * Carries migrations out (DESIGN 7): journals a state, does its actions, feeds the outcome back.
 *
 * What to do is translation/migration/migration.ts's; migration-actions.ts knows how, and this file
 * waits. A vswitch has one at a time. After a restart `resume` does the current state's actions
 * again: each is idempotent.
 */

import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { VswitchMove } from '../../translation/migration/ensemble-members.ts';
import {
  begin,
  canUndo,
  type Event,
  type How,
  isOver,
  isWaiting,
  type Migration,
  type Strategy,
  step,
} from '../../translation/migration/migration.ts';
import {
  actionsIn,
  emptyIn,
  frozenIn,
  hasTwoBodies,
  type MigrationAction,
  returnsTo,
} from '../../translation/migration/migration-states.ts';
import { execute } from '../store/ready.ts';
import type { Recovered } from '../store/recovered.ts';
import { whenDatapathsAreBack } from './after-restart.ts';
import { Ensembles } from './ensembles.ts';
import type { ExecutorUser } from './executor-user.ts';
import { Acting, probe, ROOM } from './migration-actions.ts';
import { MigrationCosts } from './migration-costs.ts';
import * as states from './migration-ready.ts';
import { Watching } from './stale-packet-report.ts';

export type { ExecutorUser } from './executor-user.ts';

export class Executor {
  readonly #user: ExecutorUser;
  readonly #shell: states.MigrationShell;
  readonly #migrations = new Map<number, Migration>();
  /** Those that are not over, by whom they move: a vswitch has one at most. */
  readonly #active = new Map<VswitchName, number>();
  readonly #watching: Watching;
  readonly #acting: Acting;
  readonly #costs: MigrationCosts;
  /** Asked for while actions run; taken up when they end. */
  readonly #undoWanted = new Map<number, string>();
  /** Those that do nothing until the others of their ensemble are as far. */
  readonly #waiting = new Set<number>();
  readonly ensembles: Ensembles;
  #nextId = 1;

  constructor(
    user: ExecutorUser,
    remembered: readonly Migration[],
    { ensembles, memberMoves: numbered }: Pick<Recovered, 'ensembles' | 'memberMoves'>,
  ) {
    this.#user = user;
    const keep = (migration: Migration): void => this.#tell(migration, states.keptIn(migration));
    this.#costs = new MigrationCosts(user, { all: this.#migrations, keep });
    this.#shell = states.shellOf(user, (migration) => this.#act(migration, actionsIn(migration)));
    this.#watching = new Watching(user, {
      ...{ all: this.#migrations, keep },
      tell: (migration) => this.#tell(migration, states.toldIn(migration)),
    });
    this.#acting = new Acting(user, {
      canUndo: (migration) => this.#canUndo(this.#now(migration)),
      undoWanted: ({ id }) => this.#undoWanted.get(id),
      left: (migration, runtime, body) => this.#watching.begin(migration, runtime, body),
    });
    for (const migration of remembered) this.#put(migration);
    for (const { id } of [...remembered, ...ensembles, ...numbered]) {
      this.#nextId = Math.max(this.#nextId, id + 1);
    }
    this.ensembles = new Ensembles(
      user,
      {
        all: this.#migrations,
        allocateId: () => this.allocateId(),
        begin: (move, ensemble) => this.#begin(move, ensemble),
        go: ({ id }) => this.#go(id),
        undo: ({ id }, why) => this.#undo(id, why),
      },
      ensembles,
    );
  }

  all(): readonly Migration[] {
    return [...this.#migrations.values()];
  }

  activeOf(vswitch: VswitchName): Migration | undefined {
    const id = this.#active.get(vswitch);
    return id === undefined ? undefined : this.#migrations.get(id);
  }

  #put(migration: Migration): void {
    const { id, vswitch } = migration;
    this.#migrations.set(id, migration);
    if (!isOver(migration)) this.#active.set(vswitch, id);
    else if (this.#active.get(vswitch) === id) this.#active.delete(vswitch);
  }

  start(
    vswitch: Vswitch,
    from: DatapathName,
    to: DatapathName,
    strategy: Strategy,
    more: How & Pick<Migration, 'plan'> = {},
  ): Migration {
    return this.#start(vswitch.name, from, to, strategy, more);
  }

  allocateId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  #begin({ vswitch, from, to, strategy, type: _, ...how }: VswitchMove, ensemble: number) {
    return this.#start(vswitch, from, to, strategy, { ensemble, ...how });
  }

  #start(
    name: VswitchName,
    from: DatapathName,
    to: DatapathName,
    strategy: Strategy,
    more: How & Pick<Migration, 'ensemble' | 'plan'>,
  ): Migration {
    const id = this.allocateId();
    this.#watching.stopWaiting(name, `migration ${id} began`);
    const migration = begin(id, name, from, to, strategy, this.#user.world.wallClockMs(), more);
    this.#costs.begin(migration);
    this.#forgetOld();
    this.#enter(migration);
    return migration;
  }

  /** The vswitch is in the file no more. */
  left(vswitch: VswitchName): void {
    this.#watching.stopWaiting(vswitch, 'the vswitch left the file');
  }

  /** Goes on with what an earlier process had begun. */
  resume(): void {
    for (const migration of this.all()) {
      const { boundary } = this.#user;
      const runtime = this.#user.runtime(migration.vswitch);
      // One that has no rules to load has been told of none.
      if (!isOver(migration)) boundary.run(runtime, () => this.loaded(migration.vswitch));
      if (isOver(migration)) this.#probe(migration);
      if (isOver(migration)) this.#watching.resume(migration);
      else this.#resume(migration);
    }
  }

  /** Of a vswitch that is served again: it stood where it stood. */
  resumeOf(vswitch: VswitchName): void {
    const migration = this.activeOf(vswitch);
    if (migration !== undefined) this.#resume(migration);
  }

  #resume(migration: Migration): void {
    const { id, vswitch, to, aside } = migration;
    const runtime = this.#user.runtime(vswitch);
    if (aside !== undefined) runtime?.excluded.restore(aside.body, aside.why);
    if (aside?.body === to) this.#undoWanted.set(id, aside.why);
    whenDatapathsAreBack(this.#user, migration, () => this.#enter(migration));
  }

  /** The rules of a vswitch are there; nothing is compared with them yet. */
  loaded(vswitch: VswitchName): void {
    const migration = this.activeOf(vswitch);
    const runtime = this.#user.runtime(vswitch);
    if (migration !== undefined && hasTwoBodies(migration)) runtime?.singleBody.restore(migration);
    for (const on of migration === undefined ? [] : emptyIn(migration)) {
      runtime?.excluded.restore(on, ROOM);
    }
    runtime?.overriding.restore(migration === undefined ? [] : frozenIn(migration));
  }

  /** Takes a migration back, with all that it is part of; why not, when it cannot be. */
  undo(id: number, why: string): string | undefined {
    const ensemble = this.ensembles.of(id);
    return ensemble === undefined ? this.#undo(id, why) : this.ensembles.undo(ensemble.id, why);
  }

  #undo(id: number, why: string): string | undefined {
    const migration = this.#migrations.get(id);
    if (migration === undefined) return `there is no migration ${id}`;
    const { isClosed = false } = this.#user.runtime(migration.vswitch) ?? {};
    const whyNot = states.whyNotUndone(migration, isClosed, this.#canUndo(migration));
    if (whyNot === undefined) this.#undoWanted.set(id, why);
    if (whyNot === undefined && this.#waiting.delete(id)) this.#act(migration, []);
    return whyNot;
  }

  /** Until its ensemble is to retire. */
  #canUndo(migration: Migration): boolean {
    return canUndo(migration) && !this.ensembles.isDecided(migration);
  }

  /** The others are as far. */
  #go(id: number): void {
    const migration = this.#migrations.get(id);
    if (migration !== undefined && this.#waiting.delete(id)) this.#feed(migration, { type: 'go' });
  }

  /** A datapath is gone, and with it bodies. */
  datapathFailed(datapath: DatapathName, why: string): void {
    const { placements } = this.#user.snapshot();
    for (const vswitch of [...this.#active.keys()]) {
      if (placements.get(vswitch)?.bodies.includes(datapath)) {
        this.bodyFailed(vswitch, datapath, why);
      }
    }
  }

  /** A body failed: the migration that made it is taken back, if it still can be. */
  bodyFailed(vswitch: VswitchName, body: DatapathName, why: string): void {
    const migration = this.activeOf(vswitch);
    if (migration?.to === body) this.#fail(migration, why);
  }

  /** In the middle of something of somebody else's: what waits is taken back in its own turn. */
  #fail({ id, vswitch }: Migration, why: string): void {
    const { boundary } = this.#user;
    boundary.run(this.#user.runtime(vswitch), () => this.#undo(id, why));
  }

  /** A body was set aside: remembered, for a restart; a clone that was is given up. */
  setAside(vswitch: VswitchName, body: DatapathName, why: string): void {
    const migration = this.activeOf(vswitch);
    if (migration === undefined) return;
    const next = { ...migration, aside: { body, why } };
    this.#tell(next, states.keptIn(next));
    if (migration.to === body) this.#fail(migration, why);
  }

  /** The body that is to be the primary again. */
  returnsTo(vswitch: VswitchName): DatapathName | undefined {
    const migration = this.activeOf(vswitch);
    const isWanted = (one: Migration): boolean =>
      this.#undoWanted.has(one.id) || this.ensembles.isUndone(one);
    if (migration && isWanted(migration) && this.#canUndo(migration)) return migration.from;
    return migration && returnsTo(migration);
  }

  /** As it is now, and not as it was when an action began. */
  #now(migration: Migration): Migration {
    return this.#migrations.get(migration.id) ?? migration;
  }

  #enter(migration: Migration): void {
    if (isOver(migration)) this.#undoWanted.delete(migration.id);
    this.#tell(migration, states.readyIn(migration));
    this.#probe(migration);
  }

  #probe(migration: Migration): void {
    probe(this.#user.runtime(migration.vswitch), migration, (probed) => {
      const next = { ...this.#now(migration), probed };
      this.#tell(next, states.toldIn(next));
    });
  }

  #tell(migration: Migration, ready: states.MigrationReady): void {
    this.#put(migration);
    execute(this.#shell, ready);
    this.ensembles.look(migration.ensemble);
  }

  #act(before: Migration, actions: readonly MigrationAction[]): void {
    const migration = this.#now(before);
    const [action, ...rest] = actions;
    const wanted = this.#undoWanted.get(migration.id);
    if (wanted !== undefined && this.#canUndo(migration)) {
      this.#undoWanted.delete(migration.id);
      this.#feed(migration, { type: 'undo', why: wanted });
    } else if (action === undefined && isWaiting(migration)) {
      this.#waiting.add(migration.id);
      this.ensembles.look(migration.ensemble);
    } else if (action === undefined) {
      this.#feed(migration, { type: 'acted' });
    } else {
      this.#acting.act(migration, action, (trouble) => {
        if (trouble === undefined) this.#act(migration, rest);
        else if (this.#canUndo(this.#now(migration)))
          this.#feed(migration, { type: 'failed', why: trouble });
        else this.#user.world.after(limits.undoRetryMs, () => this.#act(migration, actions));
      });
    }
  }

  #feed(before: Migration, event: Event): void {
    const migration = this.#now(before);
    const vswitch = this.#user.snapshot().vswitches.get(migration.vswitch);
    const vports = vswitch?.ports.size ?? 0;
    const next = step(migration, event, vports, this.#user.world.wallClockMs());
    const cost = this.#costs.of(next);
    this.#enter({ ...next, ...states.reportOf(this.#user, migration, vswitch), ...cost });
  }

  /** What is over, and older than the file wants to remember. */
  #forgetOld(): void {
    states.forgetOld(this.#user, this.#migrations, this.ensembles);
  }
}
