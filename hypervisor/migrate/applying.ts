/**
 * Makes what runs another configuration's, without a restart: `limevisor apply`, and SIGHUP.
 *
 *   read and compiled --refused--> nothing has changed
 *        | kept, as one commit; the snapshot is the new one
 *        | on the disk
 *        v
 *   wiring: made, changed, broken, each acknowledged by all datapaths before the next
 *        |
 *        v
 *   what those had made that went is removed; those who stay are told what they see; others begin
 *
 * A process that ends in the middle begins with the file that it is given, and every datapath is
 * compared with that: it ends as one or the other. One at a time.
 */
import type { Config } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { plugsOf } from '../../slices/placement/admission.ts';
import type { Contents } from '../../slices/remedy.ts';
import type { Body } from '../../translation/entries/body.ts';
import { difference } from '../../translation/entries/difference.ts';
import { noTables } from '../../translation/entries/physical-tables.ts';
import {
  isSameNetwork,
  type Reconfiguration,
  type Refusal,
  reconfiguration,
} from '../../translation/migration/reconfiguration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { leadVswitches, type RewiringContext } from '../datapath/rewiring.ts';
import type { NotLaid, Tunnels } from '../datapath/tunnels.ts';
import { unionOn } from '../datapath/union.ts';
import type { Departures } from '../store/departures.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { perform } from '../store/ready.ts';
import type { Loaded } from '../store/recovered.ts';
import {
  booksOf,
  type LoadedBooks,
  type Shared,
  type StoredTenantState,
} from '../store/tenant-state.ts';
import { deletions } from '../tenant/bodies.ts';
import { serve } from '../tenant/service.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Store } from '../world/world.ts';
import type { Executor } from './executor.ts';
import { Returning, type ReturningContext } from './returning.ts';

/** What serves, and how another configuration takes its place. */
export interface ApplyingContext extends RewiringContext, ReturningContext {
  readonly boundary: Boundary;
  readonly departures: Departures;
  readonly draining: { readonly isUnderWay: boolean };
  readonly executor: Pick<Executor, 'all' | 'left'>;
  readonly tunnels: Pick<Tunnels, 'look'>;
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
  /** Those that went are gone, those that came have these books. */
  exchange(
    next: Reconfiguration['snapshot'],
    books: ReadonlyMap<VswitchName, StoredTenantState>,
  ): void;
  /** Of datapaths and listeners, those that are in the configuration no more. */
  forgetRest(why: string): void;
  alarm(what: string): void;
}

type Books = ReadonlyMap<VswitchName, StoredTenantState>;

/** What was done, a line each; or why nothing was. */
export type Applied =
  | { readonly done: readonly string[]; readonly waits: readonly string[] }
  | { readonly whyNot: readonly string[] };

/** A body of a vswitch that goes, and how what it holds is deleted. */
interface Left {
  readonly on: DatapathName;
  readonly body: Body;
  readonly stock: ReturnType<typeof deletions>;
}

export class Applying {
  readonly #context: ApplyingContext;
  readonly #log: Log;
  readonly #shared: Shared;
  readonly #returning: Returning;
  #underWay: string | undefined;

  /** `shared` is what all vswitches share. */
  constructor(context: ApplyingContext, log: Log, shared: Shared, store: Store) {
    this.#context = context;
    this.#log = log;
    this.#shared = shared;
    this.#returning = new Returning(context, store);
  }

  /** Why a vswitch is not served yet; undefined when it does not come back. */
  whyNot(name: VswitchName): string | undefined {
    return this.#returning.has(name) ? 'it is back, and gets its kept rules' : undefined;
  }

