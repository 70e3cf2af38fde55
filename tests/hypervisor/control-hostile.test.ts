/**
 * Requests that are JSON and mean harm or nothing: each is answered, and the process lives.
 *
 * The hypervisor runs in a process of its own here, because a crash of it is what is looked for.
 */

import { spawn } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { request, shortDir } from './running.ts';

const running = new URL('./running.ts', import.meta.url).href;
const control = new URL('../../hypervisor/api/serving.ts', import.meta.url).href;

/** A served socket, and whether its process still lives. */
async function serving(dir: string) {
  const path = join(dir, 'control.sock');
  const code = `import { hypervisor } from '${running}';
    import { serveControl } from '${control}';
    await serveControl(hypervisor(), ${JSON.stringify(path)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' });
  for (let i = 0; i < 800 && !(await isServed(path)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { path, child };
}

/** The file is there a moment before anybody listens. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(path);
    probe.on('connect', () => resolve(true)).on('error', () => resolve(false));
    probe.on('connect', () => probe.destroy());
  });
}

type Hostile = readonly [verb: string, url: string, body?: object];

const hostile: Readonly<Record<string, Hostile>> = {
  'a method of every object: constructor': ['GET', '/api/v1/constructor'],
  'a method of every object: hasOwnProperty': ['POST', '/api/v1/hasOwnProperty'],
  'a method of every object: valueOf': ['GET', '/valueOf'],
  'a method of every object: toString': ['GET', '/api/v1/migrations/toString'],
  'the prototype': ['GET', '/api/v1/flows?vswitch=__proto__&__proto__=1'],
  'a vswitch that is an object': ['GET', '/api/v1/flows?vswitch[toString]=1'],
  'a vswitch whose text is another': ['POST', '/api/v1/reopenings', { vswitch: ['red/v1x'] }],
  'a strategy that is an object': ['POST', '/api/v1/migrations', { strategy: { toString: 1 } }],
  'a datapath that is an object': [
    'POST',
    '/api/v1/migrations',
    { vswitch: 'red/v3', to: { toString: 1 } },
  ],
  'a migration that is an object': ['POST', '/api/v1/migrations/%7B%22valueOf%22%3A1%7D/undo'],
  'a path that is no text': ['GET', '/api/v1/migrations/%ff%fe'],
  'a body that is a list': ['POST', '/api/v1/host-moves', [1]],
  'a body that poisons': ['POST', '/api/v1/migrations', JSON.parse('{"__proto__":{"to":"s4"}}')],
};

t.test('each is refused, and the process lives', async (t) => {
  const { path, child } = await serving(shortDir(t));
  t.teardown(() => void child.kill('SIGKILL'));
  for (const [name, [verb, url, body]] of Object.entries(hostile)) {
    const { status } = await request(path, verb, url, body);
    t.ok(status >= 400 && status < 500, `${name}: it is refused: ${status}`);
    const next = await request(path, 'GET', '/api/v1/status').catch(() => undefined);
    t.equal(next?.status, 200, `${name}: the process answers the next one`);
  }
});
