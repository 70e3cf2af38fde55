/**
 * What the file leaves open is placed at a start, and stays there: over restarts, after migrations,
 * whoever comes and goes. Who has no place is down, and the others run.
 */
import t from 'tap';
import { differenceTo } from '../../hypervisor/operator/control-apply.ts';
import { type MemberResult, migrateMember } from '../../hypervisor/operator/control-members.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { remedyText } from '../../slices/remedy.ts';
import { memoryStore } from '../support/memory-store.ts';
import { checked, vswitchIn } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';

/** Three datapaths in a row; red has a vswitch and a host, which is plugged in at two of them. */
const network = (tenants: string) => `
datapaths:
  s1: { dpid: 1, ack: barrier, capacity: { rules: 100 } }
  s2: { dpid: 2, ack: barrier, capacity: { rules: 100 } }
  s3: { dpid: 3, ack: barrier, capacity: { rules: 100 } }
links: [s1:9 - s2:9, s2:8 - s3:8]
tenants:${tenants}`;

const red = `
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, place: auto, reserve: { rules: 60 } } }
    hosts: { h1: { port: v1:1, at: s2:1 }, h2: { port: v1:2, at: [s1:2, s2:2] } }`;

/** Beside s2 as well, and too large to be there with red. */
const blue = `
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, place: auto, reserve: { rules: 60 } } }
    hosts: { h1: { port: v1:1, at: s2:3 } }`;

/** What `check` says, and what runs. */
function started(text: string, store: Store): readonly [readonly string[], FakeNetwork] {
  const said = checked(text, store).map(remedyText);
  return [said, FakeNetwork.started(text, store)];
}

function bodiesOf(net: FakeNetwork, name: string): readonly string[] | undefined {
  return vswitchIn(net, name)?.placement.bodies;
}

const chosen = 'the file leaves open where it is placed; it is placed on';

t.test('the same file once more is no difference', async (t) => {
  const text = network(red + blue);
  const [, net] = started(text, memoryStore());
  const found = net.planned(text, differenceTo);
  if (found === undefined || 'whyNot' in found) throw new Error(found?.whyNot.join());
  t.strictSame(found.following?.changes, [], found.following?.text ?? '');
});

t.test('a place is chosen, said, and kept', async (t) => {
  const store = memoryStore();
  const [said, first] = started(network(red), store);
  t.strictSame(said, [`red/v1: ${chosen} s2`, `red/h2: ${chosen} s2:2`]);
  t.strictSame(bodiesOf(first, 'red/v1'), ['s2']);
  t.equal(vswitchIn(first, 'red/v1')?.controllers[0]?.isUp, true);
  const runtime = vswitchIn(first, 'red/v1');
  if (runtime === undefined) throw new Error('red/v1 is not there');
  first.hypervisor.executor.start(
    runtime.vswitch,
    's2' as DatapathName,
    's3' as DatapathName,
    'lime',
  );
  first.run(3_000);
  const [again, second] = started(network(blue + red), store);
  t.strictSame(again, [`blue/v1: ${chosen} s2`], 'red has its places already');
  t.strictSame(bodiesOf(second, 'red/v1'), ['s3']);
  const { hosts } = second.hypervisor.snapshot().config;
  t.match(hosts.find(({ name }) => name === 'red/h2')?.at, { device: 's2', port: 2 });
});

t.test('who has no place is down until there is room, and the others run', async (t) => {
  const store = memoryStore();
  const large = blue.replace('rules: 60', 'rules: 120');
  const [said, net] = started(network(red + large), store);
  t.match(said.at(2), /^blue\/v1: no datapath has what blue\/v1 reserves .*; it is down until /);
  t.match(vswitchIn(net, 'blue/v1')?.whyDown(), 'no datapath has what blue/v1 reserves');
  t.equal(vswitchIn(net, 'red/v1')?.controllers[0]?.isUp, true);
  const [, again] = started(network(red + blue), store);
  t.equal(vswitchIn(again, 'blue/v1')?.controllers[0]?.isUp, true);
  t.equal(bodiesOf(again, 'blue/v1')?.length, 1);
  t.strictSame(bodiesOf(again, 'red/v1'), ['s2']);
});

t.test(
  'a file that is applied: who comes is placed, nobody moves, and too much is refused',
  async (t) => {
    const net = FakeNetwork.started(network(red), memoryStore());
    const troubles = (text: string) => {
      const all = net.apply(text);
      return all && 'done' in all ? all.done : all;
    };
    t.strictSame(troubles(network(red + blue)), []);
    t.strictSame(bodiesOf(net, 'red/v1'), ['s2']);
    const [on] = bodiesOf(net, 'blue/v1') ?? [];
    t.ok(on === 's1' || on === 's3', 'there is no room on s2');
    const green = blue.replace('blue', 'green').replace('7002', '7003').replace('s2:3', 's2:4');
    const third = network(red + blue + green.replace('rules: 60', 'rules: 90'));
    t.strictSame(troubles(third), []);
    const gold = green.replace('green', 'gold').replace('7003', '7004').replace('s2:4', 's2:5');
    const refused = net.apply(network(red + blue + green.replace('rules: 60', 'rules: 90') + gold));
    t.match(refused, {
      whyNot: [/^gold\/v1: no datapath has what gold\/v1 reserves .*40 are left on /],
    });
    t.equal(vswitchIn(net, 'gold/v1'), undefined);
  },
);

