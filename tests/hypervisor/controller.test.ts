/**
 * A controller is dialled until it is there, and again when it goes: 250 ms, doubling to 2 s.
 */

import t from 'tap';
import { Controller } from '../../hypervisor/controller/controller.ts';
import type { Asked } from '../../hypervisor/controller/reply-order.ts';
import { limits } from '../../slices/limits.ts';
import { portView } from '../../translation/controllers/ports.ts';
import type { Effect } from '../../translation/controllers/verdict.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeWorld, lonely, type Peer } from './fake-world.ts';

const vswitch = vswitchOf(snapshotOf(exampleText()), 'red/v1');

function controller() {
  const world = new FakeWorld();
  const effects: { effect: Effect; asked: Asked }[] = [];
  const changes: string[] = [];
  const refused: string[] = [];
  const target = { host: '192.0.2.1', port: 6653 };
  const one: Controller = new Controller(world, target, {
    vswitch,
    portView: () => portView(0, true),
    perform: (effect, _, asked) => void effects.push({ effect, asked }),
    relay: () => 0,
    onControllerChange: () => void changes.push(one.state.type),
    mayAsk: () => true,
    tenant: {
      ...lonely(world),
      refusedRequests: { note: ({ request, error }) => refused.push(`${request}: ${error.why}`) },
    },
  });
  const last = (): Peer => {
    const peer = world.dialled.at(-1)?.peer;
    if (peer === undefined) throw new Error('nobody was dialled');
    return peer;
  };
  /** The connection of the last dial is made, and the peer says hello. */
  const comeUp = (): Peer => {
    last().user?.onOpen();
    last().hello();
    world.turn();
    last().received();
    return last();
  };
  return { world, one, effects, changes, refused, last, comeUp };
}

t.test('not before start; started twice is once', async (t) => {
  const { world, one } = controller();
  world.pass(10_000);
  t.equal(world.dialled.length, 0);
  one.start();
  one.start();
  t.match(world.dialled, [{ target: { host: '192.0.2.1', port: 6653 } }]);
  t.equal(world.dialled.length, 1);
  t.equal(one.state.type, 'dialling');
});

t.test('refused again and again: 250 ms, 500, 1 s, 2 s, 2 s', async (t) => {
  const { world, one, last } = controller();
  one.start();
  for (const wait of [250, 500, 1_000, 2_000, 2_000, 2_000]) {
    const before = world.dialled.length;
    last().user?.onClose('connect ECONNREFUSED');
    t.match(one.state, { type: 'waiting', why: 'connect ECONNREFUSED' });
    world.pass(wait - 1);
    t.equal(world.dialled.length, before, `not before ${wait} ms`);
    world.pass(1);
    t.equal(world.dialled.length, before + 1, `after ${wait} ms`);
  }
});

t.test('one that was up is dialled after 250 ms again', async (t) => {
  const { world, one, last, comeUp, changes } = controller();
  one.start();
  last().user?.onClose('x');
  world.pass(250);
  last().user?.onClose('x');
  world.pass(500);
  comeUp();
  t.ok(one.isUp);
  world.pass(1_000);
  last().user?.onClose('the other end closed');
  t.notOk(one.isUp);
  t.equal(one.channel, undefined);
  world.pass(250);
  t.equal(world.dialled.length, 4);
  t.strictSame(changes, ['waiting', 'waiting', 'up', 'waiting']);
});

t.test('a controller of OpenFlow 1.1 only is waited for like one that is away', async (t) => {
  const { world, one, last } = controller();
  one.start();
  last().user?.onOpen();
  last().says({ type: 'hello', xid: 1, versions: [2] });
  t.match(one.state, { type: 'waiting', why: /peer.*1\.1 \(0x02\); enable OpenFlow10 or 13/ });
  world.pass(250);
  t.equal(world.dialled.length, 2);
});

