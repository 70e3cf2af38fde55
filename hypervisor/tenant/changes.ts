/**
 * Changes of a vswitch's rulebook and group book: what a tenant's flow-mods and group-mods become,
 * kept in step with the store, and taken back when a datapath refuses them.
 */
import { flowCommand, flowFlag } from '../../openflow/constants.ts';
import { isError } from '../../openflow/errors.ts';
import type { FlowMod, Instruction, OfError } from '../../openflow/values.ts';
import type { GroupChange, GroupMod } from '../../slices/groups-meters/groups.ts';
import type { MeterChange, MeterMod } from '../../slices/groups-meters/meters.ts';
import { type Cursor, newCursor } from '../../slices/rules/cursor.ts';
import type { RemovalReason, Rule, RuleChange } from '../../slices/rules/rulebook.ts';
import type { LaterChange, Reverted } from '../../slices/rules/rulebook-revert.ts';
import type { Change, TakenBack } from '../../translation/body.ts';
import { isLong } from '../../translation/fit.ts';
import { tagWays } from '../../translation/tag-ways.ts';
import type { Origin } from '../channel/error-replies.ts';
import { bind, lacking } from '../store/tenant-state.ts';
import { decide, whenAcknowledged } from './acknowledged.ts';
import type { ChangesHub, ChangesOwner, Used } from './changes-user.ts';
import { RoundChange } from './pending.ts';

export class Changes {
  readonly #hub: ChangesHub;
  readonly #owner: ChangesOwner;
  #reverts = 0;
  /** Puts changes into the order of requests. */
  readonly #order: (changes: readonly RoundChange[]) => void;

  constructor(
    hub: ChangesHub,
    owner: ChangesOwner,
    order: (changes: readonly RoundChange[]) => void,
  ) {
    this.#hub = hub;
    this.#owner = owner;
    this.#order = order;
  }

  /** `then` when all of it is in the order of requests; not when it was refused. */
  flowMod(mod: FlowMod, origin: Origin, then: () => void): void {
    const isAdd = mod.command === flowCommand.add;
    // What a datapath does not let go is there for the request behind it.
    if (isAdd || !this.#owner.pending.mayReturn(mod)) this.#decide(mod, origin, then);
    else {
      const release = this.#owner.admission.hold();
      whenAcknowledged(this.#hub, this.#owner, () => {
        this.#decide(mod, origin, then);
        release();
      });
    }
  }

  #decide(mod: FlowMod, origin: Origin, then: () => void): void {
    const bound = this.#bind(mod);
    // What a rule uses is there or not, whatever becomes of other rules.
    if (isError(bound) && !this.#owner.pending.isOfUsed) origin.refuse(bound);
    else decide(this.#hub, this.#owner, origin, (told) => this.#flowMod(mod, told, then));
  }

  groupMod(mod: GroupMod, origin: Origin): void {
    decide(this.#hub, this.#owner, origin, (told) => {
      const { groups } = this.#owner;
      this.#afterUsers(groups.change(mod), groups, 'groupDelete', told);
    });
  }

