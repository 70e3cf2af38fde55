/**
 * The client: events, the answer, and what it says when nobody answers or nonsense comes back.
 */

import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { ask, Refused, Unreachable } from '../../hypervisor/operator/client.ts';
import { shortDir } from './running.ts';

/** A server that answers the first request with this text and closes. */
async function answering(dir: string, text: string): Promise<{ path: string; server: net.Server }> {
  const path = join(dir, 'x.sock');
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(text));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { path, server };
}

t.test('events first, then the result', async (t) => {
  const text =
    '{"id":1,"event":{"n":1}}\n{"id":1,"event":{"n":2}}\n{"id":1,"result":{"ok":true}}\n';
  const { path, server } = await answering(shortDir(t), text);
  const events: unknown[] = [];
  const result = await ask(path, 'migrate', {}, (event) => events.push(event));
  t.strictSame([events, result], [[{ n: 1 }, { n: 2 }], { ok: true }]);
  server.close();
});

t.test('an error is Refused with its code', async (t) => {
  const text = '{"id":1,"error":{"code":"rejected","message":"no"}}\n';
  const { path, server } = await answering(shortDir(t), text);
  const refused = await ask(path, 'undo', {}).then(
    () => undefined,
    (error: unknown) => error,
  );
  t.ok(refused instanceof Refused);
  t.match(refused, { code: 'rejected', message: 'no' });
  server.close();
});

t.test('nobody there, or gone before the answer, is Unreachable', async (t) => {
  const missing = join(shortDir(t), 'x.sock');
  t.ok((await ask(missing, 'status', {}).catch((e: unknown) => e)) instanceof Unreachable);
  await t.rejects(ask(missing, 'status', {}), {
    message: /no limevisor answers at .*x\.sock.*--socket/,
  });
  const { path, server } = await answering(shortDir(t), '');
  await t.rejects(ask(path, 'status', {}), { message: /went away before it answered/ });
  server.close();
});

t.test('what is no limevisor is told as that, without a stack trace', async (t) => {
  const path = join(shortDir(t), 'other.sock');
  const client = new URL('../../hypervisor/operator/client.ts', import.meta.url).href;
  const code = `
import net from 'node:net';
import { ask } from '${client}';
const server = net.createServer((socket) => socket.once('data', () => socket.end('220 hi\\n')));
server.listen(${JSON.stringify(path)}, async () => {
  await ask(${JSON.stringify(path)}, 'status', {}).catch((e) => console.log('rejected', e.message));
  server.close();
});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
  t.match(stdout, /^rejected /);
  t.equal(stderr, '');
});

t.test('a path that no socket can have is said to be too long', async (t) => {
  const path = `/${'x'.repeat(107)}`;
  await t.rejects(ask(path, 'status', {}), { code: 'usage', message: /108 bytes, at most 107/ });
});
