/**
 * Placements, the numbers of ways, encodings and migrations as the store has them (ledger.ts writes
 * them). Each throws when the text is of another shape.
 */
import { FreedNumbers } from '../../slices/freed-numbers.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import type { Encoding, Encodings, Placement } from '../../slices/snapshot.ts';
import type { WayNumbers } from '../../slices/tags.ts';
import type { Migration } from '../../translation/migration.ts';

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

export function wayNumbersFrom<N extends number>(parsed: unknown): WayNumbers<N> {
  const { byKey, last, freed } = parsed as { last: number; freed: N[]; byKey: [string, N][] };
  const table = { byKey: new Map(byKey), last, freed: FreedNumbers.from(freed) };
  const numbers = new Set(table.byKey.values());
  if (numbers.size < table.byKey.size) throw new Error('a number names two ways');
  return table;
}

export function wayNumbersText<N extends number>({ byKey, last, freed }: WayNumbers<N>): string {
  return JSON.stringify({ byKey: [...byKey], last, freed: [...freed] });
}

export function encodingsFrom(parsed: unknown): Encodings {
  return new Map(parsed as [DatapathName, Encoding][]);
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
