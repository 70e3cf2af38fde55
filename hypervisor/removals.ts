/**
 * Flow-removed: exactly one for each tenant rule that asked for it, with the counters of all its
 * bodies (DESIGN 4; case N6).
 *
 * The datapaths report what we delete, each with its last counters. When all have, or after a
 * while, the tenant is told once, with its own cookie, reason and duration.
 */
import { flowRemovedReason } from '../openflow/constants.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { RemovalReason, Rule } from '../slices/rulebook.ts';
import type { Count } from '../slices/tally.ts';
import { durationOf } from '../translation/statistics.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

type ToldReason = Exclude<RemovalReason, 'meterDelete'>;

interface Expected {
  readonly rule: Rule;
  readonly reason: ToldReason;
  readonly removedMs: number;
  readonly waiting: Set<DatapathName>;
}

export class Removals {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  /** By serial, in the order in which they were removed. */
  readonly #expected = new Map<number, Expected>();
  #isWatching = false;
  /** Bodies that have not got every rule yet: no packet enters there, so they counted nothing. */
  readonly #filling = new Set<DatapathName>();

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** The rule left the rulebook; its bodies will say what it counted. */
  expect(rule: Rule, reason: ToldReason, bodies: readonly DatapathName[]): void {
    const removedMs = this.#hub.world.nowMs();
    const waiting = new Set(bodies.filter((body) => !this.#filling.has(body)));
    this.#expected.set(rule.serial, { rule, reason, removedMs, waiting });
    this.#watch();
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
    const waitMs = Math.max(0, dueMs - this.#hub.world.nowMs());
    this.#hub.world.after(waitMs, () => this.#tellDue());
  }

  /** Tells of those whose bodies had time enough, a few at a time. */
  #tellDue(): void {
    const nowMs = this.#hub.world.nowMs();
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
    this.#hub.turns.run({ step }, () => {
      this.#isWatching = false;
      this.#watch();
    });
  }

  /** A body reports an entry of ours that is gone. */
  onReport(body: DatapathName, serial: number, count: Count): void {
    const expected = this.#expected.get(serial);
    if (expected === undefined) {
      // The entry went because its body did (retire): its last word still counts.
      this.#owner.rulebook.bySerial(serial)?.tally.lastWord(body, count);
      return;
    }
    expected.rule.tally.saw(body, count);
    expected.waiting.delete(body);
    if (expected.waiting.size === 0) this.#tell(serial);
  }

  #tell(serial: number): void {
    const expected = this.#expected.get(serial);
    if (expected === undefined) return;
    this.#expected.delete(serial);
    const { rule, reason, removedMs } = expected;
    const { packets, bytes } = rule.tally.total();
    for (const controller of this.#owner.controllers) {
      controller.announce({
        type: 'flowRemoved',
        xid: 0,
        cookie: rule.cookie,
        priority: rule.priority,
        reason: flowRemovedReason[reason],
        tableId: rule.tableId,
        ...durationOf(rule, removedMs),
        idleTimeoutSec: rule.idleTimeoutSec,
        hardTimeoutSec: rule.hardTimeoutSec,
        packetCount: packets,
        byteCount: bytes,
        match: rule.match,
      });
    }
  }
}
