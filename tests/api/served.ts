/**
 * The API of a hypervisor without switches, on an address of this machine, with a token of each
 * role.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Role } from '../../hypervisor/api/requests.ts';
import { type Api, serveApi } from '../../hypervisor/api/server.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { EventLog } from '../../hypervisor/world/event-log.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { FakeWorld, fakeLog } from '../hypervisor/fake-world.ts';
import { hypervisor, shortDir } from '../hypervisor/running.ts';
import { failing } from '../support/faults.ts';

export interface Served {
  readonly operated: Hypervisor;
  readonly world: FakeWorld;
  readonly log: EventLog;
  readonly api: Api;
  readonly dir: string;
  readonly url: string;
  readonly tokens: Readonly<Record<Role, string>>;
  /** As the operator, unless a token is named; the empty one: without. */
  ask(path: string, options?: RequestInit & { readonly token?: string }): Promise<Response>;
}

interface Test {
  teardown(run: () => unknown): void;
}

export async function served(t: Test, make: typeof hypervisor = hypervisor): Promise<Served> {
  const world = new FakeWorld();
  const log = new EventLog(fakeLog(), () => world.wallClockMs());
  return serving(t, { operated: make(world, log), world, log });
}

/** The same of one that is there, whose time goes on by `pass`. */
export async function serving(
  t: Test,
  { operated, world, log }: Pick<Served, 'operated' | 'world' | 'log'>,
  pass = () => world.pass(10),
): Promise<Served> {
  const dir = shortDir(t);
  const api = await serveApi(operated, { tokens: join(dir, 'store.tokens') });
  const server = http.createServer(api.handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Time goes on: what is done in turns is done.
  const clock = setInterval(pass, 10);
  t.teardown(() => {
    clearInterval(clock);
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made = (role: Role, tenant?: string): string => {
    const wanted = { name: `the ${role}`, role, ...(tenant !== undefined && { tenant }) };
    const token = api.context.tokens.make(wanted);
    if ('whyNot' in token) throw new Error(token.whyNot);
    return token.token;
  };
  const tokens = {
    operator: made('operator'),
    viewer: made('viewer'),
    owner: made('owner', 'red'),
  };
  const ask: Served['ask'] = (path, { token = tokens.operator, ...options } = {}) => {
    const headers = new Headers(options.headers);
    if (token !== '') headers.set('authorization', `Bearer ${token}`);
    return fetch(url + path, { ...options, headers });
  };
  return { operated, world, log, api, dir, url, tokens, ask };
}

/** What an answer says; tests look at what they know of it. */
export async function jsonOf<T>(answer: Promise<Response> | Response): Promise<T> {
  return (await (await answer).json()) as T;
}

/** A network of switches in memory, connected, with the log of its events, served as above. */
export async function servedNetwork(
  t: Test,
  {
    text,
    ports,
    store,
    world,
  }: { text: string; ports: readonly number[]; store: Store; world: FakeWorld },
): Promise<{ readonly lab: FakeNetwork; readonly served: Served }> {
  const found: EventLog[] = [];
  const lab = new FakeNetwork(text, store, failing, {
    ...{ world, ports },
    through(log) {
      const events = new EventLog(log, () => world.wallClockMs());
      found.push(events);
      return events;
    },
  });
  lab.up();
  const [log] = found;
  if (log === undefined) throw new Error('it has a log');
  const served = await serving(t, { operated: lab.hypervisor, world, log }, () => lab.run(10));
  return { lab, served };
}
