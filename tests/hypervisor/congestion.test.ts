/**
 * A datapath that does not take what is sent to it stops us reading from the tenants that live on
 * it, and from no others; nothing of theirs is lost.
 */

import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
`;

t.test('red lives on a datapath that takes nothing, blue on another', async (t) => {
  const network = FakeNetwork.started(text);
  const [red, blue] = [network.controller(7001), network.controller(7002)];
  const { peer: s1 } = network.switch('s1');
  s1.reads = false;
  s1.unread = limits.congestedBytesMax + 1;
  const rule = flowMod({ xid: 5, instructions: outputs(1) });
  for (const one of [red, blue]) one.says(rule);
  network.run(50);
  const rulesOn = (name: string) =>
    network
      .switch(name)
      .changes()
      .filter((one) => one.type === 'flowMod').length;
  t.strictSame([red.isRead, blue.isRead], [false, true]);
  t.strictSame([rulesOn('s1'), rulesOn('s2')], [0, 1]);
  s1.reads = true;
  network.run(50);
  t.strictSame([red.isRead, rulesOn('s1')], [true, 1], 'it was not lost');
});

t.test(
  'a controller that does not read its answers is not read; another one of it is',
  async (t) => {
    const network = FakeNetwork.started(
      text.replace('[tcp:127.0.0.1:7001]', '[tcp:127.0.0.1:7001, tcp:127.0.0.1:7003]'),
    );
    const [slow, other] = [network.controller(7001), network.controller(7003)];
    slow.reads = false;
    slow.unread = limits.unreadBytesMax + 1;
    for (const one of [slow, other]) one.says({ type: 'barrierRequest', xid: 5 });
    network.run(50);
    t.strictSame([slow.isRead, other.isRead], [false, true]);
    t.strictSame([slow.types(), other.types()], [[], ['barrierReply']]);
    slow.reads = true;
    network.run(50);
    t.strictSame(slow.types(), ['barrierReply']);
  },
);
