/**
 * The control socket: how the command line talks to a running Limevisor.
 *
 * One JSON object a line. A request is `{"id":1,"method":"status","params":{}}`; the answer is
 * `{"id":1,"result":...}` or `{"id":1,"error":{"code":"rejected","message":"..."}}`; `migrate`
 * sends `{"id":1,"event":<migration>}` lines first. The socket is the owner's alone (mode 0600).
 */
import net from 'node:net';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type CarriedSources, readCarried } from '../datapath/way-counters.ts';
import type { Applying } from '../migrate/applying.ts';
import type { Executor } from '../migrate/executor.ts';
import type { HostMoves } from '../migrate/host-moves.ts';
import { type Decided, type Departures, type Purger, purgeAll } from '../store/departures.ts';
import { type Keeper, nothingBut, perform } from '../store/ready.ts';
import type { Reopening } from '../tenant/reopening.ts';
import type { Tenants } from '../tenant/tenant.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { type Boundary, Chore } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { listenOnPath } from '../world/unix-socket.ts';
import { type ApplyingSources, type ApplyResult, applyFile } from './control-apply.ts';
import { lead } from './control-drain.ts';
import { events } from './control-events.ts';
import { type HostSources, hostMethods } from './control-hosts.ts';
import { Lines } from './control-lines.ts';
import { type MigrateSources, migrateAsked } from './control-migration.ts';
import { type OptimizeSources, optimizeMethods } from './control-optimize.ts';
import { type PackagesSources, packageMethods } from './control-packages.ts';
import { noteRequest, parseRequest } from './control-requests.ts';
import { runningResult } from './control-running.ts';
import { type ScheduledSources, scheduleMethods } from './control-schedules.ts';
import { trafficMethods } from './control-traffic.ts';
import { bringBack } from './control-undrain.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { type DiscoverSources, discoverReport } from './discover-report.ts';
import { type FlowsSources, flowsReport } from './flows-report.ts';
import { type LinksReported, linkReports } from './link-report.ts';
import { howOf } from './migration-values.ts';
import { type StatusSources, statusReport } from './report.ts';
import { type TopSources, topReport } from './top.ts';
import { type WaitingSources, waitingReport } from './waiting.ts';

/** What went wrong, for exit codes: see cli.ts. */
export type ControlCode = 'usage' | 'rejected' | 'failed';

export interface ControlError {
  readonly code: ControlCode;
  readonly message: string;
}

export type { MigrateResult } from './control-migration.ts';

/** What was done, a line each. */
export interface DecidedResult {
  readonly done: readonly string[];
}

interface Reply {
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
    PackagesSources,
    ScheduledSources,
    Omit<StatusSources, 'runtimes'>,
    Omit<FlowsSources, 'runtimes'> {
  readonly applying: Applying;
  readonly log: Log;
  readonly executor: Executor;
  readonly hostMoves: HostMoves;
  readonly boundary: Boundary;
  readonly tenants: Tenants;
  readonly reopening: Reopening;
  readonly departures: Departures;
  datapaths(): readonly Datapath[];
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
}

type Method = (context: Operated, params: Params, reply: Reply) => void;

const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...{ status, top, flows, migrate, undo, purge, restore, drain, undrain, reopen, running },
    ...{ apply, discover, links, waiting, events },
    ...{ ...hostMethods, ...trafficMethods, ...optimizeMethods, ...scheduleMethods },
    ...packageMethods,
  }),
);

/** Serves `path` until closed; a socket that a dead process left behind is taken over. */
export async function serveControl(context: Operated, path: string): Promise<net.Server> {
  const server = net.createServer((socket) => serve(context, socket));
  await listenOnPath(server, path);
  return server;
}

function serve(context: Operated, socket: net.Socket): void {
  const lines = new Lines(socket, context.scheduler);
  let text = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    text += String(chunk);
    if (text.length > limits.controlLineBytesMax) socket.destroy();
    const requests = text.split('\n');
    text = requests.pop() ?? '';
    for (const request of requests) handle(context, socket, lines, request);
  });
}

function handle(context: Operated, socket: net.Socket, lines: Lines, line: string): void {
  const request = parseRequest(line);
  const id = request?.id ?? 0;
  const send = (value: object): void => lines.line(JSON.stringify({ id, ...value }));
  const reply: Reply = {
    result: (result) => send({ result }),
    pieces: (result) => lines.pieces(resultPieces(id, result)),
    error: (code, message) => send({ error: { code, message } }),
    event: (event) => send({ event }),
    onGone: (run) => void socket.once('close', run),
    pendingBytes: () => socket.writableLength,
  };
  const method = methods.get(request?.method ?? '');
  if (request === undefined) reply.error('usage', 'not a JSON object with id, method and params');
  else if (method === undefined) {
    const known = [...methods.keys()].join(', ');
    reply.error('usage', `there is no method "${request.method}"; known: ${known}`);
  } else {
    const chore = new Chore(`the command ${request.method}`, (why) => {
      reply.error('failed', `internal error: ${why}; see the log`);
    });
    const refused = noteRequest(context.log, request);
    const error: Reply['error'] = (code, why) => {
      refused(why);
      reply.error(code, why);
    };
    context.boundary.run(chore, () => method(context, request.params, { ...reply, error }));
  }
}

