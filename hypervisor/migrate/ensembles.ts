/**
 * Carries ensembles out (translation/migration/ensemble.ts): begins the members' migrations, tells
 * each when the others have reached the same state, and undoes all when one cannot go on.
 *
 * What is to be done follows from the state of the ensemble and of its members, so it is computed
 * anew whenever one of these is another, and after a restart. A state of the ensemble is on the
 * disk before anything is done because of it: no member retires that a crash could bring back.
 */
import { tenantOf } from '../../slices/ids.ts';
import {
  advance,
  beginEnsemble,
  type Ensemble,
  isDecided,
  isEnded,
  isPastUndo,
  type JoinedBody,
  leftBehind,
  type Member,
  type Move,
  type Vacating,
} from '../../translation/migration/ensemble.ts';
import { regrouped } from '../../translation/migration/ensemble-order.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import type { Boundary } from '../../translation/migration/migration-costs.ts';
import { isThereIn } from '../../translation/migration/traffic.ts';
import { kept, perform, sentOnDisk } from '../store/ready.ts';
import { BoundaryMeter } from './boundary-meter.ts';
import type { ExecutorUser } from './executor-user.ts';
import { MemberOrders, type Members } from './member-orders.ts';

/** What an ensemble is made of. */
export interface EnsemblePlanned extends Vacating {
  readonly what: string;
  /** Group after group. */
  readonly groups: readonly (readonly Move[])[];
  readonly plan: readonly string[];
  /** How many move at once, where what was measured decides who is next. */
  readonly groupMax?: number;
  readonly joins?: JoinedBody;
}

export class Ensembles {
  readonly #user: ExecutorUser;
  readonly #members: Members;
  readonly #all = new Map<number, Ensemble>();
  readonly #undoWanted = new Map<number, string>();
  /** Their states are on the way to the disk: nothing is done before they are there. */
  readonly #onTheWay = new Set<number>();
  /** Those whose members are being looked at, and whether it is to be done again. */
  readonly #looking = new Map<number, boolean>();
  /** What others do for them, or have done, in the state that each is in. */
  readonly #acting = new Map<number, { readonly state: Ensemble['state']; acted?: Acted }>();
  readonly #orders: MemberOrders;
  readonly #meter: BoundaryMeter;

