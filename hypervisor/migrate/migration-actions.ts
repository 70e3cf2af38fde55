/**
 * The implementation of a migration's actions (translation/migration/migration-states.ts lists the
 * actions of each state).
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Computation } from '../../slices/network/changed-ways.ts';
import {
  isInfeasible,
  placementOf,
  placing,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import type { Infeasible } from '../../slices/network/values.ts';
import { atOnce } from '../../slices/steps.ts';
import type { Probed } from '../../translation/migration/loss-probe-counts.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import {
  frozenIn,
  leavingIn,
  type MigrationAction,
  placementIn,
} from '../../translation/migration/migration-states.ts';
import { computeNext, following, type Next, ofNow } from '../datapath/paced-snapshots.ts';
import type { Rewiring } from '../datapath/rewiring.ts';
import { copyRules, leaveBody } from '../tenant/bodies.ts';
import { drain } from '../tenant/drain.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { ExecutorUser } from './executor-user.ts';
import { freeze, thaw } from './freezing.ts';
import { type Placing, place } from './placement-step.ts';

type Done = (trouble?: string) => void;

/** Who enters states, and is told what comes of actions. */
interface ActingOwner {
  /** As the migration is now. */
  canUndo(migration: Migration): boolean;
  /** Why it is to be undone, if it is. */
  undoWanted(migration: Migration): string | undefined;
  /** A body was left, and is watched for a while. */
  left(migration: Migration, runtime: VswitchRuntime, body: DatapathName): void;
}

/** Why a body that stays one holds nothing. */
export const ROOM = 'it makes room for others';

/** The new body gets nothing before it is filled; where others are to go first, no rule at all. */
function begins({ excluded }: VswitchRuntime, { to, emptiesFirst = false }: Migration): void {
  excluded.awaitFill(to);
  if (emptiesFirst) excluded.restore(to, ROOM);
}

/** Loss is measured from its first state to its last, where somebody wants that. */
export function probe(
  runtime: VswitchRuntime | undefined,
  migration: Migration,
  done: (probed: Probed) => void,
): void {
  if (migration.probe !== true || migration.probed !== undefined || runtime === undefined) return;
  const { phases } = migration;
  const id = String(migration.id);
  if (isOver(migration)) runtime.lossProbes.end(id, done);
  else if (phases.length === 0) runtime.lossProbes.begin(id);
  else runtime.lossProbes.follow(id);
}

export class Acting {
  readonly #user: ExecutorUser;
  readonly #owner: ActingOwner;

  constructor(user: ExecutorUser, owner: ActingOwner) {
    this.#user = user;
    this.#owner = owner;
  }

  act(migration: Migration, action: MigrationAction, done: Done): void {
    const runtime = this.#user.runtime(migration.vswitch);
    if (runtime === undefined) {
      done(`${migration.vswitch} is no longer in the configuration`);
      return;
    }
    switch (action.type) {
      case 'place':
        if (migration.state.type === 'tunnels') begins(runtime, migration);
        place(this.#user, runtime, this.#placing(migration, action.parts, runtime), done);
        break;
      case 'copyRules':
        if (migration.emptiesFirst) {
          runtime.excluded.forget(action.on);
          runtime.excluded.awaitFill(action.on);
        }
        runtime.flowRemoved.fills(action.on);
        copyRules(this.#user, runtime, action.on, (trouble) => {
          if (trouble === undefined) runtime.flowRemoved.filled(action.on);
          // A round may have set it aside meanwhile: then there is nothing to lead anywhere.
          const isOver = runtime.excluded.has(action.on) || frozenIn(migration).length > 0;
          if (trouble !== undefined || isOver) done(trouble);
          else runtime.singleBody.begin(migration, done);
        });
        break;
      case 'emptyBody':
        runtime.excluded.empty(action.on, ROOM, done);
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
            this.#owner.left(migration, runtime, action.on);
          }
          done(trouble);
        });
        break;
    }
  }

  /** A way through which nothing comes: it is taken back for that, but an undo has to end. */
  #silent(migration: Migration): (why: string) => string | undefined {
    return (why) => {
      if (this.#owner.canUndo(migration)) return why;
      this.#user.alarm(`migration ${migration.id} continues without proof: ${why}`);
      return undefined;
    };
  }

  #placing(migration: Migration, parts: Rewiring['parts'], runtime: VswitchRuntime): Placing {
    return {
      parts,
      optional: leavingIn(migration),
      giveUp: () => this.#giveUp(migration),
      place: (then, letGo) => this.#placed(migration, runtime, letGo, then),
    };
  }

  #giveUp(migration: Migration): string | undefined {
    return this.#owner.canUndo(migration) ? this.#owner.undoWanted(migration) : undefined;
  }

  /**
   * Computed in turns, for with many ports it is long. Another body becomes the primary in a
   * hand-over; if no packet flows, at once.
   */
  #placed(migration: Migration, runtime: VswitchRuntime, letGo: () => void, done: Done): void {
    const { boundary } = this.#user;
    const begin = (before: Snapshot): Computation =>
      placing(before, runtime.name, placementIn(migration, runtime.vswitch));
    const computed = boundary.bind((next: Next | Infeasible | undefined): void => {
      const wanted = this.#giveUp(migration);
      if (wanted !== undefined) {
        done(wanted);
        return;
      }
      if (next === undefined || isInfeasible(next)) {
        done(next?.why);
        return;
      }
      const before = this.#user.snapshot();
      const place = (onDisk?: () => void): string | undefined => {
        const now = this.#user.snapshot();
        const fitting = ofNow(now, before, next) ?? atOnce(following(now, begin(now)));
        return this.#take(runtime, fitting, onDisk);
      };
      const kept = (then: Done): void => {
        const why = place(() => then());
        if (why !== undefined) then(why);
      };
      const { placement, singleBody } = runtime;
      const { primary } = placementOf(next.snapshot, runtime.name);
      if (primary === placement.primary) done(place());
      else if (singleBody.isOn) singleBody.handOver(primary, kept, letGo, done);
      else this.#user.datapath(primary).writer.send('intent', [], 'full', () => done(place()));
    });
    computeNext(this.#user, begin, computed);
  }

  /** Why it cannot be placed so, when it cannot; `onDisk` runs if it is, when the disk has it. */
  #take(
    { name, placement: { bodies }, excluded }: VswitchRuntime,
    next: Next | Infeasible,
    onDisk?: () => void,
  ): string | undefined {
    if (isInfeasible(next)) return next.why;
    const placement = placementOf(next.snapshot, name);
    for (const body of bodies) if (!placement.bodies.includes(body)) excluded.keepDeletions(body);
    this.#user.swap(next, [{ type: 'placement', vswitch: name, placement }], onDisk);
    return undefined;
  }
}
