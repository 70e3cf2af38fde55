/**
 * Changes of a vswitch's rulebook, groups and meters by a tenant's flow-mods, group-mods and
 * meter-mods. revert.ts takes back what a datapath refuses of them.
 *
 *   request  -->  decided, on the tables  -->  Ready (store/ready.ts)  -->  shell.ts: keeps, sends
 *
 * What takes many turns is decided a part at a time, each part a Ready of its own.
 */

import { flowCommand } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Instruction, OfError } from '../../openflow/values/values.ts';
import type { GroupChange, GroupMod } from '../../slices/groups-meters/groups.ts';
import type { MeterChange, MeterMod } from '../../slices/groups-meters/meters.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import { type Cursor, newCursor } from '../../slices/rules/cursor.ts';
import { mayChange } from '../../slices/rules/rule-filter.ts';
import type { RemovedReason, RuleChange } from '../../slices/rules/rulebook.ts';
import { RoundChange } from '../../translation/changes/round-change.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import { tagWays } from '../../translation/datapath/tag-ways.ts';
import type { Change } from '../../translation/entries/body.ts';
import { bind } from '../../translation/entries/tenant-tables.ts';
import { isLong } from '../../translation/requests/fit.ts';
import type { Entry } from '../store/journal-entries.ts';
import { nothingBut } from '../store/ready.ts';
import { decide, whenAcknowledged } from './acknowledged.ts';
import type { ChangesContext, ChangesOwner, Used } from './changes-user.ts';
import { owe } from './revert.ts';
import type { TenantReady } from './shell.ts';

/** A part of what a request becomes, or why that cannot be. */
type Part = TenantReady | OfError;

/** What a request becomes: at once, and a part in every turn. */
interface Parts {
  readonly first: Part;
  readonly rest?: Iterator<Part>;
}

export class Changes {
  readonly #context: ChangesContext;
  readonly #owner: ChangesOwner;

