/**
 * NORMAL (OF1.3.5 section 4.5): a learning switch, as Open vSwitch is one.
 *
 * A bridge remembers where addresses are for five minutes, whatever its controllers do meanwhile,
 * so each conversation has addresses of its own.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import type { EthernetParts } from '../../../../openflow/packet/frames.ts';
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
  portConfig,
} from '../../../../openflow/values/constants.ts';
import type { Action } from '../../../../openflow/values/values.ts';
import { Random } from '../../../openflow/random.ts';
import {
  ask,
  type Conversation,
  dump,
  filter,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Sent,
  type Step,
  send,
  setField,
  talk,
  toController,
  type Unsent,
} from '../conversation.ts';
import { BROADCAST, ether } from '../frames.ts';

const normal = output(ofpp.normal);
const all = rule([], [normal]);

let last = 0;

/** Addresses that nobody else has. */
function addresses(): (letter: number) => string {
  last += 1;
  const own = last.toString(16).padStart(2, '0');
  return (letter) => `02:4e:00:00:${own}:${letter.toString(16).padStart(2, '0')}`;
}

type Mac = (letter: number) => string;
type Vlan = EthernetParts['vlan'];

/** A frame of one of them to another, or to an address that is given. */
function frame(mac: Mac, from: number, to: number | string, vlan?: Vlan): Uint8Array {
  const dst = typeof to === 'number' ? mac(to) : to;
  return ether(0x88b6, { src: mac(from), dst, ...(vlan !== undefined && { vlan }) });
}

const [A, B, C] = [1, 2, 3];

/** One frame at a time, each with all that was cached looked at before it. */
function each(...these: readonly (readonly [port: number, frame: Uint8Array])[]): readonly Step[] {
  return these.map((one) => packets(one));
}

function talkOf(name: string, sees: RegExp, steps: (mac: Mac) => readonly Step[]): Conversation {
  return talk(`NORMAL: ${name}`, sees, ...steps(addresses()));
}

/** What is done the same by a switch that has learnt nothing. */
export const normalFloods: readonly Conversation[] = [
  talkOf('an address that nobody has', /h4 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, B)]),
    dump,
  ]),
  talkOf('broadcast and multicast', /h4 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, BROADCAST)], [2, frame(mac, B, '01:00:5e:00:00:fb')]),
    dump,
  ]),
  talkOf('beside other outputs', /h4 </, (mac) => [
    send(rule([], [output(2), normal, toController, normal])),
    ...each([1, frame(mac, A, B)]),
    dump,
  ]),
  talkOf('a packet-out of no port', /h4 </, (mac) => [
    send(packetOut(ofpp.controller, [normal], frame(mac, A, B))),
    send(packetOut(ofpp.any, [normal], frame(mac, A, B))),
  ]),
  talkOf('a packet-out of LOCAL, and of a port', /h4 </, (mac) => [
    send(packetOut(ofpp.local, [normal], frame(mac, A, B))),
    send(packetOut(2, [normal], frame(mac, B, C))),
  ]),
  talkOf('rules by output', /flows/, () => [
    send(all, rule([oxm('in_port', 1)], [output(2)], { priority: 9 })),
    send(ask({ kind: 'flow', filter: filter({ outPort: ofpp.normal }) })),
    send(flowMod('delete', { outPort: ofpp.normal })),
    dump,
  ]),
];

