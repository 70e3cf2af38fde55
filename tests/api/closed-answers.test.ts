/**
 * The schemas of answers are closed, at every depth, and true: what a network says that has been
 * through a lot is what they say, and so is every configuration.
 */
import t from 'tap';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { until } from '../../examples/lab/wait.ts';
import { FileSchema } from '../../hypervisor/api/config-responses.ts';
import { ChangeSchema, operations } from '../../hypervisor/api/operation-values.ts';
import { routes } from '../../hypervisor/api/routes.ts';
import { resources } from '../../hypervisor/operator/resources.ts';
import { EventLog } from '../../hypervisor/world/event-log.ts';
import { fileTree } from '../../slices/config/config-print.ts';
import { differenceOf } from '../../slices/config/difference.ts';
import { isHostMoveOver } from '../../translation/migration/host-move.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { FakeWorld } from '../hypervisor/fake-world.ts';
import { Random } from '../openflow/random.ts';
import { randomConfig } from '../slices/random-configs.ts';
import { Authority } from '../support/certificates.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Served, serving } from './served.ts';

/** What is open, and why. */
const open: Readonly<Record<string, string>> = {
  '/api/v1/openapi.json': 'another specification says what it is',
  about: 'of events: whatever the log has of what happened',
  asked: 'of the audit: what came with the request',
};

interface Shape {
  readonly type?: string;
  readonly additionalProperties?: unknown;
  readonly patternProperties?: Readonly<Record<string, Shape>>;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly enum?: unknown;
  readonly const?: unknown;
}

/** Where anything may stand. */
function openIn(at: string, shape: Shape): readonly string[] {
  const { type, additionalProperties, patternProperties, properties = {}, items, anyOf } = shape;
  if (anyOf !== undefined) return anyOf.flatMap((one) => openIn(at, one));
  if (patternProperties !== undefined) {
    return Object.values(patternProperties).flatMap((one) => openIn(`${at}.*`, one));
  }
  if (items !== undefined) return openIn(`${at}[]`, items);
  if (type === 'object') {
    const all = Object.entries(properties).flatMap(([key, one]) => openIn(`${at}.${key}`, one));
    return additionalProperties === false ? all : [at, ...all];
  }
  const isSaid = type !== undefined || shape.enum !== undefined || shape.const !== undefined;
  return isSaid ? [] : [at];
}

const whyNot = (schema: TSchema, value: unknown): readonly string[] =>
  Check(schema, value) ? [] : Errors(schema, value).map((one) => JSON.stringify(one).slice(0, 300));

t.test('nothing is open but what has a reason', async (t) => {
  const all = routes.flatMap(({ method, path, response }) => {
    return response === undefined ? [] : openIn(`${method} ${path}`, response as Shape);
  });
  const rowOf = (one: string) => Object.keys(open).find((key) => one.endsWith(key));
  const isKept = (one: string) => rowOf(one.replace(/(\.\*|\[\])$/, '')) !== undefined;
  t.strictSame(
    all.filter((one) => !isKept(one)),
    [],
  );
  const used = new Set(all.map((one) => rowOf(one.replace(/(\.\*|\[\])$/, ''))));
  t.strictSame([...used].sort(), Object.keys(open).sort(), 'each reason is one’s');
});

t.test('every configuration is what the schema of a file says', async (t) => {
  const trees = Array.from({ length: 200 }, (_, seed) => fileTree(randomConfig(new Random(seed))));
  const wrong = trees.find((tree) => !Check(FileSchema, tree));
  t.strictSame(wrong === undefined ? [] : whyNot(FileSchema, wrong), []);
  t.ok(new Set(trees.flatMap(Object.keys)).size > 12, 'they say much');
});

t.test('every difference of two configurations is what the schema of a change says', async (t) => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 60; seed += 1) {
    const [one, other] = [seed, seed + 1].map((of) => randomConfig(new Random(of)));
    if (one === undefined || other === undefined) continue;
    for (const change of JSON.parse(JSON.stringify(differenceOf(one, other)))) {
      kinds.add(change.kind);
      if (!Check(ChangeSchema, change)) t.fail(JSON.stringify(change));
    }
  }
  t.ok(kinds.size > 8, [...kinds].join());
});

t.test('whatever takes a while has an operation of its own kind', async (t) => {
  const long = Object.entries<{ readonly isLong?: true }>(resources).flatMap(([name, one]) => {
    return one.isLong === true ? [name] : [];
  });
  t.strictSame(Object.keys(operations).sort(), long.sort());
});

const { key, certificate, ca } = new Authority(t.testdir(), 'own').issue('limevisor');
const keys = `{ key: ${key}, certificate: ${certificate}, ca: ${ca} }`;
const much = `
control: /tmp/much.sock
store: /tmp/much.db
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier, capacity: { rules: 9000 } }
  s3: { dpid: 3, ack: barrier }
  s4: { dpid: 4, ack: barrier }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's3:4 - s4:4', { ends: 's4:3 - s1:4', bandwidth: 10G }]
zones: { east: [s3, s4] }
drivers: { limit: 5s }
schedules: { red-moves: { move: red/v1, every: 24h } }
optimize: { for: load, every: 10h }
offers: { a: s1:7, b: { at: s2:7, vlan: 3 } }
quotas: { student: { networks: 1, lifetime: 7d, controllers: [any], bandwidth: 10M, tls: ${keys} } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    limits: { rules: 500, changes: 10/s }
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s1, listen: 'ptcp:7002' } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
  blue:
    vswitches: { big: { dpid: 1, on: [s1, s2, s3], consistency: eventual } }
    hosts: { h1: { port: big:1, at: s1:2 }, h2: { port: big:2, at: s2:2 } }
`;

