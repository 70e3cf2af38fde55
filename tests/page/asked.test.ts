/**
 * What views ask for again and again, while things change faster than the server answers, or it
 * does not answer at all.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { Asking } from '../../hypervisor/page/asked.ts';
import { Client } from '../../hypervisor/page/client.ts';

/** Requests that end when the test says so. */
function server() {
  const open: (() => void)[] = [];
  let asked = 0;
  const asking = new Asking(() => {
    asked += 1;
    return new Promise((resolve) => open.push(resolve));
  });
  const answer = async (): Promise<void> => {
    open.shift()?.();
    await new Promise(setImmediate);
  };
  return { asking, answer, open, asked: () => asked };
}

t.test('however often it is asked for, one request is open, and one follows it', async (t) => {
  const { asking, answer, open, asked } = server();
  for (let i = 0; i < 100; i++) asking.now();
  t.equal(open.length, 1);
  await answer();
  t.equal(asked(), 2, 'what changed meanwhile is asked for once');
  await answer();
  t.equal(asked(), 2);
  t.equal(open.length, 0);
  asking.now();
  t.equal(asked(), 3, 'and at once where nothing is open');
});

t.test('nothing is asked when the view is gone', async (t) => {
  const { asking, answer, asked } = server();
  asking.now();
  asking.now();
  asking.end();
  await answer();
  t.equal(asked(), 1);
});

t.test('a server that says nothing is given up, and that is said', async (t) => {
  const silent = http.createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const real = globalThis.fetch;
  globalThis.fetch = (path, init) => real(`http://127.0.0.1:${port}${String(path)}`, init);
  t.teardown(() => {
    globalThis.fetch = real;
  });
  const client = new Client('token', () => undefined, 50);
  const asked = client.get('/topology');
  await t.rejects(asked, { message: 'Limevisor has not answered within 0.05 s' });
});
