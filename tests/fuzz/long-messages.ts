/**
 * Fuzzing with long messages: of every type, in both versions, on both encodings, at rest and while
 * the vswitch migrates, with lengths at the limits: the longest frame, and the longest that what is
 * derived can be.
 *
 * The far end is a strict decoder, and finds the messages that were meant and no others: each says
 * whose it is, a packet leaves once as it came, a rule stands as it was asked for, and what was
 * refused left no trace. All the rules can be read again, in statistics and by a datapath that
 * comes back.
 */

import { oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import {
  flowCommand,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { Action, Bucket, Message } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import { readCookie, vswitchOfGroup } from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';
import { vswitchName } from '../slices/networks.ts';
import { flowMod } from '../slices/rules.ts';
import { sized } from './bend.ts';
import { migrate } from './controller-side.ts';
import { type Below, Scene, type Session } from './scene.ts';

const MESSAGES = 8;
const FIRST_XID = 0x2000_0000;
const V3 = 3n;
const FRAME_BYTES_MAX = 0xffff;

/** One seed. Throws what is wrong. */
export function fuzzLongMessages(seed: number): void {
  const random = new Random(seed);
  const spoken = random.pick([version.of10, version.of13]);
  const below = random.pick<Below>(['pipeline', 'pipeline', 'flat of 1.3', 'flat of 1.0']);
  const scene = new Scene(seed, spoken, below);
  const blue = scene.sessions('blue').map(({ received }) => received.length);
  const migrates = random.number(2) === 0;
  scene.heard.length = 0;
  const sent: (readonly [xid: number, message: Message | undefined])[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    if (migrates && i === 2) migrate(scene);
    const xid = FIRST_XID + i;
    const message = longMessage(random, spoken, xid);
    const frame = message === undefined ? padded(random, spoken, xid) : encode(spoken, message);
    scene.session('red', V3).write(frame);
    sent.push([xid, message]);
    scene.pass(random.number(300));
  }
  const session = scene.session('red', V3);
  if (!scene.answers(session, 1)) throw new Error('a barrier is not answered after all of it');
  for (const [xid, message] of sent) if (message !== undefined) check(scene, session, xid, message);
  for (const { on, message } of scene.heard) checkWhose(scene, on, message);
  scene.sessions('blue').forEach(({ received, isOpen }, i) => {
    if (!isOpen || received.length > (blue[i] ?? 0)) throw new Error('blue was touched');
  });
  checkRead(scene, session);
}

/** Counts at the limits of what 16 bits can say, for things of so many bytes. */
function countOf(random: Random, bytes: number): number {
  const most = Math.floor((FRAME_BYTES_MAX - 96) / bytes);
  const near = (of: number): number => Math.max(1, of - 3 + random.number(6));
  return Math.min(
    most,
    random.pick([most, near(most), near(most >> 1), near(most >> 2), 1 + random.number(most)]),
  );
}

const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** One of the types that go down; undefined for any other type. */
function longMessage(random: Random, spoken: Version, xid: number): Message | undefined {
  const type = random.pick(['flowMod', 'packetOut', 'groupMod', 'other'] as const);
  switch (type) {
    case 'flowMod':
      return longFlowMod(random, spoken, xid);
    case 'packetOut':
      return longPacketOut(random, spoken, xid);
    case 'groupMod':
      return spoken === version.of13 ? longGroupMod(random, xid) : undefined;
    case 'other':
      return undefined;
  }
}

function longActions(random: Random, spoken: Version): readonly Action[] {
  const isOld = spoken === version.of10;
  const some: readonly (readonly [bytes: number, make: (i: number) => Action])[] = [
    [isOld ? 8 : 16, (i) => ({ type: 'output', port: 1 + (i & 1), maxLen: 0 })],
    [isOld ? 8 : 16, () => ({ type: 'output', port: ofpp.flood, maxLen: 0 })],
    [16, (i) => ({ type: 'setField', oxm: oxm('eth_dst', i) })],
    isOld
      ? [8, () => ({ type: 'setNwTos', tos: 4 })]
      : [16, () => ({ type: 'output', port: ofpp.controller, maxLen: 0 })],
  ];
  const [bytes, make] = random.pick(some);
  return times(countOf(random, bytes), make);
}

function longFlowMod(random: Random, spoken: Version, xid: number): Message {
  const type = spoken === version.of13 && random.number(4) === 0 ? 'writeActions' : 'applyActions';
  const actions = longActions(random, spoken);
  // In 1.0 a modify gives all that it meets its cookie, by which rules are told apart here.
  const modify = spoken === version.of10 ? flowCommand.modifyStrict : flowCommand.modify;
  const command = random.number(5) === 0 ? modify : flowCommand.add;
  // Its own priority and cookie: no two of them are one rule.
  const own = { priority: xid & 0xff, cookie: BigInt(xid) };
  return flowMod({ xid, command, ...own, instructions: [{ type, actions }] });
}

function longPacketOut(random: Random, spoken: Version, xid: number): Message {
  const isMany = random.number(2) === 0;
  const actions = isMany ? longActions(random, spoken) : [output(1 + random.number(2))];
  const room = FRAME_BYTES_MAX - 24 - (isMany ? actions.length * 16 : 16);
  const bytes = isMany ? 60 : room - random.number(120);
  const data = new Uint8Array(Math.max(60, Math.min(bytes, room)));
  data.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x12, 0x34]);
  new DataView(data.buffer).setUint32(14, xid);
  const any = { bufferId: 0xffff_ffff, inPort: ofpp.controller };
  const message = { type: 'packetOut', xid, ...any, actions, data } as const;
  return message;
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

function longGroupMod(random: Random, xid: number): Message {
  const actions = random.pick([[], [output(1)], [output(1), output(2)]]);
  const bucket: Bucket = { weight: 0, watchPort: ofpp.any, watchGroup: 0xffff_ffff, actions };
  const buckets = times(countOf(random, 16 + actions.length * 16), () => bucket);
  return { type: 'groupMod', xid, command: 0, groupType: 0, groupId: xid, buckets };
}

/** A message of any type with all that a frame can hold behind it. */
function padded(random: Random, spoken: Version, xid: number): Uint8Array {
  const message = { ...randomMessage(random, random.pick(messageTypes)), xid } as Message;
  const whole = new Uint8Array(FRAME_BYTES_MAX - random.number(3) * random.number(30_000));
  const frame = encode(version.of13, message);
  whole.set(frame.subarray(0, whole.length));
  whole[0] = spoken;
  return sized(whole);
}

/** What became of a message that is to go down. */
function check(scene: Scene, session: Session, xid: number, message: Message): void {
  const errors = session.received.filter((one) => one.type === 'error' && one.xid === xid);
  const complain = (why: string): never => {
    throw new Error(`${message.type} ${xid - FIRST_XID}: ${why}`);
  };
  if (errors.length > 1) complain('refused more than once');
  const isRefused = errors.length === 1;
  if (message.type === 'packetOut') {
    const { actions, data } = message;
    const isUp = actions.every((one) => one.type === 'output' && one.port === ofpp.controller);
    // On flat datapaths what goes up only goes from us, once for each time that it says so.
    const answered = isUp && scene.isFlat;
    const heard = answered ? session.received : scene.heard.map((one) => one.message);
    const copies = heard.filter((one) => isCopy(one, data)).length;
    const meant = answered ? actions.length : 1;
    if (copies !== (isRefused ? 0 : meant)) complain(`it left ${copies} times`);
  }
  if (message.type === 'flowMod' && message.command === flowCommand.add) {
    checkRule(scene, message.cookie, isRefused, complain);
  }
}

function isCopy(message: Message, data: Uint8Array): boolean {
  if (message.type !== 'packetOut' && message.type !== 'packetIn') return false;
  if (message.data.length !== data.length) return false;
  return Buffer.compare(message.data, data) === 0;
}

/** A rule that was taken is in the book, and below as the book has it. */
function checkRule(
  scene: Scene,
  cookie: bigint,
  isRefused: boolean,
  complain: (why: string) => never,
): void {
  const runtime = scene.hypervisor.runtime(vswitchName('red/v3'));
  const rule = runtime?.rulebook.rules().find((one) => one.cookie === cookie);
  if ((rule === undefined) !== isRefused) complain(`refused: ${isRefused}, and in the book`);
  if (rule === undefined || runtime === undefined) return;
  const [flow] = pipelineEncoding.encode(runtime.vswitch, rule);
  for (const on of runtime.placement.bodies) {
    if (scene.hypervisor.datapath(on).flat !== undefined) continue;
    const told = scene.heard.filter((one) => {
      if (one.on !== on || one.message.type !== 'flowMod') return false;
      const parts = readCookie(one.message.cookie);
      return parts?.kind === 'rule' && parts.serial === rule.serial;
    });
    const last = told.findLast(({ message }) => message.type === 'flowMod' && message.command < 3);
    const said = last?.message.type === 'flowMod' ? last.message.instructions : undefined;
    const meant = flow?.instructions ?? [];
    if (said === undefined) complain(`${on} was not told of it`);
    else if (printInstructions(said) !== printInstructions(meant)) complain(`another on ${on}`);
  }
}

/** Everything that goes down says that it is ours, and red's or nobody's. */
function checkWhose(scene: Scene, on: string, message: Message): void {
  const { vswitches } = scene.hypervisor.snapshot();
  const blues = new Set(
    [...vswitches.values()].filter((v) => v.tenant === 'blue').map((v) => v.id),
  );
  const complain = (why: string): never => {
    throw new Error(`${on} was sent a ${message.type} of ${why}`);
  };
  if (message.type === 'flowMod') {
    const cookie = readCookie(message.cookie);
    if (cookie === undefined) complain('nobody');
    else if (cookie.kind === 'rule' && blues.has(cookie.id as never)) complain('blue');
  }
  if (message.type === 'groupMod') {
    const isVports = vswitchOfGroup(message.groupId) <= vswitches.size;
    if (!isVports && message.groupId < GROUP_IDS_FROM) complain(`group ${message.groupId}`);
  }
  const expected = ['hello', 'flowMod', 'groupMod', 'meterMod', 'packetOut', 'barrierRequest'];
  const asked = ['multipartRequest', 'echoRequest', 'echoReply', 'featuresRequest', 'setConfig'];
  if (![...expected, ...asked].includes(message.type)) complain('a type that we never send');
}

/** All rules are told, and a datapath that comes back is compared and corrected. */
function checkRead(scene: Scene, session: Session): void {
  const runtime = scene.hypervisor.runtime(vswitchName('red/v3'));
  const size = runtime?.rulebook.size ?? 0;
  const filter = { tableId: 0xff, outPort: ofpp.any, outGroup: 0xffff_ffff };
  const any = { cookie: 0n, cookieMask: 0n, match: [] };
  const request = { kind: 'flow', filter: { ...filter, ...any } } as const;
  session.received.length = 0;
  session.say({ type: 'multipartRequest', xid: 2, flags: 0, request });
  for (const one of scene.switches.values()) one.cut();
  scene.pass(20_000);
  const again = scene.session('red', V3);
  again.received.length = 0;
  again.say({ type: 'multipartRequest', xid: 3, flags: 0, request });
  if (!scene.answers(again, 4)) throw new Error('no barrier after all switches came back');
  const rows = again.received.flatMap((one) => {
    return one.type === 'multipartReply' && one.reply.kind === 'flow' ? one.reply.flows : [];
  });
  if (rows.length !== size) throw new Error(`${rows.length} rows of ${size} rules`);
  for (const one of scene.hypervisor.datapaths()) {
    if (!one.isReady) throw new Error(`${one.name} is not ready any more`);
  }
}
