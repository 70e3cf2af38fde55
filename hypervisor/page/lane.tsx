/**
 * The phases of a migration, side by side: what was, with how long it took; what is; what comes.
 */
import type { Migrated } from './documents.ts';
import { useNow } from './hooks.ts';
import { hasEnded, laneOf, pictures } from './phases.ts';

interface LaneProps {
  readonly migration: Migrated;
  readonly isSmall?: boolean;
}

export function Lane({ migration, isSmall = false }: LaneProps) {
  const now = useNow(!hasEnded(migration));
  const segments = laneOf(migration, now);
  return (
    <ol class={`lane ${isSmall ? 'small' : ''} ${migration.state.type}`}>
      {segments.map(({ name, when, tookMs }) => (
        <li key={name} class={`${when} ${name}`} title={pictures[name].says}>
          <span class="bar" />
          <span class="name">{pictures[name].title}</span>
          {tookMs !== undefined && <span class="took">{tookText(tookMs)}</span>}
        </li>
      ))}
    </ol>
  );
}

export function tookText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
