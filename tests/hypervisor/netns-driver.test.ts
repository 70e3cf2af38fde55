/**
 * The driver `netns`: what it asks an Open vSwitch's database, and what it makes of the answers;
 * nothing is changed that was not found as it is to be.
 */
import t from 'tap';
import type { Arrival, Stop, Whereabouts } from '../../hypervisor/drivers/driver.ts';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import type { DatapathName, Port, VswitchName } from '../../slices/ids.ts';
import { FakeWorld } from './fake-world.ts';

const end = (device: string, port: number) => {
  return { device: device as DatapathName, port: port as Port };
};
const task = {
  id: 7,
  startedMs: 0,
  host: 'red/h1',
  vswitch: 'red/v1' as VswitchName,
  vport: 1,
  from: end('s1', 1),
  to: end('s2', 4),
  driver: 'netns',
} as const;

/** By bridge, the interfaces and their ports. */
type Bridges = Readonly<Record<string, Readonly<Record<string, number>>>>;

function moved(bridges: Bridges) {
  const world = new FakeWorld();
  const ended: Arrival[] = [];
  begun(world, ended);
  return { ended, changes: answered(world, bridges) };
}

/** Where it finds the host. */
function found(bridges: Bridges) {
  const world = new FakeWorld();
  const places: Whereabouts[] = [];
  nodeDrivers(world).look(task, { netns: 'unix:/db', limitMs: 2_000 }, (at) => places.push(at));
  t.strictSame(answered(world, bridges), [], 'nothing is changed');
  return places;
}

/** Answers all that is asked, and what was to be changed. */
function answered(world: FakeWorld, bridges: Bridges): readonly (readonly string[])[] {
  const all: Bridges[string] = Object.assign({}, ...Object.values(bridges));
  const answer = (args: readonly string[]): string => {
    const [first, bridge = ''] = args;
    if (first === 'list-ports') return Object.keys(bridges[bridge] ?? {}).join('\n');
    const got = args.filter((_, i) => args[i - 1] === 'Interface').map((name) => all[name]);
    return `${got.join('\n')}\n`;
  };
  const changes: (readonly string[])[] = [];
  for (let one = world.asked.shift(); one !== undefined; one = world.asked.shift()) {
    if (one.args.includes('add-port')) changes.push(one.args);
    one.done({ text: answer(one.args) });
  }
  return changes;
}

/** Keeps how it ended. */
function begun(world: FakeWorld, ended: Arrival[]): Stop {
  const user = { said: () => undefined, ended: (arrival: Arrival) => void ended.push(arrival) };
  return nodeDrivers(world).begin(task, { netns: 'unix:/db', limitMs: 2_000 }, user);
}

t.test('an interface goes over in one transaction', async (t) => {
  const { ended, changes } = moved({ s1: { s1x: 3, s1h: 1 }, s2: { s2x: 3 } });
  t.strictSame(ended, [{ type: 'arrived' }]);
  t.strictSame(changes, [
    [
      ...['--', 'del-port', 's1', 's1h', '--', 'add-port', 's2', 's1h'],
      ...['--', 'set', 'Interface', 's1h', 'ofport_request=4'],
    ],
  ]);
});

t.test('one that is there already, one that is nowhere, and a place that is taken', async (t) => {
  const there = moved({ s1: {}, s2: { s1h: 4 } });
  t.strictSame(there.ended, [{ type: 'arrived' }]);
  t.match(moved({ s1: {}, s2: {} }).ended, [{ why: 'red/h1 is not at s1:1: no port 1' }]);
  const taken = moved({ s1: { s1h: 1 }, s2: { s2h: 4 } });
  t.match(taken.ended, [{ type: 'failed', why: 's2:4 has the interface s2h' }]);
  t.strictSame([there.changes, taken.changes], [[], []]);
});

t.test('where a host is, whatever came of its move', async (t) => {
  t.strictSame(found({ s1: { s1h: 1 }, s2: {} }), ['from']);
  t.strictSame(found({ s1: {}, s2: { s1h: 4 } }), ['to']);
  t.strictSame(found({ s1: { s1h: 1 }, s2: { s2h: 4 } }), ['from'], 'another host is there');
  t.strictSame(found({ s1: {}, s2: {} }), ['later'], 'it has no number yet');
  const silent = new FakeWorld();
  const places: Whereabouts[] = [];
  nodeDrivers(silent).look(task, { netns: 'unix:/db', limitMs: 2_000 }, (at) => places.push(at));
  silent.asked[0]?.done({ why: 'no answer in 5 s' });
  t.strictSame(places, ['later']);
});

t.test('a database that does not answer, and a driver that is told to stop', async (t) => {
  const [silent, slow] = [new FakeWorld(), new FakeWorld()];
  const ended: Arrival[] = [];
  begun(silent, ended);
  t.match(silent.asked, [{ ovsdb: 'unix:/db' }], 'one question at a time');
  silent.asked[0]?.done({ why: 'no answer in 5 s' });
  begun(slow, ended);
  slow.pass(3_000);
  slow.asked[0]?.done({ text: 's1h' });
  t.strictSame(ended, [
    { type: 'failed', why: 'the OVSDB at unix:/db: no answer in 5 s' },
    { type: 'failed', why: 'it took more than 2 s' },
  ]);
  t.equal(slow.asked.length, 1, 'nothing more is asked, or changed');
});
