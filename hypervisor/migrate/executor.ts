/**
 * Carries migrations out (DESIGN 7): journals a state, does its actions, feeds the outcome back.
 *
 * What to do is translation/migration/migration.ts's; this file knows how, and waits. A vswitch has
 * one at a time. After a restart `resume` does the current state's actions again: each is
 * idempotent.
 */

import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  isInfeasible,
  placementOf,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import {
  actionsIn,
  begin,
  canUndo,
  type Event,
  frozenIn,
  hasTwoBodies,
  isOver,
  leavingIn,
  type Migration,
  type MigrationAction,
  placementIn,
  returnsTo,
  type Strategy,
  step,
} from '../../translation/migration/migration.ts';
import type { Rewiring } from '../datapath/rewiring.ts';
import { execute, kept, perform } from '../store/ready.ts';
import { copyRules, leaveBody } from '../tenant/bodies.ts';
import { drain } from '../tenant/drain.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { whenDatapathsAreBack } from './after-restart.ts';
import type { ExecutorUser } from './executor-user.ts';
import { freeze, thaw } from './freezing.ts';
import * as states from './migration-ready.ts';
import { type Placing, place } from './placement-step.ts';
import { Watching } from './stale-packet-report.ts';

export type { ExecutorUser } from './executor-user.ts';

export class Executor {
  readonly #user: ExecutorUser;
  readonly #shell: states.MigrationShell;
  readonly #migrations = new Map<number, Migration>();
  /** Those that are not over, by whom they move: a vswitch has one at most. */
  readonly #active = new Map<VswitchName, number>();
  readonly #watching: Watching;
  /** Asked for while actions run; taken up when they end. */
  readonly #undoWanted = new Map<number, string>();
  #nextId = 1;

