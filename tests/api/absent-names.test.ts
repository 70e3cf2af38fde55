/**
 * Whatever is asked about something that is not there says in a few words what there is: with a
 * hundred tenants, the names that may be meant.
 */
import t from 'tap';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { FakeWorld, fakeLog } from '../hypervisor/fake-world.ts';
import { configOf } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { jsonOf, served } from './served.ts';

const numbers = Array.from({ length: 100 }, (_, i) => i + 1);

/** Two vswitches and a host for each of a hundred tenants, on forty datapaths. */
const network = [
  'datapaths:',
  ...numbers.slice(0, 40).map((i) => `  edge${i}: { dpid: ${i} }`),
  'links:',
  ...numbers.slice(0, 39).map((i) => `  - edge${i}:1001 - edge${i + 1}:1002`),
  `zones: { zone-a: [edge1, edge2], zone-b: [edge3] }`,
  'tenants:',
  ...numbers.flatMap((i) => [
    `  team${i}:`,
    `    vswitches: { core: { dpid: 1, on: edge${(i % 40) + 1} }, leaf: { dpid: 2, on: edge1 } }`,
    `    hosts: { web: { port: core:1, at: edge${(i % 40) + 1}:${i} } }`,
    '    links: [core:2 - leaf:2]',
  ]),
].join('\n');

/** What is asked, and what it says: which is meant, or what there is. */
const asked: readonly (readonly [verb: string, path: string, body: object, says: RegExp])[] = [
  ['GET', '/flows?vswitch=team5/cor', {}, /"team5\/cor"; did you mean team5\/core\? \(200 are/],
  ['GET', '/flows?vswitch=nosuch', {}, /"nosuch"; known: team1\/core, .* and 188 more$/],
  ['GET', '/readiness?names=teem5', {}, /tenant or vswitch "teem5"; did you mean team5\?/],
  ['GET', '/traffic?tenant=teem5&windowMs=60000', {}, /tenant "teem5"; did you mean team5\?/],
  ['GET', '/secrecy?tenant=teem5&windowMs=60000', {}, /tenant "teem5"; did you mean team5\?/],
  ['GET', '/packages/teem5', {}, /tenant "teem5"; did you mean team5\?/],
  ['GET', '/traces?vswitch=team5/cor&packet=in_port=1', {}, /did you mean team5\/core\?/],
  ['GET', '/networks/teem5', {}, /network "teem5"; did you mean team5\?/],
  ['POST', '/networks/teem5/freeze', { why: 'x' }, /tenant "teem5"; did you mean team5\?/],
  ['GET', '/host-moves/99', {}, /^there is no move-99$/],
  ['GET', '/ensembles/99', {}, /^migration 99 is not one of several$/],
  ['POST', '/migrations/99/undo', {}, /no migration 99; none is remembered$/],
  [
    'POST',
    '/reopenings',
    { vswitch: 'team5/cor' },
    /vswitch "team5\/cor"; did you mean team5\/core/,
  ],
  ['POST', '/reopenings', { vswitch: 'team5' }, /did you mean team5\/core or team5\/leaf/],
  ['POST', '/host-moves/arrived', { host: 'team5/wob' }, /"team5\/wob"; did you mean team5\/web\?/],
  ['POST', '/host-moves/abort', { host: 'team5/web' }, /web is not being moved; no host is$/],
  ['POST', '/departures/restore', { vswitch: 'team5/core' }, /; none is waiting for that$/],
  ['POST', '/departures/purge', { vswitch: 'nosuch' }, /; no vswitch has left it$/],
  ['POST', '/datapaths/edge99/drain', {}, /"edge99"; did you mean edge19 or edge29 or edge39\?/],
  [
    ...(['POST', '/datapaths/zone-c/undrain', { everything: true }] as const),
    /datapath or zone "zone-c"; did you mean zone-a or zone-b\? \(42 are known\)$/,
  ],
  [
    ...(['POST', '/datapaths/edge3/evacuation', { withinMs: 30_000, to: ['edgy4'] }] as const),
    /datapath or zone "edgy4"; did you mean edge4\?/,
  ],
  [
    ...(['POST', '/migrations', { vswitch: 'team5', to: ['team5/cor=edge3'] }] as const),
    /"--to team5\/cor=edge3": there is no vswitch, tenant or host "team5\/cor"; did you/,
  ],
  ['POST', '/migrations', { vswitch: 'team5/core', to: 'edgy3' }, /"edgy3"; did you mean edge3\?/],
  ['POST', '/mirrors', { names: ['team5/cor'], to: 'edge3:9' }, /did you mean team5\/core\?/],
  ['POST', '/tokens', { name: 'x', role: 'owner', tenant: 'teem5' }, /did you mean team5\?/],
];

t.test('what is not there is told of in one line, with what may be meant', async (t) => {
  const { ask } = await served(t, (world = new FakeWorld(), log = fakeLog()) => {
    const config = configOf(network);
    return new Hypervisor({ world, store: memoryStore(), config, log, onFault: failing });
  });
  for (const [method, path, body, says] of asked) {
    const isGet = method === 'GET';
    const answer = await ask(`/api/v1${path}`, {
      method,
      ...(!isGet && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    t.match(answer.status, /^40[49]$/, path);
    const { detail } = await jsonOf<{ readonly detail: string }>(answer);
    // Of a command that may have several reasons each stands in a line of its own.
    const lines = detail.split('\n  ');
    t.match(lines.at(-1), says, path);
    t.ok(lines.length <= 2 && detail.length < 260, `${detail.length} characters: ${path}`);
  }
});
