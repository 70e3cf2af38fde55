/**
 * The rules that a flat body has sent, each with its entries: by serial, and at most one in each
 * slot (its table, priority and match), as on a switch.
 */
import type { Rule } from '../../slices/rules/rulebook.ts';
import { flowKey, type PhysicalFlow } from '../entries/physical-tables.ts';
import type { InstalledRule } from './context.ts';

export class InstalledRules {
  readonly #bySerial = new Map<number, InstalledRule>();
  /** Serials, by slot. */
  readonly #bySlot = new Map<string, number>();
  #entryCount = 0;

  /** What has its slot must be gone. */
  set(installed: InstalledRule): void {
    const { rule } = installed;
    this.#entryCount += installed.flows.size - (this.#bySerial.get(rule.serial)?.flows.size ?? 0);
    this.#bySerial.set(rule.serial, installed);
    this.#bySlot.set(flowKey(rule), rule.serial);
  }

  get(serial: number): InstalledRule | undefined {
    return this.#bySerial.get(serial);
  }

  has(serial: number): boolean {
    return this.#bySerial.has(serial);
  }

  /**
   * What has the slot of a rule. After a change was taken back that is another one than later
   * changes were made for: a switch does those to what stands there.
   */
  inSlotOf(rule: Rule): InstalledRule | undefined {
    const serial = this.#bySlot.get(flowKey(rule));
    return serial === undefined ? undefined : this.#bySerial.get(serial);
  }

  all(): readonly InstalledRule[] {
    return [...this.#bySerial.values()];
  }

  /** How many entries they have. */
  get entryCount(): number {
    return this.#entryCount;
  }

  delete(serial: number): boolean {
    const installed = this.#bySerial.get(serial);
    if (installed === undefined) return false;
    this.#entryCount -= installed.flows.size;
    this.#bySerial.delete(serial);
    const slot = flowKey(installed.rule);
    if (this.#bySlot.get(slot) === serial) this.#bySlot.delete(slot);
    return true;
  }

  clear(): void {
    this.#entryCount = 0;
    this.#bySerial.clear();
    this.#bySlot.clear();
  }
}

export function notIn(
  some: InstalledRule['flows'],
  others: InstalledRule['flows'],
): readonly PhysicalFlow[] {
  return [...some].flatMap(([key, flow]) => (others.has(key) ? [] : [flow]));
}

export function listOf({ flows }: InstalledRule): readonly PhysicalFlow[] {
  return [...flows.values()];
}
