/**
 * Flow-removed: exactly one for each tenant rule that asked for it, with the counters of all its
 * bodies (DESIGN 4; case N6).
 *
 * The datapaths report what we delete, each with its last counters. When all have, or after a
 * while, the tenant is told once, with its own cookie, reason and duration.
 */

import { flowRemovedReason } from '../../openflow/values/constants.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import type { RemovedReason, Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import { durationOf } from '../../translation/controllers/statistics.ts';
import { nothingBut } from '../store/ready.ts';
import type { BodyRules } from './body-rules.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { TenantShell } from './shell.ts';

/** Whose rules go, from which bodies, and who is told. */
export interface FlowRemovedOwner {
  readonly rulebook: Rulebook;
  readonly shell: TenantShell;
  readonly carriers: readonly DatapathName[];
  readonly bodyRules: Pick<BodyRules, 'has'>;
  hasClones(): boolean;
}

type ToldReason = Exclude<RemovedReason, 'meterDelete'>;

interface Expected {
  readonly rule: Rule;
  readonly cookie: bigint;
  readonly reason: ToldReason;
  readonly removedMs: number;
  waiting: ReadonlySet<DatapathName>;
  /** It was removed before it was sent: `waiting` is known when the round goes (`sending`). */
  readonly isUnsent: boolean;
}

export class FlowRemoved {
  readonly #context: Scheduled;
  readonly #owner: FlowRemovedOwner;
  /** By serial, in the order in which they were removed. */
  readonly #expected = new LazyMap<number, Expected>();
  #isWatching = false;
  /** By serial: rules that were added and not sent yet. */
  readonly #unsent = new LazySet<number>();
  /** Bodies that have not got every rule yet: no packet enters there, so they counted nothing. */
  readonly #filling = new LazySet<DatapathName>();

  constructor(context: Scheduled, owner: FlowRemovedOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** The rule left the rulebook; its bodies will say what it counted. */
  expect(rule: Rule, reason: ToldReason, bodies: readonly DatapathName[]): void {
    const removedMs = this.#context.world.nowMs();
    const isUnsent = this.#unsent.has(rule.serial);
    const waiting = this.#holding(bodies, rule);
    const what = { rule, cookie: rule.cookie, reason };
    this.#expected.set(rule.serial, { ...what, removedMs, waiting, isUnsent });
    this.#watch();
  }

  /** It was not removed after all, or never was. */
  forget(serial: number): void {
    this.#expected.delete(serial);
    this.#unsent.delete(serial);
  }

  /** It is gone, and was not modified before: that was refused. */
  was({ serial, cookie }: Rule): void {
    const expected = this.#expected.get(serial);
    if (expected !== undefined) this.#expected.set(serial, { ...expected, cookie });
  }

  #holding(bodies: readonly DatapathName[], { match }: Rule): ReadonlySet<DatapathName> {
    const { bodyRules } = this.#owner;
    return new Set(bodies.filter((body) => !this.#filling.has(body) && bodyRules.has(body, match)));
  }

  /** A new rule waits for its round: until then it is on no body, and who is one may change. */
  queued({ serial }: Rule): void {
    if (this.#owner.hasClones()) this.#unsent.add(serial);
  }

  /** A round goes to the bodies of now. */
  sending(changes: readonly RoundChange[]): void {
    if (this.#unsent.size === 0) return;
    for (const { change } of changes) {
      if (!('rule' in change)) continue;
      this.#unsent.delete(change.rule.serial);
      const expected = this.#expected.get(change.rule.serial);
      if (expected?.isUnsent) {
        expected.waiting = this.#holding(this.#owner.carriers, expected.rule);
      }
    }
  }

  /** A body that is new; until it is `filled` it may or may not have a rule that goes. */
  fills(body: DatapathName): void {
    this.#filling.add(body);
  }

  filled(body: DatapathName): void {
    this.#filling.delete(body);
  }

  /** Waits for the oldest: one timer serves all. */
  #watch(): void {
    const [oldest] = this.#expected.values();
    if (oldest === undefined || this.#isWatching) return;
    this.#isWatching = true;
    const dueMs = oldest.removedMs + limits.removalWaitMs;
    const waitMs = Math.max(0, dueMs - this.#context.world.nowMs());
    this.#context.world.after(waitMs, () => this.#tellDue());
  }

  /** Tells of those whose bodies had time enough, a few at a time. */
  #tellDue(): void {
    const nowMs = this.#context.world.nowMs();
    // One that goes on: to begin again at each would pass by all that were there before.
    const expected = this.#expected.values();
    const step = (): boolean => {
      for (let i = 0; i < limits.slotsPerStep; i++) {
        const { value } = expected.next();
        if (value === undefined || value.removedMs + limits.removalWaitMs > nowMs) return false;
        this.#tell(value.rule.serial);
      }
      return true;
    };
    this.#context.scheduler.run({ step }, () => {
      this.#isWatching = false;
      this.#watch();
    });
  }

  /** A body reports an entry of ours that is gone. */
  onReport(body: DatapathName, serial: number, count: Count): void {
    const expected = this.#expected.get(serial);
    if (expected === undefined) {
      // The entry went because its body did (retire): its last word still counts.
      this.#owner.rulebook.bySerial(serial)?.counter.lastWord(body, count);
      return;
    }
    this.#owner.rulebook.tables.sawGone(expected.rule, body, count);
    expected.waiting = new Set([...expected.waiting].filter((one) => one !== body));
    if (expected.waiting.size === 0) this.#tell(serial);
  }

  #tell(serial: number): void {
    const expected = this.#expected.get(serial);
    if (expected === undefined) return;
    this.#expected.delete(serial);
    const { rule, cookie, reason, removedMs } = expected;
    const { packets, bytes } = rule.counter.total();
    const message = {
      type: 'flowRemoved' as const,
      xid: 0,
      cookie,
      priority: rule.priority,
      reason: flowRemovedReason[reason],
      tableId: rule.tableId,
      ...durationOf(rule, removedMs),
      idleTimeoutSec: rule.idleTimeoutSec,
      hardTimeoutSec: rule.hardTimeoutSec,
      packetCount: packets,
      byteCount: bytes,
      match: rule.match,
    };
    // A rule that is said to be gone is not there after a restart.
    const answers = [{ type: 'notice', message }] as const;
    this.#owner.shell.execute(nothingBut(answers, 'onDisk'));
  }
}