/** Where there is one table nothing is learnt, and nothing is known of reserved addresses. */
const learnt: readonly Conversation[] = [
  talkOf('a packet-out of a port that is not there', /send/, (mac) => [
    send(packetOut(77, [normal, output(2)], frame(mac, A, B))),
  ]),
  talkOf('one that was learnt', /h1 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, B)], [2, frame(mac, B, A)], [1, frame(mac, A, B)]),
    dump,
  ]),
  talkOf('one that has moved', /h3 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, BROADCAST)], [2, frame(mac, B, A)]),
    ...each([3, frame(mac, A, BROADCAST)], [2, frame(mac, B, A)]),
    ...each([1, frame(mac, A, B)], [2, frame(mac, B, A)]),
    dump,
  ]),
  talkOf('both behind one port', /h1 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, BROADCAST)], [1, frame(mac, C, A)], [2, frame(mac, B, A)]),
    dump,
  ]),
  talkOf('each VLAN has its own', /h1 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, BROADCAST, 10)], [2, frame(mac, B, A)]),
    ...each([2, frame(mac, B, A, 10)], [2, frame(mac, B, A, 11)]),
    ...each([3, frame(mac, A, BROADCAST)], [2, frame(mac, B, A)], [2, frame(mac, B, A, 10)]),
    dump,
  ]),
  talkOf('a tag without a VLAN', /h1 </, (mac) => [
    send(all),
    ...each([1, frame(mac, A, BROADCAST, { vid: 0, pcp: 5 })], [2, frame(mac, B, A)]),
    ...each([2, frame(mac, B, A, { vid: 0 })], [1, frame(mac, A, B)]),
    dump,
  ]),
  talkOf('several tags', /h1 </, (mac) => {
    const two = [{ vid: 7, tpid: 0x88a8 }, { vid: 9 }];
    return [
      send(all),
      ...each([1, frame(mac, A, BROADCAST, two)], [2, frame(mac, B, A, two)]),
      ...each([2, frame(mac, B, A, 7)], [2, frame(mac, B, A, 9)], [2, frame(mac, B, A)]),
      dump,
    ];
  }),
  talkOf('a source of many is no source', /h4 </, (mac) => {
    const many = '03:4e:00:00:00:01';
    return [
      send(all),
      ...each([1, ether(0x88b6, { src: many, dst: mac(B) })], [2, frame(mac, B, many)]),
    ];
  }),
  ...(
    [
      ['802.1D', '01:80:c2:00:00:00'],
      ['LLDP', '01:80:c2:00:00:0e'],
      ['beside 802.1D', '01:80:c2:00:00:10'],
      ['Cisco', '01:00:0c:cc:cc:cc'],
      ['Cisco CFM', '01:00:0c:cc:cc:c5'],
      ['beside that', '01:00:0c:cc:cc:c9'],
      ['Extreme', '00:e0:2b:00:00:04'],
    ] as const
  ).map(([name, address]) =>
    talkOf(`a reserved address, ${name}`, /h\d </, (mac) => [
      send(all),
      ...each([1, frame(mac, A, address)], [2, frame(mac, B, A)]),
      dump,
    ]),
  ),
  talkOf('what a packet-out says is learnt', /h1 </, (mac) => [
    send(packetOut(1, [normal], frame(mac, A, BROADCAST))),
    send(packetOut(2, [normal], frame(mac, B, A))),
    send(packetOut(ofpp.controller, [normal], frame(mac, C, A))),
    send(packetOut(ofpp.controller, [normal], frame(mac, B, C))),
    send(packetOut(ofpp.local, [normal], frame(mac, C, A))),
    send(packetOut(1, [normal], frame(mac, A, C))),
    send(packetOut(1, [normal], frame(mac, A, B))),
  ]),
  talkOf('a packet-out to TABLE', /h1 </, (mac) => [
    send(all, packetOut(1, [output(ofpp.table)], frame(mac, A, BROADCAST))),
    send(packetOut(2, [output(ofpp.table)], frame(mac, B, A))),
    dump,
  ]),
  talkOf('an address that a rule has set', /h1 </, (mac) => [
    send(rule([oxm('in_port', 1)], [setField('eth_src', mac(C)), normal], { priority: 9 }), all),
    ...each([1, frame(mac, A, BROADCAST)], [2, frame(mac, B, C)], [2, frame(mac, B, A)]),
    dump,
  ]),
  talkOf('one of several outputs', /h3 </, (mac) => [
    send(rule([], [normal, output(3)])),
    ...each([1, frame(mac, A, BROADCAST)], [2, frame(mac, B, A)]),
    dump,
  ]),
  talkOf('random frames', /h4 </, (mac) => [send(all), ...randomFrames(mac, 1), dump]),
  talkOf('random frames, others', /h4 </, (mac) => [send(all), ...randomFrames(mac, 2), dump]),
];

function randomFrames(mac: Mac, seed: number): readonly Step[] {
  const random = new Random(seed);
  const vlans: readonly Vlan[] = [undefined, undefined, 0, 5, 7, [{ vid: 5 }, { vid: 6 }]];
  const hosts = [1, 2, 3, 4, 5, 6, 7, 8];
  const one = () => {
    const from = random.pick(hosts);
    // To itself a bridge sends nothing from the first frame on, here from the second.
    const others = hosts.filter((host) => host !== from);
    const to = random.pick<number | string>([...others, BROADCAST]);
    // Mostly where it was.
    const port = random.pick([1 + (from % 4), 1 + (from % 4), random.pick([1, 2, 3, 4])]);
    return [port, frame(mac, from, to, random.pick(vlans))] as const;
  };
  return each(...Array.from({ length: 60 }, one));
}

