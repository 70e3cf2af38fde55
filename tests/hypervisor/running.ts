/**
 * A hypervisor for the control socket's tests: real, without switches, in a world in memory.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { configOf, exampleText } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld, fakeLog } from './fake-world.ts';

export function hypervisor(): Hypervisor {
  const store = memoryStore();
  const config = configOf(exampleText());
  return new Hypervisor({
    world: new FakeWorld(),
    store,
    config,
    log: fakeLog(),
    onFault: failing,
  });
}

/** A folder with a short name, gone after the test: a Unix socket's path has 107 bytes. */
export function shortDir(
  t: { teardown(run: () => void): void },
  files: Readonly<Record<string, string>> = {},
): string {
  const dir = mkdtempSync(join(tmpdir(), 'lv-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Sends text and reads what comes back until `lines` lines are there or the other end closes. */
export function talk(path: string, text: string | Uint8Array, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    let answer = '';
    const finish = (): void => {
      socket.destroy();
      resolve(answer.split('\n').slice(0, -1));
    };
    socket.on('connect', () => socket.write(text));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET') finish();
      else reject(error);
    });
    socket.on('close', finish);
    socket.on('data', (chunk) => {
      answer += String(chunk);
      if (answer.split('\n').length > lines) finish();
    });
    setTimeout(finish, 2_000).unref();
  });
}

/** A request as a line. */
export function line(method: unknown, params: object = {}, id: unknown = 1): string {
  return `${JSON.stringify({ id, method, params })}\n`;
}
