/**
 * A tenant at run time: the one place where its vswitches and their controllers are counted
 * together, and where its limits are checked.
 *
 *   made by the first vswitch that asks for it --> released when the last one has left the file
 */
import type { MessageName } from '../../openflow/messages/messages.ts';
import { ControlTraffic } from '../../slices/control-traffic.ts';
import { DurationsByKind } from '../../slices/durations.ts';
import type { TenantAccount, TenantAccounts } from '../../slices/network/tenant-account.ts';
import type { Taps } from '../channel/tap.ts';
import { RefusedRequests } from '../controller/refused-requests.ts';
import { SharedOutbox } from '../controller/shared-outbox.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import { type Crowd, TurnShare } from '../world/turn-share.ts';
import type { World } from '../world/world.ts';

/** What is one for all tenants. */
interface SharedByTenants {
  readonly boundary: Boundary;
  readonly crowd: Crowd;
  readonly log: Log;
  readonly taps: Taps | undefined;
}

export class Tenant {
  readonly name: string;
  /** What its vswitches have made, and may still make. */
  readonly account: TenantAccount;
  /** Its controllers' messages, and their rates. */
  readonly traffic: ControlTraffic;
  /** Its share of each turn, of all its connections and vswitches together. */
  readonly turns: TurnShare;
  /** What waits for its controllers. */
  readonly outbox: SharedOutbox;
  /** Who looks at their messages. */
  readonly taps?: Taps;
  /** How long requests took until all was said, by type; not those that stay bytes. */
  readonly latencies = new DurationsByKind<MessageName>();

  /** What of its controllers was refused. */
  readonly refusedRequests: RefusedRequests;

  constructor(account: TenantAccount, world: World, shared: SharedByTenants) {
    const { boundary, crowd, log, taps } = shared;
    if (taps !== undefined) this.taps = taps;
    const nowMs = () => world.nowMs();
    const pauseMs = (now: number) => this.traffic.waitMs(now);
    this.turns = new TurnShare(world, { boundary, crowd, pauseMs });
    this.outbox = new SharedOutbox(nowMs, () => account.limits.outboxBytes);
    this.name = account.tenant;
    this.account = account;
    this.refusedRequests = new RefusedRequests(world, log);
    this.traffic = new ControlTraffic(() => account.limits.rates);
  }

  /** The limits at which it is, a text each: nothing more is made, or something was just shed. */
  atLimits(nowMs: number): readonly string[] {
    return [...this.account.full(), ...this.traffic.held(nowMs)];
  }
}

/** Those that are there. */
export class Tenants {
  readonly accounts: TenantAccounts;
  readonly #all = new Map<string, Tenant>();
  readonly #make: (account: TenantAccount) => Tenant;

  /** The world is nobody's. */
  constructor(world: World, boundary: Boundary, accounts: TenantAccounts, log: Log, taps?: Taps) {
    this.accounts = accounts;
    const shared = { boundary, crowd: { waiting: 0 }, log, taps };
    this.#make = (account) => new Tenant(account, world, shared);
  }

  of(name: string): Tenant {
    const known = this.#all.get(name);
    if (known !== undefined) return known;
    const tenant = this.#make(this.accounts.of(name));
    this.#all.set(name, tenant);
    return tenant;
  }

  all(): readonly Tenant[] {
    return [...this.#all.values()];
  }

  /** It has left, with all its vswitches. */
  release(name: string): void {
    this.#all.delete(name);
    this.accounts.remove(name);
  }
}
