/**
 * Remembered migrations, the newest first; the members of an ensemble stand below it.
 */
import type { EnsembleDocument, HostMoved, Migrated } from './documents.ts';
import { placeText } from './host-phases.ts';
import { tenantOf } from './network.ts';

export interface Entry {
  /** Of the address: moves of hosts have numbers of their own, `move-3`. */
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly state: string;
  readonly startedMs: number;
  readonly isMember: boolean;
  /** Absent of an ensemble. */
  readonly tenant?: string;
}

export function entriesOf(
  migrations: readonly Migrated[],
  ensembles: readonly EnsembleDocument[],
  hostMoves: readonly HostMoved[] = [],
): readonly Entry[] {
  const began = new Map(ensembles.map(({ id, startedMs }) => [id, startedMs]));
  const order = (one: Migrated | HostMoved): number =>
    began.get(one.ensemble ?? 0) ?? one.startedMs;
  const all = [
    ...migrations.map((one) => [order(one), one.ensemble ?? one.id, one.id, entryOf(one)] as const),
    ...ensembles.map(
      (one) => [one.startedMs, one.id, 0, ensembleEntry(one, migrations, hostMoves)] as const,
    ),
    ...hostMoves.map((one) => {
      return [order(one), one.ensemble ?? 0, HOSTS_LAST + one.id, hostEntry(one)] as const;
    }),
  ];
  const sorted = all.sort(([a, k, i], [b, l, j]) => b - a || l - k || i - j);
  return sorted.map(([, , , entry]) => entry);
}

/** Of those that are one, hosts stand behind vswitches. */
const HOSTS_LAST = 1e9;

function hostEntry({ id, host, from, to, state, startedMs, ensemble }: HostMoved): Entry {
  const says = `${placeText(from)} → ${placeText(to)}`;
  const own = { title: host, says, tenant: tenantOf(host), isMember: ensemble !== undefined };
  return { id: `move-${id}`, ...own, state: state.type, startedMs };
}

function entryOf({ id, vswitch, from, to, state, startedMs, ensemble }: Migrated): Entry {
  const isMember = ensemble !== undefined;
  const own = { title: vswitch, says: `${from} → ${to}`, tenant: tenantOf(vswitch) };
  return { id: String(id), ...own, state: state.type, startedMs, isMember };
}

function ensembleEntry(
  { id, what, state, startedMs }: EnsembleDocument,
  migrations: readonly Migrated[],
  hostMoves: readonly HostMoved[],
): Entry {
  const says = `${membersText(id, migrations, hostMoves)} as one`;
  return { id: String(id), title: what, says, state: state.type, startedMs, isMember: false };
}

/** What an ensemble is made of: `2 vswitches, 1 host`. */
export function membersText(
  id: number,
  migrations: readonly Migrated[],
  hostMoves: readonly HostMoved[],
): string {
  const own = (all: readonly { readonly ensemble?: number }[]) =>
    all.filter(({ ensemble }) => ensemble === id).length;
  const [vswitches, hosts] = [own(migrations), own(hostMoves)];
  const parts = [
    ...(vswitches > 0 ? [`${vswitches} ${vswitches === 1 ? 'vswitch' : 'vswitches'}`] : []),
    ...(hosts > 0 ? [`${hosts} ${hosts === 1 ? 'host' : 'hosts'}`] : []),
  ];
  return parts.join(', ') || 'nothing';
}
