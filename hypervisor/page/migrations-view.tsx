/**
 * Migrations: the remembered ones, and one of them as it goes on, or as it went.
 */
import { useState } from 'preact/hooks';
import type { EnsembleDocument, HostMoved, Migrated } from './documents.ts';
import { useNow } from './hooks.ts';
import { hostMomentOf, placeText, whereText } from './host-phases.ts';
import { HostPlay } from './host-theatre.tsx';
import { HostLane, Lane, tookText } from './lane.tsx';
import type { Known, Live } from './live.ts';
import { marksOf } from './marks.ts';
import { entriesOf, membersText } from './migration-entries.ts';
import { MigrationForm } from './migration-form.tsx';
import { MigrationList } from './migration-list.tsx';
import { tenantOf, tenantsOf } from './network.ts';
import { countsOf, hasEnded, mayUndo, mayUndoAll, momentOf, spanOf } from './phases.ts';
import { Theatre } from './theatre.tsx';
import { Stage, Undo } from './theatre-stage.tsx';
import type { ViewProps } from './view.ts';

export function MigrationsView({ live, known, route }: ViewProps) {
  const { migrations, ensembles, hostMoves, network } = known;
  const isOperator = known.self?.role === 'operator';
  const entries = entriesOf(migrations, ensembles, hostMoves);
  const chosen = route[0] ?? entries[0]?.id ?? '';
  const migration = migrations.find(({ id }) => String(id) === chosen);
  const ensemble = ensembles.find(({ id }) => String(id) === chosen);
  const host = hostMoves.find(({ id }) => `move-${id}` === chosen);
  return (
    <main class="two-parts">
      <section class="list" aria-label="Migrations">
        {isOperator && <MigrationForm live={live} network={network} />}
        <MigrationList entries={entries} network={network} chosen={chosen} />
      </section>
      <section class="play">
        {migration !== undefined && (
          <Play key={migration.id} migration={migration} known={known} live={live} />
        )}
        {ensemble !== undefined && <EnsemblePlay ensemble={ensemble} known={known} live={live} />}
        {host !== undefined && <HostPlay key={chosen} move={host} known={known} live={live} />}
      </section>
    </main>
  );
}

interface EnsembleProps {
  readonly ensemble: EnsembleDocument;
  readonly known: Known;
  readonly live: Live;
}

/** All that are one: where each is. */
function EnsemblePlay({ ensemble, known, live }: EnsembleProps) {
  const { migrations, hostMoves, self } = known;
  const { id, what, plan, state } = ensemble;
  const members = migrations.filter((one) => one.ensemble === id);
  const hosts = hostMoves.filter((one) => one.ensemble === id);
  const mayUndo = self?.role === 'operator' && mayUndoAll(ensemble);
  return (
    <>
      <div class="title">
        <div>
          <p class="kind">
            Ensemble {id} · {membersText(id, migrations, hostMoves)} · {state.type}
          </p>
          <h1>{what}</h1>
        </div>
        {mayUndo && <Undo live={live} path={`/migrations/${id}/undo`} />}
      </div>
      {state.why !== undefined && <p class="why">{state.why}</p>}
      <ul class="members">
        {members.map((one) => (
          <li key={one.id} class="card">
            <a href={`#/migrations/${one.id}`}>
              <b>{one.vswitch}</b> {one.from} → {one.to}
            </a>
            <Lane migration={one} isSmall />
          </li>
        ))}
        {hosts.map((one) => (
          <li key={`move-${one.id}`} class="card">
            <a href={`#/migrations/move-${one.id}`}>
              <b>{one.host}</b> {placeText(one.from)} → {placeText(one.to)}
            </a>
            <HostLane move={one} isSmall />
          </li>
        ))}
      </ul>
      {plan.length > 0 && (
        <>
          <h3>Plan</h3>
          <pre class="plan">{plan.join('\n')}</pre>
        </>
      )}
    </>
  );
}

interface PlayProps {
  readonly migration: Migrated;
  readonly known: Known;
  readonly live: Live;
}

function Play({ migration, known: { network, self, hostMoves }, live }: PlayProps) {
  const isOver = hasEnded(migration);
  const now = useNow(!isOver);
  const [begin, end] = spanOf(migration, now);
  const [at, setAt] = useState<number>();
  const atMs = at === undefined ? Number.POSITIVE_INFINITY : begin + at;
  const moment = momentOf(migration, atMs);
  const { vswitch, from, to, plan = [], state, strategy } = migration;
  const own = network.vswitches.find(({ name }) => name === vswitch);
  const ports = (own?.ports ?? []).filter(({ port }) => port !== 'LOCAL');
  const mark = marksOf(tenantsOf(network)).get(tenantOf(vswitch));
  const hosts = hostsOf(migration, hostMoves, atMs);
  return (
    <>
      <div class="title">
        <div>
          <p class="kind">
            Migration {migration.id} · {strategy} · {tookText(end - begin)}
          </p>
          <h1>
            {vswitch}{' '}
            <span class="dim">
              from {from} to {to}
            </span>
          </h1>
        </div>
        {self?.role === 'operator' && mayUndo(migration) && (
          <Undo live={live} path={`/migrations/${migration.ensemble ?? migration.id}/undo`} />
        )}
      </div>
      {state.why !== undefined && <p class="why">{state.why}</p>}
      <Stage {...{ picture: moment.picture, at, isOver }} length={end - begin} set={setAt}>
        <Theatre
          {...{ vswitch, from, to, mark, ports, hosts, moment }}
          drops={migration.guard === 'drop'}
        />
      </Stage>
      <Lane migration={migration} />
      <Counts migration={migration} />
      {live.compared?.vswitch === vswitch && (
        <p class="more">
          <a href={`#/rules/${encodeURIComponent(vswitch)}`}>Rules before and after</a>
        </p>
      )}
      {plan.length > 0 && (
        <>
          <h3>Plan</h3>
          <pre class="plan">{plan.join('\n')}</pre>
        </>
      )}
    </>
  );
}

/** By port, where its host is at a moment, of those that move with the vswitch as one. */
function hostsOf(
  { vswitch, ensemble }: Migrated,
  hostMoves: readonly HostMoved[],
  atMs: number,
): ReadonlyMap<string, string> {
  const own = hostMoves.filter((one) => {
    return one.vswitch === vswitch && ensemble !== undefined && one.ensemble === ensemble;
  });
  return new Map(own.map((one) => [String(one.vport), whereText(one, hostMomentOf(one, atMs))]));
}

function Counts({ migration }: { readonly migration: Migrated }) {
  const counts = countsOf(migration);
  if (counts.length === 0) return null;
  return (
    <dl class="numbers counts">
      {counts.map(({ label, value, says, isBad }) => (
        <div key={label} class={isBad ? 'bad' : ''} title={says}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
