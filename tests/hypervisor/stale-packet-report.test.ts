/** A migration's report on the seconds after its end (hypervisor/migrate). */
import t from 'tap';
import { Watching } from '../../hypervisor/migrate/stale-packet-report.ts';
import { limits } from '../../slices/limits.ts';
import { isSettled, type Migration } from '../../translation/migration/migration.ts';

t.test('a migration is not settled before the ways that it left are found', async (t) => {
  const all = new Map<number, Migration>();
  const keep = (one: Migration) => void all.set(one.id, one);
  let find: () => void = () => undefined;
  const user = {
    world: { wallClockMs: () => 1_000 },
    snapshot: () => ({}),
    // Its steps take turns, and the migration goes on meanwhile.
    scheduler: {
      follow: (_: unknown, done: (paths: readonly unknown[]) => void) => {
        find = () => done([]);
      },
    },
    heals: {
      staleFlowWatch: {
        watch: (_: unknown, note: (watched: unknown) => void) => note({ stale: 0, heals: 0 }),
      },
    },
  };
  const watching = new Watching(user as never, { all, keep, tell: keep });
  const migration = { id: 7, from: 's1', to: 's2', state: { type: 'retiring' } } as never;
  keep(migration);
  watching.begin(migration, { vswitch: { ports: new Map() } } as never, 's1' as never);
  const over = () => ({ ...(all.get(7) as Migration), state: { type: 'done' } }) as Migration;
  t.equal(over().watched?.untilMs, 1_000 + limits.watchMs);
  t.notOk(isSettled(over()));
  find();
  t.ok(isSettled(over()));
});
