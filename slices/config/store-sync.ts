/**
 * The settings of the store in the file: its path, and when it is synced.
 *
 *   store: limevisor.db
 *   store: { path: limevisor.db, sync: background }
 */
import type { Fields, Tree } from './config-fields.ts';
import type { Reader } from './reader.ts';
import type { Config, StoreSync } from './values.ts';

const syncs: readonly StoreSync[] = ['always', 'background'];

/** A relative path is beside the file. */
export const defaultStore = { store: 'limevisor.db', storeSync: 'always' } as const;

type Stored = Pick<Config, 'store' | 'storeSync'>;

export function readStore(at: Reader | undefined): Stored {
  const { store: path, storeSync } = defaultStore;
  if (at === undefined) return defaultStore;
  if (!at.isMap) return { store: at.text() ?? path, storeSync };
  at.onlyKeys(['path', 'sync']);
  return {
    store: at.optional('path')?.text() ?? path,
    storeSync: at.optional('sync')?.parsed(parseSync)[0] ?? storeSync,
  };
}

function parseSync(text: string) {
  const value = syncs.find((one) => one === text);
  if (value !== undefined) return { ok: true, value } as const;
  return { ok: false, why: `"${text}" is not when; write ${syncs.join(' or ')}` } as const;
}

/** What stands in the file for it, whose default is not said. */
export function storeFields({ store, storeSync }: Stored): Fields {
  return { path: store, ...(storeSync !== defaultStore.storeSync && { sync: storeSync }) };
}

/** The same, as short as it can be. */
export function storeTree(stored: Stored): Tree {
  return stored.storeSync === defaultStore.storeSync ? stored.store : storeFields(stored);
}
