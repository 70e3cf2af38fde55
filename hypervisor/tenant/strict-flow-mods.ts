/**
 * A vswitch's modifies and deletes that name one rule exactly, handled as bytes: the rulebook finds
 * and changes the rule, and the store and the bodies get the change. Their physical form is
 * computed once for each form of flow-mod (translation/requests/flow-mod-forms.ts). Those that name
 * no rule exactly are loose-flow-mods.ts's.
 */

import { isDeletion } from '../../slices/rules/strict-changes.ts';
import type { FlowModForms } from '../../translation/requests/flow-mod-forms.ts';
import type { Channel } from '../channel/channel.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type ChangedRules, ChangedRun } from './changed-rules.ts';
import type { FlowModsOwner } from './flow-mods-user.ts';

export class StrictFlowMods {
  readonly #owner: FlowModsOwner;
  readonly #sent: ChangedRules;

  constructor(owner: FlowModsOwner, sent: ChangedRules) {
    this.#owner = owner;
    this.#sent = sent;
  }

  /** As `FlowMods.relay`, to these datapaths, all with several tables. Hot. */
  relay(
    from: Channel,
    dv: DataView,
    at: number,
    end: number,
    { targets, forms }: { targets: readonly Datapath[]; forms: FlowModForms },
  ): number {
    const { rulebook, traffic } = this.#owner;
    forms.read(run, dv, at, end, true);
    if (run.count === 0) return 0;
    run.cut(traffic.mostChanges(run.count, from.takenMs));
    rulebook.arena.hashAll(run);
    run.cut(this.#change(from.takenMs));
    if (run.count === 0) return 0;
    traffic.heard('changes', run.count, from.takenMs);
    if (run.messageCount > 0) this.#sent.send({ from }, changed, targets, forms);
    return run.fromSize;
  }

  /** How many of the run are in the rulebook; values decide what is behind them. */
  #change(nowMs: number): number {
    const { rulebook, unanswered } = this.#owner;
    changed.was.reset();
    for (let i = 0; i < run.count; i++) {
      const name = changed.name(i);
      // What a datapath does not let go is there for the request behind it.
      if (unanswered.returning.mayBeNamed(name) || isAgain(i, name)) return i;
      changed.wasAt[i] = changed.was.at;
      if (rulebook.strict.make(run, i, nowMs, changed.was) === 'values') return i;
      if (isDeletion(run, i)) changed.goes(i);
    }
    return run.count;
  }
}

const changed = new ChangedRun();
const { run } = changed;

/** Whether one before it in the run takes out what has its name. */
function isAgain(i: number, name: number): boolean {
  for (let before = 0; before < i; before++) {
    const goes = run.serial[before] !== 0 && isDeletion(run, before);
    if (changed.names[before] === name && goes) return true;
  }
  return false;
}
