/**
 * Frames of every kind mixed, in many orders, while the same rules stand: what a switch has cached
 * for one of them must never be what it does to another.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { port as ofpp } from '../../../../openflow/values/constants.ts';
import type { Action, Oxm } from '../../../../openflow/values/values.ts';
import { Random } from '../../../openflow/random.ts';
import {
  applying,
  type Conversation,
  dump,
  flowMod,
  output,
  packets,
  rule,
  send,
  setField,
  talk,
  toController,
  type Unsent,
} from '../conversation.ts';
import * as frames from '../frames.ts';

const { ether, tcp, arp, tcp6, mpls, ip4 } = frames;
const S = 0x88a8;

/** A fragment of an IPv4 packet: the first, or one that has no ports to look at. */
function fragment(at: 'first' | 'later'): Uint8Array {
  const payload = ip4(17, new Uint8Array(64));
  payload.set(at === 'first' ? [0x20, 0] : [0x00, 0x10], 6);
  return ether(0x0800, { payload });
}

function tagged(...vlan: readonly { vid: number; pcp?: number; tpid?: number }[]): Uint8Array {
  return tcp({}, vlan);
}

/** The kinds, those first that differ in what is in front of the same packet. */
export const kinds: Readonly<Record<string, Uint8Array>> = {
  untagged: tcp(),
  'VLAN 100': tagged({ vid: 100 }),
  'VLAN 5': tagged({ vid: 5, pcp: 3 }),
  'priority-tagged': tagged({ vid: 0, pcp: 5 }),
  'tag of nothing': tagged({ vid: 0 }),
  '802.1ad': tagged({ vid: 100, tpid: S }),
  '802.1ad around 802.1Q': tagged({ vid: 7, tpid: S }, { vid: 100 }),
  'two tags of 802.1Q': tagged({ vid: 100 }, { vid: 5 }),
  'three tags': tagged({ vid: 7, tpid: S }, { vid: 100 }, { vid: 5 }),
  ARP: arp(),
  'tagged ARP': ether(0x0806, { vlan: 100, payload: arp().subarray(14) }),
  IPv6: tcp6(),
  'tagged IPv6': ether(0x86dd, { vlan: 100, payload: tcp6().subarray(14) }),
  MPLS: mpls(100),
  'two labels': mpls(100, 200),
  'four labels': mpls(100, 200, 300, 400),
  'tagged MPLS': ether(0x8847, { vlan: 100, payload: mpls(100).subarray(14) }),
  'multicast MPLS': ether(0x8848, { payload: mpls(100).subarray(14) }),
  'a service header': ether(0x894f, { payload: Uint8Array.of(0x0f, 0xc2, 2, 3, 0, 0, 1, 0) }),
  'first fragment': fragment('first'),
  'later fragment': fragment('later'),
  'a length for a type': ether(0x002e, { payload: new Uint8Array(46).fill(0x42) }),
  'an unknown type': frames.plain,
  'full size': ether(0x88b6, { payload: new Uint8Array(1500).fill(0x55) }),
};

const any: readonly Oxm[] = [];
const untagged = [oxm('vlan_vid', 0)];
const withTag = [oxm('vlan_vid', '0x1000/0x1000')];
const inVlan = (vid: number): readonly Oxm[] => [oxm('vlan_vid', 0x1000 + vid)];
const everywhere = output(ofpp.flood);
const pop: Action = { type: 'popVlan' };
const push: Action = { type: 'pushVlan', ethertype: 0x8100 };
const at = (priority: number) => ({ priority });

