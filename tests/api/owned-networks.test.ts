/**
 * Networks that owners make with a token: made, seen, changed, paused, ended; and as they were
 * after a restart.
 */
import t from 'tap';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { until } from '../../examples/lab/wait.ts';
import { routes } from '../../hypervisor/api/routes.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { templateTree } from '../../slices/config/templates.ts';
import { FakeWorld } from '../hypervisor/fake-world.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { greets, type Owned, offering, owned, physical, shaped } from './owned.ts';

/** Of what a route answers. */
function schemaOf(path: string): TSchema {
  const found = routes.find((one) => one.method === 'GET' && one.path === path)?.response;
  if (found === undefined) throw new Error(`no route ${path}`);
  return found;
}

t.test('one command makes a network, which is placed and serves', async (t) => {
  const { lab, as } = await owned(t);
  const made = await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  t.match(made, { status: 201, value: { name: 'lab@ann', life: { state: 'running' } } });
  // The page shows it: it asks whose the token is.
  t.match((await as('ann', 'GET', '/self')).value, { quota: 'lab', tenant: 'lab@ann' });
  const before = await as('ann', 'GET', '/networks/lab');
  t.match(before.value.missing, [/^lab@ann\/sw: controller tcp:192\.0\.2\.9:6653 is /]);
  const dialled = lab.world.dialled.find(({ peer }) => peer.peer === 'tcp:192.0.2.9:6653');
  t.ok(dialled, 'its controller is dialled');
  greets({ lab }, 'tcp:192.0.2.9:6653');
  t.match(await as('ann', 'GET', '/networks/lab'), {
    status: 200,
    value: { name: 'lab@ann', missing: { length: 0 }, life: { offers: { a: 'a', b: 'b' } } },
  });
  const { hosts } = lab.hypervisor.snapshot().config;
  t.match(
    hosts.find(({ name }) => name === 'lab@ann/a'),
    { at: { device: 'qx-alpha', port: 4755 } },
  );
  t.match((await as('ann', 'GET', '/networks')).value, [{ name: 'lab@ann', owner: 'ann' }]);
  t.match((await as('ann', 'GET', '/quota')).value, {
    used: { networks: 1, hosts: 2, rules: 500 },
    offers: [
      { name: 'a', isFree: false, network: 'lab@ann' },
      { name: 'b', isFree: false },
      { name: 'c', isFree: true, network: '' },
      {},
    ],
  });
  const { value } = await as('ann', 'GET', '/quota');
  t.ok(Check(schemaOf('/api/v1/quota'), value), JSON.stringify(value));
  for (const path of ['/networks', '/networks/lab']) {
    const { value: seen } = await as('ann', 'GET', path);
    t.ok(Check(schemaOf(`/api/v1${path.replace('lab', ':tenant')}`), seen), path);
  }
  t.match((await as('bob', 'GET', '/quota')).value, {
    offers: [{ name: 'a', isFree: false, network: '' }, {}, {}, {}],
  });
  t.match(await as('ann', 'DELETE', '/networks/lab'), { status: 200, value: { name: 'lab@ann' } });
  t.strictSame((await as('ann', 'GET', '/networks')).value, []);
  t.notOk(lab.hypervisor.snapshot().tenants.has('lab@ann'));
});

t.test('what is only looked at is in no list; what is made is in it once', async (t) => {
  const { lab, as } = await owned(t);
  const { networks } = lab.hypervisor;
  const names = () => networks.owned.all('ann').map(({ name }) => name);
  const outcomes: object[] = [];
  const ended = (outcome: object) => outcomes.push(outcome);
  const ask = (name: string, hosts: readonly string[], quota: string, isDry: boolean) => {
    const network = templateTree('big-switch', hosts, ['tcp:192.0.2.9:6653']);
    networks.create({ name: 'ann', quota }, { name, network }, isDry, ended);
  };
  ask('one', ['a'], 'asks', false);
  await until('its record', 5_000, () => outcomes.length === 1 || undefined);
  networks.approve('one@ann', false, ended);
  t.strictSame(names(), ['one@ann'], 'while it is made');
  ask('two', ['b'], 'lab', true);
  t.strictSame(names(), ['one@ann'], 'while another is looked at');
  t.equal(outcomes.length, 1, 'neither is over');
  const { status } = await as('ann', 'POST', '/networks', shaped('two', ['b']));
  t.equal(status, 201, 'it is not in the way of what is done');
  await until('all of them', 5_000, () => outcomes.length === 3 || undefined);
  t.ok(outcomes.every((one) => 'record' in one));
  t.strictSame(names(), ['one@ann', 'two@ann']);
});

