/**
 * Records of the store that were left out when it was loaded, counted by owner and reason.
 *
 * A thing that cannot be read or does not bind (a rule whose group is not there) is that tenant's
 * trouble and nobody else's: the rest of the store is served, and the operator is told.
 */

import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { plural } from '../../slices/plural.ts';
import type { Log } from '../world/log.ts';

interface Row {
  readonly vswitch: VswitchName | undefined;
  readonly why: string;
  /** The first of them, in words. */
  readonly first: string;
  count: number;
}

/** One thing, in words. */
export interface Thing {
  readonly vswitch: VswitchName | undefined;
  /** `a rule of table 0, priority 10, in_port=1`. */
  readonly what: string;
  readonly why: string;
}

export class LeftOut {
  readonly #rows = new Map<string, Row>();
  #some: Thing[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The first of them. */
  get some(): readonly Thing[] {
    return this.#some;
  }

  /** `what` names the thing for people. */
  add(vswitch: VswitchName | undefined, what: string, why: string): void {
    this.#count += 1;
    if (this.#some.length < limits.leftOutShownMax) this.#some.push({ vswitch, what, why });
    const key = `${vswitch ?? ''} ${why}`;
    const row = this.#rows.get(key);
    if (row !== undefined) row.count += 1;
    else if (this.#rows.size < limits.alarmsMax) {
      this.#rows.set(key, { vswitch, why, first: what, count: 1 });
    }
  }

  /** Tells the operator, and forgets. */
  say(log: Log, alarm: (what: string) => void): void {
    for (const { vswitch, why, first, count } of this.#rows.values()) {
      const whose = vswitch ?? 'the store';
      log.error({ vswitch, count, first, why }, 'records of the store were left out');
      alarm(`${whose}: ${plural(count, 'record')} of the store left out: ${why}`);
    }
    this.#rows.clear();
    this.#some = [];
    this.#count = 0;
  }
}
