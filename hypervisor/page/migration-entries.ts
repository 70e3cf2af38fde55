/**
 * Migrations that are remembered, the newest first; those that an ensemble is made of stand below
 * it.
 */
import type { EnsembleDocument, Migrated } from './documents.ts';
import { tenantOf } from './network.ts';

export interface Entry {
  readonly id: number;
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
): readonly Entry[] {
  const order = (one: Migrated): number => one.ensemble ?? one.id;
  const all = [
    ...migrations.map((one) => [order(one), one.id, entryOf(one)] as const),
    ...ensembles.map((one) => [one.id, 0, ensembleEntry(one, migrations)] as const),
  ];
  return all.sort(([a, i], [b, j]) => b - a || i - j).map(([, , entry]) => entry);
}

function entryOf({ id, vswitch, from, to, state, startedMs, ensemble }: Migrated): Entry {
  const isMember = ensemble !== undefined;
  const own = { title: vswitch, says: `${from} → ${to}`, tenant: tenantOf(vswitch) };
  return { id, ...own, state: state.type, startedMs, isMember };
}

function ensembleEntry(
  { id, what, state, startedMs }: EnsembleDocument,
  migrations: readonly Migrated[],
): Entry {
  const count = migrations.filter(({ ensemble }) => ensemble === id).length;
  const says = `${count} ${count === 1 ? 'vswitch' : 'vswitches'} as one`;
  return { id, title: what, says, state: state.type, startedMs, isMember: false };
}
