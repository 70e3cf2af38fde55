/**
 * A vswitch with two bodies, one of which, the primary, processes all packets: every other body
 * leads to it the packets that enter there (DESIGN 5).
 *
 *   separate --the new body is filled--> led to the primary --one body is left--> separate
 *
 * So rules change as on one switch, and nothing that a packet, a counter or a meter shows is of
 * two. Which body is the primary changes in hand-over.ts.
 */

import { flowMod } from '../../openflow/messages/messages.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { isHostOn } from '../../slices/network/host-attachments.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { nextWhose } from '../../slices/rules/rule-frames.ts';
import { contentOfRun, type RuleRun } from '../../slices/rules/rule-run.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { GuardKind, HandOver, Migration } from '../../translation/migration/migration.ts';
import { type Found, PuntAndForward } from '../../translation/migration/punt-and-forward.ts';
import { mayGoUpAndOn } from '../../translation/pipeline/flow-mod-bytes.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { Groups } from './groups.ts';
import { HandingOver, type HandOverContext, type HandOverOwner } from './hand-over.ts';
import { countOf, giveBack } from './redirected-packets.ts';

/**
 * What is done where nobody has asked for a kind of guard. The tests' canaries have `off`, with
 * which each body processes what enters there, and `unheld`, with which nothing is held while the
 * primary changes: order must break then.
 */
export type Guard = GuardKind | 'off' | 'unheld';

export interface SingleBodyContext extends HandOverContext, Scheduled {
  readonly guard: Guard;
}

/** Whose bodies lead to one. */
export interface SingleBodyOwner extends HandOverOwner {
  readonly groups: Pick<Groups, 'table'>;
}

export class SingleBody {
  readonly #context: SingleBodyContext;
  readonly #owner: SingleBodyOwner;
  /** Made when there is the first: most vswitches stay where they are. */
  #handingOver: HandingOver | undefined;
  /** What was found since there are several bodies. */
  #puntAndForward: PuntAndForward | undefined;
  /** Of the last hand-over since there are several bodies. */
  report: HandOver | undefined;
  /** Of all of them. */
  #inDoubt = 0;
  #isHandingOver = false;
  /** Whether packets may wait here until another body is the primary. */
  get isHandingOver(): boolean {
    return this.#isHandingOver;
  }

  /** What was asked for of those that there are now. */
  #kind: GuardKind | undefined;
  /** Rules went since the first one: their counters were told as they were. */
  #isLate = false;

  constructor(context: SingleBodyContext, owner: SingleBodyOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Whether there are bodies that lead everything to the primary. */
  get isOn(): boolean {
    return this.#puntAndForward !== undefined && this.#context.guard !== 'off';
  }

  /** The packets that may go to the controller and on. */
  get found(): Found | undefined {
    return this.#puntAndForward?.found;
  }

  /** Whether what enters a body that is not the primary is dropped, and not led there. */
  get drops(): boolean {
    return (this.#kind ?? this.#context.guard) === 'drop';
  }

  /** The new body has its rules, and nothing enters there yet. */
  begin({ guard }: Pick<Migration, 'guard'>, done: (trouble?: string) => void): void {
    this.#kind = guard;
    const puntAndForward = this.#look();
    const cursor = newCursor();
    const step = (): boolean => {
      const some = nextWhose(this.#owner.rulebook, cursor, mayGoUpAndOn);
      for (const rule of some) puntAndForward.noteRule(rule);
      return !cursor.isOver;
    };
    this.#context.scheduler.run({ step }, () => {
      const { bodies, primary } = this.#owner.placement;
      const others = bodies.filter((body) => this.isOn && body !== primary);
      const lead = (on: DatapathName, ended: Ended): void =>
        this.#owner.overriding.lead(on, { leadsTo: primary }, 'barrier', (outcome) =>
          ended(whyRefused(on, outcome, 'the entries that lead packets to one body')),
        );
      whenAll(others, lead, done);
    });
  }

