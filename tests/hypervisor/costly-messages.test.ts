/**
 * A tenant whose messages cost much delays another tenant's by a few turns, whatever it sends: the
 * clock is looked at after each such message, and not only when many bytes were taken.
 *
 * In a world whose clock goes on by what a message is said to cost.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { ethernetFrame } from '../../openflow/packet/frames.ts';
import { flowCommand, port as ofpp } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { targetText } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const BURST = 100;
/** What one message of red's costs; a turn has room for two. */
const COST_MS = limits.turnMs / 2;

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v: { dpid: 1, on: s1 }, x: { dpid: 2, on: s1 } }
    links: [v:9 - x:9]
    hosts: { h1: { port: v:1, at: s1:1 } }
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { w: { dpid: 1, on: s2 } }
    hosts: { h1: { port: w:1, at: s2:1 } }
`;

const address = new Uint8Array(6);
const lldp: Message = {
  type: 'packetOut',
  xid: 1,
  bufferId: 0xffffffff,
  inPort: ofpp.controller,
  actions: [{ type: 'output', port: 9, maxLen: 0 }],
  data: ethernetFrame({ dst: address, src: address, type: 0x88cc, payload: new Uint8Array(46) }),
};

function runtimeOf(network: FakeNetwork, name: string) {
  const runtime = network.hypervisor.runtimes().find(({ vswitch }) => vswitch.name === name);
  if (runtime === undefined) throw new Error(`${name} is there`);
  return runtime;
}

/** Looking a packet up in this vswitch's rules costs time. */
function costly(network: FakeNetwork, name: string): { looks: number } {
  const { rulebook } = runtimeOf(network, name);
  const lookup = rulebook.lookup.bind(rulebook);
  const seen = { looks: 0 };
  rulebook.lookup = (packet, inPort) => {
    seen.looks += 1;
    network.world.now += COST_MS;
    return lookup(packet, inPort);
  };
  return seen;
}

/** Red's two vswitches and blue's, with red's neighbour costly; turns are counted from here on. */
function neighbours() {
  const network = FakeNetwork.started(text);
  const { world } = network;
  const dialled = world.dialled.filter(({ target }) => targetText(target).endsWith(':7001'));
  const [v, x] = dialled.map(({ peer }) => peer);
  if (v === undefined || x === undefined) throw new Error('both are dialled');
  const blue = network.controller(7002);
  x.says(flowMod({ instructions: outputs(ofpp.controller) }));
  network.run();
  x.received();
  const seen = costly(network, 'red/x');
  world.roundsPerTurnMax = 1;
  const scheduler = (count: number): void => {
    for (let i = 0; i < count; i++) {
      world.turn();
      for (const one of network.switches.values()) one.answer();
    }
  };
  const finish = (): void => {
    world.roundsPerTurnMax = Number.POSITIVE_INFINITY;
    network.run();
  };
  return { network, world, v, x, blue, seen, scheduler, finish };
}

const burst = Array.from({ length: BURST }, () => lldp);
const barrier: Message = { type: 'barrierRequest', xid: 7 };

t.test('a burst of LLDP to a neighbour with very many rules: no turn is its own', async (t) => {
  const { world, v, x, blue, seen, scheduler, finish } = neighbours();
  const beganMs = world.now;
  v.saysAtOnce(...burst);
  t.ok(world.now - beganMs <= limits.turnMs, `${world.now - beganMs} ms before others are heard`);
  t.notOk(v.isRead, 'what is left is not read');
  const askedMs = world.now;
  blue.says(barrier);
  scheduler(10);
  t.ok(blue.types().includes('barrierReply'), 'blue’s barrier is answered');
  t.ok(world.now - askedMs <= 10 * limits.turnMs, `after ${world.now - askedMs} ms`);
  t.ok(seen.looks < BURST / 2, `when ${seen.looks} of ${BURST} were looked up`);
  finish();
  t.equal(seen.looks, BURST);
  t.equal(x.types().filter((type) => type === 'packetIn').length, BURST, 'and all arrive');
});

t.test('the same of deletes that look at very many rules as bytes', async (t) => {
  const { world, network, v, blue, scheduler, finish } = neighbours();
  const { rulebook, flowMods } = runtimeOf(network, 'red/v');
  world.roundsPerTurnMax = Number.POSITIVE_INFINITY;
  const rules = Array.from({ length: limits.looseLooksMax + 100 }, (_, i) =>
    flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(1) }),
  );
  v.saysAtOnce(...rules);
  const ofNobody = flowMod({ command: flowCommand.delete, cookie: 5n, cookieMask: 7n });
  for (let i = 0; i < 3; i++) v.saysAtOnce(ofNobody);
  network.run();
  world.roundsPerTurnMax = 1;
  const { signatures } = rulebook.arena;
  const find = signatures.find.bind(signatures);
  let looks = 0;
  signatures.find = (...asked) => {
    looks += 1;
    world.now += COST_MS;
    return find(...asked);
  };
  flowMods.part = () => t.fail('they are bytes as they come');
  v.saysAtOnce(...Array.from({ length: BURST }, () => ofNobody));
  t.ok(looks < 10, `${looks} in its turn`);
  const askedMs = world.now;
  blue.says(barrier);
  scheduler(10);
  t.ok(blue.types().includes('barrierReply'), 'blue’s barrier is answered');
  t.ok(world.now - askedMs <= 10 * limits.turnMs, `after ${world.now - askedMs} ms`);
  finish();
  t.equal(looks, BURST);
});

t.test('the same when all of it waited for a change of many rules', async (t) => {
  const { world, network, v, x, blue, seen, scheduler, finish } = neighbours();
  const release = runtimeOf(network, 'red/v').admission.hold();
  v.saysAtOnce(...burst);
  t.equal(seen.looks, 0, 'it waits');
  const beganMs = world.now;
  release();
  t.ok(world.now - beganMs <= limits.turnMs, `${world.now - beganMs} ms before others are heard`);
  v.says(lldp, barrier);
  blue.says(barrier);
  scheduler(10);
  t.ok(blue.types().includes('barrierReply'), 'blue’s barrier is answered');
  t.ok(seen.looks < BURST / 2, `when ${seen.looks} of ${BURST} were looked up`);
  t.strictSame(v.types(), [], 'its own barrier waits for what came before it');
  finish();
  t.equal(x.types().filter((type) => type === 'packetIn').length, BURST + 1, 'all arrive');
  t.strictSame(v.types(), ['barrierReply']);
});

t.test('the same when it waited for a step that must be alone', async (t) => {
  const { world, network, v, x, blue, seen, scheduler, finish } = neighbours();
  let release: () => void = () => t.fail('it has begun');
  runtimeOf(network, 'red/v').exclusive((done) => {
    release = done;
  });
  v.saysAtOnce(...burst, barrier);
  t.equal(seen.looks, 0, 'it waits');
  const beganMs = world.now;
  release();
  t.ok(world.now - beganMs <= limits.turnMs, `${world.now - beganMs} ms before others are heard`);
  blue.says(barrier);
  scheduler(10);
  t.ok(blue.types().includes('barrierReply'), 'blue’s barrier is answered');
  t.ok(seen.looks < BURST / 2, `when ${seen.looks} of ${BURST} were looked up`);
  finish();
  t.equal(x.types().filter((type) => type === 'packetIn').length, BURST, 'all arrive');
  t.strictSame(v.types(), ['barrierReply']);
});
