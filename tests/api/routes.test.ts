/**
 * What the API answers to whom: each route to those who may, a problem to all others, and nothing
 * that its own document does not say.
 */
import t from 'tap';
import { Check, Errors } from 'typebox/value';
import { routes } from '../../hypervisor/api/routes.ts';
import type { Topology } from '../../hypervisor/api/topology.ts';
import { methods } from '../../hypervisor/operator/control.ts';
import { resources } from '../../hypervisor/operator/resources.ts';
import type { Document } from './scan.ts';
import { jsonOf, served } from './served.ts';

/** What is asked with, where something has to be. */
const asked: Readonly<Record<string, string>> = {
  '/api/v1/traffic': '?windowMs=60000',
  '/api/v1/flows': '?vswitch=red/v1&physical=true',
  '/api/v1/traces': '?vswitch=red/v1&packet=in_port=1',
  '/api/v1/secrecy': '?windowMs=60000&tenant=red',
  '/api/v1/networks/:tenant/flows': '?vswitch=red/v1',
};

/**
 * Nothing has migrated, nothing is under way, no network is whole, the store is no file, and nobody
 * has a quota (owned-networks.test.ts).
 */
const nowhere = [
  '/api/v1/quota',
  '/api/v1/store',
  '/api/v1/migrations/:id',
  '/api/v1/host-moves/:id',
  '/api/v1/ensembles/:id',
  '/api/v1/operations/:id',
  '/api/v1/packages/:tenant',
];
const plain = routes.filter(({ method, path }) => method === 'GET' && !nowhere.includes(path));

t.test('each answer is as the schema of its route has it', async (t) => {
  const { ask } = await served(t);
  for (const { path, response } of plain) {
    if (response === undefined) continue;
    const answer = await ask(path.replace(':tenant', 'red') + (asked[path] ?? ''));
    const value: unknown = await answer.json();
    t.equal(answer.status, 200, path);
    t.ok(Check(response, value), `${path}: ${JSON.stringify([...Errors(response, value)][0])}`);
  }
});

t.test('all that the command line asks for is there', async (t) => {
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  for (const [name, { verb, path }] of Object.entries(resources)) {
    t.ok(known.has(`${verb} ${path}`), name);
  }
  for (const name of methods.keys()) t.ok(name in resources, name);
});

t.test('the document has each route, and who needs a token', async (t) => {
  const { ask } = await served(t);
  const document = await jsonOf<Document>(ask('/api/v1/openapi.json', { token: '' }));
  t.equal(document.openapi, '3.1.0');
  for (const { method, path, summary, access } of routes) {
    const shown = document.paths[path.replaceAll(/:([a-z]+)/g, '{$1}')]?.[method.toLowerCase()];
    t.equal(shown?.summary, summary, path);
    t.strictSame(shown?.security, access === 'anybody' ? undefined : [{ token: [] }]);
  }
});

t.test('who has no token, or one that is too little, is told what to do', async (t) => {
  const { ask, tokens } = await served(t);
  const problem = async (token: string, path = '/api/v1/status') => {
    const answer = await ask(path, { token });
    t.equal(answer.headers.get('content-type'), 'application/problem+json');
    return answer.json();
  };
  t.match(await problem(''), {
    status: 401,
    title: 'Unauthorized',
    detail: /limevisor token create/,
  });
  t.match(await problem('limevisor_xyz'), { status: 401, detail: /is not known/ });
  t.match(await problem(tokens.owner), {
    status: 403,
    detail: `the token "the owner" is an owner's; this is for a viewer`,
  });
  t.equal((await ask('/api/v1/status', { token: tokens.viewer })).status, 200);
  t.strictSame(await (await ask('/api/v1/self', { token: tokens.owner })).json(), {
    name: 'the owner',
    role: 'owner',
    tenant: 'red',
  });
});

t.test('what is not there, and what is no request', async (t) => {
  const { ask } = await served(t);
  const problem = async (path: string) => (await ask(path)).json();
  t.match(await problem('/api/v1/stauts'), { status: 404, detail: /openapi\.json has all/ });
  t.match(await problem('/api/v1/migrations/7'), {
    status: 404,
    detail: 'there is no migration 7',
  });
  t.match(await problem('/api/v1/migrations/x'), { status: 400, code: 'usage' });
  t.match(await problem('/api/v1/migrations?limit=-1'), { status: 400, code: 'usage' });
});

t.test('a body that is called something else than JSON', async (t) => {
  const { ask } = await served(t);
  for (const type of ['application/x-www-form-urlencoded', 'text/html; charset=utf-8']) {
    const headers = { 'content-type': type };
    const answer = await ask('/api/v1/tokens', { method: 'POST', headers, body: '{}' });
    t.equal(answer.status, 415);
    const detail = `the body's Content-Type is ${type}; send JSON, as "application/json"`;
    t.match(await answer.json(), { code: 'usage', detail });
  }
});

t.test('both planes: each vswitch and host of the file, and where it is', async (t) => {
  const { ask } = await served(t);
  const { datapaths, links, hosts, tenants } = await jsonOf<Topology>(ask('/api/v1/topology'));
  t.strictSame(
    datapaths.map(({ name }) => name),
    ['s1', 's2', 's3', 's4'],
  );
  t.match(links[0], { ends: [/^s\d:\d$/, /^s\d:\d$/], state: /./ });
  t.match(hosts[0], { name: /^red\//, at: [/^s\d:\d$/], state: 'up' });
  t.match(tenants[0], { name: 'red', vswitches: [{ name: 'red/v1', on: ['s1'], primary: 's1' }] });
  const way = tenants[0]?.ways.find(({ path }) => path.length > 1);
  t.match(way, { of: /^red\/v\d:\d$/, role: /./, links: [/^s\d:\d$/] });
});

t.test('nobody asks without end: behind the burst there is a wait', async (t) => {
  const { ask } = await served(t);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => ask('/api/v1/status', { token: 'limevisor_guess' })),
  );
  const refused = answers.find(({ status }) => status === 429);
  t.ok(Number(refused?.headers.get('retry-after')) >= 1);
  t.equal((await ask('/api/v1/self')).status, 200, 'others are answered');
});
