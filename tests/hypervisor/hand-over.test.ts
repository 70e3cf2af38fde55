/**
 * How long a tenant waits while another body becomes the primary: while what its old primary does
 * is counted, and for some round trips; until all is led to the new one only where that is more
 * than cached flows. Packets that come up at the new one wait for those of the old one, and for no
 * more than those.
 */
import t from 'tap';
import { whenHandedOver } from '../../hypervisor/tenant/hand-over-end.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { datapath, twoDatapaths, vswitchName } from '../slices/networks.ts';
import { applying, flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const SETTLE_MS = 400;

for (const { ack, leastMs, mostMs } of [
  // Entries may come into force one by one: for what was changed before, and for the guards.
  { ack: `settle ${SETTLE_MS}ms`, leastMs: 2 * SETTLE_MS, mostMs: 3 * SETTLE_MS },
  { ack: 'barrier', leastMs: 0, mostMs: SETTLE_MS / 4 },
]) {
  t.test(`how long a rule that changes waits for a hand-over, with ${ack}`, async (t) => {
    const network = FakeNetwork.started(twoDatapaths(ack));
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
    t.ok(longest >= leastMs, `one has waited for what was changed before (${longest} ms)`);
    t.ok(longest < mostMs, `and for no more than it must (${longest} ms)`);
    t.ok(next < SETTLE_MS / 4, `every other was answered at once (${next} ms)`);
  });
}

t.test('packets that come up meanwhile are told of at once, in their order', async (t) => {
  const network = FakeNetwork.started(twoDatapaths(`settle ${SETTLE_MS}ms`));
  const { hypervisor } = network;
  const runtime = hypervisor.runtime(vswitchName('red/v1'));
  if (runtime === undefined) throw new Error('there is no red/v1');
  const controller = network.controller(7001);
  const { id } = runtime.vswitch;
  const up = { type: 'output', port: ofpp.controller, maxLen: 0xffff } as const;
  controller.says(flowMod({ instructions: applying(up) }));
  network.run(10);
  const { serial = 0 } = [...runtime.rulebook.rules()][0] ?? {};
  const comesUp = (at: 's1' | 's2', xid: number): void =>
    network.switch(at).peer.says({
      type: 'packetIn',
      ...{ xid: 0, bufferId: NO_BUFFER, totalLen: 4, reason: 0, tableId: 2 },
      cookie: cookieOf('rule', id, serial),
      match: matchOf(oxm('in_port', 1), oxm('metadata', metadataOf(id, 1))),
      data: new Uint8Array([0, 0, xid >> 8, xid & 0xff]),
    });
  hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  const state = (): string | undefined => hypervisor.executor.all()[0]?.state.type;
  const told: number[] = [];
  let [sent, longestMs, together] = [0, 0, 0];
  const before: readonly (string | undefined)[] = ['tunnels', 'clone', 'handOver'];
  while (before.includes(state()) && sent < 4_000) {
    const isHandedOver = runtime.placement.primary === 's2';
    sent += 1;
    comesUp('s1', sent);
    // The newer one is there first if its channel is faster: here both are in one turn.
    if (isHandedOver) {
      sent += 1;
      comesUp('s2', sent);
      together += 1;
    }
    const sentMs = network.world.now;
    while (told.length < sent && network.world.now < sentMs + 5_000) {
      network.run(1);
      for (const one of controller.received()) {
        if (one.type === 'packetIn') told.push(((one.data[2] ?? 0) << 8) | (one.data[3] ?? 0));
      }
    }
    longestMs = Math.max(longestMs, network.world.now - sentMs);
  }
  t.equal(state(), 'move', 'the new body is the primary');
  t.ok(together > SETTLE_MS / 20, `${together} came up at both bodies`);
  t.strictSame(
    told,
    Array.from({ length: sent }, (_, i) => i + 1),
    'all, in the order in which they came up',
  );
  t.ok(longestMs < SETTLE_MS / 4, `after ${longestMs} ms at most`);
});

t.test('a process that is told to end waits for it, and not for ever', async (t) => {
  for (const settleMs of [SETTLE_MS, 2 * limits.endWaitsMs]) {
    const network = FakeNetwork.started(twoDatapaths(`settle ${settleMs}ms`));
    const { hypervisor, world } = network;
    const runtime = hypervisor.runtime(vswitchName('red/v1'));
    if (runtime === undefined) throw new Error('there is no red/v1');
    hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    const { singleBody } = runtime;
    while (!singleBody.isHandingOver) network.run(1);
    const ended: { atMs: number; isOn: boolean }[] = [];
    const end = (): void => void ended.push({ atMs: world.now, isOn: singleBody.isHandingOver });
    const askedMs = world.now;
    whenHandedOver(world, hypervisor.runtimes, end);
    t.strictSame(ended, [], 'not at once');
    network.run(2 * limits.endWaitsMs);
    const isShort = settleMs === SETTLE_MS;
    t.match(ended, [{ isOn: !isShort }]);
    if (!isShort) t.match(ended, [{ atMs: askedMs + limits.endWaitsMs }]);
    else {
      whenHandedOver(world, hypervisor.runtimes, end);
      t.equal(ended.length, 2, 'at once when there is none');
    }
  }
});
