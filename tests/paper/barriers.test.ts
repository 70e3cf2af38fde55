/**
 * LIME 4.2: "If the application issues a “barrier” command [...], LIME should wait to receive
 * notification from both switches before notifying the application."
 */
import t from 'tap';
import type { Message } from '../../openflow/values/values.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

/** Keeps a switch's barrier replies until they are let go. */
function holding(net: FakeNetwork, name: string): () => void {
  const { peer } = net.switch(name);
  const says = peer.says.bind(peer);
  const held: Message[] = [];
  peer.says = (message) => {
    if (message.type === 'barrierReply') held.push(message);
    else says(message);
  };
  return () => {
    peer.says = says;
    for (const message of held) says(message);
  };
}

for (const slow of ['s1', 's2']) {
  t.test(`while ${slow} has not answered, nor does the vswitch`, async (t) => {
    const net = FakeNetwork.started(twoDatapaths());
    const red = net.controller(7001);
    const [runtime] = net.hypervisor.runtimes();
    if (runtime === undefined) throw new Error('there is one vswitch');
    const { executor } = net.hypervisor;
    executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    for (let i = 0; executor.all()[0]?.state.type !== 'move' && i < 5_000; i += 1) net.run(1);
    t.strictSame([...runtime.placement.bodies].sort(), ['s1', 's2'], 'it has two bodies');
    const release = holding(net, slow);
    red.received();
    red.says(flowMod({ priority: 7, instructions: outputs(2) }));
    red.says({ type: 'barrierRequest', xid: 77 });
    net.run(30);
    const replies = () => red.types().filter((type) => type === 'barrierReply');
    t.strictSame(replies(), [], 'not yet');
    release();
    net.run(30);
    t.strictSame(replies(), ['barrierReply'], 'it is answered when both bodies have answered');
  });
}
