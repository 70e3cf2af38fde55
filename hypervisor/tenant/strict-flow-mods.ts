/**
 * A vswitch's modifies and deletes that name one rule exactly, handled as bytes: the rulebook finds
 * and changes the rule, and the store and the bodies get the change. Their physical form is
 * computed once for each form of flow-mod (translation/requests/flow-mod-forms.ts). Those that name
 * no rule exactly are loose-flow-mods.ts's.
 */

import { flowMod } from '../../openflow/messages/messages.ts';
import { table } from '../../openflow/values/constants.ts';
import { isDeletion, isOf10, type StrictOutcome } from '../../slices/rules/strict-changes.ts';
import type { RuleChanges } from '../../translation/flat/rule-changes.ts';
import type { FlowModForms } from '../../translation/requests/flow-mod-forms.ts';
import type { Channel } from '../channel/channel.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type ChangedRules, ChangedRun } from './changed-rules.ts';
import type { FlowModsOwner } from './flow-mods-user.ts';

/** Where they go, and what they are there: of a flat datapath, or of any other. */
interface Below {
  readonly targets: readonly Datapath[];
  readonly forms: FlowModForms;
  readonly flat: RuleChanges | undefined;
}

export class StrictFlowMods {
  readonly #owner: FlowModsOwner;
  readonly #sent: ChangedRules;

  constructor(owner: FlowModsOwner, sent: ChangedRules) {
    this.#owner = owner;
    this.#sent = sent;
  }

  /** As `FlowMods.relay`, to these datapaths, of one table or several. Hot. */
  relay(
    from: Channel,
    dv: DataView,
    at: number,
    end: number,
    { targets, forms, flat }: Below,
  ): number {
    const { rulebook, traffic } = this.#owner;
    forms.read(run, dv, at, end, flat === undefined);
    if (run.count === 0) return 0;
    run.cut(traffic.mostChanges(run.count, from.takenMs));
    rulebook.arena.hashAll(run);
    run.cut(this.#change(from.takenMs, flat));
    if (run.count === 0) return 0;
    traffic.heard('changes', run.count, from.takenMs);
    if (hasChanged()) this.#sent.send({ from }, changed, targets, flat ?? forms);
    return run.fromSize;
  }

  /** How many of the run are in the rulebook; values decide what is behind them. */
  #change(nowMs: number, flat: RuleChanges | undefined): number {
    const { rulebook, unanswered } = this.#owner;
    changed.was.reset();
    flat?.begin();
    for (let i = 0; i < run.count; i++) {
      const name = changed.name(i);
      // What a datapath does not let go is there for the request behind it.
      if (unanswered.returning.mayBeNamed(name) || isAgain(i, name)) return i;
      // A frame of the rulebook names the first one.
      if (isOfAllTables(i) && rulebook.arena.lists.areOfLaterTables) return i;
      changed.wasAt[i] = changed.was.at;
      if (this.#changeOne(i, nowMs, flat) === 'values') return i;
      if (isDeletion(run, i)) changed.goes(i);
    }
    return run.count;
  }

  #changeOne(i: number, nowMs: number, flat: RuleChanges | undefined): StrictOutcome {
    const { strict, arena } = this.#owner.rulebook;
    const slot = arena.existing(run, i);
    if (slot === 0) return strict.miss(run, i);
    run.serial[i] = arena.serialOf(slot);
    if (flat?.know(run, i, i + 1) === false) return 'values';
    const outcome = strict.change(run, i, slot, nowMs, changed.was);
    if (outcome === 'changed') flat?.make(run, i);
    return outcome;
  }
}

const changed = new ChangedRun();
const { run } = changed;

function hasChanged(): boolean {
  for (let i = 0; i < run.count; i++) if (run.serial[i] !== 0) return true;
  return false;
}

/** Whether it came so: deletions of OpenFlow 1.0 say no table. */
function isOfAllTables(i: number): boolean {
  if (!isDeletion(run, i)) return false;
  return isOf10(run, i) || flowMod.get.tableId(run.from, run.fromAt[i] as number) === table.all;
}

/** Whether one before it in the run takes out what has its name. */
function isAgain(i: number, name: number): boolean {
  for (let before = 0; before < i; before++) {
    const goes = run.serial[before] !== 0 && isDeletion(run, before);
    if (changed.names[before] === name && goes) return true;
  }
  return false;
}
