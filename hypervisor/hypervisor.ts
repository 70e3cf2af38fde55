/**
 * The hypervisor: datapaths below, vswitches above, and the one snapshot that both refer to.
 *
 * Everything it does to the world goes through `World` and `Store`, so the simulator runs this
 * very code (tests/sim/). What a message becomes is translation's; this file connects the parts.
 */

import { namedPorts } from '../slices/config/named-ports.ts';
import type { DatapathName, Port, VswitchName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Snapshot, Vswitch } from '../slices/network/snapshot.ts';
import type { Remedy } from '../slices/remedy.ts';
import { atOnce } from '../slices/steps.ts';
import { costsOf } from '../translation/datapath/entry-costs.ts';
import type { Ensemble } from '../translation/migration/ensemble.ts';
import type { Migration } from '../translation/migration/migration.ts';
import { switchListeners } from './connected.ts';
import type { Controller } from './controller/controller.ts';
import { ControllerLog } from './controller/controller-log.ts';
import { Audit } from './datapath/audit.ts';
import { Datapath } from './datapath/datapath.ts';
import { FailureWatch } from './datapath/failure-watch.ts';
import { StoreIdentity, tellGeneration } from './datapath/identity.ts';
import { InBandWatch } from './datapath/in-band.ts';
import { InForce } from './datapath/in-force.ts';
import { makeIntentLater, makeIntents } from './datapath/intent-steps.ts';
import { Markers } from './datapath/markers.ts';
import { Planning } from './datapath/paced-plans.ts';
import { type Next, nextOf } from './datapath/paced-snapshots.ts';
import { notePort } from './datapath/port-log.ts';
import { Probing } from './datapath/probing.ts';
import { PuntCounts } from './datapath/punt-counts.ts';
import { changeWiring, type Rewiring, rewire } from './datapath/rewiring.ts';
import { StaleFlowHealing } from './datapath/stale-flow-healing.ts';
import { StartOrder } from './datapath/start-order.ts';
import { Tunnels } from './datapath/tunnels.ts';
import { manualOnly, noCommands } from './drivers/driver.ts';
import {
  addDatapaths,
  dismiss,
  type Exchanged,
  letGo,
  type Parts,
  type TenantStates,
} from './exchange.ts';
import { Applying } from './migrate/applying.ts';
import { Draining } from './migrate/draining.ts';
import { Executor, type ExecutorUser } from './migrate/executor.ts';
import { HostMoves } from './migrate/host-moves.ts';
import { Members } from './migrate/members.ts';
import { MigrationWatchers } from './migrate/migration-watchers.ts';
import { Networks } from './networks/networks.ts';
import { Remaps } from './operator/remaps.ts';
import { Snooping } from './operator/snoop.ts';
import { followedBy, type HypervisorOptions } from './options.ts';
import { loadingUser } from './recovery-user.ts';
import { type Decided, Departures, purgeOf } from './store/departures.ts';
import { Journal } from './store/journal.ts';
import type { Entry } from './store/journal-entries.ts';
import { kept, perform, told } from './store/ready.ts';
import { Loading, type LoadingUser } from './store/recovery.ts';
import { found, logRemedies, mustStart, putStart } from './store/starting.ts';
import { storeWatcher, throwing } from './store/store-watcher.ts';
import { Contributions } from './tenant/contributions.ts';
import { DatapathEvents } from './tenant/datapath-events.ts';
import { Refreshing } from './tenant/refreshing.ts';
import { Reopening } from './tenant/reopening.ts';
import { byIdOf, loadsOf, runtimesOf } from './tenant/runtimes.ts';
import type { Guard } from './tenant/single-body.ts';
import { Tenants } from './tenant/tenant.ts';
import { Traffic } from './tenant/traffic.ts';
import { VswitchRuntime } from './tenant/vswitch.ts';
import { Boundary, type Fault, type Party } from './world/fault-boundary.ts';
import type { Listeners } from './world/listeners.ts';
import { type Log, logOf, logsOf } from './world/log.ts';
import { Scheduler } from './world/scheduler.ts';
import type { World } from './world/world.ts';

