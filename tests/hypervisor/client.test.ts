/**
 * The client's end of the operator's socket, against servers that behave and servers that do not.
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

function http(type: string, body: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\nconnection: close\r\n\r\n${body}`;
}

const problem = (body: object) => {
  return http('application/problem+json', JSON.stringify(body), '409 Conflict');
};

t.test('events first, then the result', async (t) => {
  const text = [
    'event: operation\ndata: {"id":1}\n\n',
    ': a word\n\nid: 1\nevent: progress\ndata: {"n":1}\n\n',
    'id: 2\nevent: progress\ndata: {"n":2}\n\nevent: result\ndata: {"ok":true}\n\n',
  ].join('');
  const { path, server } = await answering(shortDir(t), http('text/event-stream', text));
  const events: unknown[] = [];
  const result = await ask(path, 'migrate', {}, (event) => events.push(event));
  t.strictSame([events, result], [[{ n: 1 }, { n: 2 }], { ok: true }]);
  server.close();
});

t.test('a problem is Refused with its code and text', async (t) => {
  for (const [code, is] of [
    ['rejected', 'rejected'],
    ['usage', 'usage'],
    ['failed', 'failed'],
    ['absent', 'rejected'],
  ]) {
    const { path, server } = await answering(shortDir(t), problem({ code, detail: 'no' }));
    const refused = await ask(path, 'undo', { migration: 1 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    t.ok(refused instanceof Refused);
    t.match(refused, { code: is, message: 'no' });
    server.close();
  }
});

t.test('one that is part of a stream, and one with what it would have answered', async (t) => {
  const text = `event: problem\ndata: ${JSON.stringify({ code: 'failed', detail: 'boom' })}\n\n`;
  const { path, server } = await answering(shortDir(t), http('text/event-stream', text));
  await t.rejects(ask(path, 'migrate', {}), { code: 'failed', message: 'boom' });
  server.close();
  const result = { plan: { type: 'problems', problems: ['no'] } };
  const other = await answering(shortDir(t), problem({ detail: 'no', result }));
  t.strictSame(await ask(other.path, 'migrate', {}), result);
  other.server.close();
});

t.test('nobody there, or gone before the answer, is Unreachable', async (t) => {
  const missing = join(shortDir(t), 'x.sock');
  t.ok((await ask(missing, 'status', {}).catch((e: unknown) => e)) instanceof Unreachable);
  await t.rejects(ask(missing, 'status', {}), {
    message: /no limevisor answers at .*x\.sock.*--socket/,
  });
  const cut = http('text/event-stream', 'event: progress\ndata: {"n":1}\n\n');
  for (const text of ['', cut, 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n']) {
    const { path, server } = await answering(shortDir(t), text);
    await t.rejects(ask(path, 'status', {}), { message: /went away before it answered/ });
    server.close();
  }
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
  t.match(stdout, /^rejected .* is not the socket of a limevisor/);
  t.equal(stderr, '');
  const { path: web, server } = await answering(shortDir(t), http('text/html', '<html>'));
  await t.rejects(ask(web, 'status', {}), { message: /is not the socket of a limevisor/ });
  server.close();
});

t.test('a path that no socket can have is said to be too long', async (t) => {
  const path = `/${'x'.repeat(107)}`;
  await t.rejects(ask(path, 'status', {}), { code: 'usage', message: /108 bytes, at most 107/ });
});
