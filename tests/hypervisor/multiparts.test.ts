/**
 * A request in several parts is one request of its connection: answered once, or refused once.
 */

import t from 'tap';
import { Controller } from '../../hypervisor/controller/controller.ts';
import type { Message, MultipartRequestBody } from '../../openflow/values/values.ts';
import { portView } from '../../translation/controllers/ports.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { FakeWorld, lonely, type Peer } from './fake-world.ts';

const vswitch = vswitchOf(snapshotOf(exampleText()), 'red/v1');
const desc: MultipartRequestBody = { kind: 'desc' };
const features: MultipartRequestBody = { kind: 'other', mpType: 12, body: new Uint8Array(0) };

function ask(xid: number, flags: number, request: MultipartRequestBody): Message {
  return { type: 'multipartRequest', xid, flags, request };
}

function connected() {
  const world = new FakeWorld();
  const one = new Controller(
    world,
    { host: '192.0.2.1', port: 6653 },
    {
      vswitch,
      portView: () => portView(0, true),
      perform: () => undefined,
      relay: () => 0,
      onControllerChange: () => undefined,
      mayAsk: () => true,
      tenant: lonely(world),
    },
  );
  one.start();
  const comeUp = (): Peer => {
    const peer = world.dialled.at(-1)?.peer;
    if (peer === undefined) throw new Error('nobody was dialled');
    peer.user?.onOpen();
    peer.hello();
    world.turn();
    peer.received();
    return peer;
  };
  return { world, one, comeUp, peer: comeUp() };
}

t.test('table features asked for in three parts are answered once', async (t) => {
  const { world, peer } = connected();
  peer.says(ask(5, 1, features), ask(5, 1, features));
  world.turn();
  t.strictSame(peer.received(), []);
  peer.says(ask(5, 0, features));
  world.turn();
  const replies = peer.received();
  t.match(replies.at(-1), { type: 'multipartReply', xid: 5, flags: 0 });
  t.equal(replies.filter((one) => one.type === 'multipartReply' && one.flags === 0).length, 1);
  world.pass(5_000);
  t.strictSame(
    peer.received().filter((one) => one.type === 'error'),
    [],
  );
});

t.test('one whose last part does not come is refused after a second', async (t) => {
  const { world, peer } = connected();
  peer.says(ask(5, 1, desc));
  world.pass(999);
  t.strictSame(peer.received(), []);
  world.pass(1);
  t.match(peer.received(), [{ type: 'error', xid: 5, errorType: 0xffff, errorCode: 2640 }]);
  peer.says(ask(5, 0, desc));
  world.turn();
  t.match(peer.received(), [{ type: 'multipartReply', xid: 5 }], 'and forgotten');
});

t.test('what one connection has begun, another does not end', async (t) => {
  const { world, peer, comeUp } = connected();
  peer.says(ask(5, 1, features));
  peer.user?.onClose('x');
  world.pass(250);
  const again = comeUp();
  again.says(ask(5, 0, desc));
  world.pass(5_000);
  t.match(again.received()[0], { type: 'multipartReply', xid: 5, reply: { kind: 'desc' } });
  t.notOk(again.received().some((one) => one.type === 'error'));
});
