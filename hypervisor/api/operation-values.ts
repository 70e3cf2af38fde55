/**
 * The progress and the results of operations, by the command that began them.
 */
import Type, { type TSchema } from 'typebox';
import { kinds } from '../../slices/config/difference.ts';
import { sightTypes } from '../../slices/network/seen.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { ApplyResult, Differing } from '../operator/control-apply.ts';
import type { DrainResult } from '../operator/control-drain.ts';
import type { EvacuateResult, EvacuationEvent } from '../operator/control-evacuate.ts';
import type { HostMoveResult } from '../operator/control-hosts.ts';
import type { MirrorResult } from '../operator/control-mirrors.ts';
import type { DeployResult } from '../operator/control-packages.ts';
import type { MemberLeft } from '../operator/drained-members.ts';
import type { EnsembleEvent, MigrateResult } from '../operator/migration-asked.ts';
import type { MethodName } from '../operator/resources.ts';
import {
  EnsembleSchema,
  HostMoveSchema,
  MemberMove,
  MigrationSchema,
} from './migration-responses.ts';
import { operationStates } from './operations.ts';
import {
  DrainPlanSchema,
  EnsemblePlanSchema,
  EvacuationPlanSchema,
  HostPlanSchema,
  MemberPlanSchema,
  PlanSchema,
  ProblemsSchema,
} from './plan-responses.ts';
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
import { EvacuationSchema, Left, MirrorSchema } from './schedule-responses.ts';

const membersLeft = may(
  listOf(
    says<MemberLeft>()(
      closed({
        ...{ vswitch: text(), from: may(text()), to: may(text()), tookMs: number() },
        why: may(text('why it stays')),
      }),
    ),
    'members of big switches on datapaths that were left, or came back',
  ),
);

const MigrateResultSchema = titled('MigrateResult', {
  plan: Type.Union([PlanSchema, EnsemblePlanSchema, MemberPlanSchema, ProblemsSchema]),
  migration: may(MigrationSchema),
  ensemble: may(EnsembleSchema),
  members: may(listOf(MigrationSchema, 'of several that are one')),
  hosts: may(listOf(HostMoveSchema)),
  member: may(
    closed({
      ...{ id: count('of it as a migration'), tookMs: number() },
      whyNot: may(texts('what datapaths refused of it')),
      ...{ isUndone: may(Type.Literal(true)), said: texts() },
      isInFile: Type.Boolean({ description: 'the file has these members' }),
    }),
  ),
  membersLeft,
});
// Of plans, each says what it is (plan-responses.ts).
says<Omit<MigrateResult, 'plan'>>()(Type.Omit(MigrateResultSchema, ['plan']));

const ensembleEvent = {
  ensemble: may(EnsembleSchema),
  member: may(MigrationSchema),
  host: may(HostMoveSchema),
};
const MigrateProgress = says<Migration | MemberMigration | EnsembleEvent>()(
  Type.Union([MigrationSchema, MemberMove, closed(ensembleEvent)], { title: 'MigrateProgress' }),
);

const LeadResult = says<DrainResult & Pick<MigrateResult, 'membersLeft'>>()(
  titled('DrainResult', {
    plan: Type.Union([DrainPlanSchema, ProblemsSchema]),
    text: may(text('what happened and what remains, for people')),
    membersLeft,
  }),
);

/** What stands in a file: a text, or texts by names, or one after the other. */
function treeSchema(depth: number): readonly TSchema[] {
  if (depth === 0) return [text()];
  const below = Type.Union([...treeSchema(depth - 1)]);
  return [text(), Type.Array(below), named(below)];
}
/** No key of the file has more in it. */
const FileValue = Type.Union([...treeSchema(4)], { title: 'FileValue' });

const change = { kind: oneOf(kinds), name: text(), tenant: may(text("absent: the operator's")) };
export const ChangeSchema = Type.Union(
  [
    closed({ type: Type.Literal('removed'), ...change, fields: named(FileValue) }),
    closed({
      ...{ type: Type.Literal('added'), ...change, fields: named(FileValue) },
      renamed: may(text('what it looks like')),
    }),
    closed({
      ...{ type: Type.Literal('changed'), ...change },
      fields: listOf(closed({ field: text(), from: may(FileValue), to: may(FileValue) })),
    }),
  ],
  { title: 'Change' },
);