  /** After a restart in the middle of a migration, before any datapath is looked at. */
  restore({ guard }: Pick<Migration, 'guard'>): void {
    this.#kind = guard;
    const puntAndForward = this.#look();
    for (const cursor = newCursor(); !cursor.isOver; ) {
      const some = nextWhose(this.#owner.rulebook, cursor, mayGoUpAndOn);
      for (const rule of some) puntAndForward.noteRule(rule);
    }
  }

  /** One body is left. */
  end(): void {
    this.#puntAndForward = undefined;
    this.report = undefined;
    this.#inDoubt = 0;
    this.#isLate = false;
    this.#kind = undefined;
  }

  /** Whether it looks at what changes. Hot. */
  get isWatching(): boolean {
    return this.#puntAndForward !== undefined;
  }

  /** Changes that are sent. */
  note(changes: readonly RoundChange[]): void {
    if (this.#puntAndForward === undefined) return;
    for (const { change } of changes) {
      this.#puntAndForward.note(change);
      const goes = change.type === 'remove' || (change.type === 'add' && change.replaced);
      if (goes && (this.report !== undefined || this.#isHandingOver)) this.#isLate = true;
    }
  }

  /** The same of flow-mods that go down as bytes. Hot. */
  noteRun(run: RuleRun): void {
    if (this.#puntAndForward === undefined) return;
    const { rulebook } = this.#owner;
    const isLate = this.report !== undefined || this.#isHandingOver;
    for (let i = 0; i < run.count; i++) {
      if (isLate && run.replaced[i] !== 0) this.#isLate = true;
      const tableId = flowMod.get.tableId(run.dv, run.at[i] as number);
      if (!mayGoUpAndOn(tableId, contentOfRun(run, i))) continue;
      const serial = run.serial[i] as number;
      const rule = rulebook.bySerial(serial) ?? rulebook.goneBySerial(serial);
      if (rule !== undefined) this.#puntAndForward.noteRule(rule);
    }
  }

  /**
   * `swap` makes `to` the primary. Nothing of the tenant's may come in between, until `letGo` is
   * called, or it is done.
   */
  handOver(
    to: DatapathName,
    swap: (next: (trouble?: string) => void) => void,
    letGo: () => void,
    done: (trouble?: string) => void,
  ): void {
    const startedMs = this.#context.world.nowMs();
    const { found } = this;
    const regions = this.#context.guard === 'unheld' ? [] : (found?.regions ?? []);
    const onDoubt = (packets: number): void => {
      this.#inDoubt += packets;
      if (this.report !== undefined) this.report = { ...this.report, inDoubt: this.#inDoubt };
    };
    const handingOver = this.#made();
    this.#isHandingOver = true;
    handingOver.run({ to, swap, regions, letGo, onDoubt }, (trouble) => {
      this.#isHandingOver = false;
      const tookMs = Math.round(this.#context.world.nowMs() - startedMs);
      const { held } = handingOver;
      const why = found !== undefined && { why: found.why };
      this.report = { tookMs, held, ...why, inDoubt: this.#inDoubt };
      done(trouble);
    });
  }

  /** Nothing comes to the old body any more: what its guards counted for rules is theirs. */
  settleCounters({ from, to }: { from: DatapathName; to: DatapathName }, done: () => void): void {
    if (this.drops) {
      countOf(this.#context, this.#owner, from, 'guard', (dropped = 0n) => {
        if (this.report !== undefined) this.report = { ...this.report, dropped: Number(dropped) };
        done();
      });
      return;
    }
    giveBack(this.#context, this.#owner, from, to, (given) => {
      if (this.report !== undefined && given !== undefined) {
        const { inDoubt = 0, ...rest } = this.report;
        // A host's port that moved has taken something from what the guards had to give.
        const isAll = !this.#isLate && !this.#hasHostAt([from, to]);
        this.report = { ...rest, ...given, ...(!isAll && { inDoubt }) };
      }
      done();
    });
  }

  #hasHostAt(bodies: readonly DatapathName[]): boolean {
    const all = [...this.#owner.vswitch.ports.values()];
    return all.some((one) => bodies.some((body) => isHostOn(one, body)));
  }

  /** Whether packet-ins from there have to wait now. Hot. */
  isEarly(from: DatapathName): boolean {
    return this.#handingOver?.isEarly(from) === true;
  }

  wait(bytes: number, deliver: () => void): void {
    this.#made().wait(bytes, deliver);
  }

  /** A packet that no rule has seen yet. */
  take(inPort: Vport, data: Uint8Array): void {
    this.#made().take({ inPort, data });
  }

  #made(): HandingOver {
    this.#handingOver ??= new HandingOver(this.#context, this.#owner);
    return this.#handingOver;
  }

  #look(): PuntAndForward {
    const puntAndForward = new PuntAndForward();
    for (const group of this.#owner.groups.table.groups()) puntAndForward.noteGroup(group);
    this.#puntAndForward = puntAndForward;
    return puntAndForward;
  }
}
