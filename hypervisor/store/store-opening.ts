/**
 * Opens a store's file, whatever format it has, or creates it; a file that a crash left half made
 * is made again. A file gets its name only when it is whole.
 */
import path from 'node:path';
import { messageOf } from '../world/error-text.ts';
import type { LogSlot, Store } from '../world/world.ts';
import type { Disk } from './disk.ts';
import { LogFile, type LogUser } from './log-file.ts';
import { endOfCommits, payloadsIn, type Salt, saltOf, versionOf } from './log-format.ts';
import { payloadsOfVersion1 } from './log-format-1.ts';

/** Where a store is, and what its files are made with. */
export interface StorePlace {
  readonly disk: Disk;
  readonly file: string;
  /** The name of a log that is not whole yet. */
  readonly freshFile: string;
  readonly salt: () => Salt;
}

/** Throws when it is none of ours, is damaged, or cannot be made. */
export function openLog(at: StorePlace, user: LogUser): LogFile {
  const { disk, file, freshFile } = at;
  disk.remove(freshFile);
  if (!disk.exists(file)) return made(at, user, []);
  const opened = disk.open(file, 'existing');
  try {
    const version = versionOf(opened);
    if (version === 2) {
      // What a killed process has written is durable before anything follows it, or a crash might
      // keep that alone.
      opened.syncNow();
      return LogFile.open(opened, user);
    }
    const remade = madeFrom(version);
    const log = made(at, user, remade === 'nothing' ? [] : payloadsOfVersion1(opened));
    opened.close();
    return log;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** What a store holds, in any format; nothing is changed. Throws as `openLog`. */
export function readLog(disk: Disk, path: string): Pick<Store, 'scan' | 'read' | 'close'> {
  const file = disk.open(path, 'read');
  try {
    const version = versionOf(file);
    const read = (into: Uint8Array, at: number): void => void file.read(into, at);
    const close = (): void => file.close();
    if (version === 2) {
      const salt = saltOf(file);
      const end = endOfCommits(file, salt);
      return { scan: () => payloadsIn(file, end, salt, file.size()), read, close };
    }
    const from = madeFrom(version);
    return { scan: () => (from === 'nothing' ? [] : payloadsOfVersion1(file)), read, close };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Throws as `openLog`, for what the beginning of a file shows. */
export function lookAt(disk: Disk, path: string): void {
  const file = disk.open(path, 'read');
  try {
    const version = versionOf(file);
    if (version === 2) saltOf(file);
    else madeFrom(version);
  } finally {
    file.close();
  }
}

/** What a file of another format is made anew from. */
function madeFrom(version: ReturnType<typeof versionOf>): 'nothing' | 'version 1' {
  if (version === 'none') return 'nothing';
  if (version === 1) return 'version 1';
  if (version === undefined) throw new Error('it is not a store');
  const why = `a newer limevisor wrote it, in format ${version}, and this one knows 1 and 2`;
  throw new Error(`${why}; start the newer one, or restore a copy of the store from before it`);
}

/** A log with these commits, in the place of what has the name. */
function made(at: StorePlace, user: LogUser, commits: Iterable<LogSlot>): LogFile {
  const { disk, freshFile } = at;
  const copy = LogFile.create(disk, freshFile, at.salt(), user);
  try {
    for (const { bytes } of commits) copy.appendNow(bytes);
    copy.close();
  } catch (error) {
    disk.remove(freshFile);
    throw error;
  }
  renameIntoPlace(at);
  return LogFile.open(disk.open(at.file, 'existing'), user);
}

/** The log that is whole becomes the store, durably. */
export function renameIntoPlace({ disk, file, freshFile }: StorePlace): void {
  disk.rename(freshFile, file);
  disk.syncFolder(path.dirname(file));
}

/** Why it could not be opened, and what to do. */
export function hintFor(disk: Disk, file: string, error: unknown): string {
  const why = messageOf(error);
  if (/^(another|a newer) limevisor/.test(why)) return why;
  const name = 'name another under "store"';
  if (disk.isFolder(file)) return `a folder; ${name}`;
  const folder = path.dirname(file);
  if (!disk.exists(folder)) return `there is no folder ${folder}; make it, or ${name}`;
  if (/no space left|quota exceeded|disk is full/.test(why))
    return `${why}; make room in ${folder}, or ${name}`;
  return `${why}; ${name}`;
}
