/**
 * The requests that a running Limevisor answers, by name: the command line sends them over the API
 * (hypervisor/api/), and each method answers when its result is known.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { datapathsCalled } from '../../translation/migration/drain-plan.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type CarriedSources, readCarried } from '../datapath/way-counters.ts';
import type { Applying } from '../migrate/applying.ts';
import type { Executor } from '../migrate/executor.ts';
import type { HostMoves } from '../migrate/host-moves.ts';
import type { Networks } from '../networks/networks.ts';
import { type Decided, type Departures, type Purger, purgeAll } from '../store/departures.ts';
import type { Journal } from '../store/journal.ts';
import { type Keeper, nothingBut, perform } from '../store/ready.ts';
import type { Reopening } from '../tenant/reopening.ts';
import type { Tenants } from '../tenant/tenant.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type ApplyingSources, type ApplyResult, applyFile } from './control-apply.ts';
import { type BackupSources, backupMethods } from './control-backup.ts';
import { lead } from './control-drain.ts';
import { type EvacuateSources, evacuateMethods } from './control-evacuate.ts';
import { type HostSources, hostMethods } from './control-hosts.ts';
import { type IdleSources, idleMethods } from './control-idle.ts';
import { logMethods } from './control-log.ts';
import { migrateAsked } from './control-migration.ts';
import { type MirrorSources, mirrorMethods } from './control-mirrors.ts';
import { type OptimizeSources, optimizeMethods } from './control-optimize.ts';
import { type PackagesSources, packageMethods } from './control-packages.ts';
import { runningResult } from './control-running.ts';
import { type ScheduledSources, scheduleMethods } from './control-schedules.ts';
import { traceMethods } from './control-trace.ts';
import { trafficMethods } from './control-traffic.ts';
import { bringBack, type ReturnSources } from './control-undrain.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { type DiscoverSources, discoverReport } from './discover-report.ts';
import { type FlowsSources, flowsReport } from './flows-report.ts';
import { type LinksReported, linkReports } from './link-report.ts';
import type { MetricSources } from './metrics.ts';
import type { MigrateSources } from './migration-asked.ts';
import { whyNoMigration } from './migration-text.ts';
import { howOf, whyOnlyWays } from './migration-values.ts';
import type { ReadinessSources } from './ready-report.ts';
import { type StatusSources, statusReport } from './report.ts';
import type { Snooping } from './snoop.ts';
import { type TopSources, topReport } from './top.ts';
import type { TraceSources } from './trace-report.ts';
import { type WaitingSources, waitingReport } from './waiting.ts';

/** What went wrong, for exit codes: see cli.ts. */
export type ControlCode = 'usage' | 'rejected' | 'failed';

export interface ControlError {
  readonly code: ControlCode;
  readonly message: string;
}

export type { MigrateResult } from './migration-asked.ts';

/** What was done, a line each. */
export interface DecidedResult {
  readonly done: readonly string[];
}

/** How a method answers. */
export interface MethodReply {
  result(value: unknown): void;
  /** A result as JSON text that is made while it is written. */
  pieces(result: Iterable<string>): void;
  error(code: ControlCode, message: string): void;
  event(value: unknown): void;
  onGone(run: () => void): void;
  /** What the other end has not read, bytes. */
  pendingBytes(): number;
}

/** Who serves vswitches that a person has decided about. */
interface DecidedUpon extends Purger {
  readonly journal: Keeper;
  readonly departures: Departures;
  readonly reopening: Pick<Reopening, 'begin' | 'underWay'>;
}

/** All that methods need; each says what it needs. */
export interface Operated
  extends MigrateSources,
    DecidedUpon,
    ApplyingSources,
    HostSources,
    DiscoverSources,
    OptimizeSources,
    MirrorSources,
    PackagesSources,
    ScheduledSources,
    ReturnSources,
    IdleSources,
    EvacuateSources,
    BackupSources,
    Omit<MetricSources, 'runtimes'>,
    Omit<ReadinessSources, 'runtimes'>,
    Omit<TraceSources, 'runtimes'>,
    Omit<StatusSources, 'runtimes'>,
    Omit<FlowsSources, 'runtimes'> {
  readonly journal: Journal;
  readonly applying: Applying;
  readonly log: Log;
  readonly executor: Executor;
  readonly hostMoves: HostMoves;
  readonly boundary: Boundary;
  readonly tenants: Tenants;
  readonly taps: Snooping;
  readonly reopening: Reopening;
  readonly departures: Departures;
  readonly networks: Networks;
  datapaths(): readonly Datapath[];
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
}

export type Method = (context: Operated, params: Params, reply: MethodReply) => void;

export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...{ status, top, flows, migrate, undo, purge, restore, drain, undrain, reopen, running },
    ...{ apply, discover, links, waiting },
    ...{ ...hostMethods, ...trafficMethods, ...optimizeMethods, ...scheduleMethods },
    ...{ ...packageMethods, ...mirrorMethods, ...idleMethods, ...evacuateMethods },
    ...{ ...traceMethods, ...logMethods, ...backupMethods },
  }),
);

/** Who takes migrations back, of vswitches and of members of big switches. */
type Undoing = Pick<MigrateSources, 'executor'> & {
  readonly applying: Pick<Applying, 'memberMoves'>;
};

/** The answer says what was refused, too: it is what the file asked for that is wrong. */
function apply(context: Operated, params: Params, reply: MethodReply): void {
  const isDry = params['dryRun'] === true;
  const text = textOf(params, 'text');
  // What somebody sends stands where the file that runs does: paths in it are beside that.
  const file = text === '' ? textOf(params, 'file') : (context.departures.ran?.file ?? './sent');
  if (file === '') reply.error('usage', 'name a "file", or send the "text" of one');
  else {
    const done = (result: ApplyResult): void => reply.result(result);
    applyFile(context, file, isDry, reply.event, done, text === '' ? undefined : text);
  }
}

