/**
 * A vswitch at run time keeps nothing of what the configuration says of it: when the snapshot has
 * another of its name, the next request is answered by that one.
 */

import t from 'tap';
import type { Message } from '../../openflow/values/values.ts';
import { vswitchName } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
`;

function buffersIn(messages: readonly Message[]): readonly number[] {
  return messages.flatMap((one) => (one.type === 'featuresReply' ? [one.bufferCount] : []));
}

t.test('what the snapshot says of a vswitch is read when it is used', async (t) => {
  const network = FakeNetwork.started(text);
  const { hypervisor } = network;
  const controller = network.controller(7001);
  const name = vswitchName('red/v1');
  const asked = (): readonly number[] => {
    controller.received();
    controller.says({ type: 'featuresRequest', xid: 1 });
    network.run();
    return buffersIn(controller.received());
  };
  t.strictSame(asked(), [0]);
  const before = hypervisor.snapshot();
  const vswitch = before.vswitches.get(name);
  if (vswitch === undefined) throw new Error(`${name} is there`);
  const another = { ...vswitch, buffers: 7 };
  hypervisor.swap({ ...before, vswitches: new Map(before.vswitches).set(name, another) });
  t.strictSame(asked(), [7]);
  t.equal(hypervisor.runtime(name)?.vswitch, another);
});
