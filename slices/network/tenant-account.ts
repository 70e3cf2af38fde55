/**
 * The use of a tenant's limits by its vswitches, and the room that is left.
 *
 * Nothing is counted twice or kept in step: what is used is the sum of the tables (rulebook, group
 * table, meter table) that are there, asked when something is to be made. So a vswitch that is
 * cloned or moves counts once for its tenant, on each datapath while it is there, and one that goes
 * leaves nothing behind.
 *
 * A limit is of entries on datapaths: a rule is one where there are several tables, and one for
 * each way in to its vswitch where there is one table (translation/flat/ingress.ts).
 */
import type { Config } from '../config/config.ts';
import {
  limitOn,
  type TableKind,
  type TenantLimits,
  tableKinds,
  unlimited,
} from '../config/tenant-limits.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../ids.ts';
import type { Room } from '../room.ts';

interface Sized {
  readonly size: number;
}

/** What one vswitch has made: its tables. */
export interface Holdings {
  readonly rulebook: Sized;
  readonly groups: Sized;
  readonly meters: Sized;
}

/** Where vswitches are, and what a rule costs there. */
export interface Costs {
  /** Its bodies, the primary one first. */
  bodiesOf(name: VswitchName): readonly DatapathName[];
  /** Entries of one rule, about. */
  entriesPerRule(name: VswitchName, on: DatapathName): number;
}

/** Before anybody lives anywhere. */
const nowhere: Costs = { bodiesOf: () => [], entriesPerRule: () => 1 };

const bookOf = { rules: 'rulebook', groups: 'groups', meters: 'meters' } as const;

/** A limit that concerns a vswitch: of the tenant, or of the tenant on one datapath. */
interface Bound {
  readonly most: number;
  readonly used: number;
  /** What one more costs. */
  readonly each: number;
  readonly on: DatapathName | undefined;
}

export class TenantAccount {
  readonly tenant: string;
  limits: TenantLimits = unlimited;
  readonly #held = new Map<VswitchName, Holdings>();
  readonly #costs: () => Costs;

  constructor(tenant: string, costs: () => Costs = () => nowhere) {
    this.tenant = tenant;
    this.#costs = costs;
  }

  /** A vswitch's tables are these now, in the place of any earlier ones. */
  put(name: VswitchName, holdings: Holdings): void {
    this.#held.set(name, holdings);
  }

  /** The vswitch is no more. */
  remove(name: VswitchName): void {
    this.#held.delete(name);
  }

  /** Entries of all its vswitches, each at its primary body. */
  used(kind: TableKind): number {
    const costs = this.#costs();
    let sum = 0;
    for (const [name, holdings] of this.#held) {
      const [primary] = costs.bodiesOf(name);
      sum += holdings[bookOf[kind]].size * each(costs, kind, name, primary);
    }
    return sum;
  }

  /** Entries on one datapath, of all that have a body there. */
  usedOn(kind: TableKind, on: DatapathName): number {
    const costs = this.#costs();
    let sum = 0;
    for (const [name, holdings] of this.#held) {
      if (!costs.bodiesOf(name).includes(on)) continue;
      sum += holdings[bookOf[kind]].size * each(costs, kind, name, on);
    }
    return sum;
  }

