/**
 * LIME 4.1: "the switch instances should not change rules autonomously. For example, switches
 * should not apply soft timeouts"; LIME 4.2: "polling the traffic counters on the switches and
 * deleting the rule in both switches if no traffic matches the rule in either switch".
 */
import t from 'tap';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { FlowStats, Message } from '../../openflow/values/values.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const IDLE_SEC = 3;
const both = ['s1', 's2'] as const;

const isMod = (one: Message) => one.type === 'flowMod';

for (const encoding of ['', ', encoding: flat']) {
  t.test(`no switch is told of a time-out${encoding}`, async (t) => {
    const text = twoDatapaths().replaceAll(' }\n  s2', `${encoding} }\n  s2`);
    const net = FakeNetwork.started(
      text.replace(/barrier }\nlinks/, `barrier${encoding} }\nlinks`),
    );
    const red = net.controller(7001);
    const timed = { idleTimeoutSec: IDLE_SEC, hardTimeoutSec: 9, instructions: outputs(2) };
    red.says(flowMod({ priority: 1, ...timed }));
    net.run(100);
    const [runtime] = net.hypervisor.runtimes();
    if (runtime === undefined) throw new Error('there is one vswitch');
    const { executor } = net.hypervisor;
    executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    for (let i = 2; i < 12; i += 1) {
      red.says(flowMod({ priority: i, ...timed }));
      net.run(40);
    }
    for (const name of both) {
      const mods = net.switch(name).changes().filter(isMod);
      t.ok(mods.length > 5, `${name} was told of rules`);
      const timeOuts = mods.map((one) => one.idleTimeoutSec + one.hardTimeoutSec);
      t.equal(Math.max(...timeOuts), 0, name);
    }
  });
}

const never = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };

t.test('used at one of two bodies it lives; unused at both it goes', async (t) => {
  const text = twoDatapaths().replace('on: s1 }', 'on: [s1, s2], consistency: eventual }');
  const net = FakeNetwork.started(text);
  const red = net.controller(7001);
  const flags = flowFlag.sendFlowRem;
  const asked = { priority: 5, idleTimeoutSec: IDLE_SEC, flags, instructions: outputs(2) };
  red.says(flowMod(asked));
  net.run(100);
  const [runtime] = net.hypervisor.runtimes();
  const [rule] = runtime?.rulebook.rules() ?? [];
  if (runtime === undefined || rule === undefined) throw new Error('there is one rule');
  const cookie = cookieOf('rule', runtime.vswitch.id, rule.serial);
  const row = (packets: bigint): FlowStats => {
    const rest = { tableId: 2, priority: 6, match: [], instructions: [], flags: 1 };
    return { ...rest, ...never, cookie, packetCount: packets, byteCount: 0n };
  };
  let isUsed = true;
  let packets = 1n;
  net.switch('s1').flows = { kind: 'flow', flows: [row(4n)] };
  Object.defineProperty(net.switch('s2'), 'flows', {
    get() {
      if (isUsed) packets += 1n;
      return { kind: 'flow', flows: [row(packets)] };
    },
  });
  const isDeletion = (one: Message) =>
    one.type === 'flowMod' && one.cookie === cookie && one.command === flowCommand.deleteStrict;
  const deletions = (name: string) => net.switch(name).changes().filter(isDeletion).length;
  net.run(4_000 * IDLE_SEC);
  t.strictSame(both.map(deletions), [0, 0], 'for as long as it is used at one of them');
  isUsed = false;
  net.run(2_000 * IDLE_SEC);
  t.strictSame(both.map(deletions), [1, 1], 'then it goes at both');
});