t.test('a network of any shape, as a file would have it', async (t) => {
  const { lab, as } = await owned(t);
  const network = {
    controllers: ['tcp:192.0.2.9:6653'],
    vswitches: { v1: { dpid: 7 }, v2: {} },
    hosts: { left: { port: 'v1:1', offer: 'a' }, right: { port: 'v2:1', offer: 'c' } },
    links: ['v1:2 - v2:2'],
    limits: { rules: 30 },
  };
  const made = await as('ann', 'POST', '/networks', { name: 'own', network });
  t.match(made, {
    status: 201,
    value: { life: { counts: { vswitches: 2, links: 1, rules: 30 } } },
  });
  const own = lab.hypervisor.snapshot().tenants.get('own@ann') ?? [];
  t.same(
    own.map(({ dpid }) => dpid),
    [7n, 1n],
  );
});

t.test('other controllers, paused, resumed as it was, and ended', async (t) => {
  const { lab, as } = await owned(t);
  await as('ann', 'POST', '/networks', shaped('lab', ['a', 'c'], 'linear'));
  const there = () => lab.hypervisor.snapshot().tenants.has('lab@ann');
  const other = { controllers: ['tcp:192.0.2.10:6653'] };
  const changed = await as('ann', 'PUT', '/networks/lab/controllers', other);
  t.match(changed, { status: 200, value: { life: { version: 2 } } });
  t.ok(lab.world.dialled.some(({ peer }) => peer.peer === 'tcp:192.0.2.10:6653'));
  const was = lab.hypervisor.snapshot();
  t.match(await as('ann', 'POST', '/networks/lab/pause', {}), { status: 200 });
  t.notOk(there());
  t.match((await as('ann', 'GET', '/networks/lab')).value, { missing: ['it is paused'] });
  t.match(await as('bob', 'POST', '/networks', shaped('lab', ['a', 'b'])), {
    status: 409,
    value: { detail: /the offer a is taken; free: b, d/ },
  });
  t.match(await as('ann', 'PUT', '/networks/lab/controllers', other), {
    status: 409,
    value: { detail: /does not run; resume it first/ },
  });
  t.match(await as('ann', 'POST', '/networks/lab/resume', {}), { status: 200 });
  t.ok(there());
  const is = lab.hypervisor.snapshot();
  for (const name of ['lab@ann/v1', 'lab@ann/v2'] as never[]) {
    t.same(is.placements.get(name)?.primary, was.placements.get(name)?.primary);
  }
  t.same(is.config.hosts, was.config.hosts);
});

t.test(
  'rules are kept over a pause, and over a restart in it; and are nobody else’s',
  async (t) => {
    const store = memoryStore();
    const { lab, as } = await owned(t, { store });
    const target = 'tcp:192.0.2.9:6653';
    const asked = shaped('lab', ['a', 'b'], 'single');
    await as('ann', 'POST', '/networks', asked);
    const mod = flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) });
    greets({ lab }, target).says(mod);
    lab.run();
    await as('ann', 'POST', '/networks/lab/pause', {});
    const rules = ({ lab: one }: Pick<Owned, 'lab'>) =>
      one.hypervisor.runtime('lab@ann/sw' as never)?.rulebook.size;
    t.equal(rules({ lab }), undefined);
    await as('ann', 'POST', '/networks/lab/resume', {});
    t.equal(rules({ lab }), 1);
    await as('ann', 'POST', '/networks/lab/pause', {});
    lab.hypervisor.stop('restart');
    const again = await owned(t, { store });
    t.match(await again.as('ann', 'POST', '/networks/lab/resume', {}), { status: 200 });
    t.equal(rules(again), 1);
    await again.as('ann', 'POST', '/networks/lab/pause', {});
    await again.as('ann', 'DELETE', '/networks/lab');
    t.equal((await again.as('ann', 'POST', '/networks', asked)).status, 201);
    t.equal(rules(again), 0);
  },
);

