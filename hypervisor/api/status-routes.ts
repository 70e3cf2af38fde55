/**
 * The current state as resources that are read: the answers of `status`, `links`, `topology`.
 */
import Type from 'typebox';
import type { EnsembleState } from '../../translation/migration/ensemble.ts';
import { type HostState, hostMoveName } from '../../translation/migration/host-move.ts';
import type { MemberState } from '../../translation/migration/member-states.ts';
import type { State } from '../../translation/migration/migration.ts';
import type { Operated } from '../operator/control.ts';
import { answerCommand } from './command-responses.ts';
import { EnsembleSchema, HostMoveSchema, MigrationSchema } from './migration-responses.ts';
import { type Route, route } from './route.ts';
import { LinkSchema, StatusSchema } from './status-responses.ts';
import { Topology, topologyOf } from './topology.ts';

/** Answers as the method of the command line does. */
function asMethod(name: string): Route['answer'] {
  return (...all) => answerCommand(name, ...all);
}

export const statusRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/api/v1/status', access: 'viewer', tag: 'status' },
    summary: 'All of it: datapaths, vswitches, controllers, hosts, links, migrations',
    response: StatusSchema,
    answer: asMethod('status'),
  },
  {
    ...{ method: 'GET', path: '/api/v1/links', access: 'viewer', tag: 'status' },
    summary: 'The cables of the file, and how the probes find them',
    response: Type.Array(LinkSchema),
    answer: asMethod('links'),
  },
  route({
    ...{ method: 'GET', path: '/api/v1/topology', access: 'viewer', tag: 'status' },
    summary: 'Both planes in one document: what is physical, what tenants see, and what is where',
    query: Type.Object({
      load: Type.Optional(
        Type.Boolean({ description: 'measure what passes from now on, for some minutes' }),
      ),
    }),
    response: Topology,
    answer({ operated }, { query }, reply) {
      if (query.load === true) {
        operated.traffic.want([...operated.snapshot().tenants.keys()], () => undefined);
      }
      reply.result(topologyOf(operated));
    },
  }),
];

/**
 * Of vswitches, and of members of big switches (`strategy` is `member`; where none leaves or joins
 * `from` or `to` is empty), by number.
 */
function migrationsOf({ executor, applying }: Operated) {
  const members = applying.memberMoves.all().map((one) => ({ from: '', to: '', ...one }));
  return [...executor.all(), ...members].sort((a, b) => a.id - b.id);
}

const oneOf = Type.Object({ id: Type.Integer({ minimum: 1 }) });

const page = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000, description: 'at most so many' }),
  ),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'those behind this number' })),
};

export const migrationRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/v1/migrations', access: 'viewer', tag: 'migrations' },
    summary: 'Migrations that are under way, and those that are remembered',
    query: Type.Object({
      ...page,
      vswitch: Type.Optional(Type.String()),
      state: Type.Optional(Type.String({ description: 'such as done, undone, move' })),
    }),
    response: Type.Array(MigrationSchema),
    answer({ operated }, { query: { vswitch, state, after = 0, limit = 100 } }, reply) {
      const all = migrationsOf(operated).filter((one) => {
        const is = one.state.type satisfies State['type'] | MemberState['type'];
        return one.id > after && (vswitch ?? one.vswitch) === one.vswitch && (state ?? is) === is;
      });
      reply.result(all.slice(0, limit));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/migrations/:id', access: 'viewer', tag: 'migrations' },
    summary: 'One migration: its plan, its state, its phases, what was seen after it',
    params: oneOf,
    response: MigrationSchema,
    answer({ operated }, { path: { id } }, reply) {
      const found = migrationsOf(operated).find((one) => one.id === id);
      if (found === undefined) reply.error('absent', `there is no migration ${id}`);
      else reply.result(found);
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/host-moves', access: 'viewer', tag: 'hosts' },
    summary: 'Moves of hosts that are under way, and those that are remembered',
    query: Type.Object({
      ...page,
      host: Type.Optional(Type.String()),
      state: Type.Optional(Type.String({ description: 'such as done, undone, run' })),
    }),
    response: Type.Array(HostMoveSchema),
    answer({ operated }, { query: { host, state, after = 0, limit = 100 } }, reply) {
      const all = operated.hostMoves.all().filter((one) => {
        const is = one.state.type satisfies HostState['type'];
        return one.id > after && (host ?? one.host) === one.host && (state ?? is) === is;
      });
      reply.result(all.slice(0, limit));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/host-moves/:id', access: 'viewer', tag: 'hosts' },
    summary: 'One move of a host: its plan, its state, its phases, what its driver said',
    params: oneOf,
    response: HostMoveSchema,
    answer({ operated }, { path: { id } }, reply) {
      const found = operated.hostMoves.all().find((one) => one.id === id);
      if (found === undefined) reply.error('absent', `there is no ${hostMoveName({ id })}`);
      else reply.result(found);
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/ensembles', access: 'viewer', tag: 'migrations' },
    summary: 'Several migrations that are one',
    query: Type.Object({ ...page, state: Type.Optional(Type.String()) }),
    response: Type.Array(EnsembleSchema),
    answer({ operated }, { query: { state, after = 0, limit = 100 } }, reply) {
      const all = [...operated.executor.ensembles.all.values()].filter((one) => {
        const is = one.state.type satisfies EnsembleState['type'];
        return one.id > after && (state ?? is) === is;
      });
      reply.result(all.slice(0, limit));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/ensembles/:id', access: 'viewer', tag: 'migrations' },
    summary: 'One of those: its members, its plan, its state, what crossed meanwhile',
    params: oneOf,
    response: EnsembleSchema,
    answer({ operated }, { path: { id } }, reply) {
      const found = operated.executor.ensembles.all.get(id);
      if (found === undefined) reply.error('absent', `migration ${id} is not one of several`);
      else reply.result(found);
    },
  }),
];
