/**
 * Rules that are gone, for the packet-ins that they sent before they went.
 *
 * Bounded and allowed to forget: a packet-in of a forgotten rule says that it has no cookie.
 */
import { LRUCache } from 'lru-cache';
import type { Rule } from '../slices/rulebook.ts';

interface Epitaph {
  readonly cookie: bigint;
  readonly isTableMiss: boolean;
}

export class Graveyard {
  readonly #gone = new LRUCache<number, Epitaph>({ max: 1_000 });

  bury(rule: Rule, isTableMiss: boolean): void {
    this.#gone.set(rule.serial, { cookie: rule.cookie, isTableMiss });
  }

  find(serial: number): Epitaph | undefined {
    return this.#gone.get(serial);
  }
}