  /** What there is no room for. */
  full(): readonly string[] {
    const datapaths = new Set(
      [...this.#held.keys()].flatMap((name) => this.#costs().bodiesOf(name)),
    );
    return tableKinds.flatMap((kind) => {
      const most = this.limits.tables[kind];
      const used = this.used(kind);
      const all = most !== undefined && used >= most ? [`${used} of ${most} ${kind}`] : [];
      const on = [...datapaths].flatMap((datapath) => {
        const mostOn = limitOn(this.limits, kind, datapath);
        const usedOn = mostOn === undefined ? 0 : this.usedOn(kind, datapath);
        const isFull = mostOn !== undefined && usedOn >= mostOn;
        return isFull ? [`${usedOn} of ${mostOn} ${kind} on ${datapath}`] : [];
      });
      return [...all, ...on];
    });
  }

  /** What a vswitch may still make. */
  room(name: VswitchName, kind: TableKind): Room {
    return new VswitchRoom(this, name, kind);
  }

  /** Why a vswitch cannot have a body on a datapath as well, where a rule has so many entries. */
  whyNotOn(name: VswitchName, on: DatapathName, entriesPerRule: number): string | undefined {
    const own = this.#held.get(name);
    if (own === undefined) return undefined;
    const kind = tableKinds.find((one) => {
      const most = limitOn(this.limits, one, on);
      const more = own[bookOf[one]].size * (one === 'rules' ? entriesPerRule : 1);
      return most !== undefined && more > 0 && this.usedOn(one, on) + more > most;
    });
    if (kind === undefined) return undefined;
    const more = own[bookOf[kind]].size * (kind === 'rules' ? entriesPerRule : 1);
    const counts = `${this.usedOn(kind, on)} ${kind} on ${on}, and ${name} would bring ${more}`;
    const most = limitOn(this.limits, kind, on);
    return `tenant ${this.tenant} has ${counts}, more than its limit of ${most} there`;
  }

  /** What concerns a vswitch that wants to make one more. */
  bounds(name: VswitchName, kind: TableKind): readonly Bound[] {
    const { limits } = this;
    const costs = this.#costs();
    const bodies = costs.bodiesOf(name);
    const bounds: Bound[] = [];
    const most = limits.tables[kind];
    if (most !== undefined) {
      const cost = each(costs, kind, name, bodies[0]);
      bounds.push({ most, used: this.used(kind), each: cost, on: undefined });
    }
    for (const on of bodies) {
      const mostOn = limitOn(limits, kind, on);
      if (mostOn === undefined) continue;
      const cost = each(costs, kind, name, on);
      bounds.push({ most: mostOn, used: this.usedOn(kind, on), each: cost, on });
    }
    return bounds;
  }
}

/** There are three for each vswitch: two functions for each would take four times the memory. */
class VswitchRoom implements Room {
  readonly #account: TenantAccount;
  readonly #name: VswitchName;
  readonly #kind: TableKind;

  constructor(account: TenantAccount, name: VswitchName, kind: TableKind) {
    this.#account = account;
    this.#name = name;
    this.#kind = kind;
  }

  left(): number {
    return this.#account
      .bounds(this.#name, this.#kind)
      .reduce((least, one) => Math.min(least, leftOf(one)), Number.POSITIVE_INFINITY);
  }

  why(): string {
    const bounds = this.#account.bounds(this.#name, this.#kind);
    const [tightest] = bounds.toSorted((a, b) => leftOf(a) - leftOf(b));
    if (tightest === undefined) return '';
    const { used, most, on } = tightest;
    const where = on === undefined ? '' : ` on ${on}`;
    return `tenant ${this.#account.tenant} has ${used} ${this.#kind}${where}, and may have ${most}`;
  }
}

function each(
  costs: Costs,
  kind: TableKind,
  name: VswitchName,
  on: DatapathName | undefined,
): number {
  return kind !== 'rules' || on === undefined ? 1 : costs.entriesPerRule(name, on);
}

function leftOf({ most, used, each: cost }: Bound): number {
  return Math.max(0, Math.floor((most - used) / cost));
}

/** Those of all tenants; each is made when it is first asked for. */
export class TenantAccounts {
  readonly #all = new Map<string, TenantAccount>();
  #config: Config;
  /** Where vswitches are: those who run them know. */
  costs: Costs = nowhere;

  constructor(config: Config) {
    this.#config = config;
  }

  of(tenant: string): TenantAccount {
    const known = this.#all.get(tenant);
    if (known !== undefined) return known;
    const made = new TenantAccount(tenant, () => this.costs);
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
