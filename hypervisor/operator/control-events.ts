/**
 * `events` on the control socket (control.ts): those that are kept, then, for who follows, each as
 * it happens. Who reads too slowly is told how many were left out, and costs no memory.
 */
import { limits } from '../../slices/limits.ts';
import type { Event, EventLog } from '../world/event-log.ts';
import { type Params, textOf } from './control-values.ts';

export interface EventsResult {
  readonly events: readonly Event[];
}

/** What a follower gets: an event, or how many it has missed. */
export type Followed = Event | { readonly missed: number };

interface EventsReply {
  result(value: unknown): void;
  error(code: 'rejected', message: string): void;
  event(value: unknown): void;
  onGone(run: () => void): void;
  /** What it has not read yet, in bytes. */
  pendingBytes(): number;
}

interface EventsSources {
  readonly log: { readonly events?: EventLog | undefined };
}

export function events({ log }: EventsSources, params: Params, reply: EventsReply): void {
  const kept = log.events;
  const since = Number(textOf(params, 'since', '0'));
  if (kept === undefined) reply.error('rejected', 'this limevisor keeps no events');
  else if (params['follow'] !== true) {
    reply.result({ events: kept.since(since) } satisfies EventsResult);
  } else {
    const stop = kept.follow(followerOf(reply));
    if (stop === undefined) {
      const why = `${limits.followersMax} follow events already`;
      reply.error('rejected', `${why}; end one of them, or ask without --follow`);
      return;
    }
    reply.onGone(stop);
    for (const one of kept.since(since)) reply.event(one satisfies Followed);
  }
}

function followerOf(reply: EventsReply): (event: Event) => void {
  let missed = 0;
  return (event) => {
    if (reply.pendingBytes() > limits.unreadBytesMax) {
      missed += 1;
      return;
    }
    if (missed > 0) reply.event({ missed } satisfies Followed);
    missed = 0;
    reply.event(event);
  };
}