/** What is done to it, in this order; each is over before the next. */
const more = much
  .replace('zones:', 'traffic: always\nzones:')
  .replace('  blue:', '  green: { vswitches: { v: { dpid: 9, on: s1 } } }\n  blue:');
const done: readonly (readonly [path: string, body: object, method?: string])[] = [
  ['/configuration', { text: more, dryRun: true }, 'PUT'],
  ['/configuration', { text: more }, 'PUT'],
  ['/migrations', { vswitch: 'red/v1', to: 's4', dryRun: true }],
  ['/migrations', { vswitch: ['red', 'blue'], dryRun: true }],
  ['/migrations', { vswitch: 'blue/big', from: 's3', dryRun: true }],
  ['/host-moves', { host: 'red/h1', to: 's1:9', driver: 'manual', dryRun: true }],
  ['/datapaths/s4/drain', { dryRun: true, everything: true }],
  ['/datapaths/s2/evacuation', { withinMs: 30_000, dryRun: true }],
  ['/migrations', { vswitch: 'red/v1', to: 's4', strategy: 'freeze', probe: true }],
  ['/migrations', { vswitch: 'red/v1', to: 's3', guard: 'drop', portsAtOnce: 1 }],
  ['/migrations', { vswitch: ['red'], to: 's2' }],
  ['/migrations', { vswitch: 'blue/big', from: 's3', to: 's4' }],
  ['/host-moves', { host: 'red/h1', to: 's1:9', driver: 'manual', probe: true }],
  ['/host-moves/arrived', { host: 'red/h1' }],
  ['/mirrors', { names: 'red/v1', to: 's3:8' }],
  ['/mirrors', { names: 'red/v1', off: true }],
  ['/datapaths/s4/drain', {}],
  ['/datapaths/s4/undrain', {}],
  ['/datapaths/s4/drain', { everything: true }],
  ['/datapaths/s4/undrain', { everything: true }],
  ['/datapaths/s2/evacuation', { withinMs: 30_000 }],
  ['/proposals', { objective: 'load', windowMs: 60_000, budgetMs: 10 }],
  ['/discoveries', {}],
  ['/departures/purge', { left: true }],
  ['/networks/red/freeze', { why: 'it floods' }],
  ['/networks/red/unfreeze', {}],
];

/** What is asked with, where something has to be. */
const queries: Readonly<Record<string, string>> = {
  '/api/v1/traffic': '?windowMs=60000&points=true',
  '/api/v1/flows': '?vswitch=red/v1&physical=true',
  '/api/v1/traces': '?vswitch=red/v1&packet=in_port=1',
  '/api/v1/secrecy': '?windowMs=600000',
  '/api/v1/networks/:tenant/flows': '?vswitch=red/v1',
};

/** The only one of its kind: the move of a host, and of migrations the third, which is several. */
const ids: Readonly<Record<string, string>> = {
  ...{ '/api/v1/host-moves/:id': '1', '/api/v1/ensembles/:id': '3' },
};

function routeOf(method: string, path: string) {
  const parts = path.split('/');
  return routes.find((one) => {
    const own = one.path.split('/');
    const isSame = own.every((part, i) => part.startsWith(':') || part === parts[i]);
    return one.method === method && own.length === parts.length && isSame;
  });
}

async function askOf({ ask }: Served, method: string, path: string, body?: object) {
  const answer = await ask(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  return { status: answer.status, value: (await answer.json()) as { readonly id?: number } };
}

t.test('what a network says that has been through a lot is what the schemas say', async (t) => {
  const world = new FakeWorld();
  const found: EventLog[] = [];
  const lab = new FakeNetwork(much, memoryStore(), failing, {
    ...{ world, ports: [1, 2, 3, 4, 7, 8, 9] },
    through(log) {
      found.push(new EventLog(log, () => world.wallClockMs()));
      return found[0] as EventLog;
    },
  });
  lab.up();
  const parts = { operated: lab.hypervisor, world, log: found[0] as EventLog };
  const served = await serving(t, parts, () => lab.run(300));
  const said = async (method: string, path: string, query = '', body?: object) => {
    const { status, value } = await askOf(served, method, path + query, body);
    const response = routeOf(method, path)?.response;
    if (response === undefined) throw new Error(`nothing is at ${path}`);
    const why = status < 300 ? '' : JSON.stringify(value);
    t.ok(status < 300, `${method} ${path} ${JSON.stringify(body ?? '')}: ${status} ${why}`);
    t.strictSame(whyNot(response, value), [], `${method} ${path}`);
    return value;
  };
  const areMoved = async () => lab.hypervisor.hostMoves.all().every(isHostMoveOver) || undefined;
  for (const [path, body, method = 'POST'] of done) {
    if (path === '/mirrors') await until('the end of the move', 30_000, areMoved);
    const { id } = await said(method, `/api/v1${path}`, '', body);
    const operation = id === undefined ? undefined : served.api.context.operations.get(id);
    if (operation === undefined || path === '/host-moves') continue;
    await until('its end', 30_000, async () => operation.isOver || undefined);
    t.match(operation.report(), { state: 'done' }, `${path} ${operation.report().why}`);
  }
  for (const { method, path, response } of routes) {
    if (method !== 'GET' || response === undefined || path === '/api/v1/quota') continue;
    if (path === '/api/v1/store') continue;
    const at = path.replace(':tenant', 'red').replace(':id', ids[path] ?? '2');
    await said('GET', at, queries[path]);
  }
});
