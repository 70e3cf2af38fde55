/**
 * Carries moves of hosts out (translation/migration/host-move.ts): journals a state, does what it
 * asks for, feeds the outcome back. A host has one move at a time; after a restart the state is
 * done again, and the driver is asked again.
 */
import { endText, tenantOf } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { tooOld } from '../../translation/migration/history.ts';
import {
  beginHostMove,
  canTakeBack,
  type HostEvent,
  type HostMove,
  isHostMoveOver,
  stepHostMove,
  type WhatMoves,
} from '../../translation/migration/host-move.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { Start } from '../../translation/migration/start.ts';
import { havePrepared, haveRun } from '../drivers/asked-driver.ts';
import type { Arrival, Drivers, Stop } from '../drivers/driver.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { kept, perform, sentOnDisk } from '../store/ready.ts';
import type { Reopening } from '../tenant/reopening.ts';
import type { Log } from '../world/log.ts';
import type { Applying } from './applying.ts';
import type { Executor } from './executor.ts';
import { HostPlaces, type HostPlacesContext } from './host-places.ts';

export interface HostMovesContext extends HostPlacesContext {
  readonly log: Log;
  readonly applying: Pick<Applying, 'underWay'>;
  readonly draining: { readonly isUnderWay: boolean };
  readonly executor: Pick<Executor, 'all' | 'ensembles'>;
  readonly reopening: Pick<Reopening, 'underWay'>;
  alarm(what: string): void;
}

type Watcher = (move: HostMove) => void;

export class HostMoves {
  readonly #context: HostMovesContext;
  readonly #drivers: Drivers;
  readonly places: HostPlaces;
  readonly #all = new Map<number, HostMove>();
  readonly #undoWanted = new Map<number, string>();
  readonly #stops = new Map<number, Stop>();
  /** Of an earlier process, and in "run" then: whom it had asked may have the host there by now. */
  readonly #again = new Set<number>();
  readonly #watchers = new Set<Watcher>();
  #nextId = 1;

  constructor(
    context: HostMovesContext,
    drivers: Drivers,
    { hostMoves: moves, plugged }: Pick<Start, 'hostMoves' | 'plugged'>,
  ) {
    this.#context = context;
    this.#drivers = drivers;
    this.places = new HostPlaces(context, plugged);
    for (const move of moves) {
      this.#all.set(move.id, move);
      this.#nextId = Math.max(this.#nextId, move.id + 1);
    }
  }

  all(): readonly HostMove[] {
    return [...this.#all.values()];
  }

  /** Of a tenant's hosts, one that moves. */
  activeIn(tenant: string): HostMove | undefined {
    return this.all().find((one) => tenantOf(one.host) === tenant && !isHostMoveOver(one));
  }

  activeOf(host: string): HostMove | undefined {
    return this.all().find((one) => one.host === host && !isHostMoveOver(one));
  }

  /** `watcher` is told of every state of every move until the returned function is called. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  whyNoDriver(driver: HostMove['driver']): string | undefined {
    return this.#drivers.whyNot(driver, this.#context.snapshot().config.drivers);
  }

  /**
   * What else moves of a host, or of its tenant's vswitches, in words. The others of its `ensemble`
   * stand still meanwhile.
   */
  underWay(host: string, vswitch: HostMove['vswitch'], ensemble?: number): string | undefined {
    const { executor, draining, applying, reopening } = this.#context;
    const move = this.activeOf(host);
    if (move !== undefined) return `${host} is being moved already (move ${move.id})`;
    // Its neighbours' steps lead its ways, too.
    const tenant = tenantOf(vswitch);
    const isPart = (one: Migration): boolean => ensemble !== undefined && one.ensemble === ensemble;
    const active = executor.all().filter((one) => !isOver(one) && !isPart(one));
    const own = active.find((one) => tenantOf(one.vswitch) === tenant);
    if (own !== undefined) {
      return `${own.vswitch} is migrating (migration ${own.id}); ask when that is over`;
    }
    const whole = executor.ensembles.withHostOf(tenant);
    if (whole !== undefined && whole.id !== ensemble) {
      return `hosts of ${tenant} move in migration ${whole.id}; ask when that is over`;
    }
    if (draining.isUnderWay) return 'ways are being led around a datapath; ask again later';
    if (applying.underWay !== undefined) return `${applying.underWay} is being applied`;
    return reopening.underWay.has(vswitch) ? `${vswitch} is being reopened` : undefined;
  }

  start(what: WhatMoves): HostMove {
    this.#forgetOld();
    return this.#begin(what);
  }

  /** Of an ensemble; what stands against it now makes it fail at once. */
  startPart(what: WhatMoves, ensemble: number): void {
    const whyNot = this.#whyNotNow(what, ensemble);
    const move = this.#begin(what, ensemble);
    if (whyNot !== undefined) this.#feed(move, { type: 'failed', why: whyNot });
  }

  #begin(what: WhatMoves, ensemble?: number): HostMove {
    const move = beginHostMove(this.#nextId, what, this.#context.world.wallClockMs(), ensemble);
    this.#nextId += 1;
    this.#enter(move);
    return move;
  }

  /** It was planned some time ago. */
  #whyNotNow({ host, to, driver }: WhatMoves, ensemble: number): string | undefined {
    const plan = planHostMove(
      this.#context.snapshot(),
      { host, to: endText(to), driver },
      {
        // One that is away, as all are after a restart, is waited for (host-places.ts).
        isReady: () => true,
        tablesOf: (name) => this.#context.runtime(name),
        whyNoDriver: (name) => this.whyNoDriver(name),
        underWay: (name, vswitch) => this.underWay(name, vswitch, ensemble),
      },
    );
    return plan.type === 'problems' ? plan.problems.join('; ') : undefined;
  }

