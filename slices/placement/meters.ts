/**
 * The places for vswitches whose bandwidth is limited (slices/config/bandwidth.ts): meters enforce
 * it, and a datapath that the file has as flat has none.
 */
import { meteredPorts, unmetered } from '../config/bandwidth.ts';
import type { Config } from '../config/values.ts';
import type { DatapathName, VswitchName } from '../ids.ts';
import type { Among } from './open-places.ts';

const none: ReadonlySet<DatapathName> = new Set();

export class Metered {
  readonly #names: ReadonlySet<VswitchName>;
  readonly #without: ReadonlySet<DatapathName>;

  constructor(config: Pick<Config, 'datapaths' | 'tenantLimits'>) {
    this.#without = unmetered(config);
    this.#names = this.#without.size === 0 ? new Set() : new Set(meteredPorts(config).keys());
  }

  /** Where this one is not placed. */
  closedTo(name: VswitchName): ReadonlySet<DatapathName> {
    return this.#names.has(name) ? this.#without : none;
  }

  /** Of these datapaths, those that it may be placed on, where that is not all of them. */
  within(among: Among, datapaths: readonly DatapathName[]): Among {
    const found = new Map(among);
    for (const name of this.#names) {
      const some = found.get(name) ?? datapaths;
      found.set(
        name,
        some.filter((one) => !this.#without.has(one)),
      );
    }
    return found;
  }

  /** Behind why one of these has no place. */
  textOf(names: readonly VswitchName[]): string {
    const metered = names.find((name) => this.#names.has(name));
    if (metered === undefined) return '';
    const flat = [...this.#without].join(', ');
    return ` (${metered} has limits of bandwidth, and no meters hold them on ${flat}: flat)`;
  }
}
