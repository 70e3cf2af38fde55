/**
 * Tenants: the use of their limits, their traffic, their schedules, and the tenants with which they
 * shared datapaths.
 */
import { useRef, useState } from 'preact/hooks';
import { useAsked } from './asked.ts';
import { Bars } from './bars.tsx';
import type { Migrated } from './documents.ts';
import { tookText } from './lane.tsx';
import type { Live } from './live.ts';
import { type Mark, marksOf } from './marks.ts';
import { tenantsOf } from './network.ts';
import { hasWords } from './rows.ts';
import { TenantMark } from './symbols.tsx';
import { TrafficChart } from './traffic-chart.tsx';
import { barsOf, ownUseOf, type UseDocument } from './use.ts';
import type { ViewProps } from './view.ts';

const EVERY_MS = 2_000;
/** So many tenants are seen without a search. */
const UNSEARCHED_MAX = 4;

export function UseView({ live, known }: ViewProps) {
  const tenant = known.self?.tenant;
  const isAll = known.self !== undefined && known.self.role !== 'owner';
  const path = isAll ? '/use' : undefined;
  const { value, why } = useAsked<UseDocument>(live, path, { everyMs: EVERY_MS });
  const own = tenant === undefined ? undefined : ownUseOf(known.document, tenant);
  const last = useRef<readonly (UseDocument | undefined)[]>([]);
  const now = value ?? own;
  if (value !== last.current[1]) last.current = [last.current[1], value];
  const [text, search] = useState('');
  const marks = marksOf(tenantsOf(known.network));
  // As in all other views.
  const inOrder = [...(now?.tenants ?? [])].sort((a, b) =>
    a.tenant.localeCompare(b.tenant, 'en', { numeric: true }),
  );
  const found = inOrder.filter(({ tenant: name }) => hasWords(name, text));
  return (
    <main class="use">
      {why !== '' && <p role="alert">{why}</p>}
      <section>
        <div class="searched">
          <h2>Limits and use</h2>
          {inOrder.length > UNSEARCHED_MAX && (
            <input
              type="search"
              placeholder="Search tenants (/)"
              aria-label="Search tenants"
              value={text}
              onInput={(event) => search(event.currentTarget.value)}
            />
          )}
        </div>
        {inOrder.length > 0 && found.length === 0 && <p class="dim">No tenant has this name.</p>}
        <div class="cards">
          {found.map((one) => {
            const [before] = last.current;
            const mark = marks.get(one.tenant);
            return <UseCard key={one.tenant} of={one} mark={mark} before={before} now={now} />;
          })}
        </div>
      </section>
      {isAll && (
        <>
          <TrafficChart
            live={live}
            tenants={tenantsOf(known.network).filter((one) => hasWords(one, text))}
            marks={marks}
          />
          <Schedules live={live} />
          <Together live={live} marks={marks} migrations={known.migrations} />
        </>
      )}
    </main>
  );
}

interface UseCardProps {
  readonly of: UseDocument['tenants'][number];
  readonly mark: Mark | undefined;
  readonly before: UseDocument | undefined;
  readonly now: UseDocument | undefined;
}

function UseCard({ of, mark, before, now }: UseCardProps) {
  const bars = barsOf(of, before, now);
  return (
    <article class={`card tenant-${mark?.colour ?? 0}`}>
      <h3>
        <TenantMark mark={mark} /> {of.tenant}
        <small>
          {of.connections} controller {of.connections === 1 ? 'connection' : 'connections'}
        </small>
      </h3>
      <Bars of={bars} />
    </article>
  );
}

interface Scheduled {
  readonly name: string;
  readonly vswitches: readonly string[];
  readonly moves: number;
  readonly last: string;
  readonly inMs: number;
}

function Schedules({ live }: { readonly live: Live }) {
  const { value: all = [], why } = useAsked<readonly Scheduled[]>(live, '/schedules');
  if (why !== '') return <p role="alert">{why}</p>;
  if (all.length === 0) return null;
  return (
    <section>
      <h2>Schedules</h2>
      <table>
        <thead>
          <tr>
            {['Name', 'Moves', 'This hour', 'Next in', 'Last'].map((title) => (
              <th key={title}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map(({ name, vswitches, moves, inMs, last }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{vswitches.join(', ')}</td>
              <td>{moves}</td>
              <td>{tookText(inMs)}</td>
              <td class="dim">{last}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface Secrecy {
  readonly together: readonly {
    readonly tenants: readonly [string, string];
    readonly on: string;
    readonly totalMs: number;
    readonly longestMs: number;
  }[];
}

const DAY_MS = 86_400_000;

interface TogetherProps {
  readonly live: Live;
  readonly marks: ReadonlyMap<string, Mark>;
  /** Asked again as these change. */
  readonly migrations: readonly Migrated[];
}

/** How long tenants shared a datapath in the last day. */
function Together({ live, marks, migrations }: TogetherProps) {
  const tenants = [...marks.keys()];
  const query = new URLSearchParams([
    ['windowMs', String(DAY_MS)],
    ...tenants.map((one) => ['tenant', one]),
  ]);
  const path = tenants.length === 0 ? undefined : `/secrecy?${query}`;
  const { value: found, why } = useAsked<Secrecy>(live, path, { mark: migrations.length });
  if (why !== '') return <p role="alert">{why}</p>;
  const seen = new Set<string>();
  const rows = (found?.together ?? []).filter(({ tenants: pair, on }) => {
    const key = [...pair].sort().join(' ') + on;
    return !seen.has(key) && seen.add(key);
  });
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map(({ totalMs }) => totalMs));
  return (
    <section>
      <h2>
        Together on a datapath <small>in the last day</small>
      </h2>
      <ul class="together">
        {rows.slice(0, 20).map(({ tenants: [a, b], on, totalMs }) => (
          <li key={`${a} ${b} ${on}`}>
            <span>
              <TenantMark mark={marks.get(a)} /> {a} <span class="dim">and</span>{' '}
              <TenantMark mark={marks.get(b)} /> {b} <span class="dim">on</span> {on}
            </span>
            <span class="track">
              <span class="fill" style={{ width: `${(totalMs / most) * 100}%` }} />
            </span>
            <span class="value">{tookText(totalMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
