/**
 * The orders of an ensemble to its members (translation/migration/ensemble-members.ts): a vswitch's
 * migration goes on, is undone or begins anew; a host moves, or moves back.
 */
import { isSameEnd } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type Ensemble, isEnded, type Order } from '../../translation/migration/ensemble.ts';
import type { HostsMove, VswitchMove } from '../../translation/migration/ensemble-members.ts';
import { canUndo, type Migration } from '../../translation/migration/migration.ts';
import type { ExecutorUser } from './executor-user.ts';

/** The executor of members' migrations. */
export interface Members {
  readonly all: ReadonlyMap<number, Migration>;
  allocateId(): number;
  begin(move: VswitchMove, ensemble: number): Migration;
  go(migration: Migration): void;
  /** Why not, when it cannot be. */
  undo(migration: Migration, why: string): string | undefined;
}

/** Whose members they are. */
interface OrdersOwner {
  ensemble(id: number): Ensemble | undefined;
  /** It has another member, of the same vswitch. */
  enter(ensemble: Ensemble): void;
}

export class MemberOrders {
  readonly #user: ExecutorUser;
  readonly #members: Members;
  readonly #owner: OrdersOwner;
  /** Vswitches and hosts that are tried again in a moment. */
  readonly #again = new Set<string>();

  constructor(user: ExecutorUser, members: Members, owner: OrdersOwner) {
    this.#user = user;
    this.#members = members;
    this.#owner = owner;
  }

  /** The number of its migration; undefined when its vswitch is closed. */
  begin(move: VswitchMove, ensemble: number): number | undefined {
    const runtime = this.#user.runtime(move.vswitch);
    let id: number | undefined;
    this.#user.boundary.run(runtime, () => {
      ({ id } = this.#members.begin(move, ensemble));
    });
    return id;
  }

  give(ensemble: Ensemble, order: Order): void {
    if ('host' in order) this.#orderHost(ensemble, order.type, order.host);
    else if (order.type === 'again') this.#tryAgain(ensemble, order.migration);
    else {
      const { type, migration } = order;
      const { boundary } = this.#user;
      boundary.run(this.#user.runtime(migration.vswitch), () => {
        if (type === 'go') this.#members.go(migration);
        else if (canUndo(migration)) this.#members.undo(migration, whyOf(ensemble));
      });
    }
  }

  #orderHost(
    ensemble: Ensemble,
    type: Extract<Order, { readonly host: HostsMove }>['type'],
    what: HostsMove,
  ): void {
    const { id } = ensemble;
    const { hostMoves, boundary } = this.#user;
    const back = { ...what, from: what.to, to: what.from };
    const start = (move: HostsMove): void => {
      boundary.chore(`the move of ${what.host}`, () => hostMoves.startPart(move, id));
    };
    if (type === 'moveHost') start(what);
    // Too late: it is there in a moment, and goes back then.
    else if (type === 'abortHost') hostMoves.abort(what.host, whyOf(ensemble));
    else {
      const isBack = type === 'returnHost';
      const move = isBack ? back : what;
      const isFirst = !hostMoves.all().some((one) => one.ensemble === id && isSameMove(one, move));
      if (isFirst) start(move);
      else this.#later(id, what.host, isBack ? 'it has to go back' : GO_ON, () => start(move));
    }
  }

  /** Once, in a moment, unless the ensemble has ended by then. */
  #later(id: number, name: string, why: string, run: () => void): void {
    if (this.#again.has(name)) return;
    this.#again.add(name);
    this.#user.alarm(`migration ${id}: ${name} is tried again, for ${why}`);
    this.#user.boundary.chore(`migration ${id}`, () => {
      this.#user.world.after(limits.ensembleRetryMs, () => {
        this.#again.delete(name);
        const ensemble = this.#owner.ensemble(id);
        if (ensemble !== undefined && !isEnded(ensemble)) run();
      });
    });
  }

  /** One that failed is tried again. */
  #tryAgain({ id }: Ensemble, { id: former, vswitch }: Migration): void {
    this.#later(id, vswitch, GO_ON, () => {
      const ensemble = this.#owner.ensemble(id);
      const member = ensemble?.members.find((one) => {
        return 'migration' in one && one.migration === former;
      });
      if (ensemble === undefined || member === undefined || !('migration' in member)) return;
      const begun = this.begin(member.move, id);
      const members = ensemble.members.map((one) =>
        one === member && begun !== undefined ? { ...member, migration: begun } : one,
      );
      this.#owner.enter({ ...ensemble, members });
    });
  }
}

const GO_ON = 'the others can only go on';

function whyOf({ state }: Ensemble): string {
  return state.type === 'undo' ? state.why : 'it is part of an ensemble';
}

function isSameMove(one: Pick<HostsMove, 'host' | 'to'>, { host, to }: HostsMove): boolean {
  return one.host === host && isSameEnd(one.to, to);
}
