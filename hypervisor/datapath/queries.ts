/**
 * Requests that a datapath has not answered yet, for one connection.
 *
 * A datapath does what it is sent in its order. So one that has answered a barrier, and not what it
 * was asked before that, does not answer such questions at all (cbench does not): it is not asked
 * again on this connection, and whoever asks is told that it has none. One that answers neither is
 * slow or gone (reply-timeouts.ts), and so is one that has answered such a question before.
 */

import { whyNotIn10 } from '../../openflow/messages/unsupported10.ts';
import { multipartMore, version } from '../../openflow/values/constants.ts';
import type {
  FlowStatsFilter,
  Message,
  MultipartReplyBody,
  MultipartRequestBody,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Channel } from '../channel/channel.ts';
import type { ReplyTimeouts } from '../channel/reply-timeouts.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Cancel, World } from '../world/world.ts';
import type { Outcome } from './acknowledgements.ts';

/** All parts of a reply, or undefined when the answer never came. */
export type Answered = (parts: readonly MultipartReplyBody[] | undefined) => void;
export type Part = (part: MultipartReplyBody) => void;

type Kind = MultipartRequestBody['kind'];

/** Without an answer to these nothing can be done with a datapath. */
const needed: ReadonlySet<Kind> = new Set<Kind>(['portDesc']);

/** What the datapath was sent besides, and has done. */
interface Acknowledged {
  whenAnswered(told: (outcome: Outcome) => void): void;
}

/** Told of all kinds of questions that it does not answer, when they are others. */
interface QueriesUser {
  statistics(kinds: readonly Kind[]): void;
}

interface Query {
  readonly kind: Kind;
  readonly parts: MultipartReplyBody[];
  /** Takes the parts as they come; else they are kept until all are there. */
  readonly each: Part | undefined;
  count: number;
  readonly done: Answered;
  readonly cancelTimeout: Cancel;
}

export class Queries {
  readonly #world: World;
  readonly #channel: Channel;
  readonly #replyTimeouts: ReplyTimeouts;
  readonly #sent: Acknowledged;
  readonly #user: QueriesUser;
  readonly #byXid = new Map<number, Query>();
  /** Those that it does not answer, and those that it did, or refused. */
  readonly #silent = new Set<Kind>();
  readonly #answered = new Set<Kind>();

  constructor(
    world: World,
    channel: Channel,
    replyTimeouts: ReplyTimeouts,
    sent: Acknowledged,
    user: QueriesUser,
  ) {
    this.#world = world;
    this.#channel = channel;
    this.#replyTimeouts = replyTimeouts;
    this.#sent = sent;
    this.#user = user;
  }

  /** Whether it does not answer such questions. */
  isSilent(kind: Kind): boolean {
    return this.#silent.has(kind);
  }

  ask(request: MultipartRequestBody, done: Answered, each?: Part): void {
    const channel = this.#channel;
    const xid = channel.nextXid();
    const message = { type: 'multipartRequest', xid, flags: 0, request } as const;
    const { kind } = request;
    const hasNoWord = channel.version === version.of10 && whyNotIn10(message) !== undefined;
    if (hasNoWord || this.#silent.has(kind)) {
      // There are none of what its version has no words for, or it has none.
      this.#world.soon(() => done([]));
      return;
    }
    channel.send(message);
    const cancelTimeout = this.#replyTimeouts.wait('statistics', limits.multipartTimeoutMs);
    this.#byXid.set(xid, { kind, parts: [], each, count: 0, done, cancelTimeout });
    if (!this.#answered.has(kind) && !needed.has(kind)) this.#watch(xid);
  }

  /** Whether it does not answer: what it was told after the question it has done long ago. */
  #watch(xid: number): void {
    const isOwed = (): boolean => this.#byXid.get(xid)?.count === 0;
    this.#world.after(limits.statisticsSilentMs, () => {
      if (!isOwed()) return;
      this.#sent.whenAnswered(({ type }) => {
        if (type !== 'acked') return;
        this.#world.after(limits.statisticsSilentMs, () => {
          if (isOwed()) this.#giveUp(xid);
        });
      });
    });
  }

  #giveUp(xid: number): void {
    const query = this.#take(xid);
    if (query === undefined) return;
    this.#silent.add(query.kind);
    this.#user.statistics([...this.#silent]);
    query.done([]);
  }

  #hears(kind: Kind): void {
    this.#answered.add(kind);
    if (this.#silent.delete(kind)) this.#user.statistics([...this.#silent]);
  }

  onReply({ xid, flags, reply }: Extract<Message, { type: 'multipartReply' }>): void {
    const query = this.#byXid.get(xid);
    this.#hears(query?.kind ?? reply.kind);
    if (query === undefined) return;
    query.count += 1;
    this.#replyTimeouts.heard();
    if (query.each === undefined) query.parts.push(reply);
    else query.each(reply);
    const more = (flags & multipartMore) !== 0;
    if (more && query.count < limits.multipartFramesMax) return;
    this.#take(xid);
    if (more) this.#channel.close(`a statistics reply of over ${query.count} frames`);
    query.done(more ? undefined : query.parts);
  }

  /** True when the error is the answer to one of them. */
  onError(xid: number): boolean {
    const query = this.#take(xid);
    if (query !== undefined) this.#answered.add(query.kind);
    query?.done(undefined);
    return query !== undefined;
  }

  /** The connection is gone: whoever waits is told. */
  lose(): void {
    const queries = [...this.#byXid.values()];
    this.#byXid.clear();
    for (const query of queries) {
      query.cancelTimeout();
      query.done(undefined);
    }
  }

  #take(xid: number): Query | undefined {
    const query = this.#byXid.get(xid);
    this.#byXid.delete(xid);
    query?.cancelTimeout();
    return query;
  }
}

/**
 * A part of an answer that shows every entry, as a datapath answers that selects entries by their
 * cookies: those of OpenFlow 1.0 do not (OF1.0.1 section 5.3.5).
 */
function selectedOf(
  part: MultipartReplyBody,
  { cookie, cookieMask }: FlowStatsFilter,
): MultipartReplyBody {
  if (part.kind !== 'flow' || cookieMask === 0n) return part;
  const flows = part.flows.filter((row) => (row.cookie & cookieMask) === (cookie & cookieMask));
  return { ...part, flows };
}

/** The same of a whole answer, if there was one. */
export function selectedIn(
  parts: readonly MultipartReplyBody[] | undefined,
  filter: FlowStatsFilter,
): readonly MultipartReplyBody[] | undefined {
  return parts?.map((part) => selectedOf(part, filter));
}

/** Of all entries those that the filter selects; no more in a turn than it has time for. */
export function handOn(
  scheduler: Scheduler,
  parts: readonly MultipartReplyBody[],
  filter: FlowStatsFilter,
  each: Part,
  done: () => void,
): void {
  const left = [...parts];
  const step = (): boolean => {
    const next = left.shift();
    if (next !== undefined) each(selectedOf(next, filter));
    return left.length > 0;
  };
  scheduler.run({ step }, done);
}
