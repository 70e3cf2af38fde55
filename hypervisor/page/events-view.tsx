/**
 * Events as they happen, and the audit log.
 */
import { useState } from 'preact/hooks';
import { useAsked } from './asked.ts';
import type { Audited, Happened } from './documents.ts';
import { ErrorsSent } from './errors-view.tsx';
import type { Live } from './live.ts';
import { hasWords } from './rows.ts';
import type { ViewProps } from './view.ts';

const SHOWN_MAX = 500;
const kinds = ['all', 'warnings', 'errors', 'audit'] as const;
type Kind = (typeof kinds)[number];

export function EventsView({ live, known, route }: ViewProps) {
  const [text, search] = useState('');
  const kind = kinds.find((one) => one === route[0]) ?? 'all';
  const wanted = known.events.filter((one) => {
    const isLoud = kind !== 'warnings' || one.level !== 'info';
    return isLoud && hasWords(`${one.what} ${JSON.stringify(one.about)}`, text);
  });
  return (
    <main class="events">
      <div class="bar">
        <Kinds at={kind} isOwner={known.self?.role === 'owner'} />
        <input
          type="search"
          placeholder="Search (/)"
          aria-label="Search events"
          value={text}
          onInput={(event) => search(event.currentTarget.value)}
        />
        <span class="dim">
          {kind === 'audit' || kind === 'errors'
            ? ''
            : `${wanted.length} of ${known.events.length} that are kept here`}
        </span>
      </div>
      <div class="scroll">
        {kind === 'audit' && <Audit live={live} text={text} />}
        {kind === 'errors' && <ErrorsSent live={live} known={known} text={text} />}
        {(kind === 'all' || kind === 'warnings') && <Table events={wanted} />}
      </div>
    </main>
  );
}

interface KindsProps {
  readonly at: Kind;
  readonly isOwner: boolean;
}

function Kinds({ at, isOwner }: KindsProps) {
  const shown = kinds.filter((kind) => kind !== 'audit' || !isOwner);
  return (
    <div class="kinds">
      {shown.map((kind) => (
        <a key={kind} href={`#/events/${kind}`} class={kind === at ? 'here' : ''}>
          {kind}
        </a>
      ))}
    </div>
  );
}

function Table({ events }: { readonly events: readonly Happened[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Time</th>
          <th>Level</th>
          <th>What</th>
          <th>About</th>
        </tr>
      </thead>
      <tbody>
        {[...events]
          .slice(-SHOWN_MAX)
          .reverse()
          .map(({ id, atMs, level, what, about }) => (
            <tr key={`${atMs} ${id}`} class={level}>
              <td class="mono">{timeText(atMs)}</td>
              <td>
                <span class={`level ${level}`}>{level}</span>
              </td>
              <td>{what}</td>
              <td class="mono about">{aboutText(about)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

function aboutText(about: Readonly<Record<string, unknown>>): string {
  return Object.entries(about)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('  ');
}

interface AuditProps {
  readonly live: Live;
  readonly text: string;
}

/** Who has changed what, and what was before. */
function Audit({ live, text }: AuditProps) {
  const { value: all = [], why } = useAsked<readonly Audited[]>(live, '/audit?limit=500');
  if (why !== '') return <p class="empty">{why}</p>;
  const shown = all.filter((one) => hasWords(JSON.stringify(one), text)).reverse();
  return (
    <table>
      <thead>
        <tr>
          <th>Time</th>
          <th>Who</th>
          <th>Did</th>
          <th>Changed</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ atMs, by, role, did, outcome, why: because, changed }) => (
          <tr key={`${atMs} ${by} ${did}`}>
            <td class="mono">{timeText(atMs)}</td>
            <td>
              {by} <small>{role}</small>
            </td>
            <td>
              {did} <span class={`level ${outcome === 'done' ? '' : 'warn'}`}>{outcome}</span>
            </td>
            <td class="mono about">
              {because}
              {changed.map(({ what, before, after }) => (
                <p key={what}>
                  {what}: <del>{before}</del> <ins>{after}</ins>
                </p>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
