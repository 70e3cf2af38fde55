/**
 * Moves of members of big switches (translation/migration/member-states.ts): the one that is under
 * way, and the remembered ones, as many as the file says of migrations and numbered among them. A
 * move is carried out by an apply (applying.ts), which reports its progress; it can be undone as
 * long as nothing is processed at the new member.
 */
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { tooOld } from '../../translation/migration/history.ts';
import type { MemberPlan } from '../../translation/migration/member-move.ts';
import {
  beginMember,
  endedAtStart,
  isMemberOver,
  type MemberEvent,
  type MemberMigration,
  stepMember,
} from '../../translation/migration/member-states.ts';
import type { Journal } from '../store/journal.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { World } from '../world/world.ts';
import type { ApplyWatch } from './apply-plans.ts';

interface MemberMovesContext {
  readonly world: World;
  readonly journal: Journal;
  readonly executor: { allocateId(): number };
  snapshot(): Snapshot;
}

type Watcher = (one: MemberMigration) => void;

/** Who asked for a move. */
export interface MemberWatcher {
  /** Each of its states. */
  event?(one: MemberMigration): void;
  onGone?(run: () => void): void;
}

/** A move that is about to begin. */
export interface Recording {
  /** Its number, when it has begun. */
  id: number;
  /** A person wanted it back. */
  isUndone?: true;
  readonly watch: ApplyWatch;
}

export class MemberMoves {
  readonly #context: MemberMovesContext;
  readonly #all = new Map<number, MemberMigration>();
  /** Who asked for those that are under way. */
  readonly #watchers = new Map<number, Watcher>();
  readonly #undoWanted = new Map<number, string>();

  /** What an earlier process had not ended has moved nothing. */
  constructor(context: MemberMovesContext, remembered: readonly MemberMigration[]) {
    this.#context = context;
    for (const one of remembered) {
      const ended = endedAtStart(one, context.world.wallClockMs());
      this.#all.set(one.id, ended);
      if (ended !== one) perform(context.journal, kept([entryOf(ended)]));
    }
  }

  all(): readonly MemberMigration[] {
    return [...this.#all.values()];
  }

  /** It is there from when its apply begins, and goes on as that says how far it is. */
  recording(planned: () => MemberPlan | undefined, { event, onGone }: MemberWatcher): Recording {
    let isWatched = true;
    // Whoever asked may go away: it goes on.
    onGone?.(() => {
      isWatched = false;
    });
    const tell = (one: MemberMigration): void => {
      if (isWatched) event?.(one);
    };
    const recording: Recording = {
      id: 0,
      watch: {
        begins: () => {
          const plan = planned();
          if (plan !== undefined) recording.id = this.#begin(plan, tell);
        },
        reached: () => this.feed(recording.id, { type: 'acted' }),
        fails: (why) => this.feed(recording.id, { type: 'failed', why }),
        whyBack: () => {
          const why = this.#undoWanted.get(recording.id);
          if (why !== undefined) recording.isUndone = true;
          return why;
        },
      },
    };
    return recording;
  }

  #begin({ type: _, steps, ...what }: MemberPlan, watcher: Watcher): number {
    this.#forgetOld();
    const { executor, world, journal } = this.#context;
    const id = executor.allocateId();
    const begun = beginMember(id, { ...what, plan: steps }, world.wallClockMs());
    this.#watchers.set(id, watcher);
    perform(journal, kept(this.#enter(begun)));
    return id;
  }

  feed(id: number, event: MemberEvent): void {
    perform(this.#context.journal, kept(this.fed(id, event)));
  }

  /** The same, with what the store is to have of it, for who keeps it with something else. */
  fed(id: number, event: MemberEvent): readonly Entry[] {
    const now = this.#all.get(id);
    if (now === undefined) return [];
    return this.#enter(stepMember(now, event, this.#context.world.wallClockMs()));
  }

  /** It is to be taken back; undefined, or why it cannot be. */
  undo(id: number, why: string): string | undefined {
    const one = this.#all.get(id);
    if (one === undefined) return `there is no migration ${id}`;
    const { state, vswitch, from, to } = one;
    if (state.type === 'join') {
      this.#undoWanted.set(id, why);
      return undefined;
    }
    const ends = [...(to ? [`--from ${to}`] : []), ...(from ? [`--to ${from}`] : [])];
    const next = `"limevisor migrate ${vswitch} ${ends.join(' ')}" moves it back`;
    if (state.type === 'done') return `migration ${id} is done; ${next}`;
    if (isMemberOver(one)) return `migration ${id} is ${state.type}`;
    return `migration ${id} can only be completed from "${state.type}" on; then ${next}`;
  }

  #enter(one: MemberMigration): readonly Entry[] {
    const { id } = one;
    this.#all.set(id, one);
    this.#watchers.get(id)?.(one);
    if (isMemberOver(one)) {
      this.#watchers.delete(id);
      this.#undoWanted.delete(id);
    }
    return [entryOf(one)];
  }

  #forgetOld(): void {
    const { migrationsKept } = this.#context.snapshot().config;
    const gone = tooOld(this.all().filter(isMemberOver), migrationsKept);
    for (const id of gone) this.#all.delete(id);
    if (gone.length === 0) return;
    perform(this.#context.journal, kept(gone.map((id) => textEntry(keyOf(id), undefined))));
  }
}

function keyOf(id: number): string {
  return `memberMove/${id}`;
}

function entryOf(one: MemberMigration): Entry {
  return textEntry(keyOf(one.id), one);
}
