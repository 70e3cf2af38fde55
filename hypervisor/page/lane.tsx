/**
 * The phases of a migration, side by side: past ones with the time that they took, the current one,
 * and those to come.
 */
import type { HostMoved, Migrated } from './documents.ts';
import { useNow } from './hooks.ts';
import { hostLaneOf, hostPictures } from './host-phases.ts';
import { hasEnded, laneOf, pictures, type Segment } from './phases.ts';

interface LaneProps {
  readonly migration: Migrated;
  readonly isSmall?: boolean;
}

interface HostLaneProps {
  readonly move: HostMoved;
  readonly isSmall?: boolean;
}

export function Lane({ migration, isSmall = false }: LaneProps) {
  const now = useNow(!hasEnded(migration));
  const all = laneOf(migration, now).map((one) => ({ ...one, ...pictures[one.name] }));
  return <Segments all={all} state={migration.state.type} isSmall={isSmall} />;
}

/** The same of a host that moves. */
export function HostLane({ move, isSmall = false }: HostLaneProps) {
  const now = useNow(!hasEnded(move));
  const all = hostLaneOf(move, now).map((one) => ({ ...one, ...hostPictures[one.name] }));
  return <Segments all={all} state={move.state.type} isSmall={isSmall} />;
}

interface SegmentsProps {
  readonly all: readonly (Omit<Segment, 'name'> & {
    readonly name: string;
    readonly title: string;
    readonly says: string;
  })[];
  readonly state: string;
  readonly isSmall: boolean;
}

function Segments({ all, state, isSmall }: SegmentsProps) {
  return (
    <ol class={`lane ${isSmall ? 'small' : ''} ${state}`}>
      {all.map(({ name, when, tookMs, title, says }) => (
        <li key={name} class={`${when} ${name}`} title={says}>
          <span class="bar" />
          <span class="name">{title}</span>
          {tookMs !== undefined && <span class="took">{tookText(tookMs)}</span>}
        </li>
      ))}
    </ol>
  );
}

export function tookText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