  constructor(user: ExecutorUser, members: Members, remembered: readonly Ensemble[]) {
    this.#user = user;
    this.#members = members;
    const ensemble = (id: number): Ensemble | undefined => this.#all.get(id);
    this.#orders = new MemberOrders(user, members, { ensemble, enter: (one) => this.#enter(one) });
    this.#meter = new BoundaryMeter(user, {
      crossing: ensemble,
      crossed: (id, boundary) => this.#crossed(id, boundary),
    });
    for (const one of remembered) this.#all.set(one.id, one);
  }

  get all(): ReadonlyMap<number, Ensemble> {
    return this.#all;
  }

  forget(ids: readonly number[]): void {
    for (const id of ids) this.#all.delete(id);
    if (ids.length > 0) this.#user.hostMoves.forget(ids);
  }

  /** One that is under way, and in which a host of this tenant moves. */
  withHostOf(tenant: string): Ensemble | undefined {
    const isIts = ({ move }: Member): boolean =>
      move.type === 'host' && tenantOf(move.host) === tenant;
    return [...this.#all.values()].find((one) => !isEnded(one) && one.members.some(isIts));
  }

  start({ what, groups, plan, groupMax, joins, ...vacating }: EnsemblePlanned): Ensemble {
    const id = this.#members.allocateId();
    const members = groups.flatMap((moves, group) =>
      moves.flatMap((move): readonly Member[] => {
        if (move.type === 'host') return [{ move, group }];
        const migration = this.#orders.begin(move, id);
        return migration === undefined ? [] : [{ move, group, migration }];
      }),
    );
    const nowMs = this.#user.world.wallClockMs();
    // In one commit with its members: all of it is under way, or nothing.
    const parts = {
      ...{ ...vacating, members, plan },
      ...(groupMax !== undefined && { groupMax }),
      ...(joins !== undefined && { joins }),
    };
    const ensemble = beginEnsemble(id, what, parts, nowMs);
    this.#enter(ensemble);
    return ensemble;
  }

  /** Goes on with what an earlier process had begun. */
  resume(): void {
    for (const one of this.#all.values()) {
      this.#measure(one);
      this.look(one.id);
    }
  }

  /** Of the migration itself, or of the ensemble that it is part of. */
  of(id: number): Ensemble | undefined {
    return this.#all.get(id) ?? this.#around(this.#members.all.get(id) ?? {});
  }

  /** That a migration is part of. */
  #around({ ensemble }: Pick<Migration, 'ensemble'>): Ensemble | undefined {
    return ensemble === undefined ? undefined : this.#all.get(ensemble);
  }

  /** Whether it is part of one that can only go on. */
  isDecided(member: Migration): boolean {
    const one = this.#around(member);
    return one !== undefined && isDecided(one);
  }

  /** Whether it is part of one that is being undone. */
  isUndone(member: Migration): boolean {
    return this.#around(member)?.state.type === 'undo';
  }

  /** Takes all of it back; why not, when it cannot be. */
  undo(id: number, why: string): string | undefined {
    const ensemble = this.#all.get(id);
    if (ensemble === undefined) return `there is no migration ${id}`;
    const { type } = ensemble.state;
    if (isDecided(ensemble)) return `too late: migration ${id} is in "${type}"`;
    if (!['join', 'clone', 'move'].includes(type)) return `migration ${id} is in "${type}" already`;
    const stuck = this.#migrationsOf(ensemble).find(isPastUndo);
    if (stuck !== undefined) {
      const cause = stuck.aside?.why ?? `it is in "${stuck.state.type}"`;
      return `too late for migration ${id}: ${stuck.vswitch} can only go on: ${cause}`;
    }
    this.#undoWanted.set(id, why);
    this.look(id);
    return undefined;
  }

  /** Something has become of a member, or of what is wanted. */
  look(id: number | undefined): void {
    if (id === undefined) return;
    if (this.#looking.has(id)) {
      this.#looking.set(id, true);
      return;
    }
    try {
      do {
        this.#looking.set(id, false);
        this.#advance(id);
      } while (this.#looking.get(id) === true);
    } finally {
      this.#looking.delete(id);
    }
  }

  #advance(id: number): void {
    const before = this.#all.get(id);
    if (before === undefined || isEnded(before) || this.#onTheWay.has(id)) return;
    const [undo, acted] = [this.#undoWanted.get(id), this.#acting.get(id)?.acted];
    const wanted = { ...(undo !== undefined && { undo }), ...(acted && { acted }) };
    const nowMs = this.#user.world.wallClockMs();
    const { hostMoves } = this.#user;
    const progress = { migrations: this.#members.all, hostMoves: hostMoves.all() };
    const { ensemble, orders } = advance(before, progress, wanted, nowMs);
    if (ensemble !== before) this.#enter(this.#regrouped(ensemble));
    else if (hasOthersAct(ensemble)) this.#haveOthersAct(ensemble);
    else for (const order of orders) this.#orders.give(ensemble, order);
  }

  /** Those that have not moved yet, by what was measured last. */
  #regrouped(ensemble: Ensemble): Ensemble {
    const traffic = this.#meter.trafficOf(ensemble.id);
    if (traffic === undefined) return ensemble;
    return regrouped(ensemble, traffic, isThereIn(ensemble, this.#user.snapshot()));
  }

  #enter(entered: Ensemble): void {
    const { id } = entered;
    const boundary = this.#meter.crossedIn(entered);
    const ensemble = boundary === undefined ? entered : { ...entered, boundary };
    this.#all.set(id, ensemble);
    this.#measure(ensemble);
    if (isEnded(ensemble)) this.#undoWanted.delete(id);
    if (this.#acting.get(id)?.state !== ensemble.state) this.#acting.delete(id);
    this.#onTheWay.add(id);
    const there = (): void => {
      this.#onTheWay.delete(id);
      this.#user.onEnsemble(ensemble);
      this.look(id);
    };
    this.#user.boundary.chore(`migration ${id}`, () => {
      perform(this.#user.journal, sentOnDisk([{ type: 'ensemble', ensemble }], [there]));
    });
  }

  #measure(ensemble: Ensemble): void {
    const { id } = ensemble;
    this.#user.boundary.chore(`migration ${id}`, () => {
      if (isEnded(ensemble)) this.#meter.end(id);
      else this.#meter.read(ensemble);
    });
  }

  /** Of one that has ended. */
  #crossed(id: number, boundary: Boundary): void {
    const known = this.#all.get(id);
    if (known === undefined) return;
    const ensemble = { ...known, boundary };
    this.#all.set(id, ensemble);
    perform(this.#user.journal, kept([{ type: 'ensemble', ensemble }]));
  }

  /** Bodies join and leave; and where nothing lives any more nothing is to lead through. */
  #haveOthersAct(ensemble: Ensemble): void {
    const { id, state, joins, holds = false } = ensemble;
    if (this.#acting.has(id)) return;
    const acting: { readonly state: Ensemble['state']; acted?: Acted } = { state };
    this.#acting.set(id, acting);
    const acted = (trouble?: string): void => {
      acting.acted = trouble === undefined ? {} : { trouble };
      this.look(id);
    };
    const { boundary, draining, remaps } = this.#user;
    boundary.chore(`migration ${id}`, () => {
      if (state.type === 'ways') draining.leadAround(leftBehind(ensemble), holds, acted);
      else if (joins === undefined) acted();
      else if (state.type === 'join') remaps.partialBodies.join(joins, acted);
      else remaps.partialBodies.leave(joins, acted);
    });
  }

  #migrationsOf({ members }: Ensemble): readonly Migration[] {
    return members.flatMap((member) =>
      'migration' in member ? (this.#members.all.get(member.migration) ?? []) : [],
    );
  }
}

/** How it has ended. */
type Acted = { readonly trouble?: string };

function hasOthersAct({ state }: Ensemble): boolean {
  return state.type === 'ways' || state.type === 'join' || state.type === 'leave';
}
