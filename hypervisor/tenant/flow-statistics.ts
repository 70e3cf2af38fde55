/**
 * Answers a controller's request for flow statistics: of few rules at once; of very many a part in
 * every turn, and no faster than the controller reads.
 */
import { niciraReplies } from '../../openflow/messages/nicira-statistics.ts';
import { multipartMore } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { answerTo } from '../../translation/controllers/statistics.ts';
import type { ReadCounters } from '../../translation/controllers/verdict.ts';
import { seenBy } from '../../translation/entries/versions.ts';
import type { Channel } from '../channel/channel.ts';
import type { Controller } from '../controller/controller.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';

/** Whose rules are told. */
export interface ShownRules {
  readonly rulebook: Rulebook;
  readonly vswitch: Vswitch;
}

export interface Scheduled {
  readonly world: World;
  readonly scheduler: Scheduler;
}

/**
 * `received` are the packets that came in by its ports. `done` when all of it is on its way, or
 * nobody is there to read it any more.
 */
export function answerCounters(
  context: Scheduled,
  { rulebook }: ShownRules,
  { request, xid, form }: Omit<ReadCounters, 'type'>,
  from: Controller,
  channel: Channel,
  received: bigint,
  done: () => void,
): void {
  const isGone = (): boolean => from.channel !== channel;
  const answer = answerTo(request, { tables: rulebook.tables, received });
  const cursor = newCursor();
  const send = (part: MultipartReplyBody | undefined, flags: number): void => {
    if (part === undefined) return;
    const parts = form === 'nicira' ? niciraReplies(part) : [seenBy(from.version, part)];
    for (const [i, reply] of parts.entries()) {
      const isLast = i === parts.length - 1;
      from.send({ type: 'multipartReply', xid, flags: isLast ? flags : multipartMore, reply });
    }
  };
  const step = (): boolean => {
    if (isGone()) return false;
    answer.take(rulebook.select(answer.filter, cursor), context.world.nowMs());
    if (cursor.isOver) send(answer.end(), 0);
    else send(answer.part(), multipartMore);
    return !cursor.isOver;
  };
  const mayGo = (): boolean => isGone() || channel.pendingBytes() <= limits.unreadBytesMax;
  context.scheduler.run({ step, mayGo }, done);
}