t.test('it ends on time, is warned of before, and may be extended within the quota', async (t) => {
  const { lab, as } = await owned(t);
  const day = 86_400_000;
  const asked = { ...shaped('lab', ['a', 'b']), lifetimeMs: 2 * day };
  const made = await as('ann', 'POST', '/networks', asked);
  const endsMs = made.value.life?.endsMs ?? 0;
  t.match(await as('ann', 'POST', '/networks/lab/extension', { lifetimeMs: 8 * day }), {
    status: 409,
    value: { detail: 'it would be there for 8d: your quota is 7d' },
  });
  const told = () => (lab.hypervisor.log.events?.since(0) ?? []).map(({ what }) => what);
  lab.world.now += endsMs - lab.world.wallClockMs() - day / 2 + 1;
  lab.run(70_000);
  t.ok(told().includes('network ends soon'));
  t.match((await as('ann', 'GET', '/networks')).value, [{ endsSoon: true }]);
  const longer = await as('ann', 'POST', '/networks/lab/extension', { lifetimeMs: day });
  t.ok((longer.value.life?.endsMs ?? 0) > endsMs);
  lab.world.now += day;
  lab.run(70_000);
  t.ok(told().includes('network ended'));
  t.strictSame((await as('ann', 'GET', '/networks')).value, []);
  await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  const gone = as('ann', 'DELETE', '/networks/lab');
  const { networks } = lab.hypervisor;
  const record = await until('it being deleted', 30_000, async () => {
    const found = networks.owned.get('lab@ann');
    return found && networks.report(found).isEnding ? found : undefined;
  });
  t.ok(record);
  t.equal((await gone).status, 200);
  t.notOk(lab.hypervisor.snapshot().tenants.has('lab@ann'));
});

t.test('after a restart: what ran runs, what is paused is, what is over is gone', async (t) => {
  const store = memoryStore();
  const world = new FakeWorld();
  const { lab, as } = await owned(t, { store, world });
  await as('ann', 'POST', '/networks', shaped('one', ['a', 'b']));
  await as('ann', 'POST', '/networks', shaped('two', ['c']));
  await as('bob', 'POST', '/networks', { ...shaped('short', ['d']), lifetimeMs: 60_000 });
  await as('ann', 'POST', '/networks/two/pause', {});
  const before = lab.hypervisor.snapshot();
  lab.hypervisor.stop('restart');
  const later = new FakeWorld();
  later.now = world.now + 61_000;
  const again = await owned(t, { store, world: later });
  const { snapshot, departures } = again.lab.hypervisor;
  again.lab.run(100);
  t.strictSame([...snapshot().tenants.keys()], ['red', 'one@ann']);
  t.same(
    snapshot().config.hosts,
    before.config.hosts.filter(({ name }) => !/short/.test(name)),
  );
  t.match((await again.as('ann', 'GET', '/networks')).value, [
    { name: 'one@ann', state: 'running' },
    { name: 'two@ann', state: 'paused' },
  ]);
  t.strictSame((await again.as('bob', 'GET', '/networks')).value, []);
  t.match(await again.as('ann', 'POST', '/networks/two/resume', {}), { status: 200 });
  t.ok(snapshot().tenants.has('two@ann'));
  const left = [...departures.census([]).names];
  t.strictSame(
    left.filter((name) => name.startsWith('short')),
    [],
  );
});

