/**
 * A hostile tenant at its limits: it floods each class of message on one connection and on thirty,
 * fills its tables, asks for long statistics and does not read. The other tenant waits no longer
 * for thirty connections than for one, and what the attacker is refused or loses is counted.
 *
 * Time passes here by looking at the clock, so that work costs something, and the same each time.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Peer } from '../hypervisor/fake-world.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const LISTEN = 'tcp:127.0.0.1:7003';
/** What a look at the clock costs: about one for each message. */
const LOOK_MS = 0.02;
const MANY = 30;
const BURST_BYTES = 200_000;

const text = (given: string): string =>
  exampleText()
    .replace('  red:\n', `  red:\n    limits: ${given}\n`)
    .replace('on: s3 }', "on: s3, listen: ['ptcp:7003:127.0.0.1'] }");

/** Red's limits are generous: what is looked at here is who waits for whom. */
const all = '{ rules: 500, changes: 5000/s, packet-outs: 5000/s, statistics: 2000/s, outbox: 2MB }';

class Scene {
  readonly network: FakeNetwork;
  readonly red: readonly Peer[];
  readonly blue: Peer;

  constructor(connections: number, given = all) {
    this.network = FakeNetwork.started(text(given));
    const { world } = this.network;
    this.red = Array.from({ length: connections }, () => {
      const peer = new Peer();
      world.connect(LISTEN, peer);
      peer.hello();
      this.network.run(10);
      peer.received();
      return peer;
    });
    const found = world.dialled.find(({ target }) => 'port' in target && target.port === 6662);
    if (found === undefined) throw new Error('blue was not dialled');
    this.blue = found.peer;
    world.nowMs = () => {
      world.now += LOOK_MS;
      return world.now;
    };
    world.roundsPerTurnMax = 1;
  }

  /** As much as fits the burst, on each connection that is read. */
  flood(message: Message): void {
    const one = encode(version.of13, message);
    const chunk = new Uint8Array(one.length * Math.floor(BURST_BYTES / one.length));
    for (let at = 0; at < chunk.length; at += one.length) chunk.set(one, at);
    for (const peer of this.red)
      if (peer.isRead && !peer.isClosed) peer.user?.onBytes(chunk.slice());
  }

  /** How long blue waits for a barrier's answer, in the clock's time and in turns. */
  blueWaits(): number {
    const { world } = this.network;
    const began = world.now;
    this.blue.received();
    this.blue.says({ type: 'barrierRequest', xid: 9 });
    for (let turn = 0; turn < 500; turn++) {
      if (this.blue.types().includes('barrierReply')) return world.now - began;
      world.pass(0);
      for (const one of this.network.switches.values()) one.answer();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The longest of some waits, while red goes on. */
  longest(message: Message): number {
    let longest = 0;
    for (let i = 0; i < 12; i++) {
      this.flood(message);
      longest = Math.max(longest, this.blueWaits());
    }
    return longest;
  }
}

const rule = flowMod({ match: matchOf(oxm('eth_dst', 5)), instructions: outputs(1) });
const data = new Uint8Array(60);
const floods: readonly (readonly [string, Message])[] = [
  ['changes', rule],
  ['statistics', { type: 'multipartRequest', xid: 1, flags: 0, request: { kind: 'portDesc' } }],
  ['barriers', { type: 'barrierRequest', xid: 1 }],
  ['echo requests', { type: 'echoRequest', xid: 1, data }],
  ['settings', { type: 'getConfigRequest', xid: 1 }],
];

for (const [what, message] of floods) {
  t.test(`${what} on thirty connections, and on one`, async (t) => {
    const one = new Scene(1).longest(message);
    const many = new Scene(MANY).longest(message);
    t.ok(Number.isFinite(one) && Number.isFinite(many), `blue is answered: ${one}, ${many} ms`);
    // A turn of all tenants, and what the last message of each cost beyond it.
    const turnMs = limits.allTurnsMs + limits.turnMs;
    t.ok(
      many <= Math.max(1.5 * one, 2 * turnMs),
      `${many.toFixed(1)} ms for thirty, ${one.toFixed(1)} for one`,
    );
  });
}

t.test('tables that are full stay full, and the other tenant has room', async (t) => {
  const scene = new Scene(3, '{ rules: 50, groups: 2, meters: 0 }');
  const [red] = scene.red;
  for (let i = 0; i < 80; i++) {
    red?.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) }));
  }
  for (let i = 0; i < 50; i++) scene.blueWaits();
  const errors = red?.received().filter((one) => one.type === 'error') ?? [];
  t.equal(errors.length, 30, 'each of those beyond is told so');
  t.strictSame(scene.network.hypervisor.tenants.of('red').account.full()[0], '50 of 50 rules');
  scene.blue.says(rule);
  t.ok(Number.isFinite(scene.blueWaits()));
  t.equal(scene.network.hypervisor.tenants.of('blue').account.used('rules'), 1);
});

t.test('long statistics that nobody reads are not made on and on', async (t) => {
  const scene = new Scene(MANY);
  for (const peer of scene.red) {
    peer.reads = false;
    peer.unread = 0;
  }
  const [first] = scene.red;
  for (let i = 0; i < 400; i++) {
    first?.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) }));
  }
  const filter = { outPort: 0xffffffff, outGroup: 0xffffffff, cookie: 0n, cookieMask: 0n };
  const request = { kind: 'flow', filter: { ...filter, tableId: 0xff, match: [] } } as const;
  const ask: Message = { type: 'multipartRequest', xid: 1, flags: 0, request };
  let longest = 0;
  for (let i = 0; i < 40; i++) {
    scene.flood(ask);
    longest = Math.max(longest, scene.blueWaits());
  }
  t.ok(longest < 1_000, `blue waits for ${longest} ms at most`);
  const bytes = scene.red.reduce((sum, { unread }) => sum + unread, 0);
  const what = `${bytes} bytes wait for ${MANY} connections`;
  t.ok(bytes <= 2_000_000, what);
  t.ok(bytes >= 1_000_000, `${what}: there was something to bound`);
  t.ok(
    scene.red.every(({ isClosed }) => !isClosed),
    'nobody is let go for it',
  );
});

t.test('what is shed is counted, and nothing else is lost', async (t) => {
  const scene = new Scene(2, '{ statistics: 10/s, changes: 100/s burst 5 }');
  const { traffic } = scene.network.hypervisor.tenants.of('red');
  const [red] = scene.red;
  for (let i = 0; i < 30; i++) {
    red?.says({ type: 'multipartRequest', xid: i, flags: 0, request: { kind: 'portDesc' } });
  }
  scene.blueWaits();
  const refused = red?.received().filter((one) => one.type === 'error').length ?? 0;
  t.equal(refused, traffic.shed.statistics);
  t.ok(refused >= 15 && refused <= 20, `${refused} of 30`);
});