  meterMod(mod: MeterMod, origin: Origin): void {
    decide(this.#hub, this.#owner, origin, (told) => {
      const { meters } = this.#owner;
      this.#afterUsers(meters.change(mod), meters, 'meterDelete', told);
    });
  }

  #flowMod(mod: FlowMod, origin: Origin, then: () => void): void {
    const { rulebook } = this.#owner;
    const instructions = this.#bind(mod);
    if (isError(instructions)) {
      origin.refuse(instructions);
      return;
    }
    const whole = { ...mod, instructions };
    const now = (): number => this.#hub.world.nowMs();
    const isWide = mod.command === flowCommand.delete || mod.command === flowCommand.modify;
    // Where a modify may not fit below it is done as a whole, or not at all.
    const mayMisfit =
      mod.command < flowCommand.delete && (this.#mayLackWays() || isLong(instructions));
    if (!isWide || mayMisfit) {
      if (this.#take(rulebook.apply(whole, now()), origin)) then();
    } else this.#inTurns((cursor) => rulebook.applySome(whole, cursor, now()), origin, then);
  }

  /** A deletion has no instructions. */
  #bind({ command, instructions }: FlowMod): readonly Instruction[] | OfError {
    if (command >= flowCommand.delete) return [];
    const { groups, meters } = this.#owner;
    return bind({ groups: groups.book, meters: meters.book }, instructions);
  }

  /** How many changes were taken back. */
  get reverts(): number {
    return this.#reverts;
  }

  /**
   * Rules go before the group or the meter that they use: below, and in the store. The rules may be
   * many and take many commits; whichever was the last one before a crash, no rule that is kept
   * names a group that is not.
   */
  #afterUsers<C extends GroupChange | MeterChange>(
    changes: readonly C[] | OfError,
    used: Used<C>,
    reason: RemovalReason,
    origin: Origin,
  ): void {
    // What is not there is deleted already: there is nothing to do.
    if (!this.#isFine(changes, origin) || changes.length === 0) return;
    const isUser = used.usersOf(changes);
    const submit = (): void => {
      used.record(changes);
      this.#submit(changes, origin);
    };
    if (isUser === undefined) submit();
    else {
      const { rulebook } = this.#owner;
      this.#inTurns((cursor) => rulebook.removeSome(isUser, reason, cursor), origin, submit);
    }
  }

  /** Makes changes a part at a time; requests of others do not come in between. */
  #inTurns(
    next: (cursor: Cursor) => readonly RuleChange[] | OfError,
    origin: Origin,
    then: () => void,
  ): void {
    const release = this.#owner.admission.hold();
    const cursor = newCursor();
    const once = onlyOnce(origin);
    let isTaken = true;
    const step = (): boolean => {
      isTaken = this.#take(next(cursor), once);
      return isTaken && !cursor.isOver;
    };
    this.#hub.scheduler.run({ step, mayGo: () => this.#owner.mayChange() }, () => {
      if (isTaken) then();
      release();
    });
  }

  /** Puts changes of the rulebook into the store and the order; false when they were refused. */
  #take(changes: readonly RuleChange[] | OfError, origin: Origin): boolean {
    if (!this.#isFine(changes, origin)) return false;
    if (changes.length === 0) return true;
    this.#record(changes);
    this.#submit(changes, origin);
    return true;
  }

  /** They wait for their round, and for the datapaths' word. */
  #submit(changes: readonly Change[], origin?: Origin): void {
    const all = changes.map((change) => new RoundChange(change, origin));
    for (const one of all) this.#owner.pending.add(one);
    this.#order(all);
  }

  #isFine<C extends Change>(
    changes: readonly C[] | OfError,
    origin: Origin,
  ): changes is readonly C[] {
    if (!isError(changes)) return changes.length === 0 || !this.#isMisfit(changes, origin);
    origin.refuse(changes);
    return false;
  }

  /** Takes changes back that a body cannot hold, and tells who asked for them. */
  #isMisfit(changes: readonly Change[], origin: Origin): boolean {
    const why = this.#misfit(changes);
    if (why === undefined) return false;
    for (const change of changes.toReversed()) {
      if ('rule' in change) this.#owner.rulebook.revert(change);
      else this.revert(change, []);
    }
    const about = { vswitch: this.#owner.vswitch.name, why: why.why };
    this.#hub.log.warn(about, 'a change was refused: its datapaths cannot carry it out');
    origin.refuse(why);
    return true;
  }

  /** Why a body cannot hold changes that the books allow. */
  #misfit(changes: readonly Change[]): OfError | undefined {
    for (const on of this.#owner.placement.bodies) {
      const body = this.#owner.bodyOn(on);
      for (const change of changes) {
        const why = body.refuse(change, this.#hub.snapshot());
        if (why !== undefined) return why;
      }
    }
    return undefined;
  }

  /** Whether a body has one table, or sends over ways that know one tag. */
  #mayLackWays(): boolean {
    const { placement, vswitch } = this.#owner;
    return placement.bodies.some((on) => {
      const isFlat = this.#hub.datapath(on).flat !== undefined;
      return isFlat || tagWays(this.#hub.snapshot(), vswitch, on).size > 0;
    });
  }

  /** Rules whose time is over (rule-counters.ts): as if the tenant had deleted them. */
  expire(changes: readonly RuleChange[]): void {
    if (changes.length === 0) return;
    this.#record(changes);
    this.#submit(changes);
  }

  /** A datapath refused the change: the books and the store are as if it had never been made. */
  revert(change: Change, later: readonly LaterChange[]): TakenBack {
    this.#reverts += 1;
    if ('group' in change) return { group: this.#owner.groups.revert(change) };
    if ('meter' in change) return { meter: this.#owner.meters.revert(change) };
    return this.#revertRule(change, later);
  }

  #revertRule(change: RuleChange, later: readonly LaterChange[]): Reverted {
    const { rulebook, flowRemoved, pending, vswitch } = this.#owner;
    const back = this.#withUsed(rulebook.revert(change, later));
    const { ledger } = this.#hub;
    for (const serial of back.serials) flowRemoved.forget(serial);
    pending.join([...back.serials, ...(back.stands === undefined ? [] : [back.stands.serial])]);
    pending.drop(back.void);
    for (const { rule, reason } of back.removed) this.#owe(rule, reason);
    if (back.isOvertaken) return back;
    for (const serial of back.serials) {
      if (serial !== back.stands?.serial) ledger.dropRule(vswitch.name, serial);
    }
    if (back.stands !== undefined) ledger.putRule(vswitch.name, back.stands);
    return back;
  }

  /** A rule does not stand again without the group or the meter that it uses: it goes with them. */
  #withUsed(back: Reverted): Reverted {
    const { groups, meters, rulebook } = this.#owner;
    const books = { groups: groups.book, meters: meters.book };
    const { stands, sent } = back;
    const reason = stands && lacking(books, stands.instructions);
    if (stands !== undefined && reason !== undefined) {
      rulebook.drop(stands.serial, reason);
      this.#owe(stands, reason);
    }
    const isSentToo = sent !== undefined && lacking(books, sent.instructions) === undefined;
    return {
      ...back,
      stands: reason === undefined ? stands : undefined,
      sent: isSentToo ? sent : undefined,
    };
  }

  /** Keeps the store in step with the rulebook, and remembers what is owed to the tenant. */
  #record(changes: readonly RuleChange[]): void {
    const { ledger } = this.#hub;
    const { name } = this.#owner.vswitch;
    for (const change of changes) {
      if (change.type === 'remove') {
        ledger.dropRule(name, change.rule.serial);
        this.#owe(change.rule, change.reason);
        continue;
      }
      ledger.putRule(name, change.rule);
      if (change.type === 'add') this.#owner.flowRemoved.queued(change.rule);
      if (change.type === 'add' && change.replaced !== undefined) {
        ledger.dropRule(name, change.replaced.serial);
      }
    }
    this.#owner.counters.start();
  }

  /** The tenant is told that a rule went, if it asked for that. */
  #owe(rule: Rule, reason: RemovalReason): void {
    const wanted = (rule.flags & flowFlag.sendFlowRem) !== 0;
    // Open vSwitch tells nobody of 1.3 about rules that go with their meter.
    if (wanted && reason !== 'meterDelete')
      this.#owner.flowRemoved.expect(rule, reason, this.#owner.carriers);
  }
}

/** A request that many parts of may be refused is answered by one error. */
function onlyOnce(origin: Origin): Origin {
  let isTold = false;
  return {
    refuse(error) {
      if (!isTold) origin.refuse(error);
      isTold = true;
    },
  };
}
