/**
 * A tenant's limits on fake switches, with time that stands still: what waits goes on by its rate,
 * on all connections of the tenant together, and no other tenant waits; what a datapath may not
 * have of a tenant does not move there.
 */
import t from 'tap';
import { planFor } from '../../hypervisor/operator/control-drain.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { Message } from '../../openflow/values/values.ts';
import { exampleText, vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

function started(limits: string): FakeNetwork {
  return FakeNetwork.started(exampleText().replace('  red:\n', `  red:\n    limits: ${limits}\n`));
}

const added = (i: number): Message =>
  flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) });
const barrier = (xid: number): Message => ({ type: 'barrierRequest', xid });

/** All connections to a tenant's controller. */
function peersOf(network: FakeNetwork, port: number): readonly Peer[] {
  return network.world.dialled.flatMap(({ target, peer }) =>
    'port' in target && target.port === port ? [peer] : [],
  );
}

function rulesOf(network: FakeNetwork, tenant: string): number {
  const own = network.hypervisor.runtimes().filter(({ vswitch }) => vswitch.tenant === tenant);
  return own.reduce((sum, { rulebook }) => sum + rulebook.size, 0);
}

t.test(
  'changes beyond the rate wait, on all connections of the tenant, and none is lost',
  async (t) => {
    const network = started('{ changes: 100/s burst 10 }');
    const red = peersOf(network, 6661);
    const [blue] = peersOf(network, 6662);
    t.ok(red.length > 1, 'one for each vswitch');
    for (const peer of red) {
      for (let i = 0; i < 50; i++) peer.says(added(i));
      peer.says(barrier(77));
    }
    const all = 50 * red.length;
    network.run(100);
    const soon = rulesOf(network, 'red');
    t.ok(soon >= 10 && soon <= 10 + 10 + 2 * red.length, `${soon} after 0.1 s`);
    blue?.says(added(1), barrier(78));
    network.run(20);
    t.strictSame(blue?.types(), ['barrierReply'], 'blue waits for nothing');
    const atLimits = (name: string) =>
      network.hypervisor.tenants.of(name).atLimits(network.world.now);
    t.strictSame(atLimits('red'), ['its requests wait for their rate']);
    t.strictSame(atLimits('blue'), []);
    network.run(1_000 * (all / 100));
    t.equal(rulesOf(network, 'red'), all);
    const answers = red.map((peer) => peer.types());
    t.strictSame(answers, Array(red.length).fill(['barrierReply']), 'and the barriers behind them');
  },
);

t.test(
  'where one connection waits for the rate, another of the tenant has its share',
  async (t) => {
    const network = started('{ changes: 100/s burst 1 }');
    const [one, other] = peersOf(network, 6661);
    const flood = Array.from({ length: 400 }, (_, i) => added(i));
    one?.saysAtOnce(...flood);
    other?.saysAtOnce(...flood);
    network.run(2_000);
    const [a = 0, b = 0] = network.hypervisor
      .runtimes()
      .filter(({ vswitch }) => vswitch.tenant === 'red')
      .map(({ rulebook }) => rulebook.size);
    t.ok(a + b >= 190 && a + b <= 210, `${a} + ${b} in two seconds`);
    t.ok(Math.abs(a - b) < 20, 'by turns');
  },
);

t.test('a tenant whose controllers do not read is not read: of all together', async (t) => {
  const network = started('{ outbox: 500kB }');
  const red = peersOf(network, 6661);
  for (const peer of red) {
    peer.reads = false;
    peer.unread = 0;
  }
  const ask: Message = { type: 'echoRequest', xid: 1, data: new Uint8Array(10_000) };
  for (let i = 0; i < 1_000; i++) {
    for (const peer of red) if (peer.isRead) peer.says(ask);
    network.world.pass(1);
  }
  const waits = red.reduce((sum, { unread }) => sum + unread, 0);
  t.ok(waits >= 250_000 && waits <= 500_000, `${waits} bytes wait for ${red.length} connections`);
  t.ok(red.every((one) => !one.isClosed && !one.isRead));
});

t.test('a vswitch does not move to where its tenant may not have its rules', async (t) => {
  const network = started('{ on: { s4: { rules: 3 } } }');
  const name = vswitchName('red/v3');
  const runtime = network.hypervisor.runtime(name);
  for (let i = 0; i < 4; i++) runtime?.rulebook.apply(added(i) as never, 0);
  const plan = planFor(network.hypervisor, 'red/v3', 's4', 'lime');
  t.match(plan, {
    type: 'problems',
    problems: [/tenant red has 0 rules on s4, and red\/v3 would bring 4, more than its limit of 3/],
  });
});

t.test('all that controllers say has one rate, echo requests and barriers among it', async (t) => {
  const network = started('{ from-controllers: 100/s burst 10 }');
  const [red] = peersOf(network, 6661);
  const data = new Uint8Array(8);
  const said = Array.from(
    { length: 400 },
    (_, i): Message => (i % 2 === 0 ? { type: 'echoRequest', xid: i, data } : barrier(i)),
  );
  red?.saysAtOnce(...said);
  network.run(1_000);
  const answers = red?.received().length ?? 0;
  t.ok(answers >= 100 && answers <= 120, `${answers} answers in a second`);
});
