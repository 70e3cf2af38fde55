/**
 * The file and the store together: whatever a person makes of the file between two runs, `check`
 * and `run` say the same, `run` starts, nothing is retried for ever, and who is not concerned runs.
 */
import t, { type Test } from 'tap';
import type { Store } from '../../hypervisor/world/world.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { remedyText } from '../../slices/remedy.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { memoryStore } from '../support/memory-store.ts';
import { checked, edited, rule, vswitchIn } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';

/** Starts with what `check` has looked at, and tells whether the two say the same. */
function restarted(t: Test, text: string, store: Store): FakeNetwork {
  const said = checked(text, store).map(remedyText);
  const net = FakeNetwork.started(text, store);
  t.strictSame(net.hypervisor.remedies.map(remedyText), said, 'check and run say the same');
  return net;
}

function migrate(net: FakeNetwork, name: string, to: string, ms: number): void {
  const runtime = vswitchIn(net, name);
  if (runtime === undefined) throw new Error(`no ${name}`);
  const { primary } = runtime.placement;
  net.hypervisor.executor.start(runtime.vswitch, primary, to as DatapathName, 'lime');
  net.run(ms);
}

const two = (links: string, red: string, encoding = 'pipeline') => `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier, encoding: ${encoding} } }
links: ${links}
tenants:
${red}
  blue:
    controllers: [tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:2 } }
`;
const joined = '[s1:3 - s2:3]';
const redAt = (controller: number, on = 's1') => `  red:
    controllers: [tcp:127.0.0.1:${controller}]
    vswitches: { v1: { dpid: 1, on: ${on} } }
    hosts: { h1: { port: v1:1, at: s1:1 } }`;

t.test('a cable is taken away: its port is down, and nobody else hears of it', async (t) => {
  const store = memoryStore();
  migrate(FakeNetwork.started(two(joined, redAt(7001)), store), 'red/v1', 's2', 3_000);
  const net = restarted(t, two('[]', redAt(7001)), store);
  const [remedy] = net.hypervisor.remedies;
  t.match(remedy, { type: 'cut', object: 'red/v1 port 1', cause: 'no way from s1 to s2' });
  t.equal(vswitchIn(net, 'red/v1')?.ports.view(1 as never).state, 1, 'the tenant sees no link');
  t.equal(vswitchIn(net, 'blue/v1')?.whyDown(), undefined);
  t.equal(vswitchIn(net, 'blue/v1')?.controllers[0]?.isUp, true);
  migrate(net, 'red/v1', 's1', 3_000);
  t.strictSame(vswitchIn(net, 'red/v1')?.placement.bodies, ['s1'], 'it can be moved to its host');
  const again = restarted(t, two('[]', redAt(7001)), store);
  t.strictSame(again.hypervisor.remedies, []);
});

t.test('a datapath of a migration leaves: it ends on the one that is left', async (t) => {
  for (const gone of ['s3', 's4']) {
    for (const ms of [0, 10, 200, 700, 1_100, 1_300]) {
      const file = (names: readonly string[], on: string) => `
datapaths:
${names.map((name) => `  ${name}: { dpid: ${name.slice(1)}, ack: barrier }`).join('\n')}
links: [${names.slice(1).map((name) => `s1:${name.slice(1)} - ${name}:1`)}]
tenants:
${redAt(7001, on)}
`;
      const store = memoryStore();
      const net = FakeNetwork.started(file(['s1', 's3', 's4'], 's3'), store);
      migrate(net, 'red/v1', 's4', ms);
      const left = gone === 's3' ? 's4' : 's3';
      const again = restarted(t, file(['s1', left], left), store);
      t.strictSame(vswitchIn(again, 'red/v1')?.placement.bodies, [left], `${gone} ${ms}`);
      t.ok(again.hypervisor.executor.all().every(isOver));
      t.equal(vswitchIn(again, 'red/v1')?.controllers[0]?.isUp, true);
    }
  }
});

t.test('a vswitch that migrates leaves the file: the migration is over', async (t) => {
  const store = memoryStore();
  migrate(FakeNetwork.started(two(joined, redAt(7001)), store), 'red/v1', 's2', 30);
  const net = restarted(t, two(joined, ''), store);
  t.ok(net.hypervisor.executor.all().every(isOver));
  t.match(net.hypervisor.remedies.map(({ type }) => type).sort(), ['left', 'migrationEnded']);
});

