/**
 * `migrate red/big --from s2 --to s5` at the side that runs: one member of a big switch moves, by
 * an apply of what runs with other members (migrate/applying.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { isBig, isSameMembers } from '../../slices/network/members.ts';
import {
  type MemberMove,
  type MemberPlan,
  memberMoveOf,
  planMemberMove,
} from '../../translation/migration/member-move.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { Reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { nothing } from '../migrate/apply-plans.ts';
import type { Applied, Applying } from '../migrate/applying.ts';
import type { Entry } from '../store/journal-entries.ts';
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
  const move = moveOf(context, asked);
  if ('type' in move) reply.result({ plan: move });
  else if (asked.isDry) {
    context.applying.plan(move.config, nothing, (next) => {
      if ('whyNot' in next) reply.result({ plan: problemsOf(next.whyNot) });
      else reply.result({ plan: planMemberMove(move, next, circumstancesOf(context)) });
    });
  } else carryOut(context, move, reply);
}

function carryOut(context: MemberSources, move: MemberMove, reply: MemberReply): void {
  const { world, applying } = context;
  const { memberPlaces } = applying;
  const { name, members: was } = move.vswitch;
  const startedMs = world.nowMs();
  let plan: MemberPlan | undefined;
  const whyNot = (next: Reconfiguration): readonly string[] => {
    const planned = planMemberMove(move, next, circumstancesOf(context));
    if (planned.type === 'problems') return planned.problems;
    plan = planned;
    return [];
  };
  const ended = (applied: Applied): void => {
    const tookMs = Math.round(world.nowMs() - startedMs);
    const isInFile = isSameMembers(memberPlaces.saidOf(name, move.members), move.members);
    if (plan !== undefined && !('whyNot' in applied)) {
      reply.result({ plan, member: { tookMs, said: applied.done, isInFile } });
    } else if (plan !== undefined && 'whyNot' in applied && applied.isTakenBack === true) {
      reply.result({ plan, member: { tookMs, said: [], isInFile, whyNot: applied.whyNot } });
    } else reply.result({ plan: problemsOf('whyNot' in applied ? applied.whyNot : []) });
  };
  const entries = (): readonly Entry[] => memberPlaces.moved(name, was, move.members);
  applying.apply(`the move of a member of ${name}`, move.config, ended, { whyNot, entries });
}

function problemsOf(problems: readonly string[]): Problems {
  return { type: 'problems', problems };
}

function moveOf(context: MemberSources, { names, to, from }: Asked): MemberMove | Problems {
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
  if (early.length > 0) return problemsOf(early);
  const asked = { name, from, to: to[0] ?? '' };
  return memberMoveOf(context.snapshot(), asked, circumstancesOf(context));
}
