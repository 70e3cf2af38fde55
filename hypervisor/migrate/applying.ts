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
import type { Body } from '../../translation/body.ts';
import {
  isSameNetwork,
  type Reconfiguration,
  reconfiguration,
} from '../../translation/reconfiguration.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { leadVswitches, type RewiringContext } from '../datapath/rewiring.ts';
import type { Departures } from '../store/departures.ts';
import type { Journal } from '../store/journal.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { perform } from '../store/ready.ts';
import type { Loading } from '../store/recovery.ts';
import {
  booksOf,
  type LoadedBooks,
  type Shared,
  type StoredTenantState,
} from '../store/tenant-state.ts';
import { deletions } from '../tenant/bodies.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Executor } from './executor.ts';

/** What serves, and how another configuration takes its place. */
export interface ApplyingContext extends RewiringContext {
  readonly boundary: Boundary;
  readonly journal: Journal;
  readonly departures: Departures;
  readonly draining: { readonly isUnderWay: boolean };
  readonly executor: Pick<Executor, 'all' | 'left'>;
  readonly loading: Loading;
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
  #underWay: string | undefined;

  /** `shared` is what all vswitches share. */
  constructor(context: ApplyingContext, log: Log, shared: Shared) {
    this.#context = context;
    this.#log = log;
    this.#shared = shared;
  }

  /** What an apply would be; nothing is changed. */
  plan(config: Config): ReturnType<typeof reconfiguration> {
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
      ...{ placements: new Map(), portConfigs: new Map() },
    };
    const contents = new Map(this.#context.runtimes().map((one) => [one.name, contentsOf(one)]));
    const migrations = executor.all();
    const census = departures.census(contents);
    const nowMs = world.wallClockMs();
    const running = { snapshot, known, census, departure: departures.next, migrations, nowMs };
    return reconfiguration(running, config);
  }

  /** `file` is for people; `done` when datapaths have it, and those who see it are told. */
  apply(file: string, config: Config, done: (applied: Applied) => void): void {
    if (this.#underWay !== undefined) {
      done({ whyNot: [`${this.#underWay} is being applied; apply again when that has ended`] });
      return;
    }
    const next = this.plan(config);
    if ('whyNot' in next) done(next);
    else if (isSameNetwork(next)) done({ done: ['nothing differs'], waits: [] });
    else {
      this.#underWay = file;
      this.#take(file, next, (applied) => {
        this.#underWay = undefined;
        done(applied);
      });
    }
  }

  #take(file: string, next: Reconfiguration, done: (applied: Applied) => void): void {
    const { journal } = this.#context;
    const { before, snapshot, came, gone, touched } = next;
    const contents = new Map(
      gone.map(({ name, id }) => [name, { id, contents: this.#made(name) }]),
    );
    const left = gone.flatMap((vswitch) => this.#leftBy(vswitch));
    const books = new Map(came.map(({ name }) => [name, this.#booksOf(name)] as const));
    const used = new Set([...snapshot.vswitches.values()].map(({ id }) => id));
    this.#context.departures.changed(next.arrivals, contents, used);
    for (const { name } of gone) this.#context.executor.left(name);
    this.#context.exchange(snapshot, books);
    this.#log.info({ file, ...counts(next) }, 'another configuration serves');
    const send = (): void => {
      leadVswitches(this.#context, before, touched, (refused) => {
        this.#remove(left, () => this.#end(next, refused, done));
      });
    };
    const entries = entriesOf(next);
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
  #booksOf(name: VswitchName): StoredTenantState {
    const { world, journal } = this.#context;
    const { reserved } = journal.shelfOf(name);
    return booksOf({ world, journal }, name, nothingLoaded(name, reserved), this.#shared);
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

  #end(next: Reconfiguration, refused: string | undefined, done: (applied: Applied) => void): void {
    const { boundary } = this.#context;
    for (const [was, { name }] of next.changed) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => runtime?.follow(was));
    }
    for (const { name } of next.came) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => this.#begin(runtime));
    }
    const others = next.touched.filter(
      ({ name }) => !next.changed.some(([, is]) => is.name === name),
    );
    for (const { name } of others) {
      const runtime = this.#context.runtime(name);
      boundary.run(runtime, () => runtime?.ports.refresh());
    }
    this.#context.forgetRest('this datapath is no longer in the file');
    if (refused !== undefined) this.#context.alarm(refused);
    const away = this.#context.datapaths().filter((one) => !one.isReady);
    done({
      done: refused === undefined ? [] : [refused],
      waits: away.map(whatWaits),
    });
  }

  #begin(runtime: VswitchRuntime | undefined): void {
    if (runtime === undefined) return;
    runtime.guests.open(this.#log, (why) => this.#context.alarm(`${runtime.name}: ${why}`));
    runtime.refresh();
    runtime.ports.refresh();
    for (const { name } of this.#context.datapaths()) runtime.portCounters.begin(name);
  }
}

function contentsOf({ rulebook, groups, meters }: VswitchRuntime): Contents {
  return {
    rules: rulebook.size,
    groups: groups.book.groups().length,
    meters: meters.book.meters().length,
  };
}

function nothingLoaded(name: VswitchName, reserved: number): LoadedBooks {
  const serials = new Map(reserved > 0 ? [[name, reserved]] : []);
  const books = { groups: new Map(), meters: new Map(), rules: new Map() };
  return { serials, ...books, accepted: new Map(), changes: new Map() };
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
