/**
 * The audit log as a resource that can be searched.
 */
import Type from 'typebox';
import { messageOf } from '../world/error-text.ts';
import { closed } from './response-values.ts';
import { type Route, route } from './route.ts';

const Entry = closed({
  atMs: Type.Number({ description: 'milliseconds since 1970' }),
  by: Type.String(),
  role: Type.String(),
  did: Type.String({ description: 'as the command line calls it: migrate, apply, ...' }),
  asked: Type.Unknown(),
  outcome: Type.Union([Type.Literal('done'), Type.Literal('refused')]),
  why: Type.Optional(Type.String()),
  changed: Type.Array(closed({ what: Type.String(), before: Type.String(), after: Type.String() })),
});

export const auditRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/v1/audit', access: 'operator', tag: 'audit' },
    summary: 'Who has changed what, with what was before and after: the newest that match',
    query: Type.Object(
      {
        by: Type.Optional(Type.String({ description: 'part of who asked' })),
        did: Type.Optional(Type.String({ description: 'such as migrate' })),
        text: Type.Optional(Type.String({ description: 'anywhere in it' })),
        sinceMs: Type.Optional(Type.Number()),
        untilMs: Type.Optional(Type.Number()),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
      },
      { additionalProperties: false },
    ),
    response: Type.Array(Entry),
    answer({ audit }, { query }, reply) {
      audit.find({ limit: 100, ...query }).then(
        (found) => reply.result(found),
        (error: unknown) => reply.error('failed', `it cannot be read: ${messageOf(error)}`),
      );
    },
  }),
];
