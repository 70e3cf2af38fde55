/**
 * Virtual networks, for their owners: everything below a tenant's name, and nothing physical.
 */
import Type from 'typebox';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { flowsReport } from '../operator/flows-report.ts';
import type { Event } from '../world/event-log.ts';
import { wantsStream } from './answers.ts';
import { answerEvents, EventSchema } from './event-routes.ts';
import { eventSeen, Network, networkOf } from './network-view.ts';
import { type Answering, type ApiContext, type Asked, type Route, route } from './route.ts';

const ofTenant = Type.Object({ tenant: Type.String() });

/** Whether the caller may see this tenant's; if not, that is answered. */
export function mayVisit(
  { operated }: Pick<ApiContext, 'operated'>,
  { caller }: Pick<Asked, 'caller'>,
  tenant: string,
  reply: Pick<Answering, 'error'>,
): boolean {
  const { role, tenant: own = '' } = caller;
  // Whether others are there is nothing of an owner's.
  const known = role === 'owner' ? [own] : [...operated.snapshot().tenants.keys()];
  if (known.includes(tenant) && operated.snapshot().tenants.has(tenant)) return true;
  reply.error('absent', noSuchText('network', tenant, known));
  return false;
}

export const networkRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/api/v1/networks', access: 'owner', tag: 'networks' },
    summary: 'Virtual networks: all of them, or the one that the token is for',
    response: Type.Array(Type.Object({ name: Type.String(), vswitches: Type.Integer() })),
    answer({ operated }, { caller }, reply) {
      const all = [...operated.snapshot().tenants].map(([name, vswitches]) => {
        return { name, vswitches: vswitches.length };
      });
      const isOwn = ({ name }: { readonly name: string }) => name === caller.tenant;
      reply.result(caller.role === 'owner' ? all.filter(isOwn) : all);
    },
  },
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant', access: 'owner', tag: 'networks' },
    summary: 'A virtual network as its owner sees it: vswitches, ports, controllers, hosts, links',
    params: ofTenant,
    response: Network,
    answer(context, asked, reply) {
      const { tenant } = asked.path;
      if (mayVisit(context, asked, tenant, reply))
        reply.result(networkOf(context.operated, tenant));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/networks/:tenant/flows', access: 'owner', tag: 'networks' },
    summary: "A vswitch's flow table in ovs-ofctl's words, with the counters of all its bodies",
    params: ofTenant,
    query: Type.Object({ vswitch: Type.String({ description: 'such as red/v1' }) }),
    response: Type.Object({ vswitch: Type.String(), flows: Type.Array(Type.String()) }),
    answer(context, asked, reply) {
      const { operated } = context;
      const { tenant } = asked.path;
      const { vswitch } = asked.query;
      if (!mayVisit(context, asked, tenant, reply)) return;
      const own = operated.snapshot().tenants.get(tenant) ?? [];
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
    ...{ method: 'GET', path: '/api/v1/networks/:tenant/events', access: 'owner', tag: 'networks' },
    summary: 'What has happened to a virtual network; as a stream, each as it happens',
    params: ofTenant,
    query: Type.Object({
      since: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.eventsKept })),
    }),
    response: Type.Array(EventSchema),
    answer(context, asked, reply) {
      const { tenant } = asked.path;
      if (!mayVisit(context, asked, tenant, reply)) return;
      const sight = (event: Event) => eventSeen(event, tenant);
      answerEvents(context, asked, { ...asked.query, isStream: wantsStream(asked), sight }, reply);
    },
  }),
];
