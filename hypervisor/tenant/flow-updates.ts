/**
 * Tells connections about changes to the rules that they monitor (nicira-ext.h), when the rulebook
 * changes: by a flow-mod, a time-out, or a revert after a datapath's refusal.
 *
 * While anybody monitors, no flow-mod stays bytes: each is a value that can be told of.
 */
import { FlowMonitors, type RuleUpdate } from '../../slices/rules/flow-monitors.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import { updateIn, updateOf } from '../../translation/controllers/flow-monitors.ts';
import type { Asker, Effect } from '../../translation/controllers/verdict.ts';
import type { Channel } from '../channel/channel.ts';
import type { Controller } from '../controller/controller.ts';
import type { Asked } from '../controller/reply-order.ts';
import type { Party } from '../world/fault-boundary.ts';
import type { Admission } from './admission.ts';
import { MonitorConnection, type MonitorContext } from './monitor-connection.ts';
import type { TenantShell } from './shell.ts';

/** Whose rules are monitored. */
export interface FlowUpdatesOwner extends Party {
  readonly rulebook: Rulebook;
  readonly admission: Pick<Admission, 'holdOf'>;
  readonly shell: Pick<TenantShell, 'refuse'>;
}

/** A change, and whose request it came from, if it may be told by that. */
export interface Told {
  readonly update: RuleUpdate;
  readonly asker: Asker | undefined;
}

export class FlowUpdates {
  readonly #context: MonitorContext;
  readonly #owner: FlowUpdatesOwner;
  readonly #isDeciding: () => boolean;
  /** Made with the first monitor. */
  #connections: Map<Channel, MonitorConnection> | undefined;

  /** `isDeciding`: whether what the tables say is nobody's yet. */
  constructor(context: MonitorContext, owner: FlowUpdatesOwner, isDeciding: () => boolean) {
    this.#context = context;
    this.#owner = owner;
    this.#isDeciding = isDeciding;
  }

  /** Whether somebody monitors rules. Hot. */
  get areWanted(): boolean {
    return this.#connections !== undefined;
  }

  /** Begins monitors; the connection's next requests wait until it is told what is there. */
  begin(
    { monitors, wrong, xid }: Extract<Effect, { type: 'monitorRules' }>,
    from: Controller,
    channel: Channel,
    asked: Asked,
  ): void {
    const release = this.#owner.admission.holdOf(channel);
    const end = (): void => {
      this.#forgetGone();
      release();
      asked.end();
    };
    const connection = this.#connectionOf(from, channel);
    connection.whenIdle(() => {
      const why = connection.monitors.add(monitors, wrong);
      if (why === undefined) connection.tellInitial(monitors, xid, asked, end);
      else {
        this.#owner.shell.refuse(asked, why);
        end();
      }
    });
  }

  cancel(id: number, channel: Channel, asked: Asked): void {
    const monitors = this.#connections?.get(channel)?.monitors ?? new FlowMonitors(0);
    const why = monitors.cancel(id);
    if (why !== undefined) this.#owner.shell.refuse(asked, why);
    this.#forgetGone();
  }

  /** They were decided, all at once. */
  changed(changes: readonly RoundChange[]): void {
    if (!this.areWanted) return;
    this.#tell(
      changes.flatMap(({ change, origin }): readonly Told[] => {
        const update = 'rule' in change ? updateOf(change) : undefined;
        return update === undefined ? [] : [{ update, asker: origin?.asker }];
      }),
    );
  }

  /** A change of this rule is about to be taken back; what is returned is called when it is. */
  reverting(rule: Rule): () => void {
    if (!this.areWanted) return () => undefined;
    const { rulebook } = this.#owner;
    const before = rulebook.inPlaceOf(rule);
    return () => {
      const update = updateIn(before, rulebook.inPlaceOf(rule));
      if (update !== undefined) this.#tell([{ update, asker: undefined }]);
    };
  }

  #tell(all: readonly Told[]): void {
    if (all.length === 0) return;
    this.#forgetGone();
    for (const connection of this.#connections?.values() ?? []) connection.tell(all);
  }

  #connectionOf(from: Controller, channel: Channel): MonitorConnection {
    this.#connections ??= new Map();
    const known = this.#connections.get(channel);
    if (known !== undefined) return known;
    const { rulebook } = this.#owner;
    const rules = { party: this.#owner, rulebook, isDeciding: this.#isDeciding };
    const made = new MonitorConnection(this.#context, rules, from, channel);
    this.#connections.set(channel, made);
    return made;
  }

  /** Connections that are gone, or monitor nothing any more. */
  #forgetGone(): void {
    for (const [channel, connection] of this.#connections ?? []) {
      if (connection.isOver) this.#connections?.delete(channel);
    }
    if (this.#connections?.size === 0) this.#connections = undefined;
  }
}
