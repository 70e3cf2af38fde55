/**
 * Fuzzing a controller's side: every line of the policy, with messages as they should be,
 * plausible ones, and bent ones, in both versions, at rest and while the vswitch migrates.
 *
 * What must hold: nothing throws; what asks is answered, what is wrong is refused, each with its
 * own xid; a barrier at the end is answered; once red has deleted what it made, every switch holds
 * what it held before; blue hears of nothing, and its entries stand; nothing waits that did not.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { bundleAddOf, bundleControlOf, bundledName } from '../../openflow/messages/bundles.ts';
import { decode, encode, nameOfType } from '../../openflow/messages/codec.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import {
  bundleControl,
  flowCommand,
  groupCommand,
  meterCommand,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { planMigration } from '../../translation/migration/plan.ts';
import { fromController } from '../../translation/policy.ts';
import { toHex, viewOf } from '../openflow/hex.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';
import { messageNames10, randomFrame10 } from '../openflow/random10.ts';
import { vswitchName } from '../slices/networks.ts';
import { bent, sized, withXid } from './bend.ts';
import { Scene, type Session } from './scene.ts';

const FRAMES = 40;
const FIRST_XID = 0x1000_0000;
const V3 = 3n;
/** Every timer that is long runs out: what is left then stays for ever. */
const LONG_MS = 40_000;
/** Timers of healthy connections come and go. */
const WAITING_SLACK = 40;

/** One seed. Throws what is wrong, with the frame that it was about. */
export function fuzzControllerSide(seed: number, { cleansUp } = { cleansUp: true }): void {
  const random = new Random(seed);
  const spoken = random.pick([version.of10, version.of13]);
  const scene = new Scene(seed, spoken);
  const migrates = random.number(3) === 0;
  scene.pass(LONG_MS);
  const before = { holdings: scene.holdings(), waiting: scene.world.waiting };
  const blue = scene.sessions('blue').map(({ received }) => received.length);
  const frames = Array.from({ length: FRAMES }, (_, i) =>
    numbered(oneFrame(random, spoken, seed + i), FIRST_XID + i),
  );
  frames.forEach((frame, i) => {
    if (migrates && i === FRAMES >> 2) migrate(scene);
    scene.session('red', V3).write(frame);
    scene.pass(random.number(3) === 0 ? random.number(60) : 0);
  });
  const session = scene.session('red', V3);
  if (!scene.answers(session, 1)) throw new Error('a barrier is not answered after all of it');
  for (const frame of frames) expectAnswer(session, spoken, frame);
  if (cleansUp) cleanUp(scene, session);
  scene.pass(LONG_MS);
  checkNothingIsLeft(scene, before, migrates);
  scene.sessions('blue').forEach(({ received, isOpen }, i) => {
    const heard = received.slice(blue[i]).map((one) => one.type);
    if (!isOpen || heard.length > 0) throw new Error(`blue was touched: ${heard.join(' ')}`);
  });
}

/** What it puts into a bundle has the same xid. */
function numbered(frame: Uint8Array, xid: number): Uint8Array {
  const given = withXid(frame, xid);
  const dv = viewOf(given);
  if (bundledName(dv, 0, given.length) !== undefined) header.set.xid(dv, BUNDLED_AT, xid);
  return given;
}

const BUNDLED_AT = 24;

function checkNothingIsLeft(
  scene: Scene,
  before: { readonly holdings: string; readonly waiting: number },
  migrates: boolean,
): void {
  if (scene.world.waiting > before.waiting + WAITING_SLACK) {
    throw new Error(`${scene.world.waiting} events wait; ${before.waiting} did before`);
  }
  if (!migrates && scene.holdings() !== before.holdings) {
    throw new Error(`what is left is another\n${difference(before.holdings, scene.holdings())}`);
  }
}

