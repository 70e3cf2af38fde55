/**
 * Owners who mean no good: more than their quota at once, names and trees that are none, others'
 * networks, addresses of this machine; and every route, asked by one, names nothing physical.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { greets, type Owned, offering, owned, physical, shaped } from './owned.ts';
import { type Document, describedIn, requestsOf } from './scan.ts';
import { jsonOf } from './served.ts';

const ownNames = ({ lab }: Pick<Owned, 'lab'>) =>
  [...lab.hypervisor.snapshot().tenants.keys()].filter((name) => name.includes('@'));

t.test('at once: no more than the quota, one of each name, one host at each offer', async (t) => {
  const { lab, as } = await owned(t);
  const all = await Promise.all([
    as('ann', 'POST', '/networks', shaped('one', ['a'])),
    as('ann', 'POST', '/networks', shaped('one', ['b'])),
    as('bob', 'POST', '/networks', shaped('one', ['a'])),
    as('ann', 'POST', '/networks', shaped('two', ['b'])),
    as('ann', 'POST', '/networks', shaped('three', ['c'])),
  ]);
  const statuses = all.map(({ status }) => status);
  t.strictSame(statuses, [201, 409, 409, 201, 409]);
  t.match(all[1]?.text, /you have a network .*one.* already/);
  t.match(all[2]?.text, /the offer a is taken; free: b?.*c, d/);
  t.match(all[4]?.text, /you have 2 networks: your quota is 2 .*; delete one first/);
  t.strictSame(ownNames({ lab }).sort(), ['one@ann', 'two@ann']);
  const twice = await Promise.all([
    as('ann', 'DELETE', '/networks/one'),
    as('ann', 'DELETE', '/networks/one'),
    as('ann', 'POST', '/networks/one/pause', {}),
  ]);
  t.strictSame(twice.map(({ status }) => status).sort(), [200, 409, 409]);
  t.match(twice.map(({ text }) => text).join(), /is being changed; ask again when that is over/);
  t.equal((await as('ann', 'POST', '/networks', shaped('three', ['a']))).status, 201);
});

t.test('another’s cannot be told from what is not there', async (t) => {
  const { lab, as } = await owned(t);
  await as('ann', 'POST', '/networks', shaped('lab', ['a']));
  for (const [method, rest, body] of [
    ['DELETE', '', undefined],
    ['GET', '', undefined],
    ['POST', '/pause', {}],
    ['PUT', '/controllers', { controllers: [] }],
    ['POST', '/extension', { lifetimeMs: 5_000 }],
    ['GET', '/errors', undefined],
  ] as const) {
    const theirs = await as('bob', method, `/networks/lab@ann${rest}`, body);
    const none = await as('bob', method, `/networks/lab@abb${rest}`, body);
    t.equal(theirs.status, 404, `${method} ${rest}`);
    t.equal(theirs.text.replaceAll('lab@ann', 'lab@abb'), none.text);
  }
  t.strictSame(ownNames({ lab }), ['lab@ann']);
  t.equal((await as('bob', 'POST', '/networks', shaped('lab', ['b']))).status, 201);
  const stale = await as('ann', 'DELETE', '/networks/lab', undefined, { 'if-match': '"9"' });
  t.match(stale, { status: 412, value: { detail: /it is "1" now/ } });
});

t.test('names, trees and addresses that are none are refused, with the mistake', async (t) => {
  const { lab, as } = await owned(t);
  const tree = {
    controllers: ['tcp:192.0.2.9'],
    vswitches: { v: {} },
    hosts: { a: { port: 'v:1' } },
  };
  const names = ['../x', 'a/b', 'x@y', '__proto__', 'x\n', '~mirror', '', ' ', 'x'.repeat(45)];
  for (const name of names) {
    const answer = await as('ann', 'POST', '/networks', { name, network: tree });
    t.ok([400, 409].includes(answer.status), JSON.stringify(name));
  }
  const wrong: readonly [object, RegExp][] = [
    [{ ...tree, vswitches: { v: { on: 'qx-alpha' } } }, /vswitches\.v\.on: is auto, or left out/],
    [{ ...tree, hosts: { a: { port: 'v:1', at: 'qx-alpha:4733' } } }, /unknown key \\"at\\"/],
    [{ ...tree, hosts: { zz: { port: 'v:1' } } }, /there is no offer \\"zz\\"; known: a, b, c, d/],
    [{ ...tree, hosts: { a: { port: 'v:1' }, x: { port: 'v:2', offer: 'a' } } }, /as does a/],
    [{ ...tree, hosts: { a: { port: 'w:1' } } }, /names the vswitch \\"w\\"/],
    [{ ...tree, vswitches: { v: {}, w: { on: 'auto' } } }, /w\.on: .*; plug one in there/],
    [{ ...tree, vswitches: { v: { listen: ['ptcp:1'] } } }, /unknown key \\"listen\\"/],
    [{ ...tree, tls: { key: '/etc/shadow' } }, /unknown key \\"tls\\"/],
    [{ ...tree, controllers: ['unix:/run/x.sock'] }, /is a socket of the machine/],
    [{ ...tree, controllers: ['tcp:127.0.0.1:22'] }, /is no address of a machine of yours/],
    [
      { ...tree, controllers: ['ssl:192.0.2.9'] },
      /is over TLS, .* has no keys; write tcp:ADDRESS:PORT/,
    ],
    [{ ...tree, controllers: ['tcp:[::1]:22'] }, /is no address of a machine of yours/],
    [{ ...tree, controllers: ['tcp:169.254.169.254:80'] }, /is no address of a machine of yours/],
    [{ ...tree, controllers: ['tcp:localhost:22'] }, /is no IP address/],
    [{ ...tree, limits: { rules: 1e9 } }, /your quota is 1000|rules/],
    [{ ...tree, limits: { rules: -1 } }, /rules/],
    [{ vswitches: [[[[[[[[[[]]]]]]]]]] }, /a network is a map/],
    [{}, /has no \\"vswitches\\"/],
  ];
  for (const [network, why] of wrong) {
    const answer = await as('ann', 'POST', '/networks', { name: 'lab', network });
    t.equal(answer.status, 409, `${why}`);
    t.match(answer.text, why);
    t.notMatch(answer.text.replaceAll(/qx-alpha(:4733)?/g, ''), physical);
  }
  const twice = await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b', 'a']));
  t.match(twice, { status: 400, value: { detail: /the host a is named twice/ } });
  const both = { ...shaped('lab', ['a']), network: tree };
  t.equal((await as('ann', 'POST', '/networks', both)).status, 400);
  t.equal((await as('operator', 'POST', '/networks', shaped('lab', ['a']))).status, 403);
  t.strictSame(ownNames({ lab }), []);
  t.strictSame((await as('ann', 'GET', '/networks')).value, []);
});

t.test('what is refused below is said to the operator alone', async (t) => {
  const { lab, as } = await owned(t);
  lab.switch('qx-beta').refuse = () => ({ errorType: 5, errorCode: 1 });
  const answer = await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  t.match(answer, { status: 409, value: { detail: /cannot be as things are below/ } });
  t.notMatch(answer.text, physical);
  const events = lab.hypervisor.log.events?.since(0) ?? [];
  const told = events.find(({ what }) => what === 'not done: network made');
  t.match(told?.about, { tenant: 'lab@ann', why: /qx-beta/ });
  t.strictSame(ownNames({ lab }), []);
  t.match((await as('ann', 'GET', '/quota')).value, { used: { networks: 0 } });
});

t.test('every route, asked by who has a quota, names nothing physical', async (t) => {
  const { lab, served, tokens, as } = await owned(t);
  const described = describedIn(await jsonOf<Document>(served.ask('/api/v1/openapi.json')));
  const words = ['lab', 'lab@ann', 'lab@ann/sw', 'nosuch'];
  let answered = 0;
  for (const one of described) {
    const made = await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
    if (made.status === 201) {
      const peer = greets({ lab }, 'tcp:192.0.2.9:6653');
      peer.says(
        flowMod({ match: matchOf(oxm('eth_dst', 7)), tableId: 255, instructions: outputs(1) }),
      );
      lab.run();
      const { text } = await as('ann', 'GET', '/networks/lab/errors');
      t.match(text, /badTableId.*"message":"[^"]*dl_dst=00:00:00:00:00:07/);
    }
    for (const { method, url, ...rest } of requestsOf(one, words)) {
      served.world.pass(100);
      const headers = { 'content-type': 'application/json' };
      const init = { method, ...rest, token: tokens.ann, ...('body' in rest && { headers }) };
      const answer = await served.ask(url, init);
      if (answer.status === 200) answered += 1;
      t.notMatch(await answer.text(), physical, `${method} ${url}`);
    }
  }
  t.ok(answered >= 20, `${answered} were answered`);
});

t.test('what is not for a network as it is says how it is, and what to type', async (t) => {
  const { lab, as } = await owned(t);
  await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  const refused = async (who: 'ann' | 'operator', method: string, path: string, body?: object) => {
    const { status, value } = await as(who, method, `/networks/${path}`, body);
    return `${status} ${value.detail}`;
  };
  t.match(await refused('ann', 'POST', 'lab/resume', {}), /^409 lab@ann runs already$/);
  const waits = 'lab@ann runs already; "limevisor network list" has what waits for approval';
  t.equal(await refused('operator', 'POST', 'lab@ann/approval', {}), `409 ${waits}`);
  await as('ann', 'POST', '/networks/lab/pause', {});
  const paused = 'lab@ann is paused already; "limevisor network resume lab@ann" has it go on';
  t.equal(await refused('ann', 'POST', 'lab/pause', {}), `409 ${paused}`);
  t.match(await refused('ann', 'GET', 'lab/flows?vswitch=lab/sw'), /not shown now: it is paused$/);
  t.match(await as('ann', 'DELETE', '/networks/lab', { dryRun: true }), { status: 200 });
  t.equal((await as('ann', 'DELETE', '/networks/lab')).status, 200, 'it was there still');
  t.match(await refused('ann', 'DELETE', 'lab'), /^404 there is no network "lab"; none is known$/);
  t.match(await refused('operator', 'POST', 'red/pause', {}), /^404 red is a tenant of your file/);
  await as('cat', 'POST', '/networks', shaped('lab', ['a', 'b'], 'single'));
  const pending = { status: 409, value: { detail: /^lab@cat waits for the operator to approve/ } };
  t.match(await as('cat', 'POST', '/networks/lab/pause', {}), pending);
  t.match(await as('cat', 'PUT', '/networks/lab/controllers', { controllers: [] }), pending);
  t.match(await as('operator', 'GET', '/quota'), { value: { detail: /owners with a quota/ } });
  t.notOk(lab.hypervisor.snapshot().tenants.has('lab@ann'));
});

t.test(
  'one whose port the file gave away says so, stays whole, and may be made anew',
  async (t) => {
    const store = memoryStore();
    const first = await owned(t, { store });
    await first.as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
    first.lab.hypervisor.stop('restart');
    const text = offering
      .replace('  a: qx-alpha:4755\n', '')
      .replaceAll(/offers: \[a, b.*\]/g, 'offers: [b]')
      .replace('at: qx-alpha:4733 }', 'at: qx-alpha:4733 }, h2: { port: v1:2, at: qx-alpha:4755 }');
    const { lab, as } = await owned(t, { store, text });
    const lost = /^lab@ann cannot be as it was: host a: the operator has given its place to some/;
    t.match((await as('ann', 'GET', '/networks/lab')).value, { missing: [lost] });
    const other = { controllers: ['tcp:192.0.2.10:6653'] };
    for (const [method, path, body] of [
      ['POST', 'pause', {}],
      ['PUT', 'controllers', other],
    ] as const) {
      const answer = await as('ann', method, `/networks/lab/${path}`, body);
      t.match(answer, { status: 409, value: { detail: /^lab@ann does not run: / } }, path);
    }
    t.match((await as('ann', 'GET', '/networks/lab')).value.life, { version: 1 });
    t.equal((await as('ann', 'DELETE', '/networks/lab')).status, 200);
    t.equal((await as('ann', 'POST', '/networks', shaped('lab', ['b']))).status, 201);
    greets({ lab }, 'tcp:192.0.2.9:6653');
    t.strictSame((await as('ann', 'GET', '/networks/lab')).value.missing, [], 'it serves');
  },
);

t.test('a resume that the file prevents is told to its owner, in words of their own', async (t) => {
  const store = memoryStore();
  const first = await owned(t, { store });
  await first.as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  t.equal((await first.as('ann', 'POST', '/networks/lab/pause', {})).status, 200);
  first.lab.hypervisor.stop('restart');
  const text = offering
    .replace('  a: qx-alpha:4755\n', '')
    .replaceAll(/offers: \[a, b.*\]/g, 'offers: [b]')
    .replace('at: qx-alpha:4733 }', 'at: qx-alpha:4733 }, h2: { port: v1:2, at: qx-alpha:4755 }');
  const { lab, as } = await owned(t, { store, text });
  const lost = /host a: the operator has given its place to something else; ask the operator/;
  t.match((await as('ann', 'GET', '/networks/lab')).value, {
    missing: [/^it is paused, and lab@ann cannot be as it was: host a: /],
  });
  const refused = await as('ann', 'POST', '/networks/lab/resume', {});
  t.match(refused, { status: 409, value: { detail: lost } });
  const events = await as('ann', 'GET', '/networks/lab/events');
  t.match(events.value, [{ what: 'not done: network resumed', about: { why: lost } }]);
  t.notMatch(refused.text + events.text, physical);
  const below = lab.hypervisor.log.events?.since(0) ?? [];
  const told = below.find(({ what }) => what === 'not done: network resumed');
  t.match(told?.about, { why: /lab@ann\/a is at qx-alpha:4755, as is red\/h2/ });
});

t.test(
  'a new token of a former owner’s name has nothing of theirs, unless it is said',
  async (t) => {
    const { served, as } = await owned(t);
    await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
    const { tokens } = served.api.context;
    tokens.revoke('ann');
    t.equal((await as('ann', 'GET', '/networks')).status, 401);
    t.match((await as('operator', 'GET', '/networks')).text, 'lab@ann', 'it goes on');
    const asked = { name: 'ann', role: 'owner', quota: 'lab' };
    const refused = await as('operator', 'POST', '/tokens', asked);
    t.match(refused, {
      status: 409,
      value: {
        detail: /^a former token "ann" has made lab@ann, .*--hand-over gives .* delete lab@/,
      },
    });
    t.notOk(tokens.all().some(({ name }) => name === 'ann'));
    const another = await as('operator', 'POST', '/tokens', { ...asked, name: 'anna' });
    t.equal(another.status, 201, 'another name has none');
    const given = await as('operator', 'POST', '/tokens', { ...asked, handOver: true });
    t.equal(given.status, 201);
    const { token } = JSON.parse(given.text) as { readonly token: string };
    const seen = await (await served.ask('/api/v1/networks', { token })).json();
    t.match(seen, [{ name: 'lab@ann' }], 'who was given them');
    tokens.revoke('ann');
    const plain = await as('operator', 'POST', '/tokens', { name: 'ann', role: 'viewer' });
    t.equal(plain.status, 201, 'who makes no networks has none');
  },
);
