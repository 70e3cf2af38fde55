/**
 * Owners who mean no good: more than their quota at once, names and trees that are none, others'
 * networks, addresses of this machine; and every route, asked by one, names nothing physical.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { greets, type Owned, owned, physical, shaped } from './owned.ts';
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
  t.match(all[4]?.text, /it has 1 networks, and your other networks have 2: your quota is 2/);
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
    [{ ...tree, vswitches: { v: { listen: ['ptcp:1'] } } }, /unknown key \\"listen\\"/],
    [{ ...tree, tls: { key: '/etc/shadow' } }, /unknown key \\"tls\\"/],
    [{ ...tree, controllers: ['unix:/run/x.sock'] }, /is a socket of the machine/],
    [{ ...tree, controllers: ['tcp:127.0.0.1:22'] }, /is no address of a machine of yours/],
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
  t.match(told?.about, { network: 'lab@ann', why: /qx-beta/ });
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
