/**
 * `migrate red/big --from s2 --to s5` on the serving side: one member of a big switch moves, by an
 * apply of the running configuration with other members (migrate/applying.ts). Without a target it
 * moves to the first datapath that takes it. Members on datapaths that are left are
 * drained-members.ts's.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { isBig, isSameMembers } from '../../slices/network/members.ts';
import {
  type MemberMove,
  type MemberPlan,
  memberMovesOf,
  planMemberMove,
} from '../../translation/migration/member-move.ts';
import type { MoveCircumstances } from '../../translation/migration/move-checks.ts';
import { partOf } from '../../translation/migration/partial-move.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { Reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { nothing } from '../migrate/apply-plans.ts';
import type { Applied, Applying } from '../migrate/applying.ts';
import type { MemberWatcher } from '../migrate/member-moves.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { World } from '../world/world.ts';
import { circumstancesOf, type PlanSources } from './control-drain.ts';
import { type HostSources, whyHostMoves } from './control-hosts.ts';

export interface MemberSources extends HostSources {
  readonly world: World;
  readonly applying: Pick<
    Applying,
    'plan' | 'apply' | 'waits' | 'underWay' | 'memberPlaces' | 'memberMoves'
  >;
}

/** How it ended. */
export interface MemberMoved {
  /** Of it as a migration. */
  readonly id: number;
  readonly tookMs: number;
  /** Datapaths refused some of it, and hold what they held before. */
  readonly whyNot?: readonly string[];
  /** A person wanted it back. */
  readonly isUndone?: true;
  readonly said: readonly string[];
  /** Whether the file has these members. */
  readonly isInFile: boolean;
}

interface Asked {
  /** Whether one joins that holds a part of the rules. */
  readonly isPartial?: boolean;
  readonly names: readonly string[];
  readonly to: readonly string[];
  readonly from?: string;
  readonly isDry: boolean;
}

export interface MemberResult {
  readonly plan: MemberPlan | Problems;
  readonly member?: MemberMoved;
}

interface MemberReply extends MemberWatcher {
  result(value: MemberResult): void;
}

/** Whether a member is meant: one is named, or there is nothing else of it that could move. */
export function isOfMember(context: PlanSources, asked: Asked): boolean {
  const { names, to, from, isPartial = false } = asked;
  if (isPartial) return true;
  const [name = '', ...others] = names;
  const vswitch = context.snapshot().vswitches.get(name as VswitchName);
  if (from !== undefined) return true;
  return others.length === 0 && to.length === 1 && vswitch !== undefined && isBig(vswitch);
}

export function migrateMember(context: MemberSources, asked: Asked, reply: MemberReply): void {
  const moves = movesOf(context, asked);
  if ('type' in moves) reply.result({ plan: moves });
  else tryEach(context, moves, asked.isDry, reply);
}

/** The first that is not refused; how the last ended, when all are. */
export function tryEach(
  context: MemberSources,
  [move, ...others]: readonly MemberMove[],
  isDry: boolean,
  reply: MemberReply,
): void {
  if (move === undefined) return;
  const result = (found: MemberResult): void => {
    const isRefused = found.plan.type === 'problems' || found.member?.whyNot !== undefined;
    if (isRefused && !found.member?.isUndone && others.length > 0)
      tryEach(context, others, isDry, reply);
    else reply.result(found);
  };
  if (!isDry) startMove(context, move, { ...reply, result });
  else {
    context.applying.plan(move.config, nothing, (next) => {
      if ('whyNot' in next) result({ plan: problemsOf(next.whyNot) });
      else result({ plan: planMemberMove(move, next, circumstancesOf(context)) });
    });
  }
}

function startMove(context: MemberSources, move: MemberMove, reply: MemberReply): void {
  const { world, applying } = context;
  const { memberPlaces, memberMoves } = applying;
  const { name, members: was } = move.vswitch;
  const startedMs = world.nowMs();
  let plan: MemberPlan | undefined;
  const whyNot = (next: Reconfiguration): readonly string[] => {
    const planned = planMemberMove(move, next, circumstancesOf(context));
    if (planned.type === 'problems') return planned.problems;
    plan = planned;
    return [];
  };
  const record = memberMoves.recording(() => plan, reply);
  const ended = (applied: Applied): void => {
    const tookMs = Math.round(world.nowMs() - startedMs);
    // Where the file says how many it has, and not which, the store remembers them in any case.
    const isInFile =
      move.config.vswitches.some((one) => one.name === name && one.bodies !== undefined) ||
      isSameMembers(memberPlaces.saidOf(name, move.members), move.members);
    const { id, isUndone } = record;
    if (plan !== undefined && !('whyNot' in applied)) {
      reply.result({ plan, member: { id, tookMs, said: applied.done, isInFile } });
    } else if (plan !== undefined && 'whyNot' in applied && applied.isTakenBack === true) {
      memberMoves.feed(id, { type: 'acted' });
      const back = { whyNot: applied.whyNot, ...(isUndone && { isUndone }) };
      reply.result({ plan, member: { id, tookMs, said: [], isInFile, ...back } });
    } else reply.result({ plan: problemsOf('whyNot' in applied ? applied.whyNot : []) });
  };
  // In one commit: it is done, and its members are these.
  const entries = (): readonly Entry[] => [
    ...memberPlaces.moved(name, was, move.members, move.partial),
    ...memberMoves.fed(record.id, { type: 'acted' }),
  ];
  const asked = { whyNot, entries, watch: record.watch };
  applying.apply(`the move of a member of ${name}`, move.config, ended, asked);
}

export function problemsOf(problems: readonly string[]): Problems {
  return { type: 'problems', problems };
}

function movesOf(
  context: MemberSources,
  { names, to, from, isPartial = false }: Asked,
): readonly MemberMove[] | Problems {
  const [name = '', ...others] = names;
  const early = [
    ...(others.length === 0 && to.length <= 1 ? [] : [isPartial ? ONE_PART : ONE_MEMBER]),
    ...(isPartial && from !== undefined ? [ONE_PART] : []),
    ...whyNoMemberMoves(context, name),
  ];
  if (early.length > 0) return problemsOf(early);
  const asked = { name, from, to: to[0] };
  const now = memberCircumstances(context);
  if (!isPartial) return memberMovesOf(context.snapshot(), asked, now);
  const move = partOf(context.snapshot(), asked, now);
  return 'type' in move ? move : [move];
}

const ONE_MEMBER = '"--from" is for one member of one vswitch: migrate VSWITCH --from s2 --to s5';
const ONE_PART = '"--strategy partial" is for one vswitch: migrate VSWITCH --to s5';

/** What else is under way. */
export function whyNoMemberMoves(context: MemberSources, name: string): readonly string[] {
  const { storeWaits, applying } = context;
  return [
    ...(storeWaits === undefined ? [] : [storeWaits]),
    ...(applying.underWay === undefined ? [] : [`${applying.underWay} is being applied; wait`]),
    ...[whyHostMoves(context, name)].filter((why) => why !== undefined),
  ];
}

/** With what the file has, where members were moved. */
export function memberCircumstances(context: MemberSources): MoveCircumstances {
  const { snapshot, applying } = context;
  const isPlainInFile = (name: VswitchName): boolean => {
    const { members = [] } = snapshot().vswitches.get(name) ?? {};
    return members.length > 0 && applying.memberPlaces.saidOf(name, members).length === 0;
  };
  return { ...circumstancesOf(context), isPlainInFile };
}