export class Hypervisor implements ExecutorUser {
  readonly world: World;
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  storeWaits: string | undefined;
  readonly guard: Guard;
  readonly executor: Executor;
  readonly draining: Draining;
  readonly failures: FailureWatch;
  readonly members: Members;
  readonly inBand: InBandWatch;
  readonly heals: StaleFlowHealing;
  readonly inForce: InForce;
  readonly tunnels: Tunnels;
  readonly markers = new Markers(this);
  readonly probing: Probing;
  readonly traffic: Traffic;
  readonly remaps: Remaps;
  readonly taps = new Snooping(this);
  readonly refreshing = new Refreshing(this);
  readonly planning: Planning;
  /** Absent where tests say so: their switches hold nothing. */
  readonly audit: Audit | undefined;
  readonly startedMs: number;
  readonly startOrder = new StartOrder(this);
  readonly departures: Departures;
  readonly identity: StoreIdentity;
  readonly contributors = new Contributions(this);
  readonly reopening: Reopening;
  readonly tenants: Tenants;
  readonly applying: Applying;
  readonly networks: Networks;
  readonly hostMoves: HostMoves;
  readonly loading: Loading;
  readonly loadingUser: LoadingUser;
  /** What did not agree in the file and the store, and what was done about it. */
  readonly remedies: readonly Remedy[];
  readonly log: Log;
  readonly #controllerLog: ControllerLog;
  readonly #onFatal: (why: string) => void;
  readonly #onConfig: ReturnType<typeof followedBy>;
  /** Whose callbacks run for whom each part says. */
  readonly #bare: World;
  readonly #datapaths: Map<DatapathName, Datapath>;
  readonly #runtimes: Map<VswitchName, VswitchRuntime>;
  readonly #below: DatapathEvents;
  readonly watchers: MigrationWatchers;
  readonly #outdated: Parts['outdated'] = new Map();
  readonly #listeners: Listeners;
  #snapshot: Snapshot;
  readonly alarms = new Map<string, number>();

