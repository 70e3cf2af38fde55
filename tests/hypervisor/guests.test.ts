/**
 * Controllers that connect by themselves: served as others are, told nothing unasked, not kept.
 */

import t from 'tap';
import { Guests, type Host } from '../../hypervisor/controller/guests.ts';
import { limits } from '../../slices/limits.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { FakeWorld, fakeLog, lonely, Peer } from './fake-world.ts';

const AT = 'tcp:127.0.0.1:6701';
const text = exampleText().replace(
  'v1: { dpid: 0000000000000001,',
  "v1: { listen: ['ptcp:6701:127.0.0.1'], dpid: 0000000000000001,",
);
const vswitch = vswitchOf(snapshotOf(text), 'red/v1');
const anEvent = () =>
  ({
    type: 'flowRemoved',
    xid: 0,
    cookie: 0n,
    priority: 1,
    reason: 0,
    tableId: 0,
    durationSec: 0,
    durationNsec: 0,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    packetCount: 0n,
    byteCount: 0n,
    match: [],
  }) as const;

function guests() {
  const world = new FakeWorld();
  let down: string | undefined;
  const host: Host = {
    vswitch,
    portView: () => ({ config: 0, state: 4 }),
    whyDown: () => down,
    perform: () => undefined,
    relay: () => 0,
    onControllerChange: () => undefined,
    mayAsk: () => true,
    tenant: lonely(world),
  };
  const all = new Guests(world, host);
  all.open(fakeLog(), (why) => {
    throw new Error(why);
  });
  const connect = (): Peer => {
    const peer = new Peer();
    world.connect(AT, peer);
    return peer;
  };
  const come = (): Peer => {
    const peer = connect();
    world.turn();
    if (!peer.isClosed) peer.hello();
    world.turn();
    peer.received();
    return peer;
  };
  return { world, all, connect, come, setDown: (why?: string) => (down = why) };
}

t.test('one is served: it asks, and is answered', async (t) => {
  const { world, all, come } = guests();
  const peer = come();
  peer.says({ type: 'featuresRequest', xid: 7 });
  world.turn();
  t.match(peer.received(), [{ type: 'featuresReply', xid: 7, dpid: 1n }]);
  t.match(all.all(), [{ kind: 'guest', isUp: true }]);
});

t.test(
  'it is told nothing that it did not ask for, until its SET_CONFIG wants packets',
  async (t) => {
    const { world, all, come } = guests();
    const peer = come();
    const [guest] = all.all();
    guest?.announce(anEvent());
    t.equal(guest?.packetInChannel(1), undefined);
    peer.says({ type: 'setConfig', xid: 1, flags: 0, missSendLen: 0xffff });
    guest?.announce(anEvent());
    world.turn();
    t.equal(peer.received().length, 1);
    t.not(guest?.packetInChannel(1), undefined);
  },
);

t.test('one that goes is forgotten, and nobody dials it', async (t) => {
  const { world, all, come } = guests();
  for (let i = 0; i < 1_000; i++) come().user?.onClose('done');
  world.pass(60_000);
  t.strictSame(all.all(), []);
  t.strictSame(world.dialled, []);
  t.equal(world.timers(), 0);
});

t.test('so many and no more; when one goes, another may come', async (t) => {
  const { all, come } = guests();
  const here = Array.from({ length: limits.guestsPerVswitchMax }, come);
  t.ok(come().isClosed, 'one more is turned away');
  t.equal(all.all().length, limits.guestsPerVswitchMax);
  here[0]?.user?.onClose('done');
  t.notOk(come().isClosed);
});

t.test('those that say nothing hold no place of others', async (t) => {
  const { world, all, connect, come } = guests();
  const speaks = come();
  const silent = Array.from({ length: 2 * limits.guestsPerVswitchMax }, connect);
  world.turn();
  t.notOk(come().isClosed, 'one that says hello comes in');
  t.notOk(speaks.isClosed, 'and who has said so stays');
  t.equal(all.all().length, limits.guestsPerVswitchMax);
  t.ok(silent[0]?.isClosed, 'who came first goes first');
  t.notOk(silent.at(-1)?.isClosed);
});

t.test('a vswitch that is not there turns them away, and loses those it had', async (t) => {
  const { world, all, come, setDown } = guests();
  const peer = come();
  setDown('datapath s1 is away');
  all.dismiss('datapath s1 is away');
  world.turn();
  t.ok(peer.isClosed);
  t.ok(come().isClosed);
  setDown();
  t.notOk(come().isClosed);
});

t.test('closed: nobody listens any more', async (t) => {
  const { world, all, come } = guests();
  const peer = come();
  all.close('we stop');
  world.turn();
  t.ok(peer.isClosed);
  const late = new Peer();
  world.connect(AT, late);
  t.equal(late.user, undefined);
});
