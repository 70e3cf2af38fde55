/**
 * A big switch as its tenant sees it: rules go to all members, a barrier waits for all, what one
 * refuses nobody keeps, a rule that goes is told once; a member that goes takes its ports down and
 * nothing else, and a restart finds the members as they were.
 */
import t from 'tap';
import { statusReport } from '../../hypervisor/operator/report.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag, portState } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const members = ['s1', 's2', 's3'] as const;
type Name = (typeof members)[number];

const textOf = (consistency: string): string => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
links: [s1:3 - s2:3, s2:4 - s3:3, s3:4 - s1:4]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: [s1, s2, s3], consistency: ${consistency} } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s2:1 }
      h3: { port: v1:3, at: s3:1 }
`;

const PRIORITY = 7_777;
const FULL = { errorType: 5, errorCode: 1 };
const asked = flowMod({
  xid: 4_711,
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});
const isIt = (one: Message) => one.type === 'flowMod' && one.priority === PRIORITY + 1;
const isAdd = (one: Message) => isIt(one) && 'command' in one && one.command === flowCommand.add;

function goes(net: FakeNetwork, name: Name): void {
  const { peer } = net.switch(name);
  peer.user?.onClose('it hung up');
  peer.received();
  peer.isClosed = false;
  net.run(50);
}

const red = (net: FakeNetwork) => {
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  return runtime;
};

/** The last word of each port. */
function portsIn(messages: readonly Message[]): Readonly<Record<number, 'up' | 'down'>> {
  const words = messages.flatMap((one): (readonly [number, 'up' | 'down'])[] => {
    if (one.type !== 'portStatus') return [];
    return [[one.desc.portNo, (one.desc.state & portState.linkDown) === 0 ? 'up' : 'down']];
  });
  return Object.fromEntries(words);
}

for (const consistency of ['strict', 'eventual']) {
  t.test(`${consistency}: a rule is on all members, and a barrier waits for all`, async (t) => {
    const net = FakeNetwork.started(textOf(consistency));
    const controller = net.controller(7001);
    controller.says(asked);
    controller.says({ type: 'barrierRequest', xid: 9 });
    net.world.pass(1);
    for (const name of ['s1', 's3'] as const) {
      for (let i = 0; i < 5; i++) {
        net.switch(name).answer();
        net.world.pass(1);
      }
    }
    const replies = () => controller.received().filter(({ type }) => type === 'barrierReply');
    t.same(replies(), [], 's2 has not answered yet');
    net.run();
    t.equal(replies().length, 1);
    for (const name of members) t.equal(net.switch(name).changes().filter(isAdd).length, 1, name);
  });

  for (const refusing of members) {
    t.test(`${consistency}: what ${refusing} has no room for nobody keeps`, async (t) => {
      const net = FakeNetwork.started(textOf(consistency));
      const controller = net.controller(7001);
      net.switch(refusing).refuse = (one) => (isAdd(one) ? FULL : undefined);
      controller.says(asked);
      controller.says({ type: 'barrierRequest', xid: 9 });
      net.run();
      const told = controller.received();
      t.strictSame(
        told.map(({ type, xid }) => [type, xid]),
        [
          ['error', 4_711],
          ['barrierReply', 9],
        ],
      );
      t.equal(red(net).rulebook.size, 0);
      for (const name of members) {
        const last = net.switch(name).changes().filter(isIt).at(-1);
        if (name !== refusing) t.match(last, { command: flowCommand.deleteStrict }, name);
      }
    });
  }

  t.test(`${consistency}: a rule that goes is told once, with the sum`, async (t) => {
    const net = FakeNetwork.started(textOf(consistency));
    const controller = net.controller(7001);
    controller.says({ ...asked, flags: flowFlag.sendFlowRem });
    net.run();
    const [rule] = red(net).rulebook.rules();
    controller.says({ ...asked, command: flowCommand.delete });
    net.run(50);
    for (const [i, name] of members.entries()) {
      const counted = { packetCount: BigInt(10 ** i), byteCount: BigInt(100 * 10 ** i) };
      net.switch(name).peer.says({
        ...{ type: 'flowRemoved', xid: 0, priority: PRIORITY + 1, reason: 2, tableId: 2 },
        cookie: cookieOf('rule', red(net).vswitch.id, rule?.serial ?? 0),
        ...{ durationSec: 1, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 },
        ...counted,
        match: asked.match,
      });
    }
    net.run(6_000);
    const told = controller.received().filter(({ type }) => type === 'flowRemoved');
    t.match(told, [{ packetCount: 111n, byteCount: 11_100n }]);
    t.equal(told.length, 1);
  });

  t.test(`${consistency}: each member goes and comes back`, async (t) => {
    const net = FakeNetwork.started(textOf(consistency));
    const controller = net.controller(7001);
    for (const [i, name] of members.entries()) {
      goes(net, name);
      t.same(portsIn(controller.received()), { [i + 1]: 'down' }, `${name} takes its port down`);
      t.equal(red(net).whyDown(), undefined, 'the switch stays');
      t.notOk(controller.isClosed, 'and its controller');
      t.not(red(net).placement.primary, name);
      t.notOk([...red(net).placement.homes.values()].includes(name as never), 'no home is there');
      net.connect(name);
      net.run(7_000);
      t.same(portsIn(controller.received()), { [i + 1]: 'up' });
      const homes = Object.fromEntries(red(net).placement.homes);
      if (consistency === 'eventual') t.same(homes, { 1: 's1', 2: 's2', 3: 's3' });
    }
  });

  t.test(`${consistency}: a member that has no room when it is back is led around`, async (t) => {
    const net = FakeNetwork.started(textOf(consistency));
    const controller = net.controller(7001);
    controller.says(asked);
    net.run();
    const { primary } = red(net).placement;
    const [name = 's1'] = members.filter((one) => one !== primary);
    const vport = Number(name.slice(1));
    goes(net, name);
    net.switch(name).changes();
    net.switch(name).refuse = (one) => (isAdd(one) ? FULL : undefined);
    net.connect(name);
    net.run(7_000);
    const without = () => statusReport(net.hypervisor).vswitches[0]?.bigSwitch?.without;
    t.same(without(), [name]);
    t.equal(red(net).whyDown(), undefined, 'the switch stays');
    t.equal(red(net).placement.homes.get(vport as never), primary, 'the primary does its work');
    t.equal(portsIn(controller.received())[vport], 'up', 'so its port is up');
    t.equal(red(net).rulebook.size, 1, 'nobody loses a rule');
    net.switch(name).changes();
    controller.says({ ...asked, priority: 5 });
    net.run();
    const isNew = (one: Message) => one.type === 'flowMod' && one.priority === 6;
    t.same(net.switch(name).changes().filter(isNew), [], 'rules that change leave it out');

    goes(net, name);
    net.switch(name).refuse = () => undefined;
    net.connect(name);
    net.run(7_000);
    t.same(without(), []);
    t.equal(net.switch(name).changes().filter(isNew).length, 1, 'it is filled');
    t.equal(red(net).whyDown(), undefined);
  });

  t.test(`${consistency}: all members go, and one comes back`, async (t) => {
    const net = FakeNetwork.started(textOf(consistency));
    for (const name of members) goes(net, name);
    t.match(red(net).whyDown(), /is away/);
    net.connect('s3');
    net.run(200);
    t.equal(red(net).whyDown(), undefined);
    t.equal(red(net).placement.primary, 's3');
  });

  t.test(`${consistency}: a restart finds them as they were`, async (t) => {
    const store = memoryStore();
    const first = FakeNetwork.started(textOf(consistency), store);
    first.controller(7001).says(asked);
    first.run();
    goes(first, 's1');
    const { primary } = red(first).placement;
    first.hypervisor.stop('end of the test');
    const again = new FakeNetwork(textOf(consistency), store).loaded();
    for (const name of ['s2', 's3']) again.connect(name);
    again.run(200);
    t.equal(red(again).placement.primary, primary);
    t.equal(red(again).whyDown(), undefined, 'it serves without s1');
    again.connect('s1');
    again.run(7_000);
    t.equal(again.switch('s1').changes().filter(isAdd).length, 1, 's1 is filled');
    t.equal(red(again).placement.primary, primary, 'who is the primary stays it');
  });
}