  constructor(user: ExecutorUser, remembered: readonly Migration[]) {
    this.#user = user;
    this.#shell = states.shellOf(user, (migration) => this.#act(migration, actionsIn(migration)));
    this.#watching = new Watching(user, {
      all: this.#migrations,
      keep: (migration) => this.#tell(migration, states.keptIn(migration)),
      tell: (migration) => this.#tell(migration, states.toldIn(migration)),
    });
    for (const migration of remembered) {
      this.#put(migration);
      this.#nextId = Math.max(this.#nextId, migration.id + 1);
    }
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

  start(vswitch: Vswitch, from: DatapathName, to: DatapathName, strategy: Strategy): Migration {
    const now = this.#user.world.wallClockMs();
    this.#watching.stopWaiting(vswitch.name, `migration ${this.#nextId} began`);
    const migration = begin(this.#nextId, vswitch.name, from, to, strategy, now);
    this.#nextId += 1;
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
    if (migration !== undefined && hasTwoBodies(migration)) runtime?.singleBody.restore();
    runtime?.overriding.restore(migration && frozenIn(migration));
  }

  /** Takes a migration back; why not, when it cannot be. */
  undo(id: number, why: string): string | undefined {
    const migration = this.#migrations.get(id);
    if (migration === undefined) return `there is no migration ${id}`;
    const { isClosed = false } = this.#user.runtime(migration.vswitch) ?? {};
    const whyNot = states.whyNotUndone(migration, isClosed);
    if (whyNot === undefined) this.#undoWanted.set(id, why);
    return whyNot;
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
    if (migration?.to === body) this.undo(migration.id, why);
  }

  /** A body was set aside: remembered, for a restart; a clone that was is given up. */
  setAside(vswitch: VswitchName, body: DatapathName, why: string): void {
    const migration = this.activeOf(vswitch);
    if (migration === undefined) return;
    const next = { ...migration, aside: { body, why } };
    this.#tell(next, states.keptIn(next));
    if (migration.to === body) this.undo(migration.id, why);
  }

  /** The body that is to be the primary again. */
  returnsTo(vswitch: VswitchName): DatapathName | undefined {
    const migration = this.activeOf(vswitch);
    if (migration && this.#undoWanted.has(migration.id) && canUndo(migration))
      return migration.from;
    return migration && returnsTo(migration);
  }

  /** As it is now, and not as it was when an action began. */
  #now(migration: Migration): Migration {
    return this.#migrations.get(migration.id) ?? migration;
  }

  #enter(migration: Migration): void {
    if (isOver(migration)) this.#undoWanted.delete(migration.id);
    this.#tell(migration, states.readyIn(migration));
  }

  #tell(migration: Migration, ready: states.MigrationReady): void {
    this.#put(migration);
    execute(this.#shell, ready);
  }

  #act(before: Migration, actions: readonly MigrationAction[]): void {
    const migration = this.#now(before);
    const [action, ...rest] = actions;
    const wanted = this.#undoWanted.get(migration.id);
    if (wanted !== undefined && canUndo(migration)) {
      this.#undoWanted.delete(migration.id);
      this.#feed(migration, { type: 'undo', why: wanted });
    } else if (action === undefined) {
      this.#feed(migration, { type: 'acted' });
    } else {
      this.#do(migration, action, (trouble) => {
        if (trouble === undefined) this.#act(migration, rest);
        else if (canUndo(this.#now(migration)))
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
    this.#enter({ ...next, ...states.reportOf(this.#user, migration, vswitch) });
  }

  #do(migration: Migration, action: MigrationAction, done: (trouble?: string) => void): void {
    const runtime = this.#user.runtime(migration.vswitch);
    if (runtime === undefined) {
      done(`${migration.vswitch} is no longer in the configuration`);
      return;
    }
    switch (action.type) {
      case 'place':
        if (migration.state.type === 'tunnels') runtime.excluded.awaitFill(migration.to);
        place(this.#user, runtime, this.#placing(migration, action.parts, runtime), done);
        break;
      case 'copyRules':
        runtime.flowRemoved.fills(action.on);
        copyRules(this.#user, runtime, action.on, (trouble) => {
          if (trouble === undefined) runtime.flowRemoved.filled(action.on);
          // A round may have set it aside meanwhile: then there is nothing to lead anywhere.
          const isOver = runtime.excluded.has(action.on) || frozenIn(migration) !== undefined;
          if (trouble !== undefined || isOver) done(trouble);
          else runtime.singleBody.begin(done);
        });
        break;
      case 'freeze':
        runtime.exclusive((release) => {
          freeze(runtime, action.on, done);
          release();
        });
        break;
      case 'thaw':
        thaw(runtime, action.on, done);
        break;
      case 'drain':
        drain(this.#user, runtime, action.on, this.#silent(migration), (trouble) => {
          if (trouble !== undefined || migration.state.type !== 'drain') done(trouble);
          else runtime.singleBody.settleCounters(migration, () => done());
        });
        break;
      case 'leave':
        runtime.singleBody.end();
        runtime.flowRemoved.filled(action.on);
        leaveBody(this.#user, runtime, action.on, (trouble) => {
          if (trouble === undefined) {
            runtime.excluded.forget(action.on);
            this.#watching.begin(migration, runtime, action.on);
          }
          done(trouble);
        });
        break;
    }
  }

  /** A way through which nothing comes: it is taken back for that, but an undo has to end. */
  #silent(migration: Migration): (why: string) => string | undefined {
    return (why) => {
      if (canUndo(migration)) return why;
      this.#user.alarm(`migration ${migration.id} continues without proof: ${why}`);
      return undefined;
    };
  }

  #placing(migration: Migration, parts: Rewiring['parts'], runtime: VswitchRuntime): Placing {
    return {
      parts,
      optional: leavingIn(migration),
      giveUp: () =>
        canUndo(this.#now(migration)) ? this.#undoWanted.get(migration.id) : undefined,
      place: (then) => this.#placed(migration, runtime, then),
    };
  }

  /** Another body becomes the primary in a hand-over; if no packet flows, at once. */
  #placed(
    migration: Migration,
    { vswitch, placement, singleBody }: VswitchRuntime,
    done: (trouble?: string) => void,
  ): void {
    const { primary } = placementIn(migration, vswitch);
    const place = (): string | undefined => this.#place(migration, vswitch);
    const onDisk = (then: (trouble?: string) => void): void => {
      const why = this.#place(migration, vswitch, () => then());
      if (why !== undefined) then(why);
    };
    if (primary === placement.primary) done(place());
    else if (singleBody.isOn) singleBody.handOver(primary, onDisk, done);
    else this.#user.datapath(primary).writer.send('intent', [], 'full', () => done(place()));
  }

  /** Why it cannot be placed so, when it cannot; `onDisk` runs if it is, when the disk has it. */
  #place(migration: Migration, vswitch: Vswitch, onDisk?: () => void): string | undefined {
    const placement = placementIn(migration, vswitch);
    const next = withPlacement(this.#user.snapshot(), vswitch.name, placement);
    if (isInfeasible(next)) return next.why;
    const runtime = this.#user.runtime(vswitch.name);
    for (const body of runtime?.placement.bodies ?? []) {
      if (!placement.bodies.includes(body)) runtime?.excluded.keepDeletions(body);
    }
    const placed = { vswitch: vswitch.name, placement: placementOf(next, vswitch.name) };
    this.#user.swap(next, [{ type: 'placement', ...placed }], onDisk);
    return undefined;
  }

  #forgetOld(): void {
    const over = this.all().filter(isOver);
    for (const one of over.slice(0, Math.max(0, over.length - limits.migrationsKeptMax))) {
      this.#migrations.delete(one.id);
      perform(this.#user.journal, kept([{ type: 'noMigration', id: one.id }]));
    }
  }
}