  /** Those that were part of ensembles which nobody remembers. */
  forget(ensembles: readonly number[]): void {
    const gone = new Set(ensembles);
    this.#forget((one) => one.ensemble !== undefined && gone.has(one.ensemble));
  }

  /** Goes on with what an earlier process had begun. */
  resume(): void {
    for (const move of this.all()) {
      if (move.state.type === 'run') this.#again.add(move.id);
      if (!isHostMoveOver(move)) this.#enter(move);
    }
  }

  /** A person says that the host runs at its new place; why that is nothing to be said now. */
  arrived(host: string): string | undefined {
    const move = this.activeOf(host);
    if (move === undefined) return `${host} is not being moved`;
    if (move.driver !== 'manual') return `${host} is moved by ${move.driver}, which says so itself`;
    if (move.state.type !== 'run') return `the move of ${host} is in "${move.state.type}"`;
    this.#ran(move, { type: 'arrived' });
    return undefined;
  }

  /** Takes a move back; why not, when it cannot be. */
  abort(host: string, why: string): string | undefined {
    const move = this.activeOf(host);
    if (move === undefined) return `${host} is not being moved`;
    if (!canTakeBack(move.state)) return `too late: the move of ${host} is in "${move.state.type}"`;
    this.#undoWanted.set(move.id, why);
    if (move.state.type === 'run' && move.driver === 'manual') {
      this.#ran(move, { type: 'failed', why });
    } else this.#stops.get(move.id)?.(why);
    return undefined;
  }

