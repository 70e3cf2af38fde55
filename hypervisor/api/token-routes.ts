/**
 * Tokens as resources, which operators create, list and revoke.
 */
import Type from 'typebox';
import { noSuchText } from '../../slices/near-names.ts';
import type { Operated } from '../operator/control.ts';
import { roles } from '../operator/token-values.ts';
import { Auditing } from './audit-entry.ts';
import { closed, titled } from './response-values.ts';
import { type Route, route } from './route.ts';

const Token = titled('Token', {
  id: Type.String({ description: 'the first digits of its SHA-256' }),
  name: Type.String(),
  role: Type.Union(roles.map((one) => Type.Literal(one))),
  tenant: Type.Optional(Type.String({ description: 'whose owner it is' })),
  quota: Type.Optional(Type.String({ description: 'of networks of its own' })),
  madeMs: Type.Number({ description: 'milliseconds since 1970' }),
  expiresMs: Type.Optional(Type.Number()),
});

const wanted = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._@ -]*$' }),
    role: Type.Union(roles.map((one) => Type.Literal(one))),
    tenant: Type.Optional(Type.String({ description: 'of an owner' })),
    quota: Type.Optional(Type.String({ description: 'of an owner who makes networks' })),
    expiresMs: Type.Optional(Type.Number({ minimum: 0, description: 'milliseconds since 1970' })),
    handOver: Type.Optional(
      Type.Boolean({ description: 'it gets the networks of a former token of this name' }),
    ),
  },
  { additionalProperties: false },
);

/**
 * Networks are known by the name of their owner's token: who gets a former one's name would have
 * them, and with them the hosts that are plugged in there.
 */
function whyHeir(
  { networks }: Pick<Operated, 'networks'>,
  { name, quota }: { readonly name: string; readonly quota?: string },
): string | undefined {
  const left = quota === undefined ? [] : networks.owned.all(name).map((one) => one.name);
  const [first] = left;
  if (first === undefined) return undefined;
  const are = left.length === 1 ? `${first}, which is still there` : `${left.join(', ')}`;
  const end = `end them first: "limevisor network delete ${first}"`;
  const hint = `--hand-over gives them to the new token; or take another name, or ${end}`;
  return `a former token "${name}" has made ${are}; ${hint}`;
}

export const tokenRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/api/v1/tokens', access: 'operator', tag: 'tokens' },
    summary: 'Who has a token, and what it is good for',
    response: Type.Array(Token),
    answer: ({ tokens }, _, reply) => reply.result(tokens.all()),
  },
  route({
    ...{ method: 'POST', path: '/api/v1/tokens', access: 'operator', tag: 'tokens' },
    summary: 'A new token, which is shown this once',
    body: wanted,
    response: closed({ token: Type.String(), made: Token }),
    answer({ tokens, operated, audit }, { body: asked, caller }, reply) {
      const { handOver = false, ...body } = asked;
      const known = [...operated.snapshot().tenants.keys()];
      const { tenant, quota } = body;
      if (tenant !== undefined && !known.includes(tenant)) {
        reply.error('rejected', noSuchText('tenant', tenant, known));
        return;
      }
      const { quotas } = operated.snapshot().config;
      if (quota !== undefined && !quotas.has(quota)) {
        reply.error('rejected', noSuchText('quota', quota, quotas.keys()));
        return;
      }
      const audited = new Auditing({ audit, operated }, caller, 'makeToken', asked);
      const heirless = handOver ? undefined : whyHeir(operated, body);
      if (heirless !== undefined) {
        audited.end(heirless);
        reply.error('rejected', heirless);
        return;
      }
      const made = tokens.make(body);
      if ('whyNot' in made) {
        audited.end(made.whyNot);
        reply.error('rejected', made.whyNot);
        return;
      }
      operated.log.info({ by: caller.name, ...made.made }, 'token made');
      audited.end(undefined, [{ what: `token ${body.name}`, before: '', after: body.role }]);
      reply.result(made, 201);
    },
  }),
  route({
    ...{ method: 'DELETE', path: '/api/v1/tokens/:token', access: 'operator', tag: 'tokens' },
    summary: 'Revoke a token, by its id or its name',
    params: Type.Object({ token: Type.String() }),
    response: Token,
    answer({ tokens, operated, audit }, { path, caller }, reply) {
      const audited = new Auditing({ audit, operated }, caller, 'revokeToken', path);
      const revoked = tokens.revoke(path.token);
      if (revoked === undefined) {
        const known = tokens.all().map(({ name }) => name);
        const why = noSuchText('token', path.token, known);
        audited.end(why);
        reply.error('absent', why);
        return;
      }
      if ('whyNot' in revoked) {
        audited.end(revoked.whyNot);
        reply.error('failed', revoked.whyNot);
        return;
      }
      operated.log.info({ by: caller.name, ...revoked }, 'token revoked');
      audited.end(undefined, [{ what: `token ${revoked.name}`, before: revoked.role, after: '' }]);
      reply.result(revoked);
    },
  }),
];