  constructor(context: ChangesContext, owner: ChangesOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** `then` when all of it is in the order of requests; not when it was refused. */
  flowMod(mod: FlowMod, origin: Origin, then: () => void): void {
    const isAdd = mod.command === flowCommand.add;
    // What a datapath does not let go is there for the request behind it.
    if (isAdd || !this.#owner.unanswered.mayReturn(mod)) this.#flowMod(mod, origin, then);
    else {
      const release = this.#owner.admission.hold();
      whenAcknowledged(this.#context, this.#owner, () => {
        this.#flowMod(mod, origin, then);
        release();
      });
    }
  }

  #flowMod(mod: FlowMod, origin: Origin, then: () => void): void {
    const bound = this.bind(mod);
    // What a rule uses is there or not, whatever becomes of other rules.
    if (isError(bound) && !this.#owner.unanswered.isOfUsed) this.#owner.shell.refuse(origin, bound);
    else this.#commit((told) => this.#flowModParts(mod, told), origin, then);
  }

  groupMod(mod: GroupMod, origin: Origin): void {
    const { groups } = this.#owner;
    const decided = (told: Origin) =>
      this.#afterUsers(groups.change(mod), groups, 'groupDelete', told);
    this.#commit(decided, origin, () => undefined);
  }

  meterMod(mod: MeterMod, origin: Origin): void {
    const { meters } = this.#owner;
    const decided = (told: Origin) =>
      this.#afterUsers(meters.change(mod), meters, 'meterDelete', told);
    this.#commit(decided, origin, () => undefined);
  }

  /** Decides a request and carries it out; requests of others do not come in between. */
  #commit(decided: (told: Origin) => Parts, origin: Origin, then: () => void): void {
    const { shell, admission } = this.#owner;
    const told = onlyOnce(origin);
    const take = (part: Part): boolean => {
      if (isError(part)) shell.refuse(told, part);
      else shell.execute(part);
      return !isError(part);
    };
    decide(
      this.#context,
      this.#owner,
      () => decided(told),
      ({ first, rest }) => {
        if (!take(first)) return;
        if (rest === undefined) {
          then();
          return;
        }
        const release = admission.hold();
        let isTaken = true;
        const step = (): boolean => {
          const { value } = rest.next();
          isTaken = value === undefined || take(value);
          return isTaken && value !== undefined;
        };
        this.#context.scheduler.run({ step, mayGo: () => this.#owner.mayChange() }, () => {
          if (isTaken) then();
          release();
        });
      },
    );
  }

  #flowModParts(mod: FlowMod, told: Origin): Parts {
    const { rulebook, flowMods } = this.#owner;
    const instructions = this.bind(mod);
    if (isError(instructions)) return { first: instructions };
    const whole = { ...mod, instructions };
    const now = (): number => this.#context.world.nowMs();
    const isWide = mod.command === flowCommand.delete || mod.command === flowCommand.modify;
    // Where a modify may not fit below it is done as a whole, or not at all.
    const mayMisfit =
      mod.command < flowCommand.delete && (this.#mayLackWays() || isLong(instructions));
    if (!isWide || mayMisfit) return { first: this.#ready(rulebook.apply(whole, now()), told) };
    const next = (cursor: Cursor): readonly RuleChange[] | OfError =>
      flowMods.part(whole, cursor, told, now()) ? [] : rulebook.applySome(whole, cursor, now());
    return begun(this.#some(next, told));
  }

  /** A deletion has no instructions, and what a modify that hits nothing uses may be missing. */
  bind(mod: FlowMod): readonly Instruction[] | OfError {
    const { command, instructions } = mod;
    if (command >= flowCommand.delete) return [];
    const { groups, meters, rulebook } = this.#owner;
    const bound = bind({ groups: groups.table, meters: meters.table }, instructions);
    return isError(bound) && !mayChange(rulebook.arena, mod) ? [] : bound;
  }

  /**
   * Rules go before the group or the meter that they use: below, and in the store. The rules may be
   * many and take many commits; whichever was the last one before a crash, no rule that is kept
   * names a group that is not.
   */
  #afterUsers<C extends GroupChange | MeterChange>(
    changes: readonly C[] | OfError,
    used: Used<C>,
    reason: RemovedReason,
    told: Origin,
  ): Parts {
    const why = isError(changes) ? changes : this.#refuse(changes);
    if (isError(changes) || why !== undefined) return { first: why ?? nothing };
    // What is not there is deleted already: there is nothing to do.
    if (changes.length === 0) return { first: nothing };
    const last = (): TenantReady => this.#taken(changes, used.entriesOf(changes), told);
    const isUser = used.usersOf(changes);
    if (isUser === undefined) return { first: last() };
    const { rulebook } = this.#owner;
    const users = this.#some((cursor) => rulebook.removeSome(isUser, reason, cursor), told);
    return begun(andThen(users, last));
  }

  /** Changes a part at a time. */
  *#some(
    next: (cursor: Cursor) => readonly RuleChange[] | OfError,
    told: Origin,
  ): Generator<Part, undefined> {
    const cursor = newCursor();
    while (!cursor.isOver) yield this.#ready(next(cursor), told);
    return undefined;
  }

  /** What changes of the rulebook lead to; taken back when a body cannot hold them. */
  #ready(changes: readonly RuleChange[] | OfError, told: Origin): Part {
    if (isError(changes)) return changes;
    return this.#refuse(changes) ?? this.#taken(changes, this.entriesOf(changes), told);
  }

  /** They wait for their round, and for the datapaths' word. */
  #taken(
    changes: readonly Change[],
    entries: readonly Entry[],
    origin: Origin | undefined,
  ): TenantReady {
    if (changes.length === 0) return nothing;
    const all = changes.map((change) => new RoundChange(change, origin));
    this.#owner.flowUpdates.changed(all);
    const messages = [{ type: 'round', changes: all } as const];
    return { entries: [...entries, ...this.opened(all)], messages, answers: [] };
  }

  /** Nobody has acknowledged them yet: what was before them is kept. */
  opened(all: readonly RoundChange[]): readonly Entry[] {
    const { unanswered, vswitch } = this.#owner;
    const list = unanswered.made(all);
    return list === undefined ? [] : [{ type: 'changes', vswitch: vswitch.name, ...list }];
  }

  /** As they are, or why a body cannot hold them: then they are taken back. */
  fitting<C extends Change>(changes: readonly C[] | OfError): readonly C[] | OfError {
    return isError(changes) ? changes : (this.#refuse(changes) ?? changes);
  }

  /** Takes changes back that a body cannot hold, and says why it cannot. */
  #refuse(changes: readonly Change[]): OfError | undefined {
    const why = this.#misfit(changes);
    if (why === undefined) return undefined;
    this.revertOnBooks(changes);
    const about = { vswitch: this.#owner.vswitch.name, why: why.why };
    this.#context.log.warn(about, 'a change was refused: its datapaths cannot carry it out');
    return why;
  }

  /** Changes that nobody has been told of were never made. */
  revertOnBooks(changes: readonly Change[]): void {
    const { rulebook, groups, meters } = this.#owner;
    for (const change of changes.toReversed()) {
      if ('rule' in change) rulebook.revert(change);
      else if ('group' in change) groups.revert(change);
      else meters.revert(change);
    }
  }

  /** Why a body cannot hold changes that the tables allow. */
  #misfit(changes: readonly Change[]): OfError | undefined {
    for (const on of this.#owner.placement.bodies) {
      const body = this.#owner.bodyOn(on);
      for (const change of changes) {
        const why = body.refuse(change, this.#context.snapshot());
        if (why !== undefined) return why;
      }
    }
    return undefined;
  }

  /** Whether a body has one table, or sends over ways that know one tag. */
  #mayLackWays(): boolean {
    const { placement, vswitch } = this.#owner;
    const snapshot = this.#context.snapshot();
    return placement.bodies.some(
      (on) => isFlat(snapshot, on) || tagWays(snapshot, vswitch, on).size > 0,
    );
  }

  /** Rules whose time is over (rule-counters.ts): as if the tenant had deleted them. */
  expire(changes: readonly RuleChange[]): TenantReady {
    return this.#taken(changes, this.entriesOf(changes), undefined);
  }

  /** What the store is to have of them; and what is owed to the tenant is remembered. */
  entriesOf(changes: readonly RuleChange[]): readonly Entry[] {
    const { name: vswitch } = this.#owner.vswitch;
    const entries: Entry[] = [];
    for (const change of changes) {
      if (change.type === 'remove') {
        entries.push({ type: 'noRule', vswitch, serial: change.rule.serial });
        owe(this.#owner, change.rule, change.reason);
        continue;
      }
      entries.push({ type: 'rule', vswitch, rule: change.rule });
      if (change.type === 'add') this.#owner.flowRemoved.queued(change.rule);
      if (change.type === 'add' && change.replaced !== undefined) {
        entries.push({ type: 'noRule', vswitch, serial: change.replaced.serial });
      }
    }
    if (changes.length > 0) this.#owner.counters.start();
    return entries;
  }
}

/** Nothing to keep, and nobody to tell. */
const nothing: TenantReady = nothingBut([]);

function begun(parts: Iterator<Part>): Parts {
  const first = parts.next();
  return first.done ? { first: nothing } : { first: first.value, rest: parts };
}

/** Unless one of the parts was refused: nobody asks for more then. */
function* andThen(parts: Iterable<Part>, last: () => Part): Generator<Part, undefined> {
  yield* parts;
  yield last();
  return undefined;
}

/** A request that many parts of may be refused is answered by one error. */
function onlyOnce(origin: Origin): Origin {
  let isTold = false;
  return {
    asker: origin.asker,
    refuse(error) {
      if (!isTold) origin.refuse(error);
      isTold = true;
    },
  };
}
