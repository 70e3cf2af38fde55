/**
 * The routes by which owners see their virtual networks: everything below a tenant's name, and
 * nothing physical.
 */
import Type, { type Static } from 'typebox';
import { tenantOf } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { flowsReport } from '../operator/flows-report.ts';
import type { Event } from '../world/event-log.ts';
import { answerEvents, EventSchema } from './event-routes.ts';
import { eventSeen, Network, networkOf } from './network-view.ts';
import { fullName, Life, lifeOf, missingOf, ownTenants } from './owned-view.ts';
import { closed } from './response-values.ts';
import { wantsStream } from './responses.ts';
import { type Answering, type ApiContext, type Asked, type Route, route } from './route.ts';

const ofTenant = Type.Object({ tenant: Type.String() });

/** The network that is meant, where the caller may see it; if not, that is answered. */
export function visited(
  context: Pick<ApiContext, 'operated'>,
  { caller }: Pick<Asked, 'caller'>,
  tenant: string,
  reply: Pick<Answering, 'error'>,
): string | undefined {
  const { snapshot, networks } = context.operated;
  const all = () => [...snapshot().tenants.keys(), ...networks.owned.all().map(({ name }) => name)];
  // Whether others are there is nothing of an owner's.
  const known = ownTenants(context, caller) ?? [...new Set(all())];
  const isThere = (name: string) => snapshot().tenants.has(name) || networks.owned.get(name);
  const found = [tenant, fullName(caller, tenant)].find((one) => known.includes(one));
  if (found !== undefined && isThere(found)) return found;
  reply.error('absent', noSuchText('network', tenant, known));
  return undefined;
}

const ListedNetwork = closed({
  name: Type.String(),
  vswitches: Type.Integer({ description: 'that are there now' }),
  hosts: Type.Integer({ description: 'that are there now' }),
  ...{ frozen: Life.properties.frozen, owner: Type.Optional(Life.properties.owner) },
  ...{ quota: Type.Optional(Type.String()), state: Type.Optional(Life.properties.state) },
  ...{ madeMs: Type.Optional(Type.Number()), endsMs: Life.properties.endsMs },
  ...{ endsSoon: Type.Optional(Type.Boolean()), isEnding: Type.Optional(Type.Boolean()) },
  counts: Type.Optional(Life.properties.counts),
  missing: Type.Optional(Network.properties.missing),
});

/** Of one that its owner has made, with how it is. */
function listed(context: ApiContext, name: string, hosts: number): Static<typeof ListedNetwork> {
  const { operated } = context;
  const vswitches = operated.snapshot().tenants.get(name)?.length ?? 0;
  const frozen = operated.networks.freezing.of(name)?.why;
  const life = lifeOf(context, name);
  const base = { name, vswitches, hosts, ...(frozen !== undefined && { frozen }) };
  if (life === undefined) return base;
  const { owner, quota, state, madeMs, endsMs, endsSoon, isEnding, counts } = life;
  const missing = networkOf(operated, name, life)?.missing ?? [];
  const about = { owner, quota, state, madeMs, endsSoon, isEnding, counts, missing };
  return { ...base, ...about, ...(endsMs !== undefined && { endsMs }) };
}

