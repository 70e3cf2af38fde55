/**
 * A route of the API is a row of routes.ts. The checks of requests and the OpenAPI document are
 * made of its schemas.
 */
import type { Static, TSchema } from 'typebox';
import type { Operated } from '../operator/control.ts';
import type { AuditLog } from './audit-log.ts';
import type { EventFeed } from './event-feed.ts';
import type { Operations } from './operations.ts';
import type { Access, Answering, Asked } from './requests.ts';
import type { Tokens } from './tokens.ts';

export type { Answering, Asked } from './requests.ts';

/** What the API serves with. */
export interface ApiContext {
  readonly operated: Operated;
  readonly feed: EventFeed;
  readonly tokens: Tokens;
  readonly operations: Operations;
  readonly audit: AuditLog;
  /** The OpenAPI document, as JSON: made once, since anybody may ask for it. */
  document(): string;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** All of it: `/api/v1/migrations/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly params?: TSchema;
  /** Of what it answers; absent: it is no JSON, of the type `produces`. */
  readonly response?: TSchema;
  readonly produces?: string;
  readonly answer: (context: ApiContext, asked: Asked, reply: Answering) => void;
}

type Typed<T> = T extends TSchema ? Static<T> : unknown;

/** A row whose handler gets what its schemas say. */
export function route<
  const Q extends TSchema | undefined = undefined,
  const B extends TSchema | undefined = undefined,
  const P extends TSchema | undefined = undefined,
>(
  row: Omit<Route, 'query' | 'body' | 'params' | 'answer'> & {
    readonly query?: Q;
    readonly body?: B;
    readonly params?: P;
    readonly answer: (
      context: ApiContext,
      asked: Asked<Typed<Q>, Typed<B>, Typed<P>>,
      reply: Answering,
    ) => void;
  },
): Route {
  return row as unknown as Route;
}
