/**
 * The answers about plans: of one vswitch, of several as one, of a member of a big switch, of a
 * host, of a drain, of an evacuation; or the reasons that prevent one.
 */
import Type from 'typebox';
import { countedNames } from '../../slices/config/reservations.ts';
import type { DrainPlan } from '../../translation/migration/drain-plan.ts';
import type { EnsemblePlan } from '../../translation/migration/ensemble-plan.ts';
import type { EvacuationPlan } from '../../translation/migration/evacuation.ts';
import type { HostPlan } from '../../translation/migration/host-move-plan.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import { strategies } from '../../translation/migration/migration.ts';
import type { Plan, Problems } from '../../translation/migration/plan.ts';
import { Joins, Moved, Moves } from './migration-responses.ts';
import {
  closed,
  count,
  listOf,
  may,
  number,
  oneOf,
  says,
  text,
  texts,
  titled,
} from './response-values.ts';

const steps = texts('what will be done, a line each');

const Cost = titled('Cost', {
  ...{ rules: count('that are copied'), groups: count(), meters: count() },
  entries: listOf(closed({ datapath: text(), count: count() }), 'of ours, made or changed'),
  labels: count('ways that are made, named by labels'),
  tags: count('the same, by VLAN tags'),
  peaks: listOf(
    closed({
      ...{ datapath: text(), what: oneOf(countedNames), count: number() },
      capacity: may(number('what it can have')),
    }),
    'how full targets get',
  ),
  boundaryPeak: may(number('bytes a second between the two sides, at the worst moment')),
  time: closed({
    ms: number('how long it will take'),
    by: count('by how many that are remembered; 0: by typical values'),
    byPerson: count('hosts that a person moves'),
  }),
});

export const ProblemsSchema = says<Problems>()(
  titled('Problems', { type: Type.Literal('problems'), problems: texts('what stands against it') }),
);

export const PlanSchema = says<Plan>()(
  titled('Plan', {
    ...{ type: Type.Literal('plan'), vswitch: text(), from: text(), to: text() },
    ...{ strategy: oneOf(strategies), whyStrategy: may(text()), steps, cost: may(Cost) },
  }),
);

const LeavingMember = { vswitch: text(), from: text(), among: texts(), leaves: texts() };

export const EnsemblePlanSchema = says<EnsemblePlan>()(
  titled('EnsemblePlan', {
    ...{ type: Type.Literal('plan'), what: text('as it was asked for') },
    groups: listOf(listOf(Moves), 'those of one at once, group after group'),
    ...{ cost: Cost, steps, stays: texts('what is not moved, and why') },
    members: listOf(closed(LeavingMember), 'of big switches, which leave in the end'),
    byHand: texts('what a person has to see to'),
    drains: may(text('the datapath that is left')),
    vacates: may(texts('the datapaths that are left')),
    holds: may(Type.Literal(true)),
    joins: may(Joins),
  }),
);

export const MemberPlanSchema = says<MemberPlan>()(
  titled('MemberPlan', {
    ...{ type: Type.Literal('memberPlan'), vswitch: text() },
    ...{ from: may(text('absent: none leaves')), to: may(text('absent: none joins')) },
    ...{ members: texts('afterwards'), partial: may(texts('with a part of the rules')), steps },
  }),
);

export const HostPlanSchema = says<HostPlan>()(
  titled('HostPlan', { type: Type.Literal('hostPlan'), ...Moved, steps }),
);

const stays = { bodies: texts('vswitches'), members: texts('big switches'), hosts: texts() };

export const DrainPlanSchema = says<DrainPlan>()(
  titled('DrainPlan', {
    ...{ type: Type.Literal('plan'), datapath: text('as it was named'), datapaths: texts() },
    isAvoided: Type.Boolean({ description: 'ways are led around it, or no longer' }),
    isHeld: Type.Boolean({ description: 'nothing is placed there' }),
    isDone: Type.Boolean({ description: 'it is so already' }),
    through: count('ways that lead through it now'),
    ...stays,
    parts: listOf(closed({ on: text(), ...stays }), 'the same of each datapath'),
  }),
);

const urgency = { importance: count(), endMs: number(), isInTime: Type.Boolean() };

export const EvacuationPlanSchema = says<EvacuationPlan>()(
  titled('EvacuationPlan', {
    ...{ type: Type.Literal('evacuationPlan'), what: text('as it was named'), datapaths: texts() },
    withinMs: number(),
    steps: listOf(
      closed({
        ...{ vswitch: text(), ...urgency, rules: count(), to: text() },
        ...{ strategy: oneOf(strategies), startMs: number('since the evacuation began') },
      }),
    ),
    members: listOf(closed({ ...LeavingMember, ...urgency, to: may(text()) })),
    stuck: listOf(closed({ vswitch: text(), importance: count(), why: text() })),
    byHand: texts('what a person has to see to'),
  }),
);
