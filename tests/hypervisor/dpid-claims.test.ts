/**
 * A switch that lost power is back before its dead connection was given up; and who claims a dpid
 * that is not his.
 */
import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork, FakeSwitch } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1, ack: barrier } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
`;

interface Claimed {
  readonly net: FakeNetwork;
  readonly first: FakeSwitch;
  /** Another switch with the same dpid connects; the one that is there may be dead. */
  claim(): FakeSwitch;
}

function claimed(isFirstDead: boolean): Claimed {
  const net = FakeNetwork.started(text);
  const first = net.switch('s1');
  const switches = net.switches as Map<string, FakeSwitch>;
  if (isFirstDead) switches.delete('s1');
  const claim = (): FakeSwitch => {
    const again = new FakeSwitch(1n, [1, 2]);
    switches.set(`again ${switches.size}`, again);
    net.world.connect('tcp:0.0.0.0:6653', again.peer);
    again.peer.hello();
    return again;
  };
  return { net, first, claim };
}

t.test('the dead connection is found out at once, and the switch is taken', async (t) => {
  const { net, first, claim } = claimed(true);
  const again = claim();
  net.run(limits.claimEchoMs + 200);
  t.ok(first.peer.isClosed, 'the dead one is closed');
  t.notOk(again.peer.isClosed);
  t.equal(net.hypervisor.datapaths()[0]?.state.type, 'ready');
  t.ok(again.changes().length > 0, 'and what it lost is put back');
});

t.test('one that lives stays, however often it is claimed', async (t) => {
  const { net, first, claim } = claimed(false);
  for (let i = 0; i < 20; i++) {
    const other = claim();
    net.run(300);
    net.run(limits.claimEchoMs);
    t.ok(other.peer.isClosed, `claim ${i} is refused`);
    t.strictSame(
      other.changes().filter(({ type }) => type !== 'hello'),
      [],
    );
  }
  t.notOk(first.peer.isClosed);
  t.equal(net.hypervisor.datapath('s1' as never).state.type, 'ready');
  t.ok((net.hypervisor.alarms.get('switch refused: s1 is connected already') ?? 0) >= 20);
});

t.test('many claims at once are one question', async (t) => {
  const { net, first, claim } = claimed(true);
  const claims = Array.from({ length: 10 }, claim);
  net.run(limits.claimEchoMs + 200);
  const echoes = first.peer.types().filter((type) => type === 'echoRequest');
  t.equal(echoes.length, 1);
  t.equal(claims.filter((one) => !one.peer.isClosed).length, 1, 'the first of them has it');
  t.equal(net.hypervisor.datapaths()[0]?.state.type, 'ready');
});

t.test('a claimant that goes away while it waits changes nothing for who comes next', async (t) => {
  const { net, claim } = claimed(true);
  const gone = claim();
  net.run(100);
  gone.peer.user?.onClose('reset');
  net.run(limits.claimEchoMs + 200);
  t.equal(net.hypervisor.datapaths()[0]?.state.type, 'away', 'the silent one was given up');
  claim();
  net.run(200);
  t.equal(net.hypervisor.datapaths()[0]?.state.type, 'ready');
});
