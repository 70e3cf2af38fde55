/**
 * What a tenant's vswitches have made, of all that its limits count, and what room that leaves.
 *
 * Nothing is counted twice or kept in step: what is used is the sum of the books (rulebook, group
 * book, meter book) that are there, asked when something is to be made. So a vswitch that is
 * cloned or moves counts once, and one that goes leaves nothing behind.
 */
import type { Config } from '../config/config.ts';
import {
  type TableKind,
  type TenantLimits,
  tableKinds,
  unlimited,
} from '../config/tenant-limits.ts';
import { tenantOf, type VswitchName } from '../ids.ts';
import { boundless, type Room } from '../room.ts';

interface Sized {
  readonly size: number;
}

/** What one vswitch has made: its books. */
export interface Holdings {
  readonly rulebook: Sized;
  readonly groups: Sized;
  readonly meters: Sized;
}

const bookOf = { rules: 'rulebook', groups: 'groups', meters: 'meters' } as const;

export class TenantAccount {
  readonly tenant: string;
  limits: TenantLimits = unlimited;
  readonly #held = new Map<VswitchName, Holdings>();

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  /** A vswitch's books are these now, in the place of any earlier ones. */
  put(name: VswitchName, holdings: Holdings): void {
    this.#held.set(name, holdings);
  }

  /** The vswitch is no more. */
  remove(name: VswitchName): void {
    this.#held.delete(name);
  }

  used(kind: TableKind): number {
    let sum = 0;
    for (const holdings of this.#held.values()) sum += holdings[bookOf[kind]].size;
    return sum;
  }

  /** What there is no room for. */
  full(): readonly string[] {
    return tableKinds.flatMap((kind) => {
      const most = this.limits.tables[kind];
      const used = this.used(kind);
      return most !== undefined && used >= most ? [`${used} of ${most} ${kind}`] : [];
    });
  }

  room(kind: TableKind): Room {
    return {
      left: () => {
        const most = this.limits.tables[kind];
        return most === undefined ? boundless.left() : Math.max(0, most - this.used(kind));
      },
      why: () => {
        const most = this.limits.tables[kind];
        return `tenant ${this.tenant} has ${this.used(kind)} ${kind}, and may have ${most}`;
      },
    };
  }
}

/** Those of all tenants; each is made when it is first asked for. */
export class TenantAccounts {
  readonly #all = new Map<string, TenantAccount>();
  #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  of(tenant: string): TenantAccount {
    const known = this.#all.get(tenant);
    if (known !== undefined) return known;
    const made = new TenantAccount(tenant);
    made.limits = this.#config.tenantLimits.get(tenant) ?? unlimited;
    this.#all.set(tenant, made);
    return made;
  }

  ofVswitch(name: VswitchName): TenantAccount {
    return this.of(tenantOf(name));
  }

  /** Another file has other limits: they hold for what is made from now on. */
  follow(config: Config): void {
    this.#config = config;
    for (const [tenant, account] of this.#all) {
      account.limits = config.tenantLimits.get(tenant) ?? unlimited;
    }
  }

  /** A tenant is no more, and none of its vswitches. */
  remove(tenant: string): void {
    this.#all.delete(tenant);
  }
}
