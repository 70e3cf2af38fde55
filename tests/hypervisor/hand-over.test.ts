/**
 * How long a tenant waits while another body becomes the primary: while what its old primary does
 * is counted, and for some round trips, but not until its cached flows lead to the new one.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { datapath, twoDatapaths, vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const SETTLE_MS = 400;

t.test(
  'a rule that changes waits for one acknowledgement of a hand-over, and no more',
  async (t) => {
    const network = FakeNetwork.started(twoDatapaths(`settle ${SETTLE_MS}ms`));
    const { hypervisor } = network;
    const runtime = hypervisor.runtime(vswitchName('red/v1'));
    if (runtime === undefined) throw new Error('there is no red/v1');
    const controller = network.controller(7001);
    hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    const waitedMs: number[] = [];
    const isDone = (): boolean => hypervisor.executor.all()[0]?.state.type === 'done';
    for (let xid = 100; !isDone() && xid < 2_000; xid += 1) {
      const match = matchOf(oxm('eth_dst', xid));
      controller.says(flowMod({ match, instructions: outputs(2) }), {
        type: 'barrierRequest',
        xid,
      });
      const askedMs = network.world.now;
      const isAnswered = (): boolean =>
        controller.received().some((one) => one.type === 'barrierReply' && one.xid === xid);
      while (!isAnswered() && network.world.now < askedMs + 10_000) network.run(1);
      waitedMs.push(network.world.now - askedMs);
    }
    t.ok(isDone(), `the migration is done, with ${waitedMs.length} changes meanwhile`);
    const [longest = 0, next = 0] = waitedMs.toSorted((a, b) => b - a);
    t.ok(longest >= SETTLE_MS, `one has waited for what was changed before (${longest} ms)`);
    t.ok(longest < 2 * SETTLE_MS, 'and not until cached flows lead to the new primary');
    t.ok(next < SETTLE_MS / 4, `every other was answered at once (${next} ms)`);
  },
);
