/**
 * Several moves as one migration, from start to end (control-migration.ts): progress reports, and
 * the members of big switches that leave when all of it is done.
 */
import { limits } from '../../slices/limits.ts';
import { isEnded, vacatingOf } from '../../translation/migration/ensemble.ts';
import type { EnsemblePlan } from '../../translation/migration/ensemble-plan.ts';
import { isSettled, type Migration } from '../../translation/migration/migration.ts';
import { leaveMembers, type MemberLeft } from './drained-members.ts';
import type {
  Asked,
  EnsembleEvent,
  MigrateReply,
  MigrateResult,
  MigrateSources,
} from './migration-asked.ts';

/** Starts it, and tells of it until it is over. */
export function follow(
  context: MigrateSources,
  { isWatched, isOrdered = false, groupMax = limits.movesAtOnce }: Asked,
  plan: EnsemblePlan,
  reply: MigrateReply,
): void {
  const { what, groups, steps, joins } = plan;
  const parts = {
    ...{ what, groups, plan: steps, ...vacatingOf(plan) },
    ...(joins !== undefined && { joins }),
    ...(!isOrdered && { groupMax }),
  };
  const { id } = context.executor.ensembles.start(parts);
  let isGone = false;
  const tell = (event: EnsembleEvent): void => {
    if (!isGone) reply.event(event);
  };
  const look = (): void => {
    const ensemble = context.executor.ensembles.all.get(id);
    if (ensemble === undefined || !isEnded(ensemble)) return;
    const members = migrationsOf(context, id);
    if (isWatched && !members.every(isSettled)) return;
    for (const unwatch of unwatches) unwatch();
    const hosts = context.hostMoves.all().filter((one) => one.ensemble === id);
    const parts = hosts.length > 0 ? { members, hosts } : { members };
    const end = (left: readonly MemberLeft[]): void => {
      const membersLeft = left.length > 0 && { membersLeft: left };
      if (!isGone) {
        reply.result({ plan, ensemble, ...parts, ...membersLeft } satisfies MigrateResult);
      }
    };
    if (ensemble.state.type === 'done') membersLeave(context, plan, end);
    else end([]);
  };
  const unwatches = [
    context.watchEnsembles((ensemble) => {
      if (ensemble.id !== id) return;
      tell({ ensemble });
      look();
    }),
    context.watchMigrations((member) => {
      if (member.ensemble !== id) return;
      tell({ member });
      look();
    }),
    context.hostMoves.watch((host) => {
      if (host.ensemble === id) tell({ host });
    }),
  ];
  // Whoever asked may go away (or be killed): it goes on.
  reply.onGone(() => {
    isGone = true;
    if (plan.members.length > 0) return;
    for (const unwatch of unwatches) unwatch();
  });
}

function migrationsOf(context: MigrateSources, id: number): readonly Migration[] {
  return context.executor.all().filter((one) => one.ensemble === id);
}

function membersLeave(
  context: MigrateSources,
  { members, what }: EnsemblePlan,
  done: (left: readonly MemberLeft[]) => void,
): void {
  const left: MemberLeft[] = [];
  // It is nobody's: whoever asked may be gone.
  context.boundary.chore(`the members that leave by "${what}"`, () => {
    leaveMembers(
      context,
      members,
      (one) => left.push(one),
      () => done(left),
    );
  });
}
