/**
 * Changes of a vswitch's rulebook and group book: what a tenant's flow-mods and group-mods become,
 * kept in step with the store, and taken back when a datapath refuses them.
 */
import { flowCommand, flowFlag } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import type { FlowMod, OfError } from '../openflow/values.ts';
import type { GroupMod } from '../slices/groups.ts';
import type { MeterMod } from '../slices/meters.ts';
import type { RuleChange } from '../slices/rulebook.ts';
import type { Change } from '../translation/body.ts';
import { bind } from './books.ts';
import type { Origin } from './controller.ts';
import type { RoundChange } from './rounds.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

export class Changes {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  /** Puts changes into the order of requests. */
  readonly #submit: (changes: readonly RoundChange[]) => void;

  constructor(hub: Hub, owner: VswitchRuntime, submit: (changes: readonly RoundChange[]) => void) {
    this.#hub = hub;
    this.#owner = owner;
    this.#submit = submit;
  }

  /** False when it was refused. */
  flowMod(mod: FlowMod, origin: Origin): boolean {
    const isDelete = mod.command >= flowCommand.delete;
    const { groups, meters } = this.#owner;
    const books = { groups: groups.book, meters: meters.book };
    const instructions = isDelete ? [] : bind(books, mod.instructions);
    const changes = isError(instructions)
      ? instructions
      : this.#owner.rulebook.apply({ ...mod, instructions }, this.#hub.world.nowMs());
    if (isError(changes)) {
      origin.refuse(changes);
      return false;
    }
    if (changes.length === 0) return true;
    if (this.#isMisfit(changes, origin)) return false;
    this.#record(changes);
    this.#submit(changes.map((change) => ({ change, origin })));
    return true;
  }

  groupMod(mod: GroupMod, origin: Origin): void {
    this.#take(this.#owner.groups.change(mod), origin);
  }

  meterMod(mod: MeterMod, origin: Origin): void {
    this.#take(this.#owner.meters.change(mod), origin);
  }

  #take(changes: readonly Change[] | OfError, origin: Origin): void {
    if (isError(changes)) {
      origin.refuse(changes);
      return;
    }
    if (changes.length === 0 || this.#isMisfit(changes, origin)) return;
    this.#record(changes.filter((change) => 'rule' in change));
    this.#submit(changes.map((change) => ({ change, origin })));
  }

  /** Takes changes back that a body cannot hold, and tells who asked for them. */
  #isMisfit(changes: readonly Change[], origin: Origin): boolean {
    const why = this.#owner.misfit(changes);
    if (why === undefined) return false;
    for (const change of changes.toReversed()) {
      if ('rule' in change) this.#owner.rulebook.revert(change);
      else this.revert(change);
    }
    origin.refuse(why);
    return true;
  }

  /** Rules whose time is over (counters.ts): as if the tenant had deleted them. */
  expire(changes: readonly RuleChange[]): void {
    this.#record(changes);
    this.#submit(changes.map((change) => ({ change })));
  }

  /** A datapath refused the change: the rulebook and the store are as before it. */
  revert(change: Change): void {
    if ('group' in change) this.#owner.groups.revert(change);
    else if ('meter' in change) this.#owner.meters.revert(change);
    else this.#revertRule(change);
  }

  #revertRule(change: RuleChange): void {
    this.#owner.rulebook.revert(change);
    const { ledger } = this.#hub;
    const { name } = this.#owner.vswitch;
    if (change.type === 'modify') ledger.putRule(name, change.before);
    if (change.type !== 'add') return;
    ledger.dropRule(name, change.rule.serial);
    if (change.replaced !== undefined) ledger.putRule(name, change.replaced);
  }

  /** Keeps the store in step with the rulebook, and remembers what is owed to the tenant. */
  #record(changes: readonly RuleChange[]): void {
    const { ledger } = this.#hub;
    const { name } = this.#owner.vswitch;
    for (const change of changes) {
      if (change.type === 'remove') {
        ledger.dropRule(name, change.rule.serial);
        const wanted = (change.rule.flags & flowFlag.sendFlowRem) !== 0;
        // Open vSwitch tells nobody of 1.3 about rules that go with their meter.
        if (wanted && change.reason !== 'meterDelete')
          this.#owner.removals.expect(change.rule, change.reason, this.#owner.placement.bodies);
        continue;
      }
      ledger.putRule(name, change.rule);
      if (change.type === 'add' && change.replaced !== undefined) {
        ledger.dropRule(name, change.replaced.serial);
      }
    }
    this.#owner.counters.start();
  }
}