function difference(before: string, after: string): string {
  const [old, now] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `- ${line}`);
  const added = [...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`);
  return [...gone, ...added].slice(0, 20).join('\n');
}

export function migrate(scene: Scene): void {
  const { hypervisor } = scene;
  const runtime = hypervisor.runtime(vswitchName('red/v3'));
  if (runtime === undefined) throw new Error('red/v3 is not there');
  const plan = planMigration(hypervisor.snapshot(), 'red/v3', 's4', 'lime', {
    tables: runtime,
    tablesOf: (name) => hypervisor.runtime(name),
    isReady: (name) => hypervisor.datapath(name).isReady,
    isUp: (end) => hypervisor.datapath(end.device).isPortUp(end.port),
    underWay: undefined,
  });
  // A PORT_MOD or a lost datapath may stand against it; that is the plan's affair.
  if (plan.type === 'plan') {
    hypervisor.executor.start(runtime.vswitch, plan.from, plan.to, 'lime');
  }
}

/** A frame of the line whose turn it is; often as a controller would send it. */
function oneFrame(random: Random, spoken: Version, turn: number): Uint8Array {
  const frame = goodFrame(random, spoken, turn);
  return random.number(3) === 0 ? bent(random, frame) : sized(frame);
}

const inBundles = ['flowMod', 'groupMod', 'packetOut', 'portMod'] as const;
const changing = [...inBundles, 'experimenter', 'experimenter'] as const;

function goodFrame(random: Random, spoken: Version, turn: number): Uint8Array {
  const name = messageNames10[turn % messageNames10.length];
  if (spoken === version.of10 && name !== undefined && random.number(2) === 0) {
    return randomFrame10(random, name);
  }
  const every = messageTypes[turn % messageTypes.length] ?? 'flowMod';
  const type = random.pick([every, every, ...changing]);
  const message = plausible(random, randomMessage(random, type));
  try {
    return encode(spoken, message);
  } catch {
    // 1.0 has no such message: as it is in 1.3, which is one more thing that may come.
    return encode(version.of13, message);
  }
}

/** With the numbers of things that there are, more often than not. */
function plausible(random: Random, message: Message): Message {
  if (random.number(4) === 0) return message;
  const port = random.pick([1, 2, ofpp.flood, ofpp.inPort, ofpp.controller, ofpp.local]);
  const actions = [{ type: 'output', port, maxLen: 100 }] as const;
  const small = random.number(4);
  const isAny = { outPort: ofpp.any, outGroup: 0xffff_ffff };
  switch (message.type) {
    case 'flowMod': {
      const command = random.pick(Object.values(flowCommand));
      const instructions = [{ type: 'applyActions', actions }] as const;
      const isShort = random.number(3) === 0;
      const times = { idleTimeoutSec: isShort ? small : 0, hardTimeoutSec: isShort ? 1 : 0 };
      const rest = { ...isAny, ...times, cookieMask: 0n, bufferId: 0xffff_ffff };
      const match = random.number(3) === 0 ? message.match : random.pick(matches);
      const place = { tableId: small, priority: random.number(4), match };
      return { ...message, command, instructions, ...rest, flags: random.number(8), ...place };
    }
    case 'groupMod': {
      const bucket = { weight: 0, watchPort: 1, watchGroup: 0xffff_ffff, actions };
      const command = random.pick(Object.values(groupCommand));
      const groupType = random.pick([0, 0, 2, 3]);
      return { ...message, command, groupType, groupId: small, buckets: [bucket] };
    }
    case 'packetOut':
      return { ...message, inPort: 1 + random.number(2), bufferId: 0xffff_ffff, actions };
    case 'portMod':
      return portMod(random, message);
    case 'experimenter':
      return aboutBundle(random, message);
    default:
      return message;
  }
}

/** Of one of two bundles; more often than not with the same flags. */
function aboutBundle(random: Random, { xid }: Message): Message {
  const named = { bundleId: random.number(2), flags: random.number(8) === 0 ? 2 : 3 };
  const control = random.pick([...Object.values(bundleControl), 4, 4, random.number(10)]);
  if (random.number(3) === 0) return bundleControlOf(xid, { ...named, control });
  const type = random.pick([...inBundles, 'flowMod', 'flowMod', 'barrierRequest'] as const);
  const inner = plausible(random, randomMessage(random, type));
  return bundleAddOf(xid, { ...named, contents: encode(version.of13, inner) });
}

const matches = [
  [],
  [oxm('in_port', 1)],
  [oxm('in_port', 2), oxm('eth_src', 5)],
  [oxm('eth_type', 0x0800), oxm('ip_proto', 6), oxm('tcp_dst', 80)],
  [oxm('vlan_vid', 0x1005)],
].map((one) => matchOf(...one));

/** Of the port that there is, with the MAC that it has (translation/controllers/port-mod.ts). */
function portMod(random: Random, message: Extract<Message, { type: 'portMod' }>): Message {
  const portNo = 1 + random.number(2);
  // Made from the dpid and the number (slices/config/port-identity.ts).
  const hwAddr = Uint8Array.of(2, 0, 0, 3, 0, portNo);
  return { ...message, portNo, hwAddr, advertise: 0 };
}

const asking = new Set<string>([
  'echoRequest',
  'featuresRequest',
  'getConfigRequest',
  'barrierRequest',
  'roleRequest',
  'getAsyncRequest',
  'multipartRequest',
  'queueGetConfigRequest',
]);

/** OFPMPF_REQ_MORE: the answer comes after the last part. */
function isPart(message: Message): boolean {
  return message.type === 'multipartRequest' && (message.flags & 1) !== 0;
}

function expectAnswer(session: Session, spoken: Version, frame: Uint8Array): void {
  const dv = viewOf(frame);
  const type = header.get.type(dv, 0);
  const isRightVersion = header.get.version(dv, 0) === spoken;
  // An echo's answer may be of any version, and a hello is refused again (error-replies.ts).
  if (type === messages.echoReply.number || (isRightVersion && type === 0)) return;
  const answers = session.received.filter((one) => one.xid === header.get.xid(dv, 0));
  const errors = answers.filter((one) => one.type === 'error');
  const complain = (why: string): never => {
    throw new Error(`${why}: ${toHex(frame)} in version ${spoken}`);
  };
  if (errors.length > 1) complain('refused more than once');
  const message = decode(spoken, dv, 0, frame.length);
  const isEcho = type === messages.echoRequest.number;
  if (!isRightVersion || (isError(message) && !isEcho)) {
    const isEchoed = isEcho && answers.length > 0;
    if (errors.length === 0 && !isEchoed) complain('neither refused nor answered');
    return;
  }
  const name = nameOfType(spoken, type);
  const isRefused = name !== undefined && fromController[name].verdict === 'refuse';
  const mustAnswer = isEcho || (!isError(message) && asking.has(message.type) && !isPart(message));
  if ((isRefused || mustAnswer) && answers.length === 0) complain(`no answer to ${name}`);
}

/** Red takes away whatever it may have made. */
function cleanUp(scene: Scene, session: Session): void {
  const spoken = session.version;
  const base: FlowMod = {
    type: 'flowMod',
    xid: 2,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0xff,
    command: flowCommand.delete,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 0,
    bufferId: 0xffff_ffff,
    outPort: ofpp.any,
    outGroup: 0xffff_ffff,
    flags: 0,
    match: [],
    instructions: [],
  };
  if (spoken === version.of13) {
    session.say({ type: 'roleRequest', xid: 2, role: 1, generationId: 0n });
    const all = { command: groupCommand.delete, groupType: 0, groupId: 0xffff_fffc, buckets: [] };
    session.say({ type: 'groupMod', xid: 2, ...all });
    session.say({ type: 'meterMod', xid: 2, ...allMeters });
  }
  session.say(base);
  const vswitch = scene.hypervisor.runtime(vswitchName('red/v3'))?.vswitch;
  for (const [portNo, { hwAddr }] of vswitch?.portIdentities ?? []) {
    const config = portNo === ofpp.local ? 1 : 0;
    const every = { config, mask: 0x7f, advertise: 0 };
    session.say({ type: 'portMod', xid: 2, portNo, hwAddr, ...every });
  }
  if (!scene.answers(session, 3)) throw new Error('a barrier is not answered after cleaning up');
}
const allMeters = { command: meterCommand.delete, flags: 0, meterId: 0xffff_ffff, bands: [] };
