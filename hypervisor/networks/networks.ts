/**
 * Networks that owners make for themselves: their owners, their quotas, and their lifecycle. Each
 * is a tenant of the running configuration, `lab@ann`; its record is in the store.
 *
 *   create --> running <--pause, resume--> paused
 *      '----> pending --approve--> running; --reject--> rejected
 *   delete, and the end of its time: no record any more, and nothing that it had made
 *
 * What is asked for is counted before anything is done, so two that come at once have no more than
 * one quota; what is done is one change after the other (network-changes.ts). Who is told that
 * something is done finds it so after a restart.
 */
import type { Quota } from '../../slices/config/quotas.ts';
import { ownerOf as ownerIn, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import type { NetworkRecord, StoredNetworks } from '../../translation/stored/stored-networks.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Decided, Departures } from '../store/departures.ts';
import { perform, told } from '../store/ready.ts';
import type { World } from '../world/world.ts';
import { Freezing, type FreezingContext } from './freezing.ts';
import {
  type ChangesContext,
  NetworkChanges,
  type Wanted,
  type WhyNot,
} from './network-changes.ts';
import { NetworkExpiry } from './network-expiry.ts';
import { lostPlaces, whyAway } from './network-places.ts';
import { type LifeReport, lifeReport, whyBelow } from './network-report.ts';
import {
  type AskedChange,
  again,
  entriesOf,
  next,
  nothingElse,
  placed,
  withControllers,
  without,
} from './network-steps.ts';
import { type NetworkAsked, OwnedNetworks, type Owner, type Problems } from './owned-networks.ts';

export interface NetworksContext extends ChangesContext, FreezingContext {
  readonly world: World;
  readonly departures: Departures;
  purge(name: VswitchName): Decided;
  datapaths(): readonly Datapath[];
}

/** The record, where there is one still; or why not, a line each. */
export type Outcome =
  | { readonly record: NetworkRecord | undefined }
  /** `below`: the same with what is physical, for operators. */
  | (Problems & { readonly below?: readonly string[] });

type Done = (outcome: Outcome) => void;

export class Networks {
  readonly #context: NetworksContext;
  readonly #world: World;
  readonly owned: OwnedNetworks;
  readonly freezing: Freezing;
  readonly #changes: NetworkChanges;
  readonly #expiry: NetworkExpiry;
  /** Those that are being changed. */
  /** Of these, those that are being deleted. */
  readonly #ending = new Set<string>();
  /** Why those that should run do not. */
  readonly #leftOut: Map<string, string>;

  constructor(
    bare: World,
    context: NetworksContext,
    { networks, frozen }: StoredNetworks,
    leftOut: ReadonlyMap<string, string>,
  ) {
    const world = context.boundary.choreWorld("owners' networks", bare);
    this.#world = world;
    this.#context = context;
    this.owned = new OwnedNetworks(context, networks);
    this.freezing = new Freezing(world, context, frozen);
    this.#leftOut = new Map(leftOut);
    this.#changes = new NetworkChanges(world, context);
    this.#expiry = new NetworkExpiry(world, {
      records: () => this.owned.records.values(),
      end: (record) => this.#endOf(record),
      warn: (record) => this.#say(SOON, record),
    });
  }

  /** What a process before this one has not done to its end is done. */
  start(): void {
    const { log } = this.#context;
    for (const [tenant, why] of this.#leftOut) {
      const next = `correct the file, or "limevisor network delete ${tenant}"`;
      log.warn({ tenant, why, next }, "an owner's network cannot run with this file");
    }
    this.#purge((tenant) => !this.owned.records.has(tenant));
    this.#expiry.look();
  }

  report(record: NetworkRecord): LifeReport {
    const { config } = this.#context.snapshot();
    const why = record.why ?? whyAway(config, record, this.#leftOut.has(record.name));
    const told = why === undefined ? record : { ...record, why };
    return lifeReport(told, this.freezing.of(record.name), {
      endsSoon: this.#expiry.isSoon(record),
      isEnding: this.#ending.has(record.name) || this.#expiry.isOver(record),
    });
  }

  create(owner: Owner, asked: NetworkAsked, isDry: boolean, done: Done): void {
    const drafted = this.owned.draft(owner, asked);
    if ('problems' in drafted) {
      done(drafted);
      return;
    }
    const { record, quota } = drafted;
    if (quota.approval === 'required') {
      if (isDry) done({ record });
      else this.#keep(record, 'network asked for', done);
      return;
    }
    const taken = this.owned.whyTaken(record, owner, quota);
    if (taken.length > 0) done({ problems: taken });
    else this.#make(record, quota, isDry, 'network made', done);
  }

  /** One that waits for it. */
  approve(name: string, isDry: boolean, done: Done): void {
    const found = this.owned.waiting(name);
    if ('problems' in found) done(found);
    else {
      const record = next(found.record, { state: 'running' });
      this.#make(record, found.quota, isDry, 'network approved', done);
    }
  }

  reject(name: string, why: string, done: Done): void {
    const record = this.owned.records.get(name);
    if (record?.state !== 'pending') done({ problems: [this.owned.whyNotPending(name)] });
    else {
      const endsMs = this.#world.wallClockMs() + limits.networkRejectedMs;
      this.#keep(next(record, { state: 'rejected', why, endsMs }), 'network refused', done);
    }
  }

  /** With all that it has made. */
  remove(name: string, isDry: boolean, done: Done, what = 'network deleted'): void {
    const record = this.owned.records.get(name);
    if (record === undefined) done({ problems: [`there is no network "${name}"`] });
    else if (isDry) done({ record: undefined });
    else {
      const wanted = this.#isThere(name) ? without(name, () => undefined) : nothingElse;
      if (this.#whyBusy(name) === undefined) this.#ending.add(name);
      this.#change(record, { wanted, what }, (outcome) => {
        this.#ending.delete(name);
        done(outcome);
      });
    }
  }

  /** Its controllers and its frames stop, and its place is free; its rules are kept. */
  pause(name: string, isDry: boolean, done: Done): void {
    const record = this.owned.records.get(name);
    if (record?.state !== 'running' || !this.#isThere(name)) {
      done({ problems: [this.owned.whyNotNow(name)] });
      return;
    }
    // Where it is now is where it will be again.
    const wanted = without(name, (file) => next(record, { state: 'paused', file }));
    this.#change(record, { wanted, isDry, what: 'network paused' }, done);
  }

  resume(name: string, isDry: boolean, done: Done): void {
    const record = this.owned.records.get(name);
    const { file } = record ?? {};
    if (record?.state !== 'paused' || file === undefined) {
      done({ problems: [this.owned.whyNotNow(name)] });
      return;
    }
    const wanted = again(record, file);
    this.#change(record, { wanted, isDry, what: 'network resumed' }, done);
  }

  /** For all of its vswitches; who stays is not disturbed. */
  setControllers(name: string, all: readonly string[], isDry: boolean, done: Done): void {
    const found = this.owned.withControllers(name, all);
    if ('problems' in found) done(found);
    else {
      const wanted = withControllers(found.record, found.asked, found.targets);
      const what = 'network has other controllers';
      this.#change(found.record, { wanted, isDry, what }, done);
    }
  }

  /** It ends so long from now; `isOwner`: no later than its quota lets it. */
  extend(name: string, lifetimeMs: number, isOwner: boolean, done: Done): void {
    const record = this.owned.extendable(name, lifetimeMs, isOwner);
    if ('problems' in record) done(record);
    else {
      const endsMs = this.#world.wallClockMs() + lifetimeMs;
      this.#keep(next(record, { endsMs }), 'network ends later', done);
    }
  }

  #make(record: NetworkRecord, quota: Quota, isDry: boolean, what: string, done: Done): void {
    const wanted = placed(record, quota, this.#context.datapaths);
    this.#change(record, { wanted, isDry, what, isComing: true }, done);
  }

  /** Why it is not changed now. */
  #whyBusy(name: string): string | undefined {
    if (this.owned.isBusy(name)) return `${name} is being changed; ask again when that is over`;
    return this.#changes.isFull ? 'too many changes wait; ask again in a minute' : undefined;
  }

  /** One after the other; of one network one at a time. */
  #change(
    of: NetworkRecord,
    { wanted, isDry = false, what, isComing }: AskedChange,
    done: Done,
  ): void {
    const { name, owner } = of;
    const whyBusy = this.#whyBusy(name);
    if (whyBusy !== undefined) {
      done({ problems: [whyBusy] });
      return;
    }
    // What is only looked at is neither listed, nor in the way of what is done.
    if (!isDry) this.owned.begin(of, isComing);
    let record: NetworkRecord | undefined;
    const steps = function* (now: Snapshot): Steps<Wanted> {
      const planned = yield* wanted(now);
      if ('whyNot' in planned) return planned;
      record = planned.record;
      return { config: planned.config, entries: entriesOf(name, record) };
    };
    const ended = (whyNot: WhyNot, isBusy = false): void => {
      if (!isDry) this.owned.end(name);
      if (whyNot !== undefined) {
        const lost = this.#isThere(name)
          ? []
          : lostPlaces(this.#context.snapshot().config, of.file);
        const told = isBusy ? BUSY : whyBelow(name, lost);
        const about = { tenant: name, owner, told, why: whyNot.join('; ') };
        this.#context.log.warn({ ...about, ...(isDry && { isDry }) }, `not done: ${what}`);
        done({ problems: [told], below: whyNot });
      } else if (isDry) done({ record });
      else this.#took(name, record, what, done);
    };
    this.#changes.ask({ what: `network ${name}`, isDry, wanted: steps, done: ended });
  }

  #keep(record: NetworkRecord, what: string, done: Done): void {
    const whyBusy = this.#whyBusy(record.name);
    if (whyBusy !== undefined) done({ problems: [whyBusy] });
    else this.#took(record.name, record, what, done);
  }

  /** It is so now; who asked for it is told when the disk has it. */
  #took(name: string, record: NetworkRecord | undefined, what: string, done: Done): void {
    const then = (): void => {
      const before = this.owned.records.get(name);
      if (record !== undefined) this.owned.records.set(name, record);
      else this.#forget(name);
      const said = record ?? before;
      if (said !== undefined) this.#say(what, said);
      this.#expiry.look();
    };
    perform(
      this.#context.journal,
      told(entriesOf(name, record), then, () => done({ record })),
    );
  }

  #forget(name: string): void {
    this.owned.records.delete(name);
    this.#leftOut.delete(name);
    this.freezing.forget(name);
    this.#expiry.forget(name);
    this.#purge((tenant) => tenant === name);
  }

  /** What those have made that left with their network. */
  #purge(isOver: (tenant: string) => boolean): void {
    for (const name of this.#context.departures.census([]).names) {
      const tenant = tenantOf(name);
      if (ownerIn(tenant) !== undefined && isOver(tenant)) this.#context.purge(name);
    }
  }

  #endOf({ name }: NetworkRecord): void {
    if (this.owned.isBusy(name)) return;
    this.remove(name, false, () => this.#expiry.look(), 'network ended');
  }

  #isThere(name: string): boolean {
    return this.#context.snapshot().tenants.has(name);
  }

  #say(what: string, { name: tenant, owner, endsMs, why }: NetworkRecord): void {
    const ends = endsMs === undefined ? {} : { ends: new Date(endsMs).toISOString() };
    const about = { tenant, owner, ...ends, ...(why !== undefined && { why }) };
    this.#context.log[what === SOON ? 'warn' : 'info'](about, what);
  }
}

const SOON = 'network ends soon';
const BUSY = 'the operator, or others, are changing what runs; ask again in a minute';