  /** What an apply would be; nothing is changed. */
  plan(config: Config, loaded?: Loaded): Reconfiguration | Refusal {
    const { world, departures, executor, draining, reopening } = this.#context;
    if (draining.isUnderWay) {
      return { whyNot: ['ways are being led around a datapath; apply again when that is done'] };
    }
    const [reopened] = reopening.underWay;
    if (reopened !== undefined) {
      return { whyNot: [`${reopened} is being reopened; apply again when that has ended`] };
    }
    const snapshot = this.#context.snapshot();
    const { ids, freedIds } = departures.numbers;
    const own = [...snapshot.vswitches.values()].map(({ name, id }) => [name, id] as const);
    const known = {
      ...{ ids: new Map([...ids, ...own]), freedIds },
      placements: loaded?.remembered.placements ?? new Map(),
      portConfigs: loaded?.remembered.portConfigs ?? new Map(),
    };
    const contents = new Map(this.#context.runtimes().map((one) => [one.name, contentsOf(one)]));
    const migrations = executor.all();
    const census = departures.census(contents);
    const nowMs = world.wallClockMs();
    const running = { snapshot, known, census, departure: departures.next, migrations, nowMs };
    return reconfiguration(running, config);
  }

  /**
   * `file` is for people, `next` was planned in this very turn; `done` when datapaths have it, and
   * those who see it are told.
   */
  apply(file: string, next: Reconfiguration | Refusal, done: (applied: Applied) => void): void {
    if (this.#underWay !== undefined) {
      done({ whyNot: [`${this.#underWay} is being applied; apply again when that has ended`] });
    } else if ('whyNot' in next) done(next);
    else if (isSameNetwork(next)) this.#context.tunnels.look('whole', (not) => done(saidOf(not)));
    else {
      this.#underWay = file;
      this.#read(next, (ready, loaded) => {
        if ('whyNot' in ready) this.#ended(ready, done);
        else this.#take(file, ready, this.#booksFor(ready, loaded), (it) => this.#ended(it, done));
      });
    }
  }

  #ended(applied: Applied, done: (applied: Applied) => void): void {
    this.#underWay = undefined;
    this.#returning.release();
    done(applied);
  }

  /** What the store keeps of those that come back is read first; it may take many turns. */
  #read(
    next: Reconfiguration,
    then: (next: Reconfiguration | Refusal, loaded?: Loaded) => void,
  ): void {
    if (next.returned.size === 0) then(next);
    else {
      this.#returning.read((loaded) => {
        if (typeof loaded === 'string') then({ whyNot: [loaded] });
        else then(this.plan(next.file, loaded), loaded);
      });
    }
  }

  #booksFor({ came, returned }: Reconfiguration, loaded: Loaded | undefined): Books {
    const { world, journal } = this.#context;
    const books = came.map(({ name }) => {
      const own = loaded !== undefined && returned.has(name) ? loaded : this.#nothingOf(name);
      return [name, booksOf({ world, journal }, name, own, this.#shared)] as const;
    });
    if (loaded !== undefined) this.#returning.expect(returned, loaded);
    return new Map(books);
  }

  #take(file: string, next: Reconfiguration, books: Books, done: (applied: Applied) => void): void {
    const { journal } = this.#context;
    const { before, snapshot, gone, touched } = next;
    const contents = new Map(
      gone.map(({ name, id }) => [name, { id, contents: this.#made(name) }]),
    );
    const left = gone.flatMap((vswitch) => this.#leftBy(vswitch));
    const used = new Set([...snapshot.vswitches.values()].map(({ id }) => id));
    this.#context.departures.changed(next.arrivals, contents, used);
    for (const { name } of gone) this.#context.executor.left(name);
    this.#context.exchange(snapshot, books);
    this.#context.tunnels.look('laid');
    this.#log.info({ file, ...counts(next) }, 'another configuration serves');
    const send = (): void => {
      leadVswitches(this.#context, before, touched, (refused) => {
        this.#remove(left, () => this.#end(next, books, refused, done));
      });
    };
    const entries = [...entriesOf(next), ranEntry(file, this.#context.world.wallClockMs())];
    perform(journal, { entries, messages: [send], answers: [], onDisk: 'messages' });
  }

  #made(name: VswitchName): Contents {
    const runtime = this.#context.runtime(name);
    return runtime === undefined ? { rules: 0, groups: 0, meters: 0 } : contentsOf(runtime);
  }

  #leftBy({ name }: Vswitch): readonly Left[] {
    const runtime = this.#context.runtime(name);
    if (runtime === undefined) return [];
    return runtime.placement.bodies.map((on) => {
      return { on, body: runtime.bodyOn(on), stock: deletions(this.#context, runtime, on) };
    });
  }

  /** Of one that is new: nothing, but for serials that nobody of its name had. */
  #nothingOf(name: VswitchName): LoadedBooks {
    const { reserved } = this.#context.journal.storedRulesOf(name);
    const serials = new Map(reserved > 0 ? [[name, reserved]] : []);
    const books = { groups: new Map(), meters: new Map(), rules: new Map() };
    return { serials, ...books, accepted: new Map(), changes: new Map() };
  }

  /** What those had made that went; a datapath that is away is made right when it returns. */
  #remove(left: readonly Left[], done: () => void): void {
    const { departures } = this.#context;
    const failed = new Set<DatapathName>();
    const remove = ({ on, body, stock }: Left, ended: Ended): void => {
      const messages = [...body.empty(), ...stock];
      this.#context.datapath(on).writer.send('tables', messages, 'barrier', (outcome) => {
        if (outcome.type === 'lost' || outcome.refusals.length > 0) failed.add(on);
        ended();
      });
    };
    whenAll(left, remove, () => {
      for (const { name, isReady, config } of this.#context.datapaths()) {
        if (isReady && !failed.has(name)) departures.cleaned(config.dpid);
      }
      done();
    });
  }

  #end(
    next: Reconfiguration,
    books: Books,
    refused: string | undefined,
    done: (applied: Applied) => void,
  ): void {
    const { boundary } = this.#context;
    for (const [was, { name }] of next.changed) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => runtime?.follow(was));
    }
    for (const { name } of next.came) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => this.#begin(runtime, books.get(name)));
    }
    const others = next.touched.filter(
      ({ name }) => !next.changed.some(([, is]) => is.name === name),
    );
    for (const { name } of others) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => runtime?.ports.refresh());
    }
    this.#empty(() => this.#context.forgetRest('this datapath is no longer in the file'));
    if (refused !== undefined) this.#context.alarm(refused);
    const away = this.#context.datapaths().filter((one) => !one.isReady);
    this.#context.tunnels.look('whole', (not) => {
      const { done: said, waits } = saidOf(not);
      const first = refused === undefined ? [] : [refused];
      done({ done: [...first, ...said], waits: [...away.map(whatWaits), ...waits] });
    });
  }

  /** What a datapath holds of ours goes with it, if it is there. */
  #empty(done: () => void): void {
    const { datapaths: known } = this.#context.snapshot();
    const gone = this.#context.datapaths().filter(({ name }) => !known.has(name));
    const empty = (datapath: Datapath, ended: Ended): void => {
      const { break: messages } = difference(unionOn(this.#context, datapath), noTables);
      datapath.writer.send('tables', messages, 'barrier', () => ended());
    };
    whenAll(gone, empty, done);
  }

  #begin(runtime: VswitchRuntime | undefined, books: StoredTenantState | undefined): void {
    if (runtime === undefined) return;
    const begin = (): void => serve(this.#context, this.#log, runtime);
    if (this.#returning.has(runtime.name)) this.#returning.fill(runtime, books?.load, begin);
    else begin();
  }
}

function contentsOf({ rulebook, groups, meters }: VswitchRuntime): Contents {
  return {
    rules: rulebook.size,
    groups: groups.book.groups().length,
    meters: meters.book.meters().length,
  };
}

function saidOf({ troubles, waits }: NotLaid) {
  return { done: troubles, waits };
}

/** What a later start may find that it is given another file. */
export function ranEntry(file: string, nowMs: number): Entry {
  return textEntry('ran', { file, sinceMs: nowMs });
}

/** What a restart has to find. */
function entriesOf({ snapshot, came, changed }: Reconfiguration): readonly Entry[] {
  const ids = came.map(({ name, id }) => ({ type: 'id', vswitch: name, id }) as const);
  const placed = [...came, ...changed.map(([, is]) => is)].flatMap(({ name }) => {
    const placement = snapshot.placements.get(name);
    if (placement === undefined || placement.bodies.length === 0) return [];
    return [{ type: 'placement', vswitch: name, placement } as const];
  });
  const plugs = plugsOf(snapshot.config);
  return [...ids, ...placed, ...(plugs === undefined ? [] : [textEntry('plugs', plugs)])];
}

function whatWaits({ name, state }: Datapath): string {
  const why = state.type === 'away' || state.type === 'refused' ? `: ${state.why}` : '';
  return `${name} is ${state.type}${why}; it is made right when it is there`;
}

function counts({ came, gone, changed }: Reconfiguration) {
  return { came: came.length, gone: gone.length, changed: changed.length };
}
