/**
 * All routes of the API, a row each: who may use it, its parameters, its answer. A new part of the
 * API is a list of rows in a file of its own, and a line here.
 */
import Type from 'typebox';
import { auditRoutes } from './audit-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { networkRoutes } from './network-routes.ts';
import { operationRoutes } from './operation-responses.ts';
import { ownedRoutes } from './owned-routes.ts';
import { ownTenants } from './owned-view.ts';
import { pageRoutes } from './page-routes.ts';
import { quotaRoutes } from './quota-routes.ts';
import { closed } from './response-values.ts';
import { JSON_TYPE } from './responses.ts';
import type { Route } from './route.ts';
import { seeRoutes } from './see-routes.ts';
import { migrationRoutes, statusRoutes } from './status-routes.ts';
import { tokenRoutes } from './token-routes.ts';

const documentRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/api/v1/openapi.json', access: 'anybody', tag: 'about' },
    summary: 'This document (OpenAPI 3.1)',
    response: Type.Record(Type.String(), Type.Unknown()),
    answer: (context, _, reply) => reply.send(context.document(), JSON_TYPE),
  },
  {
    ...{ method: 'GET', path: '/api/v1/self', access: 'owner', tag: 'about' },
    summary: 'Whose token this is, and what it is good for',
    response: closed({
      name: Type.String(),
      role: Type.String(),
      tenant: Type.Optional(Type.String()),
      quota: Type.Optional(Type.String()),
    }),
    answer(context, { caller }, reply) {
      // Who makes networks is shown the first of them, where one network is shown.
      const [tenant = caller.tenant] = ownTenants(context, caller) ?? [];
      reply.result({ ...caller, ...(tenant !== undefined && { tenant }) });
    },
  },
];

export const routes: readonly Route[] = [
  ...pageRoutes,
  ...documentRoutes,
  ...statusRoutes,
  ...migrationRoutes,
  ...eventRoutes,
  ...commandRoutes,
  ...operationRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...networkRoutes,
  ...ownedRoutes,
  ...quotaRoutes,
  ...seeRoutes,
];
