/**
 * A lock by which one process owns a store. Node has no file locks; SQLite has, and the kernel
 * frees them however the process ends. Nothing is ever written to this database.
 */
import { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../world/error-text.ts';

/** Takes the lock; throws when another has it. Answers how to give it back. */
export function lockStore(file: string): () => void {
  const db = new DatabaseSync(`${file}.lock`);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const why = messageOf(error);
    const isBusy = /locked|busy/.test(why);
    throw new Error(isBusy ? 'another limevisor uses it; stop that one first' : why);
  }
  return () => db.close();
}
