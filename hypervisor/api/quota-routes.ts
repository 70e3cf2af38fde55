/**
 * The quota of the owner with this token, and how much of it is used.
 */
import Type from 'typebox';
import { resources } from '../operator/resources.ts';
import { countsSchema, whyNoQuota } from './owned-view.ts';
import { closed } from './response-values.ts';
import type { Route } from './route.ts';

const QuotaSchema = closed({
  quota: Type.String({ description: 'its name' }),
  most: countsSchema,
  used: countsSchema,
  lifetimeMs: Type.Optional(Type.Number()),
  needsApproval: Type.Boolean(),
  offers: Type.Array(
    closed({
      name: Type.String(),
      isFree: Type.Boolean(),
      network: Type.String({ description: 'the own network that has it; or empty' }),
    }),
    { description: 'what hosts may be plugged in at' },
  ),
});

export const quotaRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: resources.quota.path, access: 'owner', tag: 'networks' },
    summary: 'What the owner with this token may have, and has; what hosts may be plugged in at',
    response: QuotaSchema,
    answer({ operated }, { caller }, reply) {
      const { name: own, quota } = caller;
      const found =
        quota === undefined ? undefined : operated.networks.owned.quota({ name: own, quota });
      if (found === undefined) reply.error('absent', whyNoQuota(caller));
      else if (typeof found === 'string') reply.error('absent', found);
      else reply.result(found);
    },
  },
];
