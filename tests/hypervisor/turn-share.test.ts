/**
 * Fairness is by tenant, and then by connection: thirty connections have one share of a turn, and
 * take turns within it.
 */
import t from 'tap';
import { Inbox } from '../../hypervisor/channel/inbox.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { TurnShare } from '../../hypervisor/world/turn-share.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const SLICE = limits.sliceBytesMax;

/** Connections of one tenant, each slice of which takes a whole turn. */
function connections(
  world: FakeWorld,
  turns: TurnShare,
  count: number,
  log: string[],
  name: string,
) {
  return Array.from({ length: count }, (_, i) => {
    const take = (bytes: Uint8Array): number => {
      world.now += limits.turnMs;
      log.push(`${name}${i}`);
      return bytes.length;
    };
    const user = { take, mayTake: () => true, read: () => undefined };
    return new Inbox(world, user, turns);
  });
}

t.test('in each turn a tenant has one share, whatever connections it has', async (t) => {
  const world = new FakeWorld();
  world.roundsPerTurnMax = 1;
  const log: string[] = [];
  const red = connections(world, new TurnShare(world), 30, log, 'red');
  const blue = connections(world, new TurnShare(world), 1, log, 'blue');
  for (const one of [...red, ...blue]) one.push(new Uint8Array(3 * SLICE));
  log.length = 0;
  for (let turn = 0; turn < 2; turn++) {
    world.turn();
    const counts = ['red', 'blue'].map((who) => log.filter((one) => one.startsWith(who)).length);
    t.strictSame(counts, [turn + 1, turn + 1], `turn ${turn}`);
  }
  for (let turn = 0; turn < 58; turn++) world.turn();
  const first = log.filter((one) => one.startsWith('red')).slice(0, 59);
  const others = new Set(first.slice(0, 30));
  t.equal(others.size, 30, 'each connection of red had its turn before any had two');
});

t.test('nothing is lost of what waits, and it ends when all is done', async (t) => {
  const world = new FakeWorld();
  const turns = new TurnShare(world);
  const log: string[] = [];
  const all = connections(world, turns, 5, log, 'c');
  for (const one of all) one.push(new Uint8Array(4 * SLICE));
  world.turn();
  t.equal(log.length, 20);
  t.strictSame(
    all.map((_, i) => log.filter((one) => one === `c${i}`).length),
    [4, 4, 4, 4, 4],
  );
});

t.test('the more tenants want more, the less each has of a turn', async (t) => {
  const world = new FakeWorld();
  world.roundsPerTurnMax = 1;
  const crowd = { waiting: 0 };
  const shares = Array.from({ length: 12 }, () => new TurnShare(world, { crowd }));
  for (const turns of shares) {
    turns.begin();
    world.now += 0.5;
    turns.look();
    t.equal(turns.isOver, crowd.waiting >= 12, `${crowd.waiting} wait`);
    turns.wait(() => undefined);
  }
  world.turn();
  t.equal(crowd.waiting, 0);
});

t.test('long work of one tenant is one work in the ring', async (t) => {
  const world = new FakeWorld();
  world.roundsPerTurnMax = 1;
  const steps: string[] = [];
  const parties = ['red', 'blue'].map((title) => {
    return { title, isClosed: false, close: () => undefined, tenant: { title } };
  });
  const network = new FakeNetwork();
  const { boundary } = network.hypervisor;
  const scheduler = new Scheduler(world, boundary);
  const begin = (party: (typeof parties)[number], count: number): void => {
    const work = { step: () => steps.push(party.title) > 0 && steps.length < 200 };
    for (let i = 0; i < count; i++) boundary.run(party, () => scheduler.run(work));
  };
  const [red, blue] = parties;
  if (red === undefined || blue === undefined) throw new Error('two');
  begin(red, 30);
  begin(blue, 1);
  steps.length = 0;
  world.turn();
  const counts = ['red', 'blue'].map((who) => steps.filter((one) => one === who).length);
  t.ok(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0)) <= 1, `${counts} steps`);
});

t.test('vswitches of a tenant have one share, of another another', async (t) => {
  const network = FakeNetwork.started();
  const shares = network.hypervisor.runtimes().map(({ tenant }) => tenant.turns);
  t.equal(new Set(shares).size, 2);
  t.ok(shares.length > 2);
});