export const DifferingSchema = titled('Differing', {
  changes: listOf(ChangeSchema),
  seen: named(
    listOf(closed({ vswitch: text(), what: text(), type: oneOf(sightTypes), why: text() })),
    'by tenant, what it will see',
  ),
  text: text('all of it, for people'),
});
says<Omit<Differing, 'changes'>>()(Type.Omit(DifferingSchema, ['changes']));

const whyNot = texts('why not, a line each');
const waits = texts('what is not there yet, and is corrected when it comes');
const outcomes = {
  applied: { type: Type.Literal('applied'), said: texts(), waits },
  dryRun: { type: Type.Literal('dryRun'), waits },
  refused: { type: Type.Literal('refused'), whyNot },
  takenBack: { type: Type.Literal('takenBack'), whyNot },
};
const { applied, dryRun, refused, takenBack } = outcomes;
const Applied = says<ApplyResult>()(
  Type.Union([closed(applied), closed(dryRun), closed(refused), closed(takenBack)], {
    title: 'ApplyResult',
  }),
);

const came = {
  vswitches: may(listOf(closed({ name: text(), on: text(), rules: count() }))),
  hosts: may(listOf(closed({ name: text(), at: text(), why: may(text('why it does not run')) }))),
  tookMs: may(number()),
};
const Deployed = says<DeployResult>()(
  Type.Union([
    closed({ ...applied, ...came }),
    closed({ ...dryRun, ...came }),
    closed({ ...refused, ...came }),
    closed({ ...takenBack, ...came }),
  ]),
);

/** What is told while it goes on (the last is remembered), and when it is over. */
const saidBy = {
  apply: { progress: DifferingSchema, result: Applied },
  migrate: { progress: MigrateProgress, result: MigrateResultSchema },
  drain: { progress: MigrateProgress, result: Type.Union([LeadResult, MigrateResultSchema]) },
  undrain: { progress: MigrateProgress, result: Type.Union([LeadResult, MigrateResultSchema]) },
  evacuate: {
    progress: says<EvacuationEvent>()(
      Type.Union([closed({ plan: EvacuationPlanSchema }), closed({ left: Left })]),
    ),
    result: says<EvacuateResult>()(
      closed({ plan: may(EvacuationPlanSchema), evacuation: may(EvacuationSchema) }),
    ),
  },
  move: {
    progress: says<HostMove>()(HostMoveSchema),
    result: says<HostMoveResult>()(
      closed({ plan: Type.Union([HostPlanSchema, ProblemsSchema]), move: may(HostMoveSchema) }),
    ),
  },
  deploy: { progress: DifferingSchema, result: Deployed },
  mirror: {
    progress: undefined,
    result: says<MirrorResult>()(closed({ outcome: may(Applied), mirrors: listOf(MirrorSchema) })),
  },
} as const satisfies Readonly<
  Partial<Record<MethodName, { readonly progress: TSchema | undefined; readonly result: TSchema }>>
>;

type Method = keyof typeof saidBy;

const about = {
  id: count('0: of a dry run, which is not remembered'),
  by: text('who asked for it'),
  state: oneOf(operationStates),
  startedMs: since1970,
  endedMs: may(since1970),
  why: may(text('of one that was refused, or failed')),
};

/** An operation of one kind. */
function operationOf(method: Method) {
  const said = saidBy[method];
  return titled(`${method[0]?.toUpperCase()}${method.slice(1)}Operation`, {
    ...{ ...about, method: Type.Literal(method) },
    ...(said.progress !== undefined && {
      progress: may(said.progress),
    }),
    result: may(said.result),
  });
}

export const operations = Object.fromEntries(
  Object.keys(saidBy).map((method) => [method, operationOf(method as Method)]),
) as Readonly<Record<Method, ReturnType<typeof operationOf>>>;

/** Any of them: `method` says which. */
export const Operation = Type.Union(Object.values(operations));
