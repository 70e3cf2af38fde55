/**
 * `limevisor backup FILE` and `limevisor restore --from FILE`: copies of the store.
 */
import fs from 'node:fs';
import { backupPlace, copyTo, openToCopy, putBack } from '../store/store-copy.ts';
import { messageOf } from '../world/error-text.ts';
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { nodeWorld } from '../world/node-world.ts';
import { ask } from './client.ts';
import type { BackupResult } from './control-backup.ts';
import { configOf } from './file.ts';

export interface BackupOptions extends Options {
  /** Of a file that none serves. */
  readonly file?: string;
}

const ATTEMPTS = 5;

export async function backup(to: string, { socket, json, file }: BackupOptions): Promise<void> {
  const copied = file === undefined ? await whileItRuns(to, socket) : atRest(to, file);
  say(json ? JSON.stringify(copied) : `${copied.bytes} bytes of ${copied.store} are in ${to}`);
}

interface Copied {
  readonly store: string;
  readonly bytes: number;
}

/** The file is opened first: if it is another than what is served by then, it is tried again. */
async function whileItRuns(to: string, socket: string): Promise<Copied> {
  const { store } = await ask<BackupResult>(socket, 'backup', {});
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const opened = opening(store);
    try {
      const { inode, bytes } = await ask<BackupResult>(socket, 'backup', {});
      if (inode !== opened.inode) continue;
      copying(() => copyTo(opened.fd, bytes, backupPlace(opened.fd, to)), to);
      return { store, bytes };
    } finally {
      fs.closeSync(opened.fd);
    }
  }
  const why = `the store ${store} was made anew ${ATTEMPTS} times meanwhile; try again`;
  throw new Ending(exitCodes.failed, why);
}

function atRest(to: string, file: string): Copied {
  const { store } = configOf(file);
  const { fd, bytes } = opening(store);
  try {
    copying(() => copyTo(fd, bytes, backupPlace(fd, to)), to);
  } finally {
    fs.closeSync(fd);
  }
  return { store, bytes };
}

function opening(store: string): ReturnType<typeof openToCopy> {
  try {
    return openToCopy(store);
  } catch (error) {
    const hint = 'a backup is made on the machine that has it, by who may read it';
    throw new Ending(exitCodes.failed, `cannot read ${store}: ${messageOf(error)}; ${hint}`);
  }
}

function copying(copy: () => void, to: string): void {
  try {
    copy();
  } catch (error) {
    throw new Ending(exitCodes.failed, `no backup in ${to}: ${messageOf(error)}`);
  }
}

export interface RestoreOptions {
  readonly json?: boolean;
  readonly from: string;
  readonly file?: string;
}

export function restoreFrom({ from, file, json }: RestoreOptions): void {
  if (file === undefined) {
    const hint = 'whose store is it to be? --file FILE, as it is run';
    throw new Ending(exitCodes.usage, `--from ${from}: ${hint}`);
  }
  const { store } = configOf(file);
  const when = new Date(nodeWorld().wallClockMs()).toISOString().replace(/[:.]/g, '');
  let before: string | undefined;
  try {
    before = putBack(from, store, when);
  } catch (error) {
    const why = `${store} is as it was: ${messageOf(error)}`;
    throw new Ending(exitCodes.rejected, why);
  }
  const kept = before === undefined ? '' : `; the one that was there is ${before}`;
  const next = `switches may hold what came later: "limevisor run --adopt ${file}" goes on from it`;
  say(json ? JSON.stringify({ store, before }) : `${store} is what ${from} has${kept}\n${next}`);
}
