/**
 * The one place from which entries, groups and meters are sent to a datapath. A change to what the
 * datapath should hold comes as a step, whose source says which truth has changed, or is to be
 * restored there:
 *
 *   intent       an owner's contribution (translation/intent/), before the step is sent
 *   tables       a vswitch's rulebook, groups or meters, or what a flat datapath has of them: the
 *                messages are what has changed since they were sent last
 *   comparison   none: the datapath was read, and held something else than all of these together
 *
 * So at any time what was sent is what the datapath should hold. While it is away, or is not
 * compared with that yet, only the comparison sends: whoever else waits hears that the step is
 * lost, and it is part of the comparison (reconcile.ts). What a datapath refuses leaves the intent,
 * or what is believed of a flat body; what leaves a tenant's tables is for the sender to say
 * (tenant/refused-changes.ts).
 *
 * Flow-mods that stay bytes go by here too, with the same order and acknowledgement, in two calls:
 * `reserve` gives them their ids, before they are kept; `flowMods` writes exactly that many, at
 * once. Nothing may be sent to the datapath in between. Hot.
 */
import type { Writer } from '../../openflow/layout/writer.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import { inNiciraMatch } from '../../translation/datapath/stale-flows.ts';
import { noTables } from '../../translation/entries/physical-tables.ts';
import type { Intent } from '../../translation/intent/intent.ts';
import type { Change } from '../../translation/intent/plans.ts';
import { writeFlowMods } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { Channel } from '../channel/channel.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import type { Ack, Acks, Outcome } from './acknowledgements.ts';
import { DatapathCounts } from './datapath-counts.ts';
import { type Holding, noting } from './error-attribution.ts';

export type Source = 'intent' | 'tables' | 'comparison';

/** `later`: nobody waits, only a refusal matters; whichever barrier comes next speaks for it. */
export type Waits = 'later' | Ack;

export type Told = (outcome: Outcome) => void;

/** What it sends to, and what is believed of it. */
interface Writable extends Holding {
  readonly intent: Intent;
}

/** What is written of rules that go down as bytes, if they are not plain. */
export interface RunWriter {
  write(out: Writer, run: RuleRun, xid: number): void;
}

interface Connection {
  readonly channel: Channel;
  readonly acks: Acks;
}

export class DatapathWriter {
  /** How many messages were sent, by source. */
  readonly sent: Record<Source, number> = { intent: 0, tables: 0, comparison: 0 };
  /** Of its connections, since this process began. */
  readonly counts = new DatapathCounts();
  readonly #datapath: Writable;
  readonly #world: World;
  readonly #boundary: Boundary;
  #connection: Connection | undefined;
  #takesChanges = false;

  constructor(datapath: Writable, world: World, boundary: Boundary) {
    this.#datapath = datapath;
    this.#world = world;
    this.#boundary = boundary;
  }

  /** A connection is there; only the comparison sends before `compared`. */
  connect(channel: Channel, acks: Acks): void {
    this.#connection = { channel, acks };
    this.counts.connections += 1;
    acks.took = (ack, ms) => this.counts.acknowledged.took(ack, ms);
    this.#takesChanges = false;
  }

  /** The connection is gone: everything that waited for it is told. */
  lose(): void {
    const acks = this.#connection?.acks;
    this.counts.losses += 1;
    this.#connection = undefined;
    this.#takesChanges = false;
    acks?.lose();
  }

  /**
   * From now on what changes is sent: in this turn the comparison with what it should hold has come
   * to its end, but for tenants' rules.
   */
  compared(): void {
    this.#takesChanges = true;
  }

  /** Whether changes are sent to it, and not part of a comparison that is to come. Hot. */
  get takesChanges(): boolean {
    return this.#takesChanges;
  }

  /**
   * Sends a step; `told` runs once, when all of it is acknowledged as asked for, or lost. Never
   * inside this call.
   */
  send(source: Source, messages: readonly Message[], waits: Waits, told: Told): void {
    const isTaken = this.#takesChanges || source === 'comparison';
    if (isTaken) this.#send(source, messages, waits, told);
    else this.#lost(told);
  }

  /** Leads the datapath to what these owners want of it, all parts at once. */
  lead(changes: readonly Change[], waits: Waits, told: Told): void {
    this.send('intent', this.#datapath.intent.lead(changes), waits, told);
  }

  /**
   * Sends what one owner wants before the datapath was ever compared, or takes it back: the claim
   * of a store on a datapath that is nobody's (identity.ts).
   */
  claim(change: Change, told: Told): void {
    const { intent } = this.#datapath;
    intent.forget(change.owner);
    this.#send('intent', intent.lead([change]), 'barrier', told);
  }

  unclaim({ owner, vswitch }: Change, told: Told): void {
    const { intent } = this.#datapath;
    this.#send('intent', intent.lead([{ owner, vswitch, tables: noTables }]), 'barrier', told);
  }

  /** Runs when everything that was sent is answered, whether it takes changes or not. */
  whenAnswered(told: Told): void {
    this.#send('tables', [], 'barrier', told);
  }

  /** The ids of flow-mods that follow at once, the first of them. Hot. */
  reserve(count: number): number {
    return this.#connection?.channel.reserveXids(count) ?? 0;
  }

  /** The messages of a run, with the ids from `firstXid` on. `told` is bound. Hot. */
  flowMods(
    run: RuleRun,
    vswitch: Vswitch,
    forms: RunWriter | undefined,
    firstXid: number,
    told: Told,
  ): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const count = run.messageCount;
    this.sent.tables += count;
    const { channel } = connection;
    if (forms === undefined) writeFlowMods(channel.writer(), run, vswitch, firstXid);
    else forms.write(channel.writer(), run, firstXid);
    connection.acks.pushed(firstXid, count, told);
  }

  /** As `send`, for whoever waits `later`, of rules that stay bytes. */
  sendRun(run: RuleRun, vswitch: Vswitch, told: Told): void {
    if (!this.#takesChanges) this.#lost(told);
    else {
      const bound = this.#boundary.bind(told);
      this.flowMods(run, vswitch, undefined, this.reserve(run.count), bound);
    }
  }

  #send(source: Source, messages: readonly Message[], waits: Waits, told: Told): void {
    if (this.#connection === undefined) {
      this.#lost(told);
      return;
    }
    const { acks, channel } = this.#connection;
    this.sent[source] += messages.length;
    const done = noting(this.#datapath, messages, this.#boundary.bind(told));
    const sent = channel.version === version.of10 ? messages.map(inNiciraMatch) : messages;
    if (waits === 'later') acks.push(sent, done);
    else acks.apply(sent, waits, done);
  }

  #lost(told: Told): void {
    this.#world.soon(this.#boundary.bind(() => told({ type: 'lost' })));
  }
}
