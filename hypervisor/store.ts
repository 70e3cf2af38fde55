/**
 * The embedded store: SQLite with a write-ahead log, synced at every commit (DESIGN 11).
 *
 * Under kill -9 and power loss nothing that `commit` returned for is lost.
 */
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from './world.ts';

/** Opens or makes the file; throws with what to do when it is not ours or is in use. */
export function openStore(file: string): Store {
  const db = open(file);
  const put = db.prepare('INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM entries WHERE key = ?');
  return {
    load: () =>
      (db.prepare('SELECT key, value FROM entries ORDER BY key').all() as unknown[]).map((row) => {
        const { key, value } = row as { key: string; value: string };
        return [key, value] as const;
      }),
    commit(writes) {
      db.exec('BEGIN IMMEDIATE');
      try {
        for (const [key, value] of writes) {
          if (value === undefined) remove.run(key);
          else put.run(key, value);
        }
        db.exec('COMMIT');
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };
}

function open(file: string): DatabaseSync {
  try {
    const db = new DatabaseSync(file);
    // One process owns the store: a second one is told so instead of sharing it.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    db.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
    db.exec('BEGIN IMMEDIATE; COMMIT');
    return db;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot open the store ${file}: ${hintFor(file, why)}`);
  }
}

function hintFor(file: string, why: string): string {
  if (/locked|busy/.test(why)) return 'another limevisor uses it; stop that one first';
  const name = 'name another under "store"';
  if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) return `a folder; ${name}`;
  const folder = path.dirname(file);
  if (!fs.existsSync(folder)) return `there is no folder ${folder}; make it, or ${name}`;
  return `${why}; ${name}`;
}
