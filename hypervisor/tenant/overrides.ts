/**
 * The overrides of a vswitch's rules on each datapath (translation/wiring/overrides.ts), and their
 * changes; each encoding makes entries of them.
 */

import { flowCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import type { Placement, Vswitch } from '../../slices/network/values.ts';
import type { Owner } from '../../translation/datapath/contribution.ts';
import { noOverrides, type Overrides } from '../../translation/wiring/overrides.ts';
import type { Ack, Outcome, Refusal } from '../datapath/acknowledgements.ts';
import type { DatapathContext } from '../datapath/contributors.ts';
import { changeOf } from '../datapath/converge.ts';

/** The vswitch whose rules they are, as it is now. */
interface Overridden {
  readonly vswitch: Vswitch;
  readonly placement: Placement;
  /** Whether there are bodies that lead everything to the primary (single-body.ts). */
  readonly singleBody: { readonly isOn: boolean; readonly drops: boolean };
}

export class Overriding {
  readonly #context: DatapathContext;
  readonly #owner: Overridden;
  readonly #on = new LazyMap<DatapathName, Overrides>();

  constructor(context: DatapathContext, owner: Overridden) {
    this.#context = context;
    this.#owner = owner;
  }

  on(datapath: DatapathName): Overrides {
    return this.#on.get(datapath) ?? noOverrides;
  }

  ownerOn(datapath: DatapathName): Owner {
    return { type: 'overrides', vswitch: this.#owner.vswitch, overrides: this.on(datapath) };
  }

  /**
   * As the state of the vswitch's migration has it, after a restart or when it is reopened: a
   * hand-over that was under way begins anew.
   */
  restore(frozen: readonly DatapathName[]): void {
    const { placement, singleBody } = this.#owner;
    const { bodies, primary } = placement;
    for (const on of bodies) {
      const leadsTo = singleBody.isOn && on !== primary ? primary : undefined;
      this.lead(
        on,
        { ...noOverrides, leadsTo, isFrozen: frozen.includes(on) },
        'barrier',
        () => undefined,
      );
    }
  }

  /** They become others: what the datapath is to be sent for that. */
  change(datapath: DatapathName, to: Partial<Overrides>): readonly Message[] {
    const next = { ...this.on(datapath), ...to };
    const drops = next.leadsTo !== undefined && this.#owner.singleBody.drops;
    const overrides = { ...next, drops };
    if (Object.values(overrides).some((one) => !isNothing(one))) this.#on.set(datapath, overrides);
    else this.#on.delete(datapath);
    const snapshot = this.#context.snapshot();
    const { flat, intent } = this.#context.datapath(datapath);
    // One that has not connected yet is made to hold them when it does.
    if (isFlat(snapshot, datapath)) {
      return flat?.bodyOf(this.#owner.vswitch).override(overrides) ?? [];
    }
    return intent.lead([changeOf(snapshot, datapath, this.ownerOn(datapath))]);
  }

  /**
   * As `change`, sent; nothing is sent of what is as it is to be, but for the acknowledgement. What
   * was refused is not what overrides, and is not asked for by anybody else: who wanted it is told.
   */
  lead(
    datapath: DatapathName,
    to: Partial<Overrides>,
    ack: Ack,
    done: (outcome: Outcome) => void,
  ): void {
    const before = this.on(datapath);
    const messages = this.change(datapath, to);
    const now = this.on(datapath);
    this.#context.datapath(datapath).writer.send('intent', messages, ack, (outcome) => {
      const isRefused = outcome.type === 'acked' && outcome.refusals.some(isOfAdded(messages));
      if (isRefused && this.on(datapath) === now) this.#on.set(datapath, before);
      done(outcome);
    });
  }
}

function isOfAdded(messages: readonly Message[]) {
  return ({ index }: Refusal): boolean => {
    const message = messages[index];
    return message?.type === 'flowMod' && message.command < flowCommand.delete;
  };
}

function isNothing(one: Overrides[keyof Overrides]): boolean {
  return one === undefined || one === false || (Array.isArray(one) && one.length === 0);
}