function status(context: StatusSources & CarriedSources, _: Params, reply: MethodReply): void {
  readCarried(context, (counts) => reply.result(statusReport(context, counts)));
}

function running(
  context: Pick<StatusSources, 'snapshot' | 'datapaths'>,
  _: Params,
  reply: MethodReply,
): void {
  reply.result(runningResult(context.snapshot(), context.datapaths()));
}

function top(context: TopSources, _: Params, reply: MethodReply): void {
  reply.result(topReport(context));
}

function flows(context: Operated, params: Params, reply: MethodReply): void {
  const name = textOf(params, 'vswitch');
  const runtime = context.runtime(name as VswitchName);
  if (runtime === undefined) {
    reply.error('rejected', noVswitchText(context, name));
    return;
  }
  flowsReport(context, runtime, params['physical'] === true, reply.pieces);
}

function noVswitchText(context: Operated, name: string): string {
  const known = context.runtimes().map((one) => one.vswitch.name);
  return noSuchText('vswitch', name, known);
}

function migrate(context: Operated, params: Params, reply: MethodReply): void {
  const how = howOf(params);
  if ('whyNot' in how) reply.error('usage', how.whyNot);
  else migrateAsked(context, { names: textsOf(params, 'vswitch'), ...how }, reply);
}

/** Its ways; with `everything`, first all that lives there. */
function drain(context: Operated, params: Params, reply: MethodReply): void {
  const left = textOf(params, 'datapath');
  const leaves = datapathsCalled(context.snapshot(), left);
  const how = howOf(params);
  const isWhole = params['everything'] === true;
  const unused = isWhole ? undefined : whyOnlyWays(params);
  if (unused !== undefined) reply.error('usage', unused);
  else if (!isWhole || leaves === undefined) {
    lead(context, left, true, reply, params['hold'] === true);
  } else if ('whyNot' in how) reply.error('usage', how.whyNot);
  else migrateAsked(context, { names: [], leaves, left, ...how }, reply);
}

/** Its ways; with `everything`, all that a drain has moved away comes back then. */
function undrain(context: Operated, params: Params, reply: MethodReply): void {
  const datapath = textOf(params, 'datapath');
  const how = howOf(params);
  const isKnown = datapathsCalled(context.snapshot(), datapath) !== undefined;
  const isWhole = params['everything'] === true;
  const unused = isWhole ? undefined : whyOnlyWays(params);
  if (unused !== undefined) reply.error('usage', unused);
  else if (!isWhole || !isKnown) lead(context, datapath, false, reply);
  else if ('whyNot' in how) reply.error('usage', how.whyNot);
  else bringBack(context, datapath, how, reply);
}

function discover(context: DiscoverSources, _: Params, reply: MethodReply): void {
  context.probing.discovery.discover((found) => {
    reply.result(discoverReport(found, context.snapshot().config));
  });
}

function waiting(context: WaitingSources, params: Params, reply: MethodReply): void {
  const report = waitingReport(context, textsOf(params, 'names'));
  if ('whyNot' in report) reply.error('rejected', report.whyNot);
  else reply.result(report);
}

function links(context: LinksReported, _: Params, reply: MethodReply): void {
  reply.result(linkReports(context));
}

function undo(context: Undoing, params: Params, reply: MethodReply): void {
  const id = Number(textOf(params, 'migration'));
  const { executor, applying } = context;
  const members = applying.memberMoves.all();
  const ensembles = [...executor.ensembles.all.values()];
  const whyNone = whyNoMigration(id, {
    migrations: executor.all(),
    ensembles,
    memberMoves: members,
  });
  const who = members.some((one) => one.id === id) ? applying.memberMoves : executor;
  const whyNot = whyNone ?? who.undo(id, 'the operator asked for it');
  if (whyNot === undefined) reply.result({ migration: id });
  else reply.error('rejected', whyNot);
}

/** Of one vswitch, of all of a tenant, or of all that have left. */
function purge(context: DecidedUpon, params: Params, reply: MethodReply): void {
  const decided = purgeAll(context, textOf(params, 'vswitch'), params['left'] === true);
  answer(context, decided, reply);
}

function restore(context: DecidedUpon, params: Params, reply: MethodReply): void {
  const name = textOf(params, 'vswitch') as VswitchName;
  answer(context, [context.departures.restore(name)], reply);
}

/** A vswitch that a fault of ours has closed. */
function reopen(context: Operated, params: Params, reply: MethodReply): void {
  const name = textOf(params, 'vswitch') as VswitchName;
  if (context.runtime(name) === undefined) {
    reply.error('rejected', noVswitchText(context, name));
    return;
  }
  context.reopening.begin(name, (reopened) => {
    if ('done' in reopened) reply.result(reopened satisfies DecidedResult);
    else reply.error('rejected', reopened.whyNot);
  });
}

/** Who is told that something is deleted does not find it again after a restart. */
function answer({ journal }: DecidedUpon, decisions: readonly Decided[], reply: MethodReply): void {
  const whyNot = decisions.find((one) => 'whyNot' in one);
  const done = decisions.flatMap((one) => ('done' in one ? [one.done] : []));
  const say = (): void => {
    if (whyNot !== undefined && 'whyNot' in whyNot) reply.error('rejected', whyNot.whyNot);
    else reply.result({ done } satisfies DecidedResult);
  };
  perform(journal, nothingBut([say], 'onDisk'));
}