  #enter(move: HostMove): void {
    this.#all.set(move.id, move);
    const { log } = this.#context;
    const { id, host, driver, state, from, to, said } = move;
    const act = (): void => this.#act(move);
    const show = (): void => {
      const { type, ...more } = state;
      const ends = { from: endText(from), to: endText(to) };
      const about = { id, host, ...ends, driver, state: type, ...more };
      log.info({ ...about, ...(isHostMoveOver(move) && { said }) }, 'move of a host');
      for (const watcher of this.#watchers) watcher(move);
      this.#context.executor.ensembles.look(move.ensemble);
    };
    const messages = isHostMoveOver(move) ? [show] : [show, act];
    const entries = [textEntry(`hostMove/${id}`, move)];
    perform(this.#context.journal, sentOnDisk(entries, messages));
  }

  #feed({ id }: HostMove, event: HostEvent): void {
    const move = this.#all.get(id);
    if (move === undefined || isHostMoveOver(move)) return;
    const next = stepHostMove(move, event, this.#context.world.wallClockMs());
    if (next !== move) this.#enter(next);
  }

  #act(move: HostMove): void {
    const wanted = this.#undoWanted.get(move.id);
    if (wanted !== undefined && canTakeBack(move.state) && !this.#again.has(move.id)) {
      this.#undoWanted.delete(move.id);
      this.#feed(move, { type: 'undo', why: wanted });
      return;
    }
    if (move.state.type === 'run') this.#run(move);
    else havePrepared(this.#context, this.#drivers, move, (whyNot) => this.#lead(move, whyNot));
  }

  #lead(move: HostMove, whyNot: string | undefined): void {
    const isGivenUp = (): boolean => this.#undoWanted.has(move.id);
    const led = (trouble?: string): void => this.#led(move, trouble);
    if (whyNot !== undefined) led(whyNot);
    else this.places.take(move, { isGivenUp, turned: () => this.#turned(move), led });
  }

  #turned({ id }: HostMove): Entry {
    const move = this.#all.get(id);
    if (move !== undefined) this.#all.set(id, { ...move, isTurned: true });
    return textEntry(`hostMove/${id}`, this.#all.get(id));
  }

  #led(move: HostMove, trouble: string | undefined): void {
    const { host, state } = move;
    const wanted = this.#undoWanted.get(move.id);
    if (state.type === 'open' && (trouble ?? wanted) !== undefined) {
      this.#undoWanted.delete(move.id);
      this.#feed(move, { type: 'failed', why: trouble ?? wanted ?? '' });
      return;
    }
    // What is away, or refuses, is made right later; the host is where it is.
    if (trouble !== undefined) this.#context.alarm(`${host} at its place: ${trouble}`);
    if (state.type === 'undo')
      this.#drivers.release?.(move, this.#context.snapshot().config.drivers);
    this.#feed(move, { type: 'acted' });
  }

  #run(move: HostMove): void {
    const isAgain = this.#again.delete(move.id);
    if (move.driver === 'manual') {
      const why = this.#undoWanted.get(move.id);
      if (why !== undefined) this.#ran(move, { type: 'failed', why });
      return;
    }
    const user = {
      said: (line: string) => this.#said(move, line),
      ended: (arrival: Arrival) => this.#ran(move, arrival),
    };
    const stop = haveRun(this.#context, this.#drivers, { ...move, isAgain }, user);
    // It may have ended at once.
    if (this.#all.get(move.id)?.state.type !== 'run') return;
    this.#stops.set(move.id, stop);
    const wanted = this.#undoWanted.get(move.id);
    if (wanted !== undefined) stop(wanted);
  }

  #said({ id }: HostMove, line: string): void {
    const move = this.#all.get(id);
    if (move === undefined) return;
    this.#all.set(id, { ...move, said: [...move.said, line].slice(-limits.driverLinesKept) });
  }

  /** What the driver says counts, whatever was asked meanwhile. */
  #ran({ id }: HostMove, arrival: Arrival): void {
    const move = this.#all.get(id);
    if (move?.state.type !== 'run') return;
    this.#stops.delete(id);
    const wanted = this.#undoWanted.get(id);
    this.#undoWanted.delete(id);
    if (arrival.type === 'arrived') this.#feed(move, { type: 'acted' });
    else this.#feed(move, { type: 'failed', why: wanted ?? arrival.why });
  }

  /** What is over, and older than the file wants to remember; of an ensemble, with that. */
  #forgetOld(): void {
    const { migrationsKept } = this.#context.snapshot().config;
    const { all: ensembles } = this.#context.executor.ensembles;
    const alone = this.all().filter(({ ensemble }) => {
      return ensemble === undefined || !ensembles.has(ensemble);
    });
    const gone = new Set(tooOld(alone.filter(isHostMoveOver), migrationsKept));
    this.#forget(({ id }) => gone.has(id));
  }

  #forget(isGone: (move: HostMove) => boolean): void {
    const gone = this.all().filter((one) => isHostMoveOver(one) && isGone(one));
    for (const { id } of gone) this.#all.delete(id);
    const entries = gone.map(({ id }) => textEntry(`hostMove/${id}`, undefined));
    if (entries.length > 0) perform(this.#context.journal, kept(entries));
  }
}