t.test(
  'a file that is applied leaves owners’ networks; one that takes their ports is refused',
  async (t) => {
    const { lab, as } = await owned(t);
    await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
    const green = '  green: { vswitches: { g: { dpid: 1, on: qx-beta } } }\n';
    t.strictSame(lab.apply(`${offering}${green}`), { done: [], waits: [] });
    t.strictSame([...lab.hypervisor.snapshot().tenants.keys()], ['red', 'green', 'lab@ann']);
    const taking = offering
      .replace('  a: qx-alpha:4755\n', '')
      .replaceAll(/offers: \[a, b.*\]/g, 'offers: [b]')
      .replace('at: qx-alpha:4733 }', 'at: qx-alpha:4733 }, h2: { port: v1:2, at: qx-alpha:4755 }')
      .replace('hosts: { h1', 'hosts: { h1');
    t.match(lab.apply(taking), { whyNot: [/lab@ann\/a is at qx-alpha:4755, as is red\/h2/] });
    t.strictSame(lab.apply(taking.replace(', h2: { port: v1:2, at: qx-alpha:4755 }', '')), {
      done: [],
      waits: [],
    });
    t.ok(lab.hypervisor.snapshot().tenants.has('lab@ann'), 'what was taken stays');
    t.match((await as('ann', 'GET', '/quota')).value, { offers: [{ name: 'b', isFree: false }] });
  },
);

t.test('an operator approves of what waits, or says why not; and sees who has what', async (t) => {
  const { lab, as } = await owned(t);
  const asked = await as('cat', 'POST', '/networks', shaped('lab', ['a', 'b'], 'single'));
  t.match(asked, { status: 201, value: { life: { state: 'pending' } } });
  t.notOk(lab.hypervisor.snapshot().tenants.has('lab@cat'));
  t.equal((await as('cat', 'POST', '/networks/lab/approval', {})).status, 403);
  const listed = await as('operator', 'GET', '/networks');
  t.match(listed.value, [{ hosts: 1 }, { name: 'lab@cat', owner: 'cat', state: 'pending' }]);
  const why = { why: 'not this week' };
  t.match(await as('operator', 'POST', '/networks/lab@cat/rejection', why), { status: 200 });
  t.match((await as('cat', 'GET', '/networks/lab')).value, { missing: [/not this week/] });
  t.equal((await as('cat', 'POST', '/networks', shaped('lab', ['a', 'b'], 'single'))).status, 201);
  t.match(await as('operator', 'POST', '/networks/lab@cat/approval', {}), { status: 200 });
  t.same(lab.hypervisor.snapshot().placements.get('lab@cat/sw' as never)?.bodies, ['qx-alpha']);
  t.match(await as('operator', 'POST', '/networks/lab@cat/freeze', why), { status: 200 });
  t.match((await as('cat', 'GET', '/networks/lab')).value, { missing: [/frozen it: not this/] });
  t.equal((await as('cat', 'DELETE', '/networks/lab')).status, 409);
  t.match(await as('operator', 'POST', '/networks/red/freeze', why), { status: 200 });
  const red = lab.hypervisor.runtime('red/v1' as never);
  t.match(red?.whyDown(), /the operator has frozen this network: not this week/);
  t.match(await as('operator', 'POST', '/networks/red/unfreeze', {}), { status: 200 });
  t.equal(red?.whyDown(), undefined);
});

t.test('no answer about any of it has a physical name', async (t) => {
  const { as } = await owned(t);
  const texts: string[] = [];
  const ask = async (...what: Parameters<typeof as>) => texts.push((await as(...what)).text);
  await ask('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  await ask('ann', 'POST', '/networks', shaped('x', ['a', 'zz']));
  await ask('bob', 'POST', '/networks', { ...shaped('lab', ['a', 'b']), dryRun: true });
  for (const path of ['', '/lab', '/lab/events', '/lab/flows?vswitch=lab/sw']) {
    await ask('ann', 'GET', `/networks${path}`);
  }
  await ask('ann', 'GET', '/quota');
  await ask('ann', 'POST', '/networks/lab/pause', {});
  await ask('ann', 'GET', '/networks/lab');
  await ask('ann', 'DELETE', '/networks/lab');
  for (const text of texts) t.notMatch(text, physical);
});
