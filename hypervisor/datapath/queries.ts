/**
 * Requests that a datapath has not answered yet, for one connection.
 */

import { whyNotIn10 } from '../../openflow/messages/unsupported10.ts';
import { multipartMore, version } from '../../openflow/values/constants.ts';
import type {
  Message,
  MultipartReplyBody,
  MultipartRequestBody,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Channel } from '../channel/channel.ts';
import type { ReplyTimeouts } from '../channel/reply-timeouts.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Cancel, World } from '../world/world.ts';

/** All parts of a reply, or undefined when the answer never came. */
export type Answered = (parts: readonly MultipartReplyBody[] | undefined) => void;
export type Part = (part: MultipartReplyBody) => void;

interface Query {
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
  readonly #byXid = new Map<number, Query>();

  constructor(world: World, channel: Channel, replyTimeouts: ReplyTimeouts) {
    this.#world = world;
    this.#channel = channel;
    this.#replyTimeouts = replyTimeouts;
  }

  ask(request: MultipartRequestBody, done: Answered, each?: Part): void {
    const channel = this.#channel;
    const xid = channel.nextXid();
    const message = { type: 'multipartRequest', xid, flags: 0, request } as const;
    if (channel.version === version.of10 && whyNotIn10(message) !== undefined) {
      // There are none of what its version has no words for.
      this.#world.soon(() => done([]));
      return;
    }
    channel.send(message);
    const cancelTimeout = this.#replyTimeouts.wait('statistics', limits.multipartTimeoutMs);
    this.#byXid.set(xid, { parts: [], each, count: 0, done, cancelTimeout });
  }

  onReply({ xid, flags, reply }: Extract<Message, { type: 'multipartReply' }>): void {
    const query = this.#byXid.get(xid);
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

/** One after the other, no more in a turn than it has time for. */
export function handOn(
  scheduler: Scheduler,
  parts: readonly MultipartReplyBody[],
  each: Part,
  done: () => void,
): void {
  const left = [...parts];
  const step = (): boolean => {
    const next = left.shift();
    if (next !== undefined) each(next);
    return left.length > 0;
  };
  scheduler.run({ step }, done);
}
