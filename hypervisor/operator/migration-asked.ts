/**
 * Requests about migrations on the control socket, and their answers (control-migration.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { EnsemblePlan } from '../../translation/migration/ensemble-plan.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import type { AskedStrategy, GuardKind, Migration } from '../../translation/migration/migration.ts';
import type { Plan, Problems } from '../../translation/migration/plan.ts';
import type { Wanted } from '../../translation/migration/wanted-moves.ts';
import type { Applying } from '../migrate/applying.ts';
import type { Executor } from '../migrate/executor.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import type { DrainSources } from './control-drain.ts';
import type { HostSources } from './control-hosts.ts';
import type { MemberMoved, MemberSources } from './control-members.ts';
import type { MemberLeft } from './drained-members.ts';

export interface MigrateResult {
  readonly plan: Plan | EnsemblePlan | MemberPlan | Problems;
  /** When it was over, and what came after it was seen or not waited for; absent on a dry run. */
  readonly migration?: Migration;
  /** Several, likewise, and those that it is made of. */
  readonly ensemble?: Ensemble;
  readonly members?: readonly Migration[];
  readonly hosts?: readonly HostMove[];
  /** Of a member of a big switch. */
  readonly member?: MemberMoved;
  /** Of those on datapaths that everything was to leave, or come back to. */
  readonly membersLeft?: readonly MemberLeft[];
}

/** What is told meanwhile of an ensemble; of one migration, it is the migration. */
export interface EnsembleEvent {
  readonly ensemble?: Ensemble;
  readonly member?: Migration;
  readonly host?: HostMove;
}

export interface MigrateReply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected' | 'failed', message: string): void;
  event(value: unknown): void;
  onGone(run: () => void): void;
}

/** Who starts migrations, and tells of them. */
export interface MigrateSources extends DrainSources, HostSources, MemberSources {
  readonly executor: Pick<Executor, 'start' | 'undo' | 'activeOf' | 'all' | 'ensembles'>;
  readonly boundary: Boundary;
  readonly world: World;
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
  readonly applying: MemberSources['applying'] & Pick<Applying, 'whyNotMoved'>;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  /** Calls `watcher` at every state of every migration until the returned function is called. */
  watchMigrations(watcher: (migration: Migration) => void): () => void;
  watchEnsembles(watcher: (ensemble: Ensemble) => void): () => void;
}

export interface Asked extends Wanted {
  /** The member of a big switch that moves. */
  readonly from?: string;
  /** What is left, as it was named. */
  readonly left?: string;
  /** What it is called, where it was not asked for by its names. */
  readonly title?: string;
  /** Whether nothing is placed there afterwards. */
  readonly holds?: boolean;
  readonly strategy: AskedStrategy;
  /** Whether a vswitch gets a second body that holds a part of its rules, and stays. */
  readonly isPartial?: boolean;
  /** Whether the order is the one in which names were given, whatever flows between them. */
  readonly isOrdered?: boolean;
  readonly portsAtOnce?: number;
  readonly guard?: GuardKind;
  /** Whether loss is measured by probes. */
  readonly probe?: boolean;
  readonly groupMax?: number;
  readonly isDry: boolean;
  /** Whether the seconds after it are waited for. */
  readonly isWatched: boolean;
}
