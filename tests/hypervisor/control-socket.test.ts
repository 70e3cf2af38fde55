/**
 * Who owns the control socket's path: a dead process's is taken over, anything else is left alone.
 */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { serveControl } from '../../hypervisor/api/serving.ts';
import { hypervisor, request, shortDir } from './running.ts';

t.test('it is the owner’s alone, and goes when it is closed', async (t) => {
  const path = join(shortDir(t), 'control.sock');
  const server = await serveControl(hypervisor(), path);
  t.equal(statSync(path).mode & 0o777, 0o600);
  server.close();
  await once(server, 'close');
  t.notOk(existsSync(path));
});

t.test('a socket that a killed process left is taken over', async (t) => {
  const path = join(shortDir(t), 'control.sock');
  const code = `require('net').createServer().listen(${JSON.stringify(path)},
    () => process.kill(process.pid, 'SIGKILL'))`;
  t.equal(spawnSync(process.execPath, ['-e', code]).signal, 'SIGKILL');
  t.ok(existsSync(path));
  const server = await serveControl(hypervisor(), path);
  t.equal((await request(path, 'GET', '/api/v1/status')).status, 200);
  server.close();
});

t.test('one that is served is not', async (t) => {
  const path = join(shortDir(t), 'control.sock');
  const server = await serveControl(hypervisor(), path);
  await t.rejects(serveControl(hypervisor(), path), {
    message: `another limevisor serves ${path}; stop it first`,
  });
  t.equal((await request(path, 'GET', '/api/v1/status')).status, 200, 'and goes on being served');
  server.close();
});

t.test('a file that is no socket is not deleted', async (t) => {
  const path = join(shortDir(t, { 'network.yaml': 'tenants: {}\n' }), 'network.yaml');
  const served = await serveControl(hypervisor(), path).catch(() => undefined);
  t.equal(served, undefined, 'it is refused');
  t.ok(existsSync(path) && statSync(path).isFile(), 'the file is there');
  served?.close();
});

t.test('a folder that is not there is said', async (t) => {
  const path = join(shortDir(t), 'no', 'control.sock');
  await t.rejects(serveControl(hypervisor(), path), {
    message: /^cannot serve .*\/no\/control\.sock: /,
  });
});
