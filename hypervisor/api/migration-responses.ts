/**
 * The answers about migrations: of vswitches, of members of big switches, of hosts, and of several
 * as one.
 */
import Type from 'typebox';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { driverNames, type HostMove } from '../../translation/migration/host-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import { guardKinds, type Migration, strategies } from '../../translation/migration/migration.ts';
import {
  closed,
  count,
  listOf,
  may,
  named,
  number,
  oneOf,
  says,
  since1970,
  text,
  texts,
  titled,
} from './response-values.ts';

const state = { type: text('where it is'), why: may(text('why it did not go as it should')) };
const phases = listOf(
  closed({ name: text(), startedMs: since1970, endedMs: since1970 }),
  'those that are over, in order',
);
const course = { stateSinceMs: since1970, startedMs: since1970, phases };
const plan = texts('what was planned, a line each');

const Aside = closed({ body: text(), why: text() }, 'a body that refused what the primary took');
const HandOver = closed(
  {
    tookMs: number('changes of rules waited for so long'),
    why: may(text('why packets came up to Limevisor meanwhile')),
    held: count('how many did'),
    redirected: may(count('packets that the old body led to the new one')),
    dropped: may(count('packets that it dropped')),
    shared: may(count('packets that were shared out among rules')),
    inDoubt: may(count('by how many packets more counters may be wrong')),
  },
  'when another body became the primary',
);
const Watched = closed(
  {
    stale: count('packets that still came the old way'),
    heals: count(),
    untilMs: may(since1970),
    goesOn: may(Type.Literal(true)),
    unseen: may(text('why it is not known what came later')),
  },
  'after its end',
);
const probes = { sent: count(), lost: count(), twice: count() };
const Probed = closed({
  ...probes,
  ports: listOf(closed({ port: count(), ...probes })),
  unseen: may(text('why it is not known')),
});
const Cost = closed({
  messages: count('that changed datapaths meanwhile'),
  peak: closed({ on: text(), entries: count() }, 'the most entries that a datapath held'),
});

const Crossed = closed(
  {
    bytes: number(),
    peakRate: number('bytes a second, at most; 0 where it took too short to say'),
    forMs: number('between the first and the last time that ports were read'),
  },
  'what crossed between the two sides meanwhile, by the counters of ports',
);

export const MigrationSchema = says<Migration | MemberAnswer>()(
  titled('Migration', {
    id: count(),
    vswitch: text('red/v1'),
    from: text('of a member: empty where none leaves'),
    to: text('of a member: empty where none joins'),
    strategy: oneOf([...strategies, 'member']),
    emptiesFirst: may(Type.Boolean({ description: 'the old body gives its rules up first' })),
    whyStrategy: may(text()),
    portsAtOnce: may(count()),
    guard: may(oneOf(guardKinds)),
    plan: may(plan),
    members: may(texts('of a big switch, afterwards')),
    ensemble: may(count('of which it is part')),
    state: closed({ ...state, moved: may(count('how many ports have')) }),
    ...course,
    aside: may(Aside),
    rules: may(count('how many its vswitch had')),
    acks: may(named(text(), 'how each of its datapaths acknowledged')),
    handOver: may(HandOver),
    unproved: may(texts('datapaths that acknowledged by a time, and why')),
    watched: may(Watched),
    probe: may(Type.Boolean({ description: 'loss is measured by probes' })),
    probed: may(Probed),
    cost: may(Cost),
    boundary: may(Crossed),
  }),
);

/** As `/api/v1/migrations` has one of a member. */
export type MemberAnswer = MemberMigration & { readonly from: string; readonly to: string };

export const MemberMove = says<MemberMigration>()(
  titled('MemberMove', {
    ...{ id: count(), vswitch: text(), from: may(text()), to: may(text()) },
    ...{ strategy: Type.Literal('member'), members: texts('afterwards'), plan },
    ...{ state: closed(state), ...course },
  }),
);

const End = closed({ device: text('a datapath'), port: count() });
const moves = { host: text('red/h1'), vswitch: text('red/v1'), vport: count() };
const between = { from: End, to: End, driver: oneOf(driverNames) };
/** Of a host that moves. */
export const Moved = { ...moves, ...between };

export const HostMoveSchema = says<HostMove>()(
  titled('HostMove', {
    ...{ id: count('of its own kind: it is called move-7'), ...Moved },
    plan: may(plan),
    ensemble: may(count('of which it is part')),
    isTurned: may(Type.Boolean({ description: 'nothing is led to the other place any more' })),
    ...{ state: closed(state), ...course },
    said: texts('what the driver said last, a line each'),
    acks: may(named(text(), 'how each datapath acknowledged that was told where it is')),
    unproved: may(texts('those that acknowledged by a time, and why')),
    copied: may(count('frames for it that left at both of its places')),
    probe: may(Type.Boolean({ description: 'loss is measured by probes' })),
    probed: may(Probed),
  }),
);

const VswitchMove = closed({
  ...{ type: Type.Literal('vswitch'), vswitch: text(), from: text(), to: text() },
  strategy: oneOf(strategies),
  ...{ emptiesFirst: may(Type.Boolean()), whyStrategy: may(text()), portsAtOnce: may(count()) },
  ...{ guard: may(oneOf(guardKinds)), probe: may(Type.Boolean()) },
});
const HostsMove = closed({ type: Type.Literal('host'), ...Moved });
/** What moves, of several. */
export const Moves = Type.Union([VswitchMove, HostsMove]);

/** Of a clone of a part that hosts move to. */
export const Joins = closed(
  { vswitch: text(), on: text('a datapath') },
  'the body that joins first, and leaves when all is taken back',
);

export const EnsembleSchema = says<Ensemble>()(
  titled('Ensemble', {
    id: count('of the same numbers as migrations'),
    what: text('what was asked for'),
    members: listOf(
      closed({
        move: Moves,
        migration: may(count('of a vswitch')),
        group: count('those of one move at once'),
      }),
    ),
    drains: may(text('the datapath that is left')),
    vacates: may(texts('the datapaths that are left')),
    holds: may(Type.Literal(true)),
    joins: may(Joins),
    plan,
    groupMax: may(count()),
    boundary: may(Crossed),
    state: closed({ ...state, group: may(count()), exceptions: may(texts()) }),
    ...course,
  }),
);
