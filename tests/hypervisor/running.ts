/**
 * A hypervisor for the control socket's tests: real, without switches, in a world in memory.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { configOf, exampleText } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld, fakeLog } from './fake-world.ts';

export function hypervisor(world = new FakeWorld(), log: Log = fakeLog()): Hypervisor {
  const store = memoryStore();
  const config = configOf(exampleText());
  return new Hypervisor({
    world,
    store,
    config,
    log,
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

/** An answer of the API: its status, and what it says, whatever JSON that is. */
export interface Answered {
  readonly status: number;
  readonly value: { readonly detail?: string; readonly code?: string } & Record<string, unknown>;
}

/** Asks on the operator's own socket, as the command line does; a text is sent as it is. */
export function request(
  path: string,
  verb: string,
  url: string,
  body?: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const options = { socketPath: path, method: verb, path: url, headers: { ...type, ...headers } };
    const asked = http.request(options, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, value: JSON.parse(answer) });
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}
