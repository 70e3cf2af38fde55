/**
 * Connects a host's vport on every datapath with the places where the host is, or may be: two while
 * it moves (slices/network/host-attachments.ts). The places of moved hosts are kept for the next
 * start.
 */
import { endText, tenantOf, type Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { plugging } from '../../slices/network/changed-config.ts';
import {
  isInfeasible,
  type Plugged,
  placementOf,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { type HostMove, placesIn } from '../../translation/migration/host-move.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import { type Next, nextOf, ofNow, type PacingContext, pace } from '../datapath/paced-snapshots.ts';
import { leadVswitches, type RewiringContext } from '../datapath/rewiring.ts';
import type { Entry } from '../store/journal-entries.ts';
import { perform, sentOnDisk } from '../store/ready.ts';
import { pluggedEntry, plugsEntries } from '../store/starting.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { SteppingContext } from './config-step.ts';
import { type GrowingContext, growBodyRules } from './member-changes.ts';
import type { Members } from './members.ts';

type Name = HostMove['vswitch'];

export interface HostPlacesContext
  extends RewiringContext,
    PacingContext,
    GrowingContext,
    Pick<SteppingContext, 'exchange'> {
  readonly planning: Planning;
  readonly members: Pick<Members, 'hosts'>;
  readonly applying: { readonly underWay: string | undefined };
  readonly boundary: Boundary;
}

type Done = (trouble?: string) => void;

/** Who has it led. */
export interface PlacesUser {
  isGivenUp(): boolean;
  /** One of two places is about to be left; `done` when that may be. */
  leaving(done: () => void): void;
  /** Nothing leads to the other place any more; what the store is to have before that goes. */
  turned(): Entry;
  led(trouble?: string): void;
}

interface Waiting {
  readonly move: HostMove;
  readonly user: PlacesUser;
  readonly led: Done;
}

/** What follows from where hosts are to be. */
interface Led {
  readonly next: Next;
  /** Of those that cannot be there. */
  readonly whyNot: ReadonlyMap<HostMove, string>;
}

/** In steps, one after the other. */
function* leading(before: Snapshot, moves: readonly HostMove[]): Steps<Led> {
  const whyNot = new Map<HostMove, string>();
  let snapshot = before;
  for (const move of moves) {
    const elsewhere = yield* plugging(snapshot, move.host, placesIn(move));
    if (isInfeasible(elsewhere)) whyNot.set(move, elsewhere.why);
    else snapshot = elsewhere;
    yield;
  }
  return { next: yield* nextOf(before, snapshot), whyNot };
}

export class HostPlaces {
  readonly #context: HostPlacesContext;
  #waiting: readonly Waiting[] = [];
  #isLeading = false;
  readonly #startedMs: number;
  #plugged: Map<string, { readonly said: string; readonly at: HostMove['to'] }>;

  constructor(context: HostPlacesContext, plugged: Plugged) {
    this.#context = context;
    this.#startedMs = context.world.nowMs();
    this.#plugged = new Map(plugged);
  }

  /** Another file was applied: hosts are where it says. What a restart has to find. */
  applied(): readonly Entry[] {
    if (this.#plugged.size === 0) return [];
    this.#plugged = new Map();
    return [pluggedEntry(this.#plugged)];
  }

  /**
   * The places that the move's state says; made, used, and what is left broken, each in turn. One
   * after the other, since each begins with what the one before it has led to; those of an ensemble
   * that wait are led at once.
   */
  take(move: HostMove, user: PlacesUser): void {
    const done = (trouble?: string): void => user.led(trouble);
    const led = (trouble?: string): void => {
      if (trouble !== undefined || move.state.type !== 'open') done(trouble);
      else this.#awaitReady(move, () => user.isGivenUp(), done);
    };
    this.#waiting = [...this.#waiting, { move, led, user }];
    if (this.#isLeading) return;
    this.#isLeading = true;
    this.#whenQuiet(() => {
      // The others of its group are asked for in this turn, too.
      if (move.ensemble === undefined) this.#next();
      else this.#context.world.soon(() => this.#next());
    });
  }

  /**
   * After a start datapaths come one by one: what is led then has to be made on all before. And
   * another configuration that is being applied has hosts where they were when it began.
   */
  #whenQuiet(then: () => void): void {
    const { world, applying } = this.#context;
    const isLate = world.nowMs() - this.#startedMs >= limits.datapathLostMs;
    const isBack = isLate || this.#context.datapaths().every(({ isReady }) => isReady);
    if (isBack && applying.underWay === undefined) then();
    else world.after(limits.pollIntervalMinMs, () => this.#whenQuiet(then));
  }

  #next(): void {
    const [first] = this.#waiting;
    this.#isLeading = first !== undefined;
    if (first === undefined) return;
    const tenant = tenantOf(first.move.host);
    const isWith = ({ move: { ensemble, host } }: Waiting): boolean =>
      ensemble !== undefined && ensemble === first.move.ensemble && tenantOf(host) === tenant;
    const those = this.#waiting.filter((one) => one === first || isWith(one));
    this.#waiting = this.#waiting.filter((one) => !those.includes(one));
    // Nothing else of its tenant's is led elsewhere meanwhile.
    this.#context.planning.locks.exclusive(tenant, 'hosts', (leave) => {
      const ended = (): void => {
        leave();
        this.#next();
      };
      const leaving = those.filter(({ move: { state } }) => state.type !== 'open');
      const left = ({ user }: Waiting, done: () => void): void => user.leaving(done);
      whenAll(leaving, left, () => this.#lead(those, ended));
    });
  }

  /** Where they are to be is computed in turns, as for an apply: many may move as one. */
  #lead(those: readonly Waiting[], ended: () => void): void {
    const { applying } = this.#context;
    const moves = those.map(({ move }) => move);
    pace<Led>(this.#context, {
      begin: (before) => (applying.underWay === undefined ? leading(before, moves) : undefined),
      onto(now, before, { next, whyNot }) {
        const fitting = ofNow(now, before, next);
        return fitting && { next: fitting, whyNot };
      },
      take: (found) => {
        if (found !== undefined && applying.underWay === undefined) {
          this.#take(those, found, ended);
        } else this.#whenQuiet(() => this.#lead(those, ended));
      },
    });
  }

  #take(those: readonly Waiting[], { next, whyNot }: Led, ended: () => void): void {
    const { planning, journal } = this.#context;
    const before = this.#context.snapshot();
    for (const { move, led } of those) {
      const why = whyNot.get(move);
      if (why !== undefined) led(why);
    }
    const placed = those.filter(({ move }) => !whyNot.has(move));
    if (placed.length === 0) {
      ended();
      return;
    }
    const { snapshot, touched, ways } = next;
    const broken = planning.changeovers.leave([before]);
    this.#context.exchange({ snapshot, gone: [] }, ways, new Map());
    const send = (): void => {
      const over = (refused: string | undefined): void => {
        broken();
        for (const { name } of touched) this.#follow(before, name);
        ended();
        // What a host sends is processed where it is now.
        this.#context.members.hosts(placed.map(({ move }) => move.vswitch));
        for (const { led } of placed) led(refused);
      };
      const turned = (done: Ended): void => {
        growBodyRules(this.#context, touched, (lacks) => {
          if (lacks !== undefined) done(lacks);
          else this.#turned(placed, done);
        });
      };
      leadVswitches(this.#context, [before], touched, turned, over, false);
    };
    const moves = placed.map(({ move }) => move);
    perform(journal, sentOnDisk(this.#pluggedBy(moves, snapshot), [send]));
  }

  /** What the store knows when something goes: the next start would not have it again. */
  #turned(placed: readonly Waiting[], done: Ended): void {
    const those = placed.filter(({ move: { state } }) => state.type !== 'open');
    const entries = those.map(({ user }) => user.turned());
    if (entries.length === 0) done();
    else perform(this.#context.journal, sentOnDisk(entries, [() => done()]));
  }

  /** Where they are afterwards, and what the file said, for the next start. */
  #pluggedBy(moves: readonly HostMove[], { config }: Snapshot): readonly Entry[] {
    const closing = moves.filter(({ state }) => state.type === 'close');
    if (closing.length === 0) return [];
    const offered = new Set(config.hosts.flatMap(({ name, offers }) => (offers ? [name] : [])));
    const others = closing.filter(({ host }) => !offered.has(host));
    for (const { host, from, to } of others) {
      const said = this.#plugged.get(host)?.said ?? endText(from);
      if (endText(to) === said) this.#plugged.delete(host);
      else this.#plugged.set(host, { said, at: to });
    }
    return [...plugsEntries(config), ...(others.length > 0 ? [pluggedEntry(this.#plugged)] : [])];
  }

  #follow(before: Snapshot, name: Name): void {
    const { boundary } = this.#context;
    const runtime = this.#context.runtime(name);
    const was = before.vswitches.get(name);
    if (runtime === undefined || was === undefined) return;
    if (was === runtime.vswitch) boundary.run(runtime, () => runtime.ports.refresh());
    else boundary.run(runtime, () => runtime.follow(was));
  }

  /** The driver runs when both places, and the bodies, are told; one that is away may come back. */
  #awaitReady(move: HostMove, isGivenUp: () => boolean, done: Done): void {
    const { world } = this.#context;
    const startedMs = world.nowMs();
    const look = (): void => {
      const { bodies } = placementOf(this.#context.snapshot(), move.vswitch);
      const needed = new Set([move.from.device, move.to.device, ...bodies]);
      const away = [...needed].find((name) => !this.#context.datapath(name).isReady);
      const runtime = this.#context.runtime(move.vswitch);
      const vport = move.vport as Vport;
      if (isGivenUp()) done();
      // What its ports have counted until the driver runs is known then.
      else if (away === undefined && runtime) {
        const { portCounters } = runtime;
        portCounters.read([vport], () => {
          if (move.driver === 'netns') portCounters.comesAlong(vport);
          done();
        });
      } else if (away === undefined) done(`${move.vswitch} is no longer served`);
      else if (world.nowMs() - startedMs >= limits.datapathLostMs) {
        done(`datapath ${away} is ${this.#context.datapath(away).state.type}`);
      } else world.after(limits.pollIntervalMinMs, look);
    };
    look();
  }
}
