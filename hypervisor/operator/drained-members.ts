/**
 * Members of big switches on datapaths that are drained, evacuated or away, and their return: each
 * moves as one that a person asks for (control-members.ts), one after the other.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  type MemberMove,
  moveOf,
  movesFor,
  replacementsFor,
} from '../../translation/migration/member-move.ts';
import type { LeavingMember } from '../../translation/migration/member-places.ts';
import { isOver } from '../../translation/migration/migration.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import {
  type MemberResult,
  type MemberSources,
  memberCircumstances,
  problemsOf,
  tryEach,
} from './control-members.ts';

/** What became of a member whose datapath was left, or that came back. */
export interface MemberLeft {
  readonly vswitch: string;
  /** Absent: none has left. */
  readonly from?: string;
  /** Absent: none has joined. */
  readonly to?: string;
  readonly tookMs: number;
  /** Why it is where it was. */
  readonly why?: string;
}

type Left = (left: MemberLeft) => void;

/** What stands against it may end: another file that is applied, a neighbour that migrates. */
const WAITED_TIMES = 120;

/** One after the other; each is told when it is over. */
export function leaveMembers(
  context: MemberSources,
  leaving: readonly LeavingMember[],
  told: Left,
  done: () => void,
): void {
  const [first, ...others] = leaving;
  if (first === undefined) {
    done();
    return;
  }
  const { vswitch, from } = first;
  const moves = () => movesFor(context.snapshot(), first, memberCircumstances(context));
  moveOne(context, vswitch, moves, (left) => {
    told('why' in left ? { ...left, from } : left);
    leaveMembers(context, others, told, done);
  });
}

/** One whose datapath is away: another takes its place, or it stays a member. */
export function replaceMember(context: MemberSources, leaving: LeavingMember, told: Left): void {
  const moves = () => replacementsFor(context.snapshot(), leaving, memberCircumstances(context));
  moveOne(context, leaving.vswitch, moves, told);
}

/** Members that were there by the file come back. */
export function returnMembers(
  context: MemberSources,
  datapaths: readonly DatapathName[],
  done: (all: readonly MemberLeft[]) => void,
  before: readonly MemberLeft[] = [],
): void {
  const tried = new Set(before.map(({ vswitch, to }) => `${vswitch} ${to}`));
  const back = absentOn(context, datapaths).find((one) => !tried.has(`${one.vswitch} ${one.to}`));
  if (back === undefined) {
    done(before);
    return;
  }
  const moves = (): readonly MemberMove[] | Problems => {
    const vswitch = context.snapshot().vswitches.get(back.vswitch);
    return vswitch === undefined ? [] : [moveOf(context.snapshot(), vswitch, back)];
  };
  moveOne(context, back.vswitch, moves, (left) => {
    returnMembers(context, datapaths, done, [...before, { ...left, to: back.to }]);
  });
}

interface Absent {
  readonly vswitch: VswitchName;
  readonly to: DatapathName;
  /** Which is there in its place. */
  readonly from?: DatapathName;
}

/** Members that the file has on these datapaths, and that are elsewhere. */
export function absentOn(
  { snapshot, applying }: Pick<MemberSources, 'snapshot' | 'applying'>,
  datapaths: readonly DatapathName[],
): readonly Absent[] {
  return [...snapshot().vswitches.values()].flatMap(({ name, members }) => {
    const said = applying.memberPlaces.saidOf(name, members);
    const others = members.filter((one) => !said.includes(one));
    const missing = said.filter((one) => datapaths.includes(one) && !members.includes(one));
    return missing.map((to, i): Absent => {
      const from = others[i];
      return { vswitch: name, to, ...(from !== undefined && { from }) };
    });
  });
}

/** What stands against it for a while is waited for. */
export function moveOne(
  context: MemberSources,
  vswitch: VswitchName,
  movesNow: () => readonly MemberMove[] | Problems,
  done: Left,
  times = WAITED_TIMES,
): void {
  const { applying, world, executor } = context;
  const again = (): void => {
    world.after(limits.pollIntervalMinMs, () => {
      moveOne(context, vswitch, movesNow, done, times - 1);
    });
  };
  if (applying.underWay !== undefined && times > 0) {
    again();
    return;
  }
  const startedMs = world.nowMs();
  const moves = movesNow();
  const ended = ({ plan, member }: MemberResult): void => {
    const tookMs = Math.round(world.nowMs() - startedMs);
    const whyNot = plan.type === 'problems' ? plan.problems : member?.whyNot;
    if (whyNot && times > 0 && executor.all().some((one) => !isOver(one))) {
      again();
      return;
    }
    const { from, to } = plan.type === 'problems' ? {} : plan;
    const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    done({ vswitch, ...ends, tookMs, ...(whyNot && { why: whyNot.join('; ') }) });
  };
  if ('type' in moves) ended({ plan: moves });
  else if (moves.length === 0) ended({ plan: problemsOf([`${vswitch} is there no more`]) });
  else tryEach(context, moves, false, { result: ended });
}
