/**
 * Events: the recorded ones as a list, or each as it happens (server-sent events).
 */
import Type from 'typebox';
import { limits } from '../../slices/limits.ts';
import type { Event } from '../world/event-log.ts';
import type { Sight } from './event-feed.ts';
import { titled } from './response-values.ts';
import { EVENTS_TYPE, wantsStream } from './responses.ts';
import { type Answering, type ApiContext, type Asked, type Route, route } from './route.ts';

export const EventSchema = titled('Event', {
  id: Type.Integer({ description: 'from 1, in this process' }),
  atMs: Type.Number({ description: 'milliseconds since 1970' }),
  level: Type.Union(['info', 'warn', 'error'].map((one) => Type.Literal(one))),
  what: Type.String({ description: 'what happened' }),
  about: Type.Record(Type.String(), Type.Unknown(), { description: 'who, and why' }),
});

const everything = `With "Accept: ${EVENTS_TYPE}" each as it happens: "Last-Event-ID" goes on \
where it was, and a "gap" says that some were missed; else a list of those that are kept.`;

export const eventRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/v1/events', access: 'viewer', tag: 'events' },
    summary: `What has happened since the start. ${everything}`,
    query: Type.Object({
      since: Type.Optional(Type.Integer({ minimum: 0, description: 'those behind this number' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.eventsKept })),
      level: Type.Optional(EventSchema.properties.level),
    }),
    response: Type.Array(EventSchema),
    answer(context, asked, reply) {
      const { level } = asked.query;
      const sight = (one: Event) => ((level ?? one.level) === one.level ? one : undefined);
      answerEvents(context, asked, { ...asked.query, isStream: wantsStream(asked), sight }, reply);
    },
  }),
];

interface Wanted {
  readonly since?: number;
  readonly limit?: number;
  readonly isStream: boolean;
  readonly sight: Sight;
}

/** A list, or each as it happens; `sight`: what the caller sees of one. */
export function answerEvents(
  { operated, feed }: ApiContext,
  { headers }: Pick<Asked, 'headers'>,
  { since, limit = limits.eventsKept, isStream, sight }: Wanted,
  reply: Answering,
): void {
  if (!isStream) {
    const all = operated.log.events?.since(since ?? 0) ?? [];
    reply.result(all.flatMap((one) => sight(one) ?? []).slice(0, limit));
    return;
  }
  if (feed.count >= limits.eventListenersMax) {
    reply.error('rejected', `${feed.count} listen already; ask for the list instead`);
    return;
  }
  const lastId = headers['last-event-id'];
  const behind = since === undefined ? '' : feed.idAt(since);
  const stop = feed.listen(reply.stream(), lastId === undefined ? behind : String(lastId), sight);
  if (stop !== undefined) reply.onGone(stop);
}
