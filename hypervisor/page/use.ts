/**
 * A tenant's use of its limits, as bars.
 */
export interface UseDocument {
  readonly atMs: number;
  readonly tenants: readonly {
    readonly tenant: string;
    readonly tables: Readonly<Record<string, { readonly used: number; readonly limit?: number }>>;
    readonly messages: {
      readonly toControllers: Readonly<Record<string, number>>;
      readonly fromControllers: Readonly<Record<string, number>>;
    };
    readonly rates: Readonly<Record<string, { readonly perSec: number }>>;
    readonly connections: number;
    readonly outboxBytes: number;
  }[];
}

export interface Bar {
  readonly title: string;
  readonly used: number;
  readonly limit?: number;
  /** Of the limit, 0 to 1; absent where there is none. */
  readonly part?: number;
  readonly unit: string;
}

type Use = UseDocument['tenants'][number];

/** Of an owner's document, which says the same of one tenant; it has no time of its own. */
export function ownUseOf(document: object | undefined, tenant: string): UseDocument | undefined {
  if (document === undefined || !('use' in document)) return undefined;
  const use = document.use as Partial<Use>;
  if (use.tables === undefined || use.messages === undefined) return undefined;
  const { tables, messages, rates = {}, connections = 0, outboxBytes = 0 } = use;
  const one = { tenant, tables, messages, rates, connections, outboxBytes };
  return { atMs: Number.NaN, tenants: [one] };
}

/** Tables first, then messages in a second, as far as two answers are there to tell. */
export function barsOf(
  use: Use,
  before: UseDocument | undefined,
  now: UseDocument | undefined,
): readonly Bar[] {
  const tables = Object.entries(use.tables).map(([title, { used, limit }]) => {
    return barOf(title, used, limit, '');
  });
  const was = before?.tenants.find(({ tenant }) => tenant === use.tenant);
  if (was === undefined || before === undefined || now === undefined) return tables;
  const seconds = Math.max(1, now.atMs - before.atMs) / 1_000;
  const perSec = (direction: 'toControllers' | 'fromControllers'): number =>
    Math.max(0, sum(use.messages[direction]) - sum(was.messages[direction])) / seconds;
  const rate = (title: string, direction: 'toControllers' | 'fromControllers'): Bar =>
    barOf(title, Math.round(perSec(direction)), use.rates[title]?.perSec, '/s');
  return [
    ...tables,
    rate('to-controllers', 'toControllers'),
    rate('from-controllers', 'fromControllers'),
  ];
}

export function barOf(title: string, used: number, limit: number | undefined, unit: string): Bar {
  if (limit === undefined) return { title, used, unit };
  return { title, used, unit, limit, part: limit === 0 ? 1 : Math.min(1, used / limit) };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
