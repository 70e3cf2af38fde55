/**
 * Fuzzing a datapath's side: every line of the policy, said by a switch that is connected (one that
 * carries a vswitch, and one that carries none), and by strangers that are nobody yet.
 *
 * What must hold: nothing throws; who has nothing to do with that switch hears of nothing and is
 * served on; and when it has come to its senses, every switch holds what it should, every
 * controller is served, and nothing waits that did not before.
 */
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';
import { bent, brokenLength, withXid } from './bend.ts';
import { goodFrame } from './codec.ts';
import { Scene } from './scene.ts';

const FRAMES = 60;
const SETTLED_MS = 40_000;
const WAITING_SLACK = 40;

/** One seed of a switch that lies. */
export function fuzzDatapathSide(seed: number): void {
  const random = new Random(seed);
  const scene = new Scene(seed);
  const name = random.pick(['s3', 's4']);
  scene.pass(SETTLED_MS);
  const before = { holdings: scene.holdings(), waiting: scene.world.waiting };
  const heard = counts(scene);
  const liar = scene.switch(name);
  for (let i = 0; i < FRAMES; i++) {
    liar.inject(oneFrame(random, seed + i));
    scene.pass(random.number(3) === 0 ? random.number(80) : 0);
  }
  const others = counts(scene);
  // Nothing of either tenant is on s4, and no way leads over it.
  if (name === 's4' && others !== heard) throw new Error(`heard of: ${others}; before: ${heard}`);
  liar.cut();
  scene.pass(SETTLED_MS);
  checkServed(scene, before);
}

/** One seed of strangers: whoever connects and is no switch of ours. */
export function fuzzStranger(seed: number): void {
  const random = new Random(seed);
  const scene = new Scene(seed);
  scene.pass(SETTLED_MS);
  const before = { holdings: scene.holdings(), waiting: scene.world.waiting };
  const heard = counts(scene);
  let open = 0;
  for (let i = 1 + random.number(5); i > 0; i--) {
    const user: ConnectionUser = {
      onOpen: () => {
        open += 1;
      },
      onBytes: () => undefined,
      onClose: () => {
        open -= 1;
      },
    };
    talk(random, scene.world.connect(6653, user, 'theirs'), scene);
  }
  scene.pass(SETTLED_MS);
  if (open > 0) throw new Error(`${open} strangers are still connected`);
  if (counts(scene) !== heard) throw new Error(`heard of: ${counts(scene)}; before: ${heard}`);
  checkServed(scene, before);
}

function talk(random: Random, connection: Connection, scene: Scene): void {
  scene.pass(30);
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  const dpid = BigInt(random.number(6));
  const usual: readonly Message[] = [
    { type: 'hello', xid: 1, versions: [1, 4] },
    { type: 'featuresReply', xid: 2, dpid, ...sizes },
  ];
  for (const message of usual) {
    const frame = encode(version.of13, message);
    const isBent = random.number(2) === 0;
    if (random.number(6) > 0) connection.write(isBent ? bent(random, frame) : frame);
  }
  for (let i = random.number(20); i > 0; i--) connection.write(oneFrame(random, i));
  if (random.number(3) === 0) connection.write(random.bytes(random.number(400)));
}

function oneFrame(random: Random, turn: number): Uint8Array {
  const type = messageTypes[turn % messageTypes.length] ?? 'packetIn';
  const message = random.number(3) === 0 ? packetIn(random) : randomMessage(random, type);
  const fresh = random.number(4) === 0 ? goodFrame(random).frame : encode(version.of13, message);
  // Ids that our own requests have, more often than not.
  const xid = random.number(4) === 0 ? random.number(0x1_0000_0000) : random.number(300);
  const frame = withXid(fresh, xid);
  if (random.number(30) === 0) return brokenLength(random, frame);
  return random.number(3) === 0 ? bent(random, frame) : frame;
}

/** Of every vswitch there is, and of some that are not, under every kind of cookie. */
function packetIn(random: Random): Message {
  const metadata = (BigInt(random.number(9)) << 48n) | (BigInt(random.number(4)) << 32n);
  const cookie = (BigInt(random.number(0x1_0000)) << 48n) | BigInt(random.number(8));
  const match = matchOf(oxm('in_port', 1 + random.number(5)), oxm('metadata', metadata));
  const data = random.bytes(random.number(80));
  const what = { bufferId: 0xffff_ffff, totalLen: data.length, reason: random.number(3) };
  return { type: 'packetIn', xid: 0, ...what, tableId: random.number(255), cookie, match, data };
}

/** How much each controller's connection has heard so far. */
function counts(scene: Scene): string {
  const all = [...scene.sessions('red'), ...scene.sessions('blue')];
  return all.map(({ received, isOpen }) => `${received.length}${isOpen ? '' : ' (down)'}`).join();
}

function checkServed(
  scene: Scene,
  before: { readonly holdings: string; readonly waiting: number },
): void {
  for (const tenant of ['red', 'blue'] as const) {
    for (const dpid of [1n, 2n, 3n]) {
      const session = scene.session(tenant, dpid);
      if (!session.isOpen || !scene.answers(session, 9)) {
        throw new Error(`${tenant}'s vswitch ${dpid} is not served any more`);
      }
    }
  }
  if (scene.holdings() !== before.holdings) throw new Error('switches hold something else');
  // A look at the switches may be under way (audit.ts): what is left behind stays.
  for (let tries = 0; tries < 10; tries++) {
    scene.pass(SETTLED_MS);
    if (scene.world.waiting <= before.waiting + WAITING_SLACK) break;
  }
  if (scene.world.waiting > before.waiting + WAITING_SLACK) {
    throw new Error(`${scene.world.waiting} events wait; ${before.waiting} did before`);
  }
}