/** Without capacities: of meters there is what datapaths say. */
const unsaid = (tenants: string) => network(tenants).replaceAll(', capacity: { rules: 100 }', '');
const tenant = (name: string, reserve: string): string => `
  ${name}:
    vswitches: { v1: { dpid: 1, place: auto, reserve: { ${reserve} } } }
    hosts: { h1: { port: v1:1, at: s2:${name.length} } }`;
const none = { bandTypes: 0, capabilities: 0, maxBands: 0, maxColor: 0 };
const groups = {
  capabilities: 0,
  actionsAll: 0,
  actionsSelect: 0,
  actionsIndirect: 0,
  actionsFf: 0,
};

/** s2 has five meters, and the others fifty; of groups only those of all buckets. */
function saying(text: string, store: Store): FakeNetwork {
  const net = new FakeNetwork(text, store);
  for (const [name, one] of net.switches) {
    const maxMeter = name === 's2' ? 5 : 50;
    one.features['meterFeatures'] = { kind: 'meterFeatures', maxMeter, ...none };
    const most = { types: 1, maxAll: 7, maxSelect: 0, maxIndirect: 0, maxFf: 0 };
    one.features['groupFeatures'] = { kind: 'groupFeatures', ...groups, ...most };
  }
  return net.up();
}

t.test('where the file has no capacity, what datapaths say of themselves counts', async (t) => {
  const store = memoryStore();
  const first = unsaid(tenant('red', 'meters: 5'));
  const net = saying(first, store);
  t.strictSame(bodiesOf(net, 'red/v1'), ['s2'], 'beside its host');
  const both = first + tenant('blue', 'meters: 20');
  const applied = (text: string) => Object.keys(net.apply(text) ?? {});
  t.strictSame(applied(both), ['done', 'waits']);
  t.not(bodiesOf(net, 'blue/v1')?.[0], 's2', 'it has five');
  t.match(net.apply(first + tenant('green', 'meters: 51')), {
    whyNot: [/no datapath has what green\/v1 reserves \(51 meters: 50 are left on s[13]/],
  });
  t.match(net.apply(first + tenant('green', 'groups: 8')), {
    whyNot: [/no datapath has what green\/v1 reserves \(8 groups: 7 are left/],
  });
  t.strictSame(applied(both), ['done', 'waits'], 'and the same again');
  net.hypervisor.stop('end of the test');
  const said = checked(both + tenant('green', 'meters: 51'), store).map(remedyText);
  t.match(
    said.join(),
    /green\/v1: .*51 meters: 50 are left/,
    'a start knows it, before they connect',
  );
});

const many = (hot: string) =>
  network(`
  red:
    vswitches: { hot: { dpid: 1, ${hot} } }
    hosts: { h1: { port: hot:1, at: s2:1 }, h2: { port: hot:2, at: s3:2 } }`);

t.test('so many bodies: chosen, kept, moved, and more or fewer by a file', async (t) => {
  const store = memoryStore();
  const [said, first] = started(many('bodies: 2'), store);
  t.strictSame(said, [`red/hot: ${chosen} s2 + s3`]);
  t.strictSame(bodiesOf(first, 'red/hot'), ['s2', 's3']);
  const found = first.planned(many('bodies: 2'), differenceTo);
  t.strictSame(found && 'following' in found && found.following?.changes, [], 'no difference');
  const asked = { names: ['red/hot'], from: 's3', to: ['s1'], isDry: false };
  let moved: MemberResult | undefined;
  migrateMember(first.hypervisor, asked, { result: (one) => (moved = one) });
  first.run(6_000);
  t.match(moved, { member: { isInFile: true } }, 'there is nothing to write into the file');
  const [, second] = started(many('bodies: 2'), store);
  t.strictSame([...(bodiesOf(second, 'red/hot') ?? [])].sort(), ['s1', 's2'], 'a restart keeps it');
  t.ok('done' in (second.apply(many('bodies: 3'), 6_000) ?? {}));
  t.strictSame([...(bodiesOf(second, 'red/hot') ?? [])].sort(), ['s1', 's2', 's3']);
  t.ok('done' in (second.apply(many('bodies: 2'), 6_000) ?? {}));
  t.strictSame(bodiesOf(second, 'red/hot'), ['s2', 's3'], 'where its hosts are');
  t.strictSame([...second.hypervisor.boundary.givenUp], []);
});
