/**
 * The store's identity, as the store has it (identity.ts).
 */

export interface StoredIdentity {
  /** Sixteen hex digits. */
  readonly id: string;
  readonly generation: number;
  /** Numbers of vswitches that a store of a version without identities had. */
  readonly oldIds?: readonly number[];
}

/** Throws when it makes no sense. */
export function identityFrom(parsed: unknown): StoredIdentity {
  const { id, generation, oldIds } = parsed as StoredIdentity;
  if (!/^[0-9a-f]{16}$/.test(id)) throw new Error(`"${id}" is not a store identity`);
  if (!Number.isSafeInteger(generation))
    throw new Error(`"${generation}" is not a generation number`);
  return { id, generation, ...(oldIds && { oldIds: oldIds.map(Number) }) };
}
