/**
 * Runs one conversation on one of the two switches, and writes down everything that came of it.
 *
 * Nothing here waits for time to pass: a message's consequences are bounded by a barrier behind
 * it, a packet's by a marker packet behind it, which a rule of the keeper's sends to every host.
 */

import { oxm } from '../../../openflow/match/match.ts';
import { bundledName } from '../../../openflow/messages/bundles.ts';
import { header } from '../../../openflow/messages/messages.ts';
import { ethernetFrame } from '../../../openflow/packet/frames.ts';
import {
  flowFlag,
  groupCommand,
  groupType,
  meterCommand,
  group as ofpg,
  meter as ofpm,
  port as ofpp,
  portConfig,
} from '../../../openflow/values/constants.ts';
import { viewOf } from '../../openflow/hex.ts';
import type { TestController } from './controller.ts';
import {
  ask,
  bytesOf,
  type Conversation,
  flowMod,
  output,
  packetOut,
  rule,
  type Step,
  type Unsent,
} from './conversation.ts';
import { ports, type Side } from './sides.ts';
import { bytesOfAll, linesOf } from './transcript.ts';
import type { Wires } from './wires.ts';

/** An address that no conversation uses, and a rule for it above all others. */
const MARKER = '02:6d:61:72:6b:00';
const markerMatch = [oxm('eth_src', MARKER), oxm('eth_type', 0x88b5)];
const markerRule = { match: markerMatch, priority: 0xffff };
const REMOVED_COOKIES = 0x6d61_726b_0000_0000n;
const deleteMeters: Unsent = {
  type: 'meterMod',
  command: meterCommand.delete,
  meterId: ofpm.all,
  flags: 0,
  bands: [],
};
const deleteGroups: Unsent = {
  type: 'groupMod',
  command: groupCommand.delete,
  groupType: groupType.all,
  groupId: ofpg.all,
  buckets: [],
};
/** The xid of a conversation's first message. */
export const FIRST_XID = 0x100;
let markers = 0;

export async function run(side: Side, wires: Wires, talk: Conversation): Promise<string> {
  await reset(side, wires);
  const lines: string[] = [];
  let xid = FIRST_XID;
  for (const step of talk.steps) {
    if (step.type === 'send') {
      await side.settled();
      for (const one of step.what) {
        const by = side[step.by];
        const frame = one instanceof Uint8Array ? one.slice() : bytesOf(one, by.version);
        numbered(frame, xid++);
        by.send(frame);
        await by.barrier();
      }
    } else if (step.type === 'packets') await sendPackets(side, wires, step);
    else {
      const { message, count } = step;
      await side.c1.until(`${count} ${message}`, () => side.c1.count(message) >= count);
    }
    lines.push(`${step.type}:`, ...(await collect(side, wires)));
  }
  return lines.join('\n');
}

/** The same in the message that it puts into a bundle, if it does (ONF extension 230). */
function numbered(frame: Uint8Array, xid: number): void {
  const dv = viewOf(frame);
  header.set.xid(dv, 0, xid);
  if (bundledName(dv, 0, frame.length) !== undefined) header.set.xid(dv, BUNDLED_AT, xid);
}

const BUNDLED_AT = 24;

/** Everything that is under way has arrived, and is written down. */
async function collect(side: Side, wires: Wires): Promise<readonly string[]> {
  await removeMarker(side);
  await markOut(side, wires);
  const received = (['c1', 'c2'] as const).map((who) => [who, side[who].take()] as const);
  const controllers = received.flatMap(([who, all]) => linesOf(who, all));
  const bytes = received.flatMap(([who, all]) => bytesOfAll(who, all));
  const hosts = ports.flatMap((port) =>
    wires.take(side.host(port)).map((frame) => `h${port} < ${frame}`),
  );
  const all = [...controllers, ...hosts, ...bytes];
  return side.keepsOrder ? all : all.sort();
}

