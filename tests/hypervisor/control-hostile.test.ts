/**
 * Requests that are JSON and mean harm or nothing: each is answered, and the process lives.
 *
 * The hypervisor runs in a process of its own here, because a crash of it is what is looked for.
 */

import { spawn } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { line, shortDir, talk } from './running.ts';

const running = new URL('./running.ts', import.meta.url).href;
const control = new URL('../../hypervisor/operator/control.ts', import.meta.url).href;

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

const hostile: Readonly<Record<string, string>> = {
  'a method of every object: constructor': line('constructor'),
  'a method of every object: hasOwnProperty': line('hasOwnProperty'),
  'a method of every object: valueOf': line('valueOf'),
  'a method of every object: toString': line('toString'),
  'the prototype': line('__proto__'),
  'a vswitch that is an object': line('flows', { vswitch: { toString: 1 } }),
  'a vswitch whose text is another': line('flows', { vswitch: ['red/v1x'] }),
  'a strategy that is an object': line('migrate', { strategy: { toString: 1 } }),
  'a datapath that is an object': line('migrate', { vswitch: 'red/v3', to: { toString: 1 } }),
  'a migration that is an object': line('undo', { migration: { valueOf: 1, toString: 1 } }),
  'an id that is an object': line('status', {}, { valueOf: 1, toString: 1 }),
  'params that are a list': `${JSON.stringify({ id: 1, method: 'undo', params: [1] })}\n`,
};

for (const [name, text] of Object.entries(hostile)) {
  t.test(name, async (t) => {
    const { path, child } = await serving(shortDir(t));
    t.teardown(() => void child.kill('SIGKILL'));
    const [answer] = await talk(path, text, 1);
    t.match(answer, /"(error|result)":/, 'it is answered');
    const [next] = await talk(path, line('status'), 1).catch(() => []);
    t.match(next, /"result":/, 'the process lives and answers the next one');
  });
}