  constructor(options: HypervisorOptions) {
    const { world, store, config, log, onFatal, onFault, onStoreLost } = options;
    const { guard = 'redirect', takeOver = 'none', isAudited = true } = options;
    this.boundary = new Boundary((party, fault, error) => {
      onFault?.(party, fault, error);
      this.#onFault(party, fault);
    });
    this.world = this.boundary.world(world);
    this.scheduler = new Scheduler(world, this.boundary);
    [this.guard, this.startedMs] = [guard, world.nowMs()];
    [this.log, this.#bare, this.planning] = [log, world, new Planning(this)];
    const [below, moves, own] = logsOf(log, 'datapath', 'migration', 'tenant');
    this.#controllerLog = new ControllerLog(logOf(log, 'controller'));
    [this.#onFatal, this.#onConfig] = [onFatal ?? throwing, followedBy(options)];
    this.journal = new Journal(world, store, this.boundary);
    [this.loadingUser, this.inBand] = [loadingUser(this, own), new InBandWatch(this.world, below)];
    [this.heals, this.inForce] = [new StaleFlowHealing(this, below), new InForce(this, world)];
    this.tunnels = new Tunnels(this.boundary.choreWorld('laying tunnels', world), this, below);
    this.probing = new Probing(this, world, this.boundary, below);
    this.traffic = new Traffic(this.boundary.choreWorld('measuring traffic', world), this);
    [this.failures, this.members] = [new FailureWatch(this, below), new Members(this, moves)];
    this.draining = new Draining(this, moves);
    this.watchers = new MigrationWatchers(moves, this);
    this.audit = isAudited ? new Audit(this, below) : undefined;
    const loaded = this.journal.load();
    this.remaps = new Remaps(world, this, options.runCommand ?? noCommands, loaded);
    const begun = mustStart(this, config, loaded);
    [this.#snapshot, this.remedies] = [begun.start.snapshot, begun.start.remedies];
    const chores = this.boundary.choreWorld('the generation of the store', world);
    this.identity = new StoreIdentity(chores, this.journal, store, loaded, takeOver);
    this.departures = new Departures(this.journal, loaded, found(begun));
    this.tenants = new Tenants(world, this.boundary, begun.shared.accounts, own, this.taps);
    begun.shared.accounts.costs = costsOf(() => this.#snapshot);
    this.reopening = new Reopening(this, own, begun.shared, store);
    this.applying = new Applying(this, log, begun, store);
    this.networks = new Networks(world, this, loaded, begun.leftOut);
    putStart(this.journal, begun.start, loaded);
    this.#datapaths = new Map(
      config.datapaths.map((one) => [one.name, new Datapath(world, one, this, this.boundary)]),
    );
    this.#runtimes = runtimesOf(this, begun);
    for (const datapath of this.#datapaths.values()) makeIntentLater(this, datapath);
    this.#below = new DatapathEvents(this, byIdOf(this.#runtimes), this.departures.numbers);
    this.journal.leftOut.say(log, (what) => this.alarm(what));
    const loads = [...loadsOf(begun), ...this.journal.loadRest(loaded)];
    this.loading = new Loading(this.scheduler, this.journal, loads);
    store.watch(storeWatcher(log, this, onStoreLost ?? throwing));
    this.executor = new Executor(this, begun.start.migrations, loaded);
    this.hostMoves = new HostMoves(this, options.drivers ?? manualOnly, begun.start);
    this.#listeners = switchListeners(this, below, world, (one, why) => this.#lost(one, why));
  }

  #onFault(party: Party, { why, stack, message }: Fault): void {
    const about = { party: party.title, why, message, stack };
    this.log.error(about, 'internal error: this part is closed, everything else continues');
    for (const one of [this.reopening, this.planning?.changeovers]) one?.closed(party, why);
    for (const datapath of this.#datapaths?.values() ?? []) datapath.channel?.takeBack();
  }

  /** What throws is that vswitch's. */
  eachRuntime(work: (runtime: VswitchRuntime) => void): void {
    for (const runtime of this.#runtimes.values()) this.boundary.call(runtime, work, runtime);
  }

  start(): void {
    logRemedies(this.log, this.remedies);
    this.loading.begin(this.loadingUser);
    this.#listeners.follow(this.#snapshot.config.listen, this.#onFatal);
    // What has not connected by then is away (ports.ts).
    this.world.after(limits.datapathLostMs, () => this.failures.look(() => this.refreshing.all()));
    this.eachRuntime((runtime) => runtime.guests.open(this.log, this.#onFatal));
    this.tunnels.look('whole');
    new PuntCounts(this.boundary.choreWorld('counting what is shed', this.#bare), this).watch();
    this.remaps.follow();
    this.networks.start();
    this.executor.resume();
    this.boundary.chore('moves of hosts', () => this.hostMoves.resume());
    this.boundary.chore('leading ways around', () => this.draining.resume(this.remedies));
    this.executor.ensembles.resume();
    if (this.audit !== undefined) this.probing.linkWatch.start();
    makeIntents(this);
    this.identity.watch(() => tellGeneration(this, this.datapaths()));
  }

  /** Ends without a trace below: the switches keep forwarding. */
  stop(why: string): void {
    this.members.stop();
    this.#listeners.close();
    for (const runtime of this.#runtimes.values()) {
      for (const controller of runtime.controllers) controller.stop(why);
      runtime.guests.close(why);
    }
    for (const datapath of this.#datapaths.values()) datapath.channel?.close(why);
    this.journal.flush();
  }

  snapshot = (): Snapshot => this.#snapshot;
  datapath(name: DatapathName): Datapath {
    const datapath = this.#datapaths.get(name);
    if (datapath === undefined) throw new Error(`no datapath ${name}: not in the snapshot`);
    return datapath;
  }

  datapaths = (): readonly Datapath[] => [...this.#datapaths.values()];
  runtime = (name: VswitchName): VswitchRuntime | undefined => this.#runtimes.get(name);
  runtimeById = (id: number): VswitchRuntime | undefined => this.#below.runtime(id);
  runtimes = (): readonly VswitchRuntime[] => [...this.#runtimes.values()];
  whyHeld(name: VswitchName): string | undefined {
    return (
      this.loading.whyNot(name) ??
      this.reopening.whyNot(name) ??
      this.applying.whyNot(name) ??
      this.departures.whyWaits(name) ??
      this.networks.freezing.whyNot(name) ??
      this.#snapshot.held.get(name)
    );
  }

  reopened(runtime: VswitchRuntime): void {
    this.#runtimes.set(runtime.vswitch.name, runtime);
    this.#below.put(runtime);
  }

  purge = (name: VswitchName): Decided => purgeOf(this, name);
  returnsTo = ({ name }: Vswitch): DatapathName | undefined => this.executor.returnsTo(name);
  setAside(vswitch: Vswitch, body: DatapathName, why: string): void {
    this.log.warn({ vswitch: vswitch.name, datapath: body, why }, 'body excluded');
    this.executor.setAside(vswitch.name, body, why);
    this.members.datapath(body);
  }

  /** Another snapshot serves, and these entries are kept with it. */
  swap(to: Next | Snapshot, also: readonly Entry[] = [], onDisk?: () => void): void {
    this.planning.finish();
    const before = this.#snapshot;
    const next = 'touched' in to ? to : atOnce(nextOf(before, to));
    this.#snapshot = next.snapshot;
    const follow = (): void => {
      this.contributors.changed(next.touched);
      if (before.routes !== next.snapshot.routes) this.members.all();
      this.refreshing.changed(before, next);
      this.remaps.idle.changed();
    };
    perform(this.journal, told([...also, next.ways], follow, onDisk));
  }

  get #parts(): Parts {
    const own = { datapaths: this.#datapaths, runtimes: this.#runtimes };
    return { ...own, below: this.#below, outdated: this.#outdated, world: this.#bare };
  }

  /** Another configuration serves. The store has these ways, and those that came these states. */
  exchange({ snapshot, gone }: Exchanged, ways: Entry, states: TenantStates): void {
    this.planning.finish();
    letGo(this, this.#parts, gone, snapshot);
    this.#snapshot = snapshot;
    addDatapaths(this, this.#parts);
    for (const [name, own] of states) {
      if (!this.departures.isHeir(name)) this.journal.keep(name, own.rulebook);
      this.reopened(new VswitchRuntime(this, name, own));
    }
    perform(this.journal, kept([ways]));
  }

  /** Datapaths and listeners that are no more are let go; members may have other ports. */
  forgetRest(why: string): void {
    dismiss(this.#parts, this.#snapshot, why);
    this.#listeners.follow(this.#snapshot.config.listen, (what) => this.alarm(what));
    this.members.all();
    this.failures.look();
    this.remaps.follow();
    this.#onConfig(this.#snapshot.config);
  }

  reconfigure(next: Snapshot, touched: readonly Vswitch[], done: () => void): void {
    if (next.encodings !== this.#snapshot.encodings) this.planning.finish();
    const before = this.#snapshot;
    this.#snapshot = next;
    changeWiring(this, before, touched, done);
  }

  rewire = (one: Rewiring, done: (trouble?: string) => void): void => rewire(this, one, done);

  onController = (of: Vswitch, one: Controller): void => this.#controllerLog.note(of, one);
  onMigration = (migration: Migration): void => this.watchers.tell(migration);
  onEnsemble = (ensemble: Ensemble): void => this.watchers.tellEnsemble(ensemble);
  watchMigrations = (watcher: (one: Migration) => void) => this.watchers.add(watcher);
  watchEnsembles = (watcher: (one: Ensemble) => void) => this.watchers.addEnsembles(watcher);

  onFrame(...message: Parameters<DatapathEvents['onFrame']>): number {
    return this.#below.onFrame(...message);
  }

  onPort(datapath: Datapath, port: number, isUp?: boolean): void {
    if (!this.isNamed(datapath, port)) return;
    const at = { device: datapath.name, port: port as Port };
    if (isUp !== undefined) notePort(logOf(this.log, 'datapath'), this.#snapshot.config, at, isUp);
    if (isUp === false) this.remaps.signs.wentDown(at);
    this.failures.lookAt(at, () => this.refreshing.port(at));
  }

  isOdd = ({ name: datapath }: Datapath, how: string): void =>
    this.log.warn({ datapath, how }, 'unexpected behaviour of a datapath');
  whenInForce: InForce['when'] = (one, ack, done) => this.inForce.when(one, ack, done);
  isNamed({ name }: Datapath, port: number): boolean {
    return namedPorts(this.#snapshot).get(name)?.has(port) ?? false;
  }

  #lost(datapath: Datapath, why: string): void {
    logOf(this.log, 'datapath').warn({ datapath: datapath.name, why }, 'datapath away');
    this.inForce.lost(datapath.name);
    const gone = `datapath ${datapath.name} is away: ${why}`;
    this.executor.datapathFailed(datapath.name, gone);
    this.failures.look(() => {
      this.members.lost(datapath.name);
      this.remaps.replacements.look();
      this.refreshing.lost(datapath.name, gone);
    });
  }

  alarm(what: string): void {
    this.alarms.set(what, (this.alarms.get(what) ?? 0) + 1);
    if (this.alarms.size > limits.alarmsMax) this.alarms.clear();
  }
}