function* resultPieces(id: number, result: Iterable<string>): Iterable<string> {
  yield `{"id":${id},"result":`;
  yield* result;
  yield '}';
}

/** The answer says what was refused, too: it is what the file asked for that is wrong. */
function apply(context: Operated, params: Params, reply: Reply): void {
  const isDry = params['dryRun'] === true;
  applyFile(context, textOf(params, 'file'), isDry, reply.event, (result) => {
    reply.result(result satisfies ApplyResult);
  });
}

function status(context: StatusSources & CarriedSources, _: Params, reply: Reply): void {
  readCarried(context, (counts) => reply.result(statusReport(context, counts)));
}

function running(
  context: Pick<StatusSources, 'snapshot' | 'datapaths'>,
  _: Params,
  reply: Reply,
): void {
  reply.result(runningResult(context.snapshot(), context.datapaths()));
}

function top(context: TopSources, _: Params, reply: Reply): void {
  reply.result(topReport(context));
}

function flows(context: Operated, params: Params, reply: Reply): void {
  const name = textOf(params, 'vswitch');
  const runtime = context.runtime(name as VswitchName);
  if (runtime === undefined) {
    const known = context.runtimes().map((one) => one.vswitch.name);
    reply.error('rejected', noSuchText('vswitch', name, known));
    return;
  }
  flowsReport(context, runtime, params['physical'] === true, reply.pieces);
}

function migrate(context: Operated, params: Params, reply: Reply): void {
  const how = howOf(params);
  if ('whyNot' in how) reply.error('usage', how.whyNot);
  else migrateAsked(context, { names: textsOf(params, 'vswitch'), ...how }, reply);
}

/** Its ways; with `everything`, first all that lives there. */
function drain(context: Operated, params: Params, reply: Reply): void {
  const datapath = textOf(params, 'datapath');
  const leaves = context.snapshot().datapaths.get(datapath as DatapathName)?.name;
  const how = howOf(params);
  if (params['everything'] !== true || leaves === undefined) lead(context, datapath, true, reply);
  else if ('whyNot' in how) reply.error('usage', how.whyNot);
  else migrateAsked(context, { names: [], leaves, ...how }, reply);
}

/** Its ways; with `everything`, all that a drain has moved away comes back then. */
function undrain(context: Operated, params: Params, reply: Reply): void {
  const datapath = textOf(params, 'datapath');
  const how = howOf(params);
  if (params['everything'] !== true) lead(context, datapath, false, reply);
  else if ('whyNot' in how) reply.error('usage', how.whyNot);
  else bringBack(context, datapath, how, reply);
}

function discover(context: DiscoverSources, _: Params, reply: Reply): void {
  context.probing.discovery.discover((found) => {
    reply.result(discoverReport(found, context.snapshot().config));
  });
}

function waiting(context: WaitingSources, params: Params, reply: Reply): void {
  const report = waitingReport(context, textsOf(params, 'names'));
  if ('whyNot' in report) reply.error('rejected', report.whyNot);
  else reply.result(report);
}

function links(context: LinksReported, _: Params, reply: Reply): void {
  reply.result(linkReports(context));
}

function undo(context: Pick<MigrateSources, 'executor'>, params: Params, reply: Reply): void {
  const id = Number(textOf(params, 'migration'));
  const whyNot = context.executor.undo(id, 'the operator asked for it');
  if (whyNot === undefined) reply.result({ migration: id });
  else reply.error('rejected', whyNot);
}

/** Of one vswitch, of all of a tenant, or of all that have left. */
function purge(context: DecidedUpon, params: Params, reply: Reply): void {
  const decided = purgeAll(context, textOf(params, 'vswitch'), params['left'] === true);
  answer(context, decided, reply);
}

function restore(context: DecidedUpon, params: Params, reply: Reply): void {
  const name = textOf(params, 'vswitch') as VswitchName;
  answer(context, [context.departures.restore(name)], reply);
}

/** A vswitch that a fault of ours has closed. */
function reopen(context: DecidedUpon, params: Params, reply: Reply): void {
  context.reopening.begin(textOf(params, 'vswitch') as VswitchName, (reopened) => {
    if ('done' in reopened) reply.result(reopened satisfies DecidedResult);
    else reply.error('rejected', reopened.whyNot);
  });
}

/** Who is told that something is deleted does not find it again after a restart. */
function answer({ journal }: DecidedUpon, decisions: readonly Decided[], reply: Reply): void {
  const whyNot = decisions.find((one) => 'whyNot' in one);
  const done = decisions.flatMap((one) => ('done' in one ? [one.done] : []));
  const say = (): void => {
    if (whyNot !== undefined && 'whyNot' in whyNot) reply.error('rejected', whyNot.whyNot);
    else reply.result({ done } satisfies DecidedResult);
  };
  perform(journal, nothingBut([say], 'onDisk'));
}