const write = (...actions: readonly Action[]) => ({ type: 'writeActions', actions }) as const;
const anyPort = { watchPort: ofpp.any, watchGroup: ofpg.any };

function group(type: keyof typeof groupType, ...lists: readonly (readonly Action[])[]): Sent {
  const weight = type === 'select' ? 1 : 0;
  return {
    type: 'groupMod',
    command: groupCommand.add,
    groupType: groupType[type],
    groupId: 1,
    buckets: lists.map((actions) => ({ weight, ...anyPort, actions })),
  };
}

/** There and back, by a group or a later table. */
function there(name: string, ...what: readonly Sent[]): Conversation {
  return talkOf(name, /h1 </, (mac) => [
    send(...what),
    ...each([1, frame(mac, A, BROADCAST)], [2, frame(mac, B, A)], [1, frame(mac, A, B)]),
    dump,
  ]);
}

const toGroup = rule([], [{ type: 'group', groupId: 1 }]);
const push: Action = { type: 'pushVlan', ethertype: 0x8100 };

/** What 1.0 has no words for. */
const learnt13: readonly Conversation[] = [
  there('in an indirect group', group('indirect', [normal]), toGroup),
  there('in a group for all', group('all', [normal], [output(3)]), toGroup),
  there('in a select group', group('select', [normal]), toGroup),
  there('in the action set', flowMod('add', { instructions: [write(normal)] })),
  there(
    'in a later table',
    flowMod('add', { instructions: [{ type: 'gotoTable', table: 3 }] }),
    rule([], [normal], { tableId: 3 }),
  ),
  there('behind a tag of its own', rule([], [push, setField('vlan_vid', 0x1009), normal])),
  there(
    'in the action set, and then another port',
    flowMod('add', { instructions: [write(normal), { type: 'gotoTable', table: 1 }] }),
    flowMod('add', { tableId: 1, match: [oxm('in_port', 2)], instructions: [write(output(1))] }),
  ),
];

function portMod(portNo: number, config: number, mask = config): Unsent {
  const hwAddr = Uint8Array.from([0x0a, 0, 0, 0, 0, portNo]);
  return { type: 'portMod', portNo, hwAddr, config, mask, advertise: 0 };
}

/** While a port is configured so, and when it is no longer; by packet-outs: see ports.ts. */
function configured(name: string, port: number, config: number): Conversation {
  return talkOf(name, /h3 </, (mac) => {
    const sends = send(
      packetOut(1, [normal], frame(mac, A, BROADCAST)),
      packetOut(2, [normal], frame(mac, B, A)),
      packetOut(1, [normal], frame(mac, A, B)),
      packetOut(1, [normal], frame(mac, A, C)),
    );
    return [send(portMod(port, config)), sends, send(portMod(port, 0, config)), sends];
  });
}

const configuredTalks: readonly Conversation[] = [
  configured('NO_FWD', 2, portConfig.noFwd),
  configured('NO_RECV', 1, portConfig.noRecv),
];

/** Of 1.0 only. */
const configured10: readonly Conversation[] = [
  configured('NO_FLOOD', 2, portConfig.noFlood),
  configured('NO_FLOOD of where it comes from', 1, portConfig.noFlood),
  talkOf('FLOOD and ALL with NO_FLOOD', /h2 </, (mac) => {
    const sends = send(
      packetOut(1, [output(ofpp.flood)], frame(mac, A, B)),
      packetOut(1, [output(ofpp.all)], frame(mac, A, B)),
    );
    const { noFlood } = portConfig;
    return [send(portMod(2, noFlood)), sends, send(portMod(2, 0, noFlood)), sends];
  }),
];

/** With tables below, of a body that stays. */
export const normalTalks: readonly Conversation[] = [...learnt, ...learnt13, ...configuredTalks];
export const normalTalks10: readonly Conversation[] = [
  ...learnt,
  ...configuredTalks,
  ...configured10,
];

/** Without what is counted: see mixed.ts. */
export const uncountedNormal: readonly Conversation[] = normalTalks.map((one) => ({
  ...one,
  steps: one.steps.filter((step) => step !== dump),
}));