t.test('greeted and left again and again: the same times as one that is away', async (t) => {
  const { world, one, last, comeUp } = controller();
  one.start();
  for (const wait of [250, 500, 1_000, 2_000, 2_000]) {
    comeUp();
    t.ok(one.isUp);
    world.pass(wait === 2_000 ? 300 : 0);
    last().user?.onClose('it closed the connection');
    const before = world.dialled.length;
    world.pass(wait - 1);
    t.equal(world.dialled.length, before, `not before ${wait} ms`);
    world.pass(1);
    t.equal(world.dialled.length, before + 1, `after ${wait} ms`);
  }
  comeUp();
  for (let i = 0; i < 6; i++) {
    world.pass(500);
    last().says({ type: 'echoRequest', xid: i, data: new Uint8Array(0) });
  }
  last().user?.onClose('it closed the connection');
  const before = world.dialled.length;
  world.pass(250);
  t.equal(world.dialled.length, before + 1, 'it had lasted');
});

/** What we offered on the last connection. */
function offeredBy(peer: Peer): readonly number[] {
  const [hello] = peer.received();
  return hello?.type === 'hello' ? hello.versions : [];
}

t.test('one that leaves without a word is offered plain 1.0 next, and all again', async (t) => {
  const { world, one, last } = controller();
  one.start();
  for (const offered of [[1, 4], [1], [1, 4], [1]]) {
    last().user?.onOpen();
    world.turn();
    t.strictSame(offeredBy(last()), offered);
    last().says({ type: 'hello', xid: 1, versions: [1] });
    last().user?.onClose('it choked');
    world.pass(2_000);
  }
  last().user?.onClose('connect ECONNREFUSED');
  world.pass(2_000);
  last().user?.onOpen();
  world.turn();
  t.strictSame(offeredBy(last()), [1, 4], 'nobody was there who could choke');
});

t.test('one that may speak a later version only is not up before it says a word', async (t) => {
  const { world, one, last } = controller();
  one.start();
  last().user?.onOpen();
  const user = last().user;
  user?.onBytes(Uint8Array.from([5, 0, 0, 8, 0, 0, 0, 1]));
  world.turn();
  t.equal(one.state.type, 'dialling');
  t.match(last().received().at(-1), { type: 'echoRequest' });
  user?.onBytes(Uint8Array.from([5, 1, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0]));
  t.match(one.state, { type: 'waiting', why: /refused/ });
  world.pass(250);
  last().user?.onOpen();
  last().user?.onBytes(Uint8Array.from([5, 0, 0, 8, 0, 0, 0, 1]));
  last().user?.onBytes(Uint8Array.from([1, 3, 0, 8, 0, 0, 0, 2]));
  t.equal(one.state.type, 'up', 'it has answered the echo in 1.0, which it was offered alone');
});

t.test('who was refused what is told', async (t) => {
  const { one, comeUp, effects, refused } = controller();
  one.start();
  const peer = comeUp();
  peer.says(flowMod({ xid: 7, instructions: outputs(0xffffffff) }));
  peer.says({ type: 'barrierReply', xid: 8 });
  peer.says({ type: 'barrierRequest', xid: 9 });
  effects[0]?.asked.refuse({ errorType: 1, errorCode: 1 });
  t.match(refused, [
    /^flowMod: 0xffffffff is not/,
    /^barrierReply: only switches/,
    /^barrierRequest: undef/,
  ]);
});

t.test('stop: closed, no more dials; start begins anew', async (t) => {
  const { world, one, last, comeUp } = controller();
  one.start();
  comeUp();
  one.stop('the datapath is away');
  t.ok(last().isClosed);
  t.strictSame(one.state, { type: 'idle' });
  world.pass(60_000);
  t.equal(world.dialled.length, 1);
  one.start();
  t.equal(world.dialled.length, 2);
  last().user?.onClose('x');
  one.stop('while waiting');
  world.pass(60_000);
  t.equal(world.dialled.length, 2);
});

