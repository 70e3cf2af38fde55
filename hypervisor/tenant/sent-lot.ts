/**
 * A lot of flow-mods that was sent as bytes, the same to all bodies: what each body answers, and
 * what follows when all have answered. The caller keeps the flow-mods themselves.
 */

import type { DatapathName } from '../../slices/ids.ts';
import type { Lot, RoundChange } from '../../translation/changes/round-change.ts';
import type { FlatBody } from '../../translation/flat/body.ts';
import type { Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Told } from '../datapath/writer.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import { noteAnswered } from './acknowledged.ts';
import { type RefusedOfLot, revertSent, setAside } from './refused-changes.ts';
import { decidersOf } from './repairs.ts';
import type { RoundsContext, RoundsOwner } from './rounds.ts';

/** For whom an outcome runs, and when that is. */
export interface UnansweredContext extends RoundsContext {
  readonly world: World;
  readonly boundary: Boundary;
}

/** Whose flow-mods they are. */
export type UnansweredOwner = RoundsOwner;

/** Which of a lot a message belongs to, and which of its messages that is. */
export interface OfLot {
  readonly i: number;
  readonly entry: number;
}

/** The lot that was sent. */
export interface SentUser extends Lot {
  ownerOf(message: number): OfLot;
  /** Others that are refused with one, of the same request. */
  alsoOf(i: number): Iterable<number>;
  /**
   * A flat body has refused a message of one: what it holds is in doubt before anything is taken
   * back. Of rules that are new that follows from each, and from the level that it was sent at.
   */
  refusedBelow?(body: FlatBody, of: OfLot): void;
  levelOf?(i: number): number;
  /** One of them as a value; the same each time. */
  change(i: number): RoundChange;
  /** The body whose word counts went away: what it says when it is back decides. */
  leaveOpen(on: DatapathName): void;
  /** All is answered, and what was refused is taken back. */
  release(): void;
  /** Nobody asks for it any more. */
  giveBack(): void;
}

/** A body that they go to, under ids in a row, and what it has answered. */
interface Sent {
  readonly datapath: Datapath;
  readonly firstXid: number;
  outcome: Outcome;
}

/** What a body says of one of them. */
interface RefusedBy {
  /** Undefined where it was another part of its request that was refused. */
  readonly by: Datapath | undefined;
  readonly refusal: Refusal;
}

export class SentLot {
  readonly #owner: UnansweredOwner;
  readonly #context: UnansweredContext;
  readonly #user: SentUser;
  readonly #sent: readonly Sent[];
  #refused: ReadonlyMap<number, RefusedBy> = new Map();
  /** What the first has answered cannot become more, for the others either. */
  isOver = false;
  /** What each body is to say when it has acknowledged them, in the order of bodies. */
  readonly told: readonly Told[];

  constructor(
    context: UnansweredContext,
    owner: UnansweredOwner,
    user: SentUser,
    datapaths: readonly Datapath[],
    firstXids: readonly number[],
  ) {
    this.#context = context;
    this.#owner = owner;
    this.#user = user;
    this.#sent = datapaths.map((datapath, i): Sent => {
      return { datapath, firstXid: firstXids[i] as number, outcome: { type: 'lost' } };
    });
    const told: Told[] = [];
    const wait = (one: Sent, ended: Ended): void => {
      const hear = (outcome: Outcome): void => {
        this.isOver = true;
        one.outcome = outcome;
        ended();
      };
      told.push(context.boundary.bind(hear));
    };
    whenAll(this.#sent, wait, () => this.#settle());
    this.told = told;
  }

  /** Whether messages with these ids, to these bodies, come right behind so many of it. */
  isFollowedBy(
    datapaths: readonly Datapath[],
    firstXids: readonly number[],
    messages: number,
  ): boolean {
    if (this.isOver || this.#sent.length !== datapaths.length) return false;
    for (let i = 0; i < datapaths.length; i++) {
      const one = this.#sent[i] as Sent;
      if (one.datapath !== datapaths[i] || one.firstXid + messages !== firstXids[i]) return false;
    }
    return true;
  }

  isRefused(i: number): boolean {
    return this.#refused.has(i);
  }

  /**
   * All have answered. What one whose word counts has refused never was, and the tenant is told;
   * any other that refuses something is set aside (rounds.ts).
   */
  #settle(): void {
    const { unanswered, placement } = this.#owner;
    const isAlone = this.#sent.length === 1;
    for (const { datapath, outcome } of this.#sent) {
      if (outcome.type !== 'lost') continue;
      if (isAlone || datapath.name === placement.primary) this.#user.leaveOpen(datapath.name);
      if (!isAlone) unanswered.owes(datapath.name);
    }
    if (this.#sent.some((one) => refusalsOf(one).length > 0)) this.#onRefusals(isAlone);
    this.#user.release();
    unanswered.remove(this.#user);
    noteAnswered(this.#context, this.#owner);
    this.#user.giveBack();
  }

  #onRefusals(isAlone: boolean): void {
    const deciders = decidersOf(this.#context, this.#owner);
    const counts = ({ datapath }: Sent): boolean => isAlone || deciders.has(datapath.name);
    const entries = new Map<number, number[]>();
    const refused = new Map<number, RefusedBy>();
    // Of a flow-mod that several refused the primary's word is the one that is told.
    const ranks = [...deciders];
    const rankOf = ({ datapath }: Sent): number => ranks.indexOf(datapath.name);
    const deciding = this.#sent.filter(counts).sort((a, b) => rankOf(a) - rankOf(b));
    for (const sent of deciding) {
      for (const refusal of refusalsOf(sent)) {
        const { i, entry } = this.#user.ownerOf(refusal.xid - sent.firstXid);
        if (!refused.has(i)) refused.set(i, { by: sent.datapath, refusal });
        entries.set(i, [...(entries.get(i) ?? []), entry]);
        const body = sent.datapath.flat?.bodyOf(this.#owner.vswitch);
        if (body !== undefined) this.#user.refusedBelow?.(body, { i, entry });
      }
    }
    for (const [i, { refusal }] of [...refused]) {
      for (const other of this.#user.alsoOf(i)) {
        if (!refused.has(other)) refused.set(other, { by: undefined, refusal });
      }
    }
    this.#refused = refused;
    if (refused.size > 0) {
      revertSent(this.#context, this.#owner, this.#user, this.#refusedOnes(entries));
    }
    for (const sent of this.#sent) {
      if (counts(sent)) continue;
      const own = refusalsOf(sent).find(({ xid }) => {
        return !refused.has(this.#user.ownerOf(xid - sent.firstXid).i);
      });
      if (own !== undefined) setAside(this.#owner, sent.datapath.name, own);
    }
  }

  *#refusedOnes(entries: ReadonlyMap<number, readonly number[]>): Iterable<RefusedOfLot> {
    for (const [i, { by, refusal }] of [...this.#refused].sort(([a], [b]) => a - b)) {
      const one = this.#user.change(i);
      const body = by?.flat?.bodyOf(this.#owner.vswitch);
      // What a flat datapath is believed to hold is not there.
      const level = this.#user.levelOf?.(i);
      if ('rule' in one.change && level !== undefined)
        for (const e of entries.get(i) ?? []) body?.refusedOf(one.change.rule, e, level);
      yield { i, one, refusal, by: by?.name };
    }
  }
}

function refusalsOf({ outcome }: Sent): readonly Refusal[] {
  return outcome.type === 'lost' ? [] : outcome.refusals;
}
