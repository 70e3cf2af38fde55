/**
 * Placements, tags and encodings as the store has them, read (ledger.ts writes them).
 */
import type { DatapathName, Tag, Vport } from '../slices/ids.ts';
import type { Encoding, Encodings, Placement } from '../slices/snapshot.ts';
import type { TagTable } from '../slices/tags.ts';

export function placementFrom(parsed: unknown): Placement {
  const { bodies, primary, homes } = parsed as {
    bodies: DatapathName[];
    primary: DatapathName;
    homes: [Vport, DatapathName][];
  };
  return { bodies, primary, homes: new Map(homes) };
}

export function tagsFrom(parsed: unknown): TagTable {
  const { byKey, ...rest } = parsed as { last: number; freed: Tag[]; byKey: [string, Tag][] };
  return { ...rest, byKey: new Map(byKey) };
}

export function encodingsFrom(parsed: unknown): Encodings {
  return new Map(parsed as [DatapathName, Encoding][]);
}
