/**
 * Placements, encodings, migrations and ensembles as the store has them (journal.ts writes them).
 * Each reader throws when the text is of another shape.
 */
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import type { Amounts } from '../../slices/config/reservations.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import type { IdleThing } from '../../slices/network/idle.ts';
import type {
  Encoding,
  Encodings,
  MovedMembers,
  Placement,
  Plugged,
} from '../../slices/network/snapshot.ts';
import type { Ensemble, Move } from '../migration/ensemble.ts';
import type { HostMove } from '../migration/host-move.ts';
import type { MemberMigration } from '../migration/member-states.ts';
import type { Migration } from '../migration/migration.ts';

export function placementFrom(parsed: unknown): Placement {
  const { bodies, primary, homes, secondSide } = parsed as {
    bodies: DatapathName[];
    primary: DatapathName;
    homes: [Vport, DatapathName][];
    /** Stores of before have none. */
    secondSide?: DatapathName[];
  };
  if (!bodies.includes(primary)) throw new Error('the primary body is none of its bodies');
  const placement = { bodies, primary, homes: new Map(homes) };
  if (secondSide === undefined) return placement;
  return { ...placement, secondSide: new Set(secondSide) };
}

export function placementText({ bodies, primary, homes, secondSide }: Placement): string {
  const sides = secondSide === undefined ? {} : { secondSide: [...secondSide] };
  return JSON.stringify({ bodies, primary, homes: [...homes], ...sides });
}

export function encodingsFrom(parsed: unknown): Encodings {
  return new Map(parsed as [DatapathName, Encoding][]);
}

export function ensembleFrom(parsed: unknown): Ensemble {
  const ensemble = parsed as Ensemble;
  const { id, members, state } = ensemble;
  if (!Number.isSafeInteger(id)) throw new Error('the ensemble has no number');
  if (typeof state.type !== 'string') throw new Error('the ensemble does not say how far it is');
  for (const member of members) {
    const { group, move } = member;
    const isKnown = move.type === 'host' || move.type === 'vswitch';
    const isWhole = 'migration' in member ? Number.isSafeInteger(member.migration) : isHost(move);
    if (!(isKnown && isWhole && Number.isSafeInteger(group))) {
      throw new Error('a member is not whole');
    }
  }
  return ensemble;
}

function isHost(move: Move): boolean {
  if (move.type !== 'host') return false;
  const { host, from, to } = move;
  return [host, from.device, to.device].every((name) => typeof name === 'string');
}

export function migrationFrom(parsed: unknown): Migration {
  const migration = parsed as Migration;
  const { id, vswitch, from, to, state } = migration;
  if (!Number.isSafeInteger(id)) throw new Error('the migration has no number');
  for (const name of [vswitch, from, to, state.type]) {
    if (typeof name !== 'string') throw new Error('the migration does not say from where to where');
  }
  return migration;
}

export function hostMoveFrom(parsed: unknown): HostMove {
  const move = parsed as HostMove;
  const { id, host, from, to, state } = move;
  if (!Number.isSafeInteger(id)) throw new Error('the move of a host has no number');
  for (const name of [host, from.device, to.device, state.type]) {
    if (typeof name !== 'string') throw new Error('the move of a host does not say where to');
  }
  return move;
}

export function memberMoveFrom(parsed: unknown): MemberMigration {
  const one = parsed as MemberMigration;
  const { id, vswitch, state } = one;
  if (!Number.isSafeInteger(id)) throw new Error('the move of a member has no number');
  for (const name of [vswitch, state.type]) {
    if (typeof name !== 'string') throw new Error('the move of a member does not say whose');
  }
  return one;
}

/** Members of big switches that are elsewhere than the file said. */
export function movedMembersFrom(parsed: unknown): MovedMembers {
  type Stored = { said: unknown; on: unknown; partial?: unknown };
  const all = Object.entries(parsed as Record<string, Stored>);
  const moved = all.map(([name, { said, on, partial }]) => {
    const part = partial === undefined ? {} : { partial: namesIn(partial) };
    return [name as VswitchName, { said: namesIn(said), on: namesIn(on), ...part }] as const;
  });
  return new Map(moved);
}

/** What datapaths have said that they have room for. */
export function toldFrom(parsed: unknown): Config['told'] {
  const all = Object.entries(parsed as Record<DatapathName, Amounts>);
  for (const [, amounts] of all) {
    const isRead = Object.values(amounts).every((one) => Number.isSafeInteger(one));
    if (!isRead) throw new Error('what a datapath has room for is no number');
  }
  return new Map(all as [DatapathName, Amounts][]);
}

function namesIn(parsed: unknown): readonly DatapathName[] {
  if (Array.isArray(parsed) && parsed.every((one) => typeof one === 'string')) {
    return parsed as DatapathName[];
  }
  throw new Error('the members of a big switch are not a list of names');
}

/** Hosts that are elsewhere than the file said. */
export function pluggedFrom(parsed: unknown): Plugged {
  return new Map(Object.entries(parsed as Record<string, { said: string; at: PhysicalEnd }>));
}

/** A datapath or cable that carries nothing, and of which the operator's command was told so. */
export interface ToldIdle extends Pick<IdleThing, 'object' | 'kind' | 'parts'> {
  /** Since 1970. */
  readonly sinceMs: number;
}

export function toldIdleFrom(parsed: unknown): readonly ToldIdle[] {
  if (!Array.isArray(parsed)) throw new Error('it is no list of what is idle');
  return parsed as readonly ToldIdle[];
}
