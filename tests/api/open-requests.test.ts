/**
 * What a token's requests may take: so many at once, none of them behind its end; a body of whoever
 * shows no token is not read.
 */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Callers, MS_PER_REQUEST } from '../../hypervisor/api/callers.ts';
import { ApiListeners, serverAt } from '../../hypervisor/api/listeners.ts';
import { limits } from '../../slices/limits.ts';
import { FakeWorld } from '../hypervisor/fake-world.ts';
import { jsonOf, served } from './served.ts';

const events = { headers: { accept: 'text/event-stream' } };

/** Whether a stream was cut within some seconds. */
async function isCut(answer: Response): Promise<boolean> {
  const isOver = answer.text().then(
    () => true,
    () => true,
  );
  return Promise.race([isOver, sleep(5_000, false, { ref: false })]);
}

t.test('a stream ends with its token: revoked at once, over soon', async (t) => {
  const { ask, api, world, tokens } = await served(t);
  const path = '/api/v1/networks/red/events';
  const stream = await ask(path, { ...events, token: tokens.owner });
  t.equal(stream.status, 200);
  api.context.tokens.revoke('the owner');
  t.ok(await isCut(stream));
  const expiresMs = world.wallClockMs() + 60_000;
  const short = api.context.tokens.make({ name: 'short', role: 'viewer', expiresMs });
  if ('whyNot' in short) throw new Error(short.whyNot);
  const other = await ask('/api/v1/events', { ...events, token: short.token });
  world.pass(60_000 + limits.heartbeatMs);
  t.ok(await isCut(other));
  t.equal(api.context.feed.count, 0);
  const own = await ask('/api/v1/tokens/the%20operator', { method: 'DELETE' });
  t.equal(own.status, 200, 'who revokes the own one is told so');
  t.equal((await ask('/api/v1/self')).status, 401);
});

t.test('an owner has so many requests at once, and others are heard', async (t) => {
  const { ask, url, api, world, tokens } = await served(t);
  const agent = new http.Agent();
  t.teardown(() => agent.destroy());
  const statuses = new Map<number, number>();
  const headers = { ...events.headers, authorization: `Bearer ${tokens.owner}` };
  const listen = () =>
    new Promise<void>((resolve) => {
      http.get(`${url}/api/v1/networks/red/events`, { agent, headers }, (answer) => {
        const { statusCode = 0 } = answer;
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        answer.resume();
        answer.on('error', () => undefined);
        resolve();
      });
    });
  for (let i = 0; i < limits.apiOpenPerOwnerMax + 5; i++) {
    world.pass(100);
    await listen();
  }
  t.strictSame(
    [...statuses],
    [
      [200, limits.apiOpenPerOwnerMax],
      [429, 5],
    ],
  );
  t.equal(api.context.feed.count, limits.apiOpenPerOwnerMax);
  t.equal((await ask('/api/v1/events', events)).status, 200);
});

t.test('connections are so many', async (t) => {
  const server = serverAt({ host: '127.0.0.1', port: 1 }, () => undefined);
  t.equal(server.maxConnections, limits.apiConnectionsMax);
});

t.test('who listens at an address that is none any more is let go', async (t) => {
  const free = http.createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const world = new FakeWorld();
  const listeners = new ApiListeners(world, (_, response) => void response.write('hello'));
  t.teardown(() => listeners.close());
  listeners.follow([{ host: '127.0.0.1', port }], (why) => t.fail(why));
  const stream = await fetch(`http://127.0.0.1:${port}/`);
  listeners.follow([], (why) => t.fail(why));
  world.pass(limits.apiIdleMs);
  t.ok(await isCut(stream));
});

t.test('what is nowhere is answered before its body is read', async (t) => {
  const { ask } = await served(t);
  const json = { 'content-type': 'application/json' };
  const nowhere = await ask('/nowhere', { method: 'POST', token: '', headers: json, body: '{' });
  t.equal(nowhere.status, 404, 'not 400: nobody has looked at it');
});

t.test('answers are for who asked, and are what they say', async (t) => {
  const { ask } = await served(t);
  for (const path of ['/api/v1/status', '/api/v1/nowhere', '/metrics']) {
    const { headers } = await ask(path);
    t.equal(headers.get('cache-control'), 'no-store', path);
    t.equal(headers.get('x-content-type-options'), 'nosniff', path);
  }
});

t.test('what takes an owner long counts as many requests', async (t) => {
  const { ask, operated, world, tokens } = await served(t);
  const { snapshot } = operated;
  operated.snapshot = () => {
    world.now += MS_PER_REQUEST * limits.apiRequestsBurst * 2;
    return snapshot.call(operated);
  };
  const own = { token: tokens.owner };
  t.equal((await ask('/api/v1/networks', own)).status, 200);
  const refused = await ask('/api/v1/networks', own);
  t.equal(refused.status, 429);
  t.match(await jsonOf(refused), { detail: /too many requests/ });
  for (let i = 0; i < 3; i++) t.equal((await ask('/api/v1/networks')).status, 200);
});

t.test('whatever strangers ask, a token keeps its wait', async (t) => {
  const { api, tokens } = await served(t);
  const callers = new Callers(api.context);
  const asking = (remoteAddress: string, authorization?: string) => {
    const headers = { ...(authorization !== undefined && { authorization }) };
    const request = { socket: { remoteAddress }, headers, method: 'GET' };
    return callers.of(request as unknown as IncomingMessage, { access: 'owner' });
  };
  const own = () => asking('::1', `Bearer ${tokens.owner}`);
  let asked = 0;
  while (!('problem' in own())) asked += 1;
  t.equal(asked, limits.apiRequestsBurst);
  for (let i = 0; i <= limits.apiStrangersMax; i++) asking(`2001:db8::${i.toString(16)}`);
  t.match(own(), { problem: { status: 429 } });
});