/** Packets that enter at different ports would race each other: each port's are a batch. */
async function sendPackets(
  side: Side,
  wires: Wires,
  { packets }: Extract<Step, { type: 'packets' }>,
): Promise<void> {
  const everywhere = [output(ofpp.inPort), output(ofpp.all)];
  await tell(side.keeper, rule(markerRule.match, everywhere, markerRule));
  await side.settled();
  for (const [i, [port, frame]] of packets.entries()) {
    wires.send(side.host(port), frame);
    if (packets[i + 1]?.[0] !== port) await mark(side, wires, port);
  }
  // What a marker's cached flow has not counted yet would go to another rule.
  await side.settled();
  await tell(side.keeper, flowMod('deleteStrict', markerRule));
}

/** What entered at this port before has left wherever it leaves. */
async function mark(side: Side, wires: Wires, inPort: number): Promise<void> {
  // The first may overtake frames that are taken in with it; the second finds them done.
  for (let i = side.keepsOrder ? 1 : 0; i < 2; i++) {
    const frame = markerFrame();
    wires.send(side.host(inPort), frame);
    await Promise.all(ports.map((port) => wires.arrival(side.host(port), frame)));
  }
}

/** What controllers sent out has arrived, at every port that lets anything out. */
async function markOut(side: Side, wires: Wires): Promise<void> {
  const frame = markerFrame();
  const open = await openPorts(side.keeper);
  side.keeper.send(
    bytesOf(
      packetOut(
        ofpp.controller,
        open.map((port) => output(port)),
        frame,
      ),
    ),
  );
  await Promise.all(open.map((port) => wires.arrival(side.host(port), frame)));
}

async function openPorts(keeper: TestController): Promise<readonly number[]> {
  keeper.send(bytesOf(ask({ kind: 'portDesc' })));
  await keeper.until('port descriptions', () => keeper.count('multipartReply') > 0);
  const shut = portConfig.noFwd | portConfig.portDown;
  return keeper.take().flatMap(({ message }) => {
    if (message.type !== 'multipartReply' || message.reply.kind !== 'portDesc') return [];
    const open = message.reply.ports.filter(({ config }) => (config & shut) === 0);
    return open.map(({ portNo }) => portNo).filter((portNo) => portNo !== ofpp.local);
  });
}

function markerFrame(): Uint8Array {
  const payload = new Uint8Array(46);
  viewOf(payload).setUint32(0, markers++);
  return ethernetFrame({ dst: MARKER, src: MARKER, type: 0x88b5, payload });
}

/**
 * Open vSwitch sends flow-removed messages when it frees the rule's memory, some time after the
 * deletion’s barrier, but one after the other: a rule’s of ours ends the others’. Slaves hear none.
 */
async function removeMarker({ keeper, c1, c2, settled }: Side): Promise<void> {
  // A cached flow holds the rules that it was made from.
  await settled();
  const cookie = REMOVED_COOKIES + BigInt(markers++);
  const mod = { ...markerRule, cookie, cookieMask: 0xffff_ffff_ffff_ffffn };
  keeper.send(bytesOf(flowMod('add', { ...mod, flags: flowFlag.sendFlowRem })));
  keeper.send(bytesOf(flowMod('deleteStrict', mod)));
  await keeper.removal(cookie);
  await Promise.all(
    [c1, c2].map(async (one) => {
      await one.barrier();
      one.forgetRemoval(cookie);
    }),
  );
}

async function tell(keeper: TestController, ...messages: readonly Unsent[]): Promise<void> {
  for (const message of messages) keeper.send(bytesOf(message));
  await keeper.barrier();
  const errors = keeper.take().filter(({ message }) => message.type === 'error');
  if (errors.length > 0) throw new Error(`the keeper was refused: ${linesOf('keeper', errors)}`);
}

/** The switch is as it was at first, and nothing of what came before is left. */
async function reset(side: Side, wires: Wires): Promise<void> {
  await tell(side.keeper, flowMod('delete', { tableId: 0xff }), deleteGroups, deleteMeters);
  await side.settled();
  await collect(side, wires);
}
