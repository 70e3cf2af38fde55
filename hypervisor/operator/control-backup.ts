/**
 * `backup` on the control socket (control.ts): the store's path, and how much of it is whole.
 *
 * A store only ever grows at its end, until a smaller one takes its name; so its beginning, once it
 * is durable, can be copied while it grows, by who has opened that very file (store-copy.ts).
 */
import fs from 'node:fs';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { type Keeper, nothingBut, perform } from '../store/ready.ts';
import { messageOf } from '../world/error-text.ts';
import type { Params } from './control-values.ts';

export interface BackupResult {
  readonly store: string;
  /** Of the file that has the name now. */
  readonly inode: number;
  /** From its beginning. */
  readonly bytes: number;
}

export interface BackupSources {
  readonly journal: Keeper & { readonly size: { readonly kept: number } };
  snapshot(): Snapshot;
}

interface BackupReply {
  result(value: unknown): void;
  error(code: 'rejected' | 'failed', message: string): void;
}

export const backupMethods = { backup } as const;

function backup(context: BackupSources, _: Params, reply: BackupReply): void {
  const { store } = context.snapshot().config;
  const say = (): void => {
    try {
      const { ino: inode } = fs.statSync(store);
      reply.result({ store, inode, bytes: context.journal.size.kept } satisfies BackupResult);
    } catch (error) {
      reply.error('rejected', `the store ${store} cannot be looked at: ${messageOf(error)}`);
    }
  };
  perform(context.journal, nothingBut([say], 'onDisk'));
}
