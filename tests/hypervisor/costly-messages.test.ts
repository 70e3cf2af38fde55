/**
 * A tenant whose messages cost much delays another tenant's by a few turns, whatever it sends: the
 * clock is looked at after each such message, and not only when many bytes were taken.
 *
 * In a world whose clock goes on by what a message is said to cost.
 */

import t from 'tap';
import { port as ofpp } from '../../openflow/constants.ts';
import { ethernetFrame } from '../../openflow/frames.ts';
import type { Message } from '../../openflow/values.ts';
import { limits } from '../../slices/limits.ts';
import { targetText } from '../../slices/target.ts';
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

/** Looking a packet up in this vswitch's rules costs time. */
function costly(network: FakeNetwork, name: string): { looks: number } {
  const runtime = network.hypervisor.runtimes().find(({ vswitch }) => vswitch.name === name);
  if (runtime === undefined) throw new Error(`${name} is there`);
  const { rulebook } = runtime;
  const lookup = rulebook.lookup.bind(rulebook);
  const seen = { looks: 0 };
  rulebook.lookup = (packet, inPort) => {
    seen.looks += 1;
    network.world.now += COST_MS;
    return lookup(packet, inPort);
  };
  return seen;
}

t.test('a burst of LLDP to a neighbour with very many rules: no turn is its own', async (t) => {
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
  const beganMs = world.now;
  v.saysAtOnce(...Array.from({ length: BURST }, () => lldp));
  t.ok(world.now - beganMs <= limits.turnMs, `${world.now - beganMs} ms before others are heard`);
  t.notOk(v.isRead, 'what is left is not read');
  const askedMs = world.now;
  blue.says({ type: 'barrierRequest', xid: 7 });
  for (let turns = 0; turns < 10; turns++) {
    world.turn();
    for (const one of network.switches.values()) one.answer();
  }
  t.ok(blue.types().includes('barrierReply'), 'blue’s barrier is answered');
  t.ok(world.now - askedMs <= 10 * limits.turnMs, `after ${world.now - askedMs} ms`);
  t.ok(seen.looks < BURST / 2, `when ${seen.looks} of ${BURST} were looked up`);
  world.roundsPerTurnMax = Number.POSITIVE_INFINITY;
  network.run();
  t.equal(seen.looks, BURST);
  t.equal(x.types().filter((type) => type === 'packetIn').length, BURST, 'and all arrive');
});
