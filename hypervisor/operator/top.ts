/**
 * `limevisor top`: each tenant's use of its limits in the file.
 *
 * The hypervisor tells counts since its start; two answers make rates (`ratesBetween`), so nothing
 * has to be computed while messages pass.
 */
import { rateNames, type TableKind, tableKinds } from '../../slices/config/tenant-limits.ts';
import {
  type ControlRates,
  type Downward,
  downward,
  type Shed,
  type Upward,
  upward,
} from '../../slices/control-traffic.ts';
import type { Rate } from '../../slices/token-bucket.ts';
import type { Controller } from '../controller/controller.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { World } from '../world/world.ts';
import { table } from './report-text.ts';

/** Messages: since the start, or in a second. */
export interface Messages {
  readonly toControllers: Readonly<Record<Upward, number>>;
  readonly fromControllers: Readonly<Record<Downward, number>>;
  /** What was dropped, or refused, by a limit. */
  readonly shed: Readonly<Shed>;
}

export interface TenantUse {
  readonly tenant: string;
  readonly tables: Readonly<Record<TableKind, { readonly used: number; readonly limit?: number }>>;
  /** Since the start of this process. */
  readonly messages: Messages;
  /** Those that the file limits, by the file's names. */
  readonly rates: Readonly<Record<string, Rate>>;
  /** Controllers that are connected, and those of them that are not read now. */
  readonly connections: number;
  readonly waiting: number;
  /** Bytes that wait for its controllers. */
  readonly outboxBytes: number;
}

export interface TopReport {
  /** When this was so, in milliseconds since the process began. */
  readonly atMs: number;
  readonly tenants: readonly TenantUse[];
}

interface Served {
  readonly tenant: Tenant;
  readonly controllers: readonly Pick<Controller, 'channel'>[];
}

export interface TopSources {
  readonly world: World;
  readonly startedMs: number;
  runtimes(): readonly Served[];
}

export function topReport(context: TopSources): TopReport {
  const { world, startedMs } = context;
  const served = Map.groupBy(context.runtimes(), ({ tenant }) => tenant);
  const tenants = [...served].map(([tenant, all]) => useOf(tenant, all));
  return { atMs: world.nowMs() - startedMs, tenants };
}

function useOf(tenant: Tenant, served: readonly Served[]): TenantUse {
  const { name, account, traffic } = tenant;
  const tables = Object.fromEntries(
    tableKinds.map((kind) => {
      const limit = account.limits.tables[kind];
      return [kind, { used: account.used(kind), ...(limit !== undefined && { limit }) }];
    }),
  ) as TenantUse['tables'];
  const channels = served.flatMap(({ controllers }) =>
    controllers.flatMap(({ channel }) => channel ?? []),
  );
  return {
    tenant: name,
    tables,
    messages: {
      toControllers: { ...traffic.up },
      fromControllers: { ...traffic.down },
      shed: { ...traffic.shed },
    },
    rates: ratesOf(account.limits.rates),
    connections: channels.length,
    waiting: channels.filter(({ inbox }) => inbox.isHeld).length,
    outboxBytes: channels.reduce((sum, channel) => sum + channel.pendingBytes(), 0),
  };
}

function ratesOf(rates: ControlRates): TenantUse['rates'] {
  return Object.fromEntries(
    Object.entries(rateNames).flatMap(([key, name]) => {
      const rate = rates[key as keyof ControlRates];
      return rate === undefined ? [] : [[name, rate] as const];
    }),
  );
}

/** Messages in a second, between two answers. */
export function ratesBetween(before: TopReport, after: TopReport): ReadonlyMap<string, Messages> {
  const seconds = Math.max(1, after.atMs - before.atMs) / 1000;
  const earlier = new Map(before.tenants.map((one) => [one.tenant, one.messages] as const));
  return new Map(
    after.tenants.map(({ tenant, messages }) => {
      const was = earlier.get(tenant);
      const perSec = <T extends Readonly<Record<string, number>>>(now: T, then?: T): T =>
        Object.fromEntries(
          Object.entries(now).map(([key, count]) => {
            return [key, Math.round(Math.max(0, count - (then?.[key] ?? 0)) / seconds)];
          }),
        ) as unknown as T;
      const rates = {
        toControllers: perSec(messages.toControllers, was?.toControllers),
        fromControllers: perSec(messages.fromControllers, was?.fromControllers),
        shed: perSec({ ...messages.shed }, was && { ...was.shed }),
      };
      return [tenant, rates] as const;
    }),
  );
}

const titles = {
  packetIns: 'PACKET-INS',
  replies: 'REPLIES',
  events: 'EVENTS',
  changes: 'CHANGES',
  packetOuts: 'PACKET-OUTS',
  statistics: 'STATISTICS',
  barriers: 'BARRIERS',
  others: 'OTHERS',
} as const satisfies Record<Upward | Downward, string>;

/** Two tables: what tenants have and what waits, and their messages in a second. */
export function topText(before: TopReport, after: TopReport): string {
  const rates = ratesBetween(before, after);
  const held = after.tenants.map((one) => [
    one.tenant,
    ...tableKinds.map((kind) => ofLimit(one.tables[kind].used, one.tables[kind].limit)),
    String(one.connections),
    String(one.waiting),
    bytesText(one.outboxBytes),
  ]);
  const messages = after.tenants.map(({ tenant, rates: limited }) => {
    const now = rates.get(tenant);
    const cell = (key: Upward | Downward, count: number | undefined): string =>
      ofLimit(count ?? 0, key in rateNames ? limited[nameOf(key)]?.perSec : undefined);
    const { packetIns = 0, statistics = 0 } = now?.shed ?? {};
    return [
      tenant,
      ...upward.map((key) => cell(key, now?.toControllers[key])),
      ...downward.map((key) => cell(key, now?.fromControllers[key])),
      `${packetIns} + ${statistics}`,
    ];
  });
  const kinds = tableKinds.map((kind) => kind.toUpperCase());
  const classes = [...upward, ...downward].map((key) => titles[key]);
  return [
    table([['TENANT', ...kinds, 'CONTROLLERS', 'NOT READ', 'OUTBOX'], ...held]),
    table([['PER SECOND', ...classes, 'SHED'], ...messages]),
  ].join('\n\n');
}

function nameOf(key: string): string {
  return rateNames[key as keyof typeof rateNames] ?? key;
}

function ofLimit(used: number, limit: number | undefined): string {
  return limit === undefined ? String(used) : `${used} of ${limit}`;
}

function bytesText(bytes: number): string {
  return bytes < 10_000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`;
}
