/**
 * Carries moves of hosts out (translation/migration/host-move.ts): journals a state, does what it
 * asks for, feeds the outcome back. A host has one move at a time; after a restart the state is
 * done again, and the driver is asked again.
 */
import { endText, tenantOf } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { forgottenMoves } from '../../translation/migration/history.ts';
import {
  beginHostMove,
  canTakeBack,
  type HostEvent,
  type HostMove,
  type HowAsked,
  hostMoveName,
  isHostMoveOver,
  stepHostMove,
  type WhatMoves,
} from '../../translation/migration/host-move.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import type { Start } from '../../translation/migration/start.ts';
import type { InForce } from '../datapath/in-force.ts';
import { havePrepared, haveRun } from '../drivers/asked-driver.ts';
import type { Arrival, Drivers, Stop } from '../drivers/driver.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { kept, perform, sentOnDisk } from '../store/ready.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { HostMoveCounts, type HostMoveCountsContext } from './host-move-counts.ts';
import { HostPlaces, type HostPlacesContext } from './host-places.ts';
import { type MovesWaitingContext, movesBefore } from './moves-waiting.ts';

export interface HostMovesContext
  extends HostPlacesContext,
    HostMoveCountsContext,
    MovesWaitingContext {
  readonly boundary: Boundary;
  readonly inForce: Pick<InForce, 'prove' | 'of' | 'unprovedSince'>;
  readonly log: Log;
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
  readonly #counts: HostMoveCounts;
  #nextId = 1;

  constructor(
    context: HostMovesContext,
    drivers: Drivers,
    { hostMoves: moves, plugged }: Pick<Start, 'hostMoves' | 'plugged'>,
  ) {
    this.#context = context;
    this.#drivers = drivers;
    this.#counts = new HostMoveCounts(context, (id, more) => this.#know(id, more));
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
    const move = this.activeOf(host);
    if (move !== undefined) return `${host} is being moved already (${hostMoveName(move)})`;
    return movesBefore(this.#context, vswitch, ensemble);
  }

  start(what: WhatMoves, asked: HowAsked = {}): HostMove {
    this.#forgetOld();
    return this.#begin(what, asked);
  }

  /** Of an ensemble; what stands against it now makes it fail at once. */
  startPart(what: WhatMoves, ensemble: number): void {
    const whyNot = this.#whyNotNow(what, ensemble);
    const move = this.#begin(what, { ensemble });
    if (whyNot !== undefined) this.#feed(move, { type: 'failed', why: whyNot });
  }

  #begin(what: WhatMoves, asked: HowAsked): HostMove {
    const move = beginHostMove(this.#nextId, what, this.#context.world.wallClockMs(), asked);
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
      if (isHostMoveOver(move)) this.#counts.probe(move);
      else this.#enter(move);
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
    this.#counts.probe(move);
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
    if (next !== move) this.#enter({ ...next, ...this.#counts.reportOf(move) });
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
    const leaving = (done: () => void): void => this.#counts.leaving(move, done);
    const turned = (): Entry => this.#turned(move);
    const led = (trouble?: string): void => this.#led(move, trouble);
    if (whyNot !== undefined) led(whyNot);
    else this.places.take(move, { isGivenUp, leaving, turned, led });
  }

  #turned({ id }: HostMove): Entry {
    const move = this.#all.get(id);
    if (move !== undefined) this.#all.set(id, { ...move, isTurned: true });
    return textEntry(`hostMove/${id}`, this.#all.get(id));
  }

  /** More is known of one; of one that is over, whoever waits for that is told. */
  #know(id: number, more: Partial<HostMove>): void {
    const known = this.#all.get(id);
    if (known === undefined) return;
    const move = { ...known, ...more };
    this.#all.set(id, move);
    perform(this.#context.journal, kept([textEntry(`hostMove/${id}`, move)]));
    if (isHostMoveOver(move)) for (const watcher of this.#watchers) watcher(move);
  }

  #led(move: HostMove, trouble: string | undefined): void {
    const { host, state } = move;
    const wanted = this.#undoWanted.get(move.id);
    if (state.type === 'open' && (trouble ?? wanted) !== undefined) {
      this.#undoWanted.delete(move.id);
      this.#feed(move, { type: 'failed', why: trouble ?? wanted ?? '' });
      return;
    }
    if (state.type === 'open') this.#counts.opened(move);
    // What is away, or refuses, is corrected later; the host is where it is.
    if (trouble !== undefined) this.#context.alarm(`${host}: rewiring its port failed: ${trouble}`);
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

  /** What is over, and older than the file wants to remember. */
  #forgetOld(): void {
    const { migrationsKept } = this.#context.snapshot().config;
    const { ensembles } = this.#context.executor;
    const gone = forgottenMoves(this.all(), ensembles.all, migrationsKept);
    this.#forget(({ id }) => gone.has(id));
  }

  #forget(isGone: (move: HostMove) => boolean): void {
    const gone = this.all().filter((one) => isHostMoveOver(one) && isGone(one));
    for (const { id } of gone) this.#all.delete(id);
    const entries = gone.map(({ id }) => textEntry(`hostMove/${id}`, undefined));
    if (entries.length > 0) perform(this.#context.journal, kept(entries));
  }
}