t.test('the encoding is another, and the rules do not fit: that vswitch is down', async (t) => {
  const store = memoryStore();
  const before = FakeNetwork.started(two(joined, redAt(7001, 's2')), store);
  const buckets = [{ weight: 0, watchPort: 0xffffffff, watchGroup: 0xffffffff, actions: [] }];
  before.controller(7001).says({
    ...{ type: 'groupMod', xid: 1, command: 0, groupType: 0, groupId: 1, buckets },
  });
  before.run(200);
  const net = restarted(t, two(joined, redAt(7001, 's2'), 'flat'), store);
  t.match(vswitchIn(net, 'red/v1')?.whyDown(), /red\/v1 has groups, and s2 has one table/);
  t.equal(net.hypervisor.datapath('s2' as never).state.type, 'ready', 's2 serves the others');
  t.equal(vswitchIn(net, 'blue/v1')?.whyDown(), undefined);
  const back = restarted(t, two(joined, redAt(7001, 's2')), store);
  t.equal(vswitchIn(back, 'red/v1')?.whyDown(), undefined);
  t.equal(vswitchIn(back, 'red/v1')?.groups.table.groups().length, 1, 'nothing is lost');
});

t.test('who comes back with the same controllers has its rules again', async (t) => {
  const store = memoryStore();
  const one = FakeNetwork.started(two(joined, redAt(7001)), store);
  one.controller(7001).says(rule(0x5ec3e7n));
  one.run(300);
  restarted(t, two(joined, ''), store).run(1_000);
  const back = restarted(t, two(joined, redAt(7001)), store);
  t.match(back.hypervisor.remedies, [{ type: 'returned', done: /1 rule/ }]);
  t.equal(vswitchIn(back, 'red/v1')?.rulebook.size, 1);
});

t.test('an heir of the name waits, has nothing, and is told apart', async (t) => {
  const store = memoryStore();
  const one = FakeNetwork.started(two(joined, redAt(7001)), store);
  one.controller(7001).says(rule(0x5ec3e7n));
  one.run(300);
  restarted(t, two(joined, ''), store).run(1_000);
  const text = two(joined, redAt(7999));
  const heir = restarted(t, text, store);
  const waits = vswitchIn(heir, 'red/v1');
  t.match(heir.hypervisor.remedies, [
    { type: 'heir', cause: /1 rule.*7001/, next: /purge red\/v1/ },
  ]);
  t.match(waits?.whyDown(), /left the file before/);
  t.equal(waits?.rulebook.size, 0);
  heir.run(2_000);
  t.equal(heir.world.dialled.length, 1, 'its controller is not called');
  t.match(restarted(t, text, store).hypervisor.remedies, [{ type: 'heir' }], 'it goes on waiting');
  t.match(heir.hypervisor.departures.restore('red/v1' as never), { done: /1 rule from the next/ });
  t.match(waits?.whyDown(), /gets 1 rule at the next start of limevisor; restart it/);
  const [asked] = heir.hypervisor.departures.all();
  t.match(asked, { hasHeir: true, isRestored: true }, 'and status asks no more');
  t.match(heir.hypervisor.purge('blue/v1' as never), { whyNot: /blue\/v1 has not left/ });
  t.match(heir.hypervisor.purge('red/v1' as never), { done: /1 rule deleted/ });
  t.equal(waits?.whyDown(), undefined, 'it serves at once');
  heir.run(300);
  const peer = heir.controller(7999);
  peer.user?.onOpen();
  peer.hello();
  peer.says(rule(1n));
  heir.run(300);
  const after = restarted(t, text, store);
  t.strictSame(
    vswitchIn(after, 'red/v1')
      ?.rulebook.rules()
      .map((r) => r.cookie),
    [1n],
  );
  t.strictSame(after.hypervisor.remedies, []);
});

t.test('or is given what was there, when a person says so', async (t) => {
  const store = memoryStore();
  const one = FakeNetwork.started(two(joined, redAt(7001)), store);
  one.controller(7001).says(rule(0x5ec3e7n));
  one.run(300);
  restarted(t, two(joined, ''), store).run(1_000);
  const heir = restarted(t, two(joined, redAt(7999)), store);
  t.match(heir.hypervisor.departures.restore('red/v1' as never), { done: /1 rule/ });
  heir.run(100);
  const after = restarted(t, two(joined, redAt(7999)), store);
  t.equal(vswitchIn(after, 'red/v1')?.rulebook.size, 1);
  t.equal(vswitchIn(after, 'red/v1')?.whyDown(), undefined);
});

t.test('networks that are edited between runs, from seeds', async (t) => {
  for (let seed = 1; seed <= 6; seed++) edited(t, seed);
});
