/**
 * Remembered migrations, as a list to choose from.
 */
import { marksOf } from './marks.ts';
import type { Entry } from './migration-entries.ts';
import { type Network, tenantsOf } from './network.ts';
import { hasEnded } from './phases.ts';
import { TenantMark } from './symbols.tsx';

interface ListProps {
  readonly entries: readonly Entry[];
  readonly network: Network;
  readonly chosen: string;
}

export function MigrationList({ entries, network, chosen }: ListProps) {
  const marks = marksOf(tenantsOf(network));
  if (entries.length === 0) return <p class="empty">No vswitch has moved yet.</p>;
  return (
    <ul>
      {entries.map(({ id, title, says, state, startedMs, isMember, tenant }) => (
        <li key={id} class={isMember ? 'member' : ''}>
          <a href={`#/migrations/${id}`} class={id === chosen ? 'here' : ''}>
            {tenant !== undefined && <TenantMark mark={marks.get(tenant)} />}
            <span>
              <b>{title}</b>
              <small>{says}</small>
            </span>
            <span class="end">
              <em class={`state ${state}`}>
                {hasEnded({ state: { type: state } }) ? state : 'moving'}
              </em>
              <small>{new Date(startedMs).toLocaleTimeString('en-GB')}</small>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
