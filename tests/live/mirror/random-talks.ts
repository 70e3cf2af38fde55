/**
 * Conversations made from a seed: rules that come, change and go in several tables, packets that
 * meet them, and dumps with every filter.
 *
 * Rules have places of their own (a table, a priority, a match): of two rules of one priority that
 * overlap, nobody knows which one a switch takes (OF1.3.5 section 5.3). Matches and actions are
 * the codec's random ones (tests/openflow/random.ts), and those that the packets here meet.
 */

import { oxm } from '../../../openflow/match/match.ts';
import { flowCommand, port as ofpp, oxmClass } from '../../../openflow/values/constants.ts';
import type { FieldName } from '../../../openflow/values/fields.ts';
import type { Action, Instruction, Oxm } from '../../../openflow/values/values.ts';
import { Random, randomAction, randomMatch } from '../../openflow/random.ts';
import {
  ask,
  type Conversation,
  filter,
  flowMod,
  output,
  packetOut,
  packets,
  type Sent,
  type Step,
  send,
  setField,
  talk,
} from './conversation.ts';
import { arp, H1, H3, icmp, plain, tcp, tcp6, udp } from './frames.ts';

const STEPS = 14;
const PLACES = 10;
const TABLES = 3;

interface Place {
  readonly tableId: number;
  readonly priority: number;
  readonly match: readonly Oxm[];
}

const frames = [plain, tcp(), tcp({}, { vid: 5, pcp: 3 }), udp(), arp(), icmp(8, 0), tcp6()];
/** What some of the frames have. */
const met: readonly (readonly Oxm[])[] = [
  [],
  [oxm('eth_src', H1)],
  [oxm('eth_type', 0x0800)],
  [oxm('eth_type', 0x0800), oxm('ip_proto', 6)],
  [oxm('eth_type', 0x0800), oxm('ip_proto', 17), oxm('udp_dst', 53)],
  [oxm('eth_type', 0x0800), oxm('ipv4_src', '10.0.0.0/24')],
  [oxm('eth_type', 0x0806)],
  [oxm('eth_type', 0x86dd)],
  [oxm('vlan_vid', 0)],
  [oxm('vlan_vid', 0x1005)],
  [oxm('metadata', 1n, 3n)],
];

export function randomTalk(seed: number): Conversation {
  const random = new Random(seed);
  const places = Array.from({ length: PLACES }, (_, i) => randomPlace(random, i));
  const steps = Array.from({ length: STEPS }, () => randomStep(random, places));
  return talk(`at random, seed ${seed}`, /send|packets/, ...steps, everything);
}

const everything = send(ask({ kind: 'flow', filter: filter() }));

function randomPlace(random: Random, i: number): Place {
  const inPort = random.number(4) === 0 ? [oxm('in_port', 1 + random.number(4))] : [];
  const free = random.number(4) === 0 ? randomMatch(random).filter(isOffered) : random.pick(met);
  const names = new Set(inPort.map(({ field }) => field));
  const match = [...inPort, ...free.filter(({ field }) => !names.has(field))];
  // Table 0 has most of them, or the others would rarely be met.
  return { tableId: Math.max(0, random.number(TABLES * 2) - TABLES), priority: 10 + i, match };
}

/**
 * Tunnels are below the virtual network; metadata has 32 bits (translation/requests/flow-mod.ts).
 */
const notOffered = [oxm('tunnel_id', 0), oxm('metadata', 0)].map(({ field }) => field);

function isOffered({ oxmClass: cls, field }: Oxm): boolean {
  return !(cls === oxmClass.basic && notOffered.includes(field));
}

function randomStep(random: Random, places: readonly Place[]): Step {
  return random.pick<() => Step>([
    () => send(...random.some(4, () => randomFlowMod(random, places, 'add'))),
    () => send(randomFlowMod(random, places, random.pick(commands))),
    () => packets(...random.some(6, () => [1 + random.number(4), random.pick(frames)] as const)),
    () => send(ask({ kind: random.pick(['flow', 'aggregate']), filter: randomFilter(random) })),
    () => send(randomPacketOut(random)),
  ])();
}

const commands = Object.keys(flowCommand) as (keyof typeof flowCommand)[];

function randomFlowMod(
  random: Random,
  places: readonly Place[],
  command: keyof typeof flowCommand,
): Sent {
  const place = random.pick(places);
  const wider = random.number(3) === 0 ? { match: random.pick(met) } : {};
  const isWide = command === 'modify' || command === 'delete';
  const selects = command !== 'add' && random.number(3) === 0;
  return flowMod(command, {
    ...place,
    ...(isWide ? wider : {}),
    cookie: BigInt(random.number(4)),
    cookieMask: selects ? BigInt(random.number(4)) : 0n,
    outPort: random.number(4) === 0 ? 1 + random.number(4) : ofpp.any,
    flags: random.number(8) & ~2,
    instructions: randomInstructions(random, place.tableId, command === 'add'),
  });
}

function randomInstructions(
  random: Random,
  tableId: number,
  isWild: boolean,
): readonly Instruction[] {
  const actions = () => random.some(3, () => randomOffered(random, isWild));
  const all: readonly Instruction[] = [
    { type: 'applyActions', actions: actions() },
    { type: 'clearActions' },
    { type: 'writeActions', actions: [output(1 + random.number(4))] },
    { type: 'writeMetadata', metadata: BigInt(random.number(4)), mask: 3n },
    { type: 'gotoTable', table: tableId + 1 },
  ];
  return all.filter(({ type }) => random.number(type === 'applyActions' ? 8 : 2) !== 0);
}

const fields: readonly FieldName[] = ['eth_src', 'eth_dst'];

function randomOffered(random: Random, isWild: boolean): Action {
  return random.pick<() => Action>([
    () => output(1 + random.number(5)),
    () => output(random.pick([ofpp.flood, ofpp.all, ofpp.inPort])),
    () => output(ofpp.controller, random.pick([0, 20, 0xffff])),
    () => setField(random.pick(fields), H3),
    () => (isWild ? { type: 'pushVlan', ethertype: 0x8100 } : output(1)),
    () => (isWild && random.number(6) === 0 ? anyAction(random) : output(2)),
  ])();
}

/** Nicira's, which a bridge takes and a vswitch does not (translation/requests/flow-mod.ts). */
const foreign: readonly Action['type'][] = ['resubmit', 'move', 'setQueue', 'experimenter'];

function anyAction(random: Random): Action {
  const action = randomAction(random);
  const isRegister = action.type === 'setField' && action.oxm.oxmClass !== oxmClass.basic;
  return isRegister || foreign.includes(action.type) ? output(3) : action;
}

function randomFilter(random: Random) {
  return filter({
    tableId: random.pick([0xff, 0, 1, 2]),
    match: random.pick(met),
    outPort: random.number(3) === 0 ? 1 + random.number(4) : ofpp.any,
    cookie: BigInt(random.number(4)),
    cookieMask: BigInt(random.pick([0, 0, 1, 2, 3])),
  });
}

function randomPacketOut(random: Random): Sent {
  const from = random.pick([ofpp.controller, 1, 2, 3, 4]);
  const to = [ofpp.table, ofpp.flood, ofpp.all, ofpp.inPort, 1, 2, 3, 4];
  return packetOut(from, [output(random.pick(to))], random.pick(frames));
}