t.test('messages: answered, refused with their own xid and bytes, or carried out', async (t) => {
  const { world, one, comeUp, effects } = controller();
  one.start();
  const peer = comeUp();
  peer.says({ type: 'featuresRequest', xid: 5 });
  peer.says({ type: 'roleRequest', xid: 6, role: 1, generationId: 0n });
  peer.says(flowMod({ xid: 7, instructions: outputs(0xffffffff) }));
  peer.says(flowMod({ xid: 8, instructions: outputs(1) }));
  peer.says({ type: 'barrierRequest', xid: 9 });
  world.turn();
  t.match(peer.received(), [{ type: 'featuresReply', xid: 5, dpid: 1n }]);
  t.strictSame(
    effects.map(({ effect }) => effect.type),
    ['changeRole', 'changeRules', 'barrier'],
  );
  effects[1]?.asked.refuse({ errorType: 5, errorCode: 1 });
  effects[1]?.asked.end();
  effects[2]?.asked.answer({ type: 'barrierReply', xid: 9 });
  effects[2]?.asked.end();
  world.turn();
  t.strictSame(peer.received(), [], 'the first has not said anything yet');
  effects[0]?.asked.answer({ type: 'roleReply', xid: 6, role: 1, generationId: 0n });
  effects[0]?.asked.end();
  world.turn();
  t.match(peer.received(), [
    { type: 'roleReply', xid: 6 },
    { type: 'error', xid: 7, errorType: 2, errorCode: 4 },
    { type: 'error', xid: 8, errorType: 5, errorCode: 1 },
    { type: 'barrierReply', xid: 9 },
  ]);
});

t.test('an error that comes late is not sent on another connection', async (t) => {
  const { world, one, last, comeUp, effects } = controller();
  one.start();
  comeUp().says(flowMod({ xid: 8, instructions: outputs(1) }));
  last().user?.onClose('x');
  world.pass(250);
  const again = comeUp();
  effects[0]?.asked.refuse({ errorType: 5, errorCode: 1 });
  world.turn();
  t.strictSame(again.received(), []);
});

t.test('its settings are the connection’s: a new one begins with the defaults', async (t) => {
  const { world, one, last, comeUp } = controller();
  one.start();
  comeUp().says({ type: 'setConfig', xid: 1, flags: 0, missSendLen: 9 });
  last().user?.onClose('x');
  world.pass(250);
  const again = comeUp();
  again.says({ type: 'getConfigRequest', xid: 2 });
  world.turn();
  t.match(again.received(), [{ type: 'getConfigReply', xid: 2, missSendLen: 128 }]);
});

t.test('packet-ins are dropped, and counted, when it does not read', async (t) => {
  const { one, last, comeUp } = controller();
  one.start();
  comeUp();
  t.not(one.packetInChannel(1), undefined);
  last().reads = false;
  last().unread = 4 * 1024 * 1024;
  t.equal(one.packetInChannel(1), undefined);
  t.equal(one.droppedPacketIns, 1);
  t.not(one.channel, undefined, 'replies still go');
});

t.test('nor does it get more than a window of them ahead of what is read of it', async (t) => {
  const { world, one, comeUp, last } = controller();
  one.start();
  comeUp();
  const given = (count: number) => {
    const before = one.droppedPacketIns;
    for (let i = 0; i < count; i++) one.packetInChannel(1);
    return count - (one.droppedPacketIns - before);
  };
  const { packetInsAheadMax: most } = limits;
  t.equal(given(3 * most), 3 * most);
  const inbox = one.channel?.inbox ?? t.fail('it is up');
  const lag = (sinceMs: number | undefined) => Object.assign(inbox, { laggingSinceMs: sinceMs });
  lag(world.now);
  t.equal(given(3 * most), most);
  // It answers as fast as it is asked, and what it says never ends: none is dropped.
  let answered = 0;
  for (let i = 0; i < 5 * most; i += 1) {
    last().says({ type: 'getConfigRequest', xid: i });
    lag(world.now);
    answered += given(1);
  }
  t.equal(answered, 5 * most, 'one for each message that is read');
  t.equal(given(most), 0);
  world.pass(100);
  lag(world.now - 100);
  t.equal(given(3 * most), limits.packetInsAheadPerSecond / 10);
  lag(undefined);
  t.equal(given(3 * most), 3 * most, 'it has caught up');
});
