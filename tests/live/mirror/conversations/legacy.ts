/**
 * OpenFlow 1.0's actions on every kind of packet, which 1.3 cannot say in one rule; what misses
 * every rule; and what commands do to counters and cookies. of10.ts has the rest.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { port as ofpp } from '../../../../openflow/values/constants.ts';
import type { Action } from '../../../../openflow/values/values.ts';
import {
  type Conversation,
  dump,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  send,
  talk,
  toController,
} from '../conversation.ts';
import * as frames from '../frames.ts';

/** Of `plain`. */
const plainType = oxm('eth_type', 0x88b6);
const { plain, tcp, udp, sctp, icmp, tcp6, icmp6, arp } = frames;

/** One packet of each kind that the actions tell apart. */
const kinds: Readonly<Record<string, Uint8Array>> = {
  'no IP': plain,
  ARP: arp(),
  TCP: tcp(),
  UDP: udp(),
  SCTP: sctp(),
  ICMP: icmp(8, 0),
  IGMP: frames.ether(0x0800, { payload: frames.ip4(2, new Uint8Array(8)) }),
  'TCP on IPv6': tcp6(),
  'ICMP on IPv6': icmp6(128),
  'tagged TCP': tcp({}, { vid: 5, pcp: 3 }),
  'twice tagged TCP': tcp({}, [{ vid: 5 }, { vid: 6 }]),
};

const address = Uint8Array.of(10, 9, 8, 7);
const changes: Readonly<Record<string, readonly Action[]>> = {
  set_vlan_vid: [{ type: 'setVlanVid', vid: 9 }],
  'set_vlan_vid of 0': [{ type: 'setVlanVid', vid: 0 }],
  set_vlan_pcp: [{ type: 'setVlanPcp', pcp: 6 }],
  'set_vlan_pcp, then the id': [
    { type: 'setVlanPcp', pcp: 6 },
    { type: 'setVlanVid', vid: 9 },
  ],
  strip_vlan: [{ type: 'stripVlan' }],
  'strip_vlan, then a tag': [{ type: 'stripVlan' }, { type: 'setVlanVid', vid: 9 }],
  set_dl_src: [{ type: 'setField', oxm: oxm('eth_src', '02:00:00:00:00:99') }],
  set_nw_src: [{ type: 'setNwSrc', address }],
  set_nw_dst: [{ type: 'setNwDst', address }],
  set_nw_tos: [{ type: 'setNwTos', tos: 0xb8 }],
  set_tp_src: [{ type: 'setTpSrc', port: 4321 }],
  set_tp_dst: [{ type: 'setTpDst', port: 4322 }],
  everything: [
    { type: 'setVlanVid', vid: 9 },
    { type: 'setNwSrc', address },
    { type: 'setNwDst', address },
    { type: 'setNwTos', tos: 0xb8 },
    { type: 'setTpSrc', port: 4321 },
    { type: 'setTpDst', port: 4322 },
  ],
};

/** Every action on every kind of packet, in a rule that says nothing of it. */
const actions: readonly Conversation[] = Object.entries(changes).flatMap(([name, list]) => [
  talk(
    `1.0: ${name}, on every kind of packet`,
    /h2 </,
    send(rule([], [...list, output(2)])),
    packets(...Object.values(kinds).map((frame) => [1, frame] as const)),
    dump,
  ),
  talk(
    `1.0: ${name}, in a packet-out of every kind`,
    /h2 </,
    ...Object.values(kinds).map((frame) => send(packetOut(3, [...list, output(2)], frame))),
  ),
]);

const orders: readonly Conversation[] = [
  talk(
    '1.0: what is output in between is as it was then',
    /h4 </,
    send(
      rule(
        [],
        [
          output(2),
          { type: 'setVlanVid', vid: 7 },
          output(3),
          { type: 'stripVlan' },
          { type: 'setTpDst', port: 7 },
          output(4),
        ],
      ),
    ),
    packets([1, tcp()], [1, tcp({}, { vid: 5 })]),
  ),
  talk(
    '1.0: changed, then to the controller',
    /packetIn/,
    send(rule([], [{ type: 'setNwSrc', address }, toController, output(2)])),
    packets([1, tcp()]),
  ),
  talk(
    '1.0: enqueue where there is no queue, and back where it came from',
    /h2 </,
    send(
      rule(
        [],
        [
          { type: 'enqueue', port: 2, queueId: 7 },
          { type: 'enqueue', port: 1, queueId: 7 },
          { type: 'enqueue', port: ofpp.inPort, queueId: 7 },
        ],
      ),
    ),
    packets([1, plain]),
    dump,
  ),
];

const misses: readonly Conversation[] = [
  talk('1.0: what misses every rule goes up', /packetIn.*no_match/, packets([1, plain])),
  talk(
    '1.0: a rule of priority 0 stands above what misses',
    /h2 </,
    send(rule([oxm('in_port', 1)], [output(2)], { priority: 0 })),
    packets([1, plain], [3, plain]),
  ),
  talk(
    '1.0: a rule of priority 0 for everything leaves nothing to miss',
    /via action/,
    send(rule([], [toController], { priority: 0 })),
    packets([1, plain]),
  ),
  talk(
    '1.0: the two highest priorities are two',
    /h2 </,
    send(rule([plainType], [output(2)], { priority: 0xffff })),
    send(rule([oxm('in_port', 1)], [output(3)], { priority: 0xfffe })),
    packets([1, plain], [1, tcp()]),
    dump,
  ),
  talk(
    '1.0: a packet-out through the table misses, too',
    /packetIn.*no_match/,
    send(packetOut(1, [output(ofpp.table)], plain)),
  ),
];

const match = [oxm('in_port', 1)];
const commands: readonly Conversation[] = [
  talk(
    '1.0: an add over a rule resets its counters',
    /n_packets=0/,
    send(rule(match, [output(2)], { cookie: 1n })),
    packets([1, plain]),
    send(rule(match, [output(3)], { cookie: 2n })),
    dump,
  ),
  ...(['modify', 'modifyStrict'] as const).flatMap((command) => [
    talk(
      `1.0: ${command} keeps counters and time-outs, and changes the cookie`,
      /cookie=0x2.*n_packets=1/,
      send(rule(match, [output(2)], { cookie: 1n, hardTimeoutSec: 60 })),
      packets([1, plain]),
      send(flowMod(command, { match, cookie: 2n, instructions: applied(output(3)) })),
      dump,
      packets([1, plain]),
    ),
    talk(
      `1.0: ${command} adds what it does not find`,
      /cookie=0x2/,
      send(
        flowMod(command, {
          match,
          cookie: 2n,
          idleTimeoutSec: 60,
          instructions: applied(output(3)),
        }),
      ),
      dump,
      packets([1, plain]),
    ),
  ]),
];

function applied(action: Action) {
  return [{ type: 'applyActions', actions: [action] }] as const;
}

export const legacyTalks: readonly Conversation[] = [...actions, ...orders, ...misses, ...commands];
