/**
 * `migrate red/big --from s2 --to s5` at the side that runs: one member of a big switch moves, by
 * an apply of what runs with other members (migrate/applying.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { isBig, isSameMembers } from '../../slices/network/members.ts';
import { type MemberPlan, planMemberMove } from '../../translation/migration/member-move.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { Applied, Applying } from '../migrate/applying.ts';
import type { World } from '../world/world.ts';
import { circumstancesOf, type PlanSources } from './control-drain.ts';
import { type HostSources, whyHostMoves } from './control-hosts.ts';

export interface MemberSources extends HostSources {
  readonly world: World;
  readonly applying: Pick<Applying, 'plan' | 'apply' | 'waits' | 'underWay' | 'memberPlaces'>;
}

/** How it ended. */
export interface MemberMoved {
  readonly tookMs: number;
  /** Datapaths refused some of it, and hold what they held before. */
  readonly whyNot?: readonly string[];
  readonly said: readonly string[];
  /** Whether the file has these members. */
  readonly isInFile: boolean;
}

interface Asked {
  readonly names: readonly string[];
  readonly to: readonly string[];
  readonly from?: string;
  readonly isDry: boolean;
}

interface MemberReply {
  result(value: { readonly plan: MemberPlan | Problems; readonly member?: MemberMoved }): void;
}

/** Whether a member is meant: one is named, or there is nothing else of it that could move. */
export function isOfMember(context: PlanSources, { names, to, from }: Asked): boolean {
  const [name = '', ...others] = names;
  const vswitch = context.snapshot().vswitches.get(name as VswitchName);
  if (from !== undefined) return true;
  return others.length === 0 && to.length === 1 && vswitch !== undefined && isBig(vswitch);
}

export function migrateMember(context: MemberSources, asked: Asked, reply: MemberReply): void {
  const planned = planOf(context, asked);
  if ('type' in planned) {
    reply.result({ plan: planned });
    return;
  }
  const { plan, next } = planned;
  if (asked.isDry) {
    reply.result({ plan });
    return;
  }
  const { world, applying } = context;
  const { memberPlaces } = applying;
  const { vswitch, members } = plan;
  const was = context.snapshot().vswitches.get(vswitch)?.members ?? [];
  const startedMs = world.nowMs();
  const ended = (applied: Applied): void => {
    const tookMs = Math.round(world.nowMs() - startedMs);
    const isInFile = isSameMembers(memberPlaces.saidOf(vswitch, members), members);
    if (!('whyNot' in applied)) {
      reply.result({ plan, member: { tookMs, said: applied.done, isInFile } });
    } else if (applied.isTakenBack !== true) {
      reply.result({ plan: { type: 'problems', problems: applied.whyNot } });
    } else {
      reply.result({ plan, member: { tookMs, said: [], isInFile, whyNot: applied.whyNot } });
    }
  };
  const what = `the move of a member of ${vswitch}`;
  applying.apply(what, next, ended, () => memberPlaces.moved(vswitch, was, members));
}

function planOf(
  context: MemberSources,
  { names, to, from }: Asked,
): Exclude<ReturnType<typeof planMemberMove>, Problems> | Problems {
  const [name = '', ...others] = names;
  const { storeWaits, applying } = context;
  const early = [
    ...(storeWaits === undefined ? [] : [storeWaits]),
    ...(others.length === 0 && to.length === 1
      ? []
      : ['"--from" is for one member of one vswitch: migrate VSWITCH --from s2 --to s5']),
    ...(applying.underWay === undefined ? [] : [`${applying.underWay} is being applied; wait`]),
    ...[whyHostMoves(context, name)].filter((why) => why !== undefined),
  ];
  if (early.length > 0) return { type: 'problems', problems: early };
  const snapshot = context.snapshot();
  const asked = { name, from, to: to[0] ?? '' };
  return planMemberMove(snapshot, asked, circumstancesOf(context), (config) => {
    return applying.plan(config);
  });
}
