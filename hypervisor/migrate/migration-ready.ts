/**
 * A migration's state as a Ready (store/ready.ts): it is kept, then shown, then its actions begin.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { datapathsOf } from '../../slices/network/places.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { forgotten } from '../../translation/migration/history.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { type Keeper, kept, perform, type Ready, type Shell, sentOnDisk } from '../store/ready.ts';
import type { Ensembles } from './ensembles.ts';
import type { ExecutorUser } from './executor-user.ts';

/** Its state is shown to those who watch, or the state's actions begin. */
type Message = { readonly type: 'show' | 'act'; readonly migration: Migration };
export type MigrationReady = Ready<Message, Migration>;
export type MigrationShell = Shell<Message, Migration>;

interface MigrationUser {
  readonly journal: Keeper;
  onMigration(migration: Migration): void;
}

export function shellOf(user: MigrationUser, act: (migration: Migration) => void): MigrationShell {
  const show = (migration: Migration): void => user.onMigration(migration);
  const send = ({ type, migration }: Message): void =>
    type === 'act' ? act(migration) : show(migration);
  return { journal: user.journal, send, answer: show };
}

/**
 * A state that is entered: on disk before its actions, so a crash among them finds it; and shown
 * before them, so that a log says what was being done. The last one is the answer.
 */
export function readyIn(migration: Migration): MigrationReady {
  if (isOver(migration)) return toldIn(migration);
  const entries = [{ type: 'migration', migration }] as const;
  const messages = (['show', 'act'] as const).map((type) => ({ type, migration }));
  return sentOnDisk(entries, messages);
}

/** What is seen after its end. */
export function toldIn(migration: Migration): MigrationReady {
  const entries = [{ type: 'migration', migration }] as const;
  return { entries, messages: [], answers: [migration], onDisk: 'answers' };
}

/** What is to be there after a restart, and nobody waits for. */
export function keptIn(migration: Migration): MigrationReady {
  return { entries: [{ type: 'migration', migration }], messages: [], answers: [] };
}

export function whyNotUndone(
  migration: Migration,
  isClosed: boolean,
  isPossible: boolean,
): string | undefined {
  const { id, aside, vswitch, from, state } = migration;
  if (isClosed) {
    return `migration ${id} is paused: ${vswitch} is closed; type "limevisor reopen ${vswitch}"`;
  }
  if (aside?.body === from) return `too late for migration ${id}: ${aside.why}`;
  return isPossible ? undefined : `too late: migration ${id} is in "${state.type}"`;
}

/** How these acknowledge now, and why not better. */
export function acksOf(
  user: Pick<ExecutorUser, 'datapath'> & { readonly inForce: Pick<ExecutorUser['inForce'], 'of'> },
  names: Iterable<DatapathName>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...names].map((name) => {
      const { level, why } = user.inForce.of(user.datapath(name));
      return [name, why === '' ? level : `${level}: ${why}`];
    }),
  );
}

/** How its hand-over went, and what was acknowledged how where the vswitch has anything. */
export function reportOf(
  user: Pick<ExecutorUser, 'runtime' | 'snapshot' | 'inForce' | 'datapath'>,
  { from, to, startedMs, unproved = [], ...migration }: Migration,
  vswitch: Vswitch | undefined,
): Pick<Migration, 'handOver' | 'unproved' | 'acks' | 'rules'> {
  const runtime = user.runtime(migration.vswitch);
  const handOver = runtime?.singleBody.report;
  const places = vswitch === undefined ? [] : datapathsOf(user.snapshot(), vswitch);
  const now = user.inForce.unprovedSince(startedMs, [from, to, ...places]);
  const all = [...new Set([...unproved, ...now])];
  return {
    acks: acksOf(user, [from, to]),
    ...(runtime && { rules: runtime.rulebook.size }),
    ...(handOver && { handOver }),
    ...(all.length > 0 && { unproved: all }),
  };
}

/** What is over, and older than the file wants to remember. */
export function forgetOld(
  user: Pick<ExecutorUser, 'snapshot' | 'journal'>,
  migrations: Map<number, Migration>,
  ensembles: Pick<Ensembles, 'all' | 'forget'>,
): void {
  const { migrationsKept } = user.snapshot().config;
  const gone = forgotten(migrations, ensembles.all, migrationsKept);
  for (const id of gone.migrations) migrations.delete(id);
  ensembles.forget(gone.ensembles);
  const entries = [
    ...gone.migrations.map((id) => ({ type: 'noMigration', id }) as const),
    ...gone.ensembles.map((id) => ({ type: 'noEnsemble', id }) as const),
  ];
  if (entries.length > 0) perform(user.journal, kept(entries));
}