export const networkRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/api/v1/networks', access: 'owner', tag: 'networks' },
    summary: 'Virtual networks: all of them, or those that the token is for',
    response: Type.Array(ListedNetwork),
    answer(context, { caller }, reply) {
      const { snapshot, networks } = context.operated;
      const made = networks.owned.all().map(({ name }) => name);
      const all = new Set([...snapshot().tenants.keys(), ...made]);
      const own = ownTenants(context, caller);
      const seen = [...all].filter((name) => own?.includes(name) ?? true);
      const hosts = Map.groupBy(snapshot().config.hosts, (one) => tenantOf(one.name));
      reply.result(seen.map((name) => listed(context, name, hosts.get(name)?.length ?? 0)));
    },
  },
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant', access: 'owner', tag: 'networks' },
    summary: 'A virtual network as its owner sees it: vswitches, ports, controllers, hosts, links',
    params: ofTenant,
    response: Network,
    answer(context, asked, reply) {
      const tenant = visited(context, asked, asked.path.tenant, reply);
      if (tenant === undefined) return;
      const life = lifeOf(context, tenant);
      const headers = life === undefined ? {} : { etag: `"${life.version}"` };
      reply.result(networkOf(context.operated, tenant, life), 200, headers);
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant/flows', access: 'owner', tag: 'networks' },
    summary: "A vswitch's flow table in ovs-ofctl's words, with the counters of all its bodies",
    params: ofTenant,
    query: Type.Object({ vswitch: Type.String({ description: 'such as red/v1' }) }),
    response: closed({ vswitch: Type.String(), flows: Type.Array(Type.String()) }),
    answer(context, asked, reply) {
      const { operated } = context;
      const tenant = visited(context, asked, asked.path.tenant, reply);
      if (tenant === undefined) return;
      const { vswitch: said } = asked.query;
      const vswitch = said.startsWith(`${asked.path.tenant}/`)
        ? `${tenant}${said.slice(asked.path.tenant.length)}`
        : said;
      const own = operated.snapshot().tenants.get(tenant) ?? [];
      const life = lifeOf(context, tenant);
      if (own.length === 0 && life !== undefined) {
        const [why = ''] = missingOf({ vswitches: [], hosts: [] }, life, false);
        reply.error('rejected', `the rules of ${tenant} are not shown now: ${why}`);
        return;
      }
      const found = own.find(({ name }) => name === vswitch);
      const runtime = found && operated.runtime(found.name);
      if (runtime === undefined) {
        reply.error(
          'absent',
          noSuchText(
            'vswitch',
            vswitch,
            own.map(({ name }) => name),
          ),
        );
      } else flowsReport(operated, runtime, false, (all) => reply.pieces(all), 'flowsOnly');
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant/errors', access: 'owner', tag: 'networks' },
    summary: 'The last errors that its controllers were sent, each with the message that caused it',
    params: ofTenant,
    response: Type.Array(
      closed({
        vswitch: Type.String(),
        atMs: Type.Number({ description: 'milliseconds since 1970' }),
        controller: Type.String(),
        request: Type.String({ description: 'the type of the message: flowMod' }),
        error: Type.String({ description: 'badMatch/badPrereq' }),
        why: Type.Optional(Type.String({ description: 'for operators: more of the cause' })),
        message: Type.String({ description: "the message in ovs-ofctl's words" }),
      }),
    ),
    answer(context, asked, reply) {
      const tenant = visited(context, asked, asked.path.tenant, reply);
      if (tenant === undefined) return;
      const { operated } = context;
      const own = operated.snapshot().tenants.get(tenant) ?? [];
      const all = own.flatMap(({ name }) => {
        return operated.runtime(name)?.tenant.refusedRequests.messages.of(name) ?? [];
      });
      const isOwner = asked.caller.role === 'owner';
      // Why is said in the operator's words, which may name what is physical.
      const seen = all.map(({ why, ...rest }) => (isOwner || why === '' ? rest : { ...rest, why }));
      reply.result(seen.sort((one, other) => one.atMs - other.atMs));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant/events', access: 'owner', tag: 'networks' },
    summary: 'What has happened to a virtual network; as a stream, each as it happens',
    params: ofTenant,
    query: Type.Object({
      since: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.eventsKept })),
    }),
    response: Type.Array(EventSchema),
    answer(context, asked, reply) {
      const tenant = visited(context, asked, asked.path.tenant, reply);
      if (tenant === undefined) return;
      const sight = (event: Event) => eventSeen(event, tenant);
      answerEvents(context, asked, { ...asked.query, isStream: wantsStream(asked), sight }, reply);
    },
  }),
];