/** Rules for which it matters which kind a frame is. */
const rulesets: Readonly<Record<string, readonly Unsent[]>> = {
  'VLAN 100 is dropped': [rule(inVlan(100), [], at(20)), rule(any, [everywhere], at(10))],
  'what has no tag is dropped': [rule(untagged, [], at(20)), rule(any, [everywhere], at(10))],
  'what has a tag is dropped': [rule(withTag, [], at(20)), rule(any, [everywhere], at(10))],
  'each VLAN has a port': [
    rule(inVlan(100), [output(2)], at(20)),
    rule(inVlan(5), [output(3)], at(20)),
    rule(inVlan(0), [output(2), output(3)], at(20)),
    rule(untagged, [output(4)], at(20)),
  ],
  'tags are taken off': [
    rule(withTag, [pop, output(2), output(3)], at(20)),
    rule(any, [output(3)], at(10)),
  ],
  'a tag is put on, in one of the outputs': [
    rule(untagged, [output(2), push, setField('vlan_vid', 0x1064), output(3)], at(20)),
    rule(any, [everywhere], at(10)),
  ],
  'what is inside of a tag is looked at in the next table': [
    flowMod('add', {
      match: withTag,
      ...at(20),
      instructions: [...applying(pop), { type: 'gotoTable', table: 5 }],
    }),
    rule(any, [output(3)], at(10)),
    rule(inVlan(100), [output(2)], { ...at(20), tableId: 5 }),
    rule(untagged, [output(3)], { ...at(20), tableId: 5 }),
    rule(any, [output(4)], { ...at(10), tableId: 5 }),
  ],
  'by ethertype': [
    rule([oxm('eth_type', 0x0800)], [output(2)], at(20)),
    rule([oxm('eth_type', 0x0806)], [output(3)], at(20)),
    rule([oxm('eth_type', 0x8847)], [output(2), output(3)], at(20)),
    rule([oxm('eth_type', 0x894f)], [output(3)], at(20)),
    rule([oxm('eth_type', 0x86dd)], [], at(20)),
    rule(any, [everywhere], at(10)),
  ],
  'everything goes up, too': [rule(any, [everywhere, toController])],
};

const SENT = 40;

/** Of one ruleset: kinds at random, from the ports 1 and 3 by turns. */
function mixed(name: string, rules: readonly Unsent[], seed: number): Conversation {
  const random = new Random(seed);
  const all = Object.values(kinds);
  const batch = (port: number) =>
    packets(...Array.from({ length: SENT }, () => [port, random.pick(all)] as const));
  return talk(
    `mixed frames (${seed}): ${name}`,
    /h[2-4] </,
    send(...rules),
    batch(1),
    batch(3),
    batch(1),
    dump,
  );
}

/** Rulesets that OpenFlow 1.0 has no words for: masks of VLANs, and tables. */
export const needs13 = /what has a tag|tags are taken off|inside of a tag/;

/** In two orders of their own each. */
export const mixedTalks: readonly Conversation[] = Object.entries(rulesets).flatMap(
  ([name, rules], i) => [mixed(name, rules, 2 * i), mixed(name, rules, 2 * i + 1)],
);

/**
 * Without what is counted: what a marker's cached flow has counted last may go to another rule, and
 * while a vswitch moves counters lag.
 */
export const uncountedTalks: readonly Conversation[] = mixedTalks.map((one) => ({
  ...one,
  steps: one.steps.slice(0, -1),
}));

/** A filter beside a cached frame of the other kind, in both orders. */
function filtered(name: string, order: readonly Uint8Array[], count = 100): Conversation {
  const all = Array.from({ length: count }, () => order.map((frame) => [1, frame] as const)).flat();
  const [drop, rest] = [rule(inVlan(100), [], at(20)), rule(any, [output(3)], at(10))];
  return talk(`a filter of VLAN 100 holds: ${name}`, /h3 </, send(drop, rest), packets(...all));
}

const [plainFrame, taggedFrame] = [tcp(), tagged({ vid: 100 })];
export const filterTalks: readonly Conversation[] = [
  filtered('what has no tag first', [plainFrame, taggedFrame]),
  filtered('what has one first', [taggedFrame, plainFrame]),
];

/** Fewer than a switch's socket holds, for frames that cross a cable: a burst would overflow it. */
export const fewFilterTalks: readonly Conversation[] = [
  filtered('what has no tag first', [plainFrame, taggedFrame], 20),
  filtered('what has one first', [taggedFrame, plainFrame], 20),
];
