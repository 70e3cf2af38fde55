/**
 * Listening on a Unix socket: for the command line (control.ts) and for controllers (`punix:`).
 *
 * The socket is the owner's alone (mode 0600); one that a dead process left behind is taken over.
 */
import fs from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from './error-text.ts';

/** Rejects, with the reason for people, when something that lives is there already. */
export async function listenOnPath(server: net.Server, path: string): Promise<void> {
  const there = fs.statSync(path, { throwIfNoEntry: false });
  if (there !== undefined) {
    if (!there.isSocket()) {
      throw new Error(`cannot serve ${path}: it exists and is not a socket; choose another path`);
    }
    if (await answers(path)) throw new Error(`another limevisor serves ${path}; stop it first`);
    fs.unlinkSync(path);
  }
  const folder = dirname(path);
  if (!fs.existsSync(folder)) {
    throw new Error(
      `cannot serve ${path}: there is no folder ${folder}; make it, or choose another path`,
    );
  }
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new Error(`cannot serve ${path}: ${messageOf(error)}`)),
      );
      server.listen(path, resolve);
    });
  } finally {
    process.umask(umask);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}
