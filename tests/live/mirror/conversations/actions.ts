/**
 * Every action, applied by a rule (OF1.3.5 section 7.2.5): what leaves, where, or which error.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import type { OxmInput } from '../../../../openflow/match/oxm.ts';
import { group, port as ofpp } from '../../../../openflow/values/constants.ts';
import type { FieldName } from '../../../../openflow/values/fields.ts';
import type { Action, Oxm } from '../../../../openflow/values/values.ts';
import {
  type Conversation,
  dump,
  output,
  packets,
  rule,
  send,
  setField,
  talk,
  toController,
} from '../conversation.ts';
import * as frames from '../frames.ts';

const { plain, tcp, udp, tcp6, arp, mpls, withTtl } = frames;
const ip = oxm('eth_type', 0x0800);
const ip6 = oxm('eth_type', 0x86dd);
const mplsType = oxm('eth_type', 0x8847);
const tcps = [ip, oxm('ip_proto', 6)];
const tagged = tcp({}, { vid: 5, pcp: 3 });

/** A rule with these actions, and one packet through port 1. */
function acting(
  name: string,
  actions: readonly Action[],
  packet: Uint8Array = plain,
  match: readonly Oxm[] = [],
  sees = /h\d <|c1 </,
): Conversation {
  return talk(`action ${name}`, sees, send(rule(match, actions)), packets([1, packet]), dump);
}

const outputs: readonly Conversation[] = [
  acting('output to one port', [output(2)]),
  acting('output to several ports, each once', [output(2), output(3), output(2)]),
  acting('output to the ingress port by number is dropped', [output(1), output(2)]),
  acting('output to IN_PORT', [output(ofpp.inPort)], plain, [], /h1 </),
  acting('output to IN_PORT and to another', [output(ofpp.inPort), output(2)], plain, [], /h1 </),
  acting('output to ALL leaves the ingress port out', [output(ofpp.all)], plain, [], /h4 </),
  acting('output to FLOOD leaves the ingress port out', [output(ofpp.flood)], plain, [], /h4 </),
  acting('output to FLOOD twice', [output(ofpp.flood), output(ofpp.flood)]),
  acting('output to CONTROLLER, whole', [toController], plain, [], /packetIn/),
  acting('output to CONTROLLER, 20 bytes', [output(ofpp.controller, 20)], plain, [], /packetIn/),
  acting('output to CONTROLLER, no bytes', [output(ofpp.controller, 0)], plain, [], /packetIn/),
  acting('output to CONTROLLER, OFPCML_MAX', [output(ofpp.controller, 0xffe5)]),
  acting('output to CONTROLLER and then out', [toController, output(2)], plain, [], /packetIn/),
  acting('output first and then to CONTROLLER', [output(2), toController], plain, [], /packetIn/),
  acting('output to CONTROLLER twice', [toController, toController], plain, [], /packetIn/),
  acting('output to ANY', [output(ofpp.any)], plain, [], /error/),
  acting('output to a port beyond OFPP_MAX', [output(0xffffff01)], plain, [], /error/),
  acting('output to a port that is not there', [output(9), output(2)]),
  acting('output to port 0x10000', [output(0x10000), output(2)], plain, [], /error/),
  acting('no action at all', [], plain, [], /n_packets/),
];

type Row = readonly [
  field: FieldName,
  value: OxmInput,
  match: readonly Oxm[],
  packet: Uint8Array,
  mask?: OxmInput,
];

const settable: readonly Row[] = [
  ['eth_dst', frames.H3, [], plain],
  ['eth_src', frames.H3, [], plain],
  ['eth_type', 0x0801, [], plain],
  ['vlan_vid', 0x1007, [oxm('vlan_vid', 0x1005)], tagged],
  ['vlan_vid', 0x1007, [], tcp()],
  ['vlan_pcp', 6, [oxm('vlan_vid', 0x1005)], tagged],
  ['ip_dscp', 46, [ip], tcp()],
  ['ip_dscp', 46, [ip6], tcp6()],
  ['ip_ecn', 2, [ip], tcp()],
  ['ip_proto', 17, [ip], tcp()],
  ['ipv4_src', '10.1.2.3', [ip], tcp()],
  ['ipv4_dst', '10.1.2.3', [ip], tcp()],
  ['ipv4_dst', '10.1.2.3', [ip], udp()],
  ['tcp_src', 1234, tcps, tcp()],
  ['tcp_dst', 1234, tcps, tcp()],
  ['udp_src', 1234, [ip, oxm('ip_proto', 17)], udp()],
  ['udp_dst', 1234, [ip, oxm('ip_proto', 17)], udp()],
  ['sctp_dst', 1234, [ip, oxm('ip_proto', 132)], frames.sctp()],
  ['icmpv4_type', 0, [ip, oxm('ip_proto', 1)], frames.icmp(8, 0)],
  ['icmpv4_code', 9, [ip, oxm('ip_proto', 1)], frames.icmp(8, 0)],
  ['arp_op', 2, [oxm('eth_type', 0x0806)], arp()],
  ['arp_spa', '10.3.3.3', [oxm('eth_type', 0x0806)], arp()],
  ['arp_tpa', '10.3.3.3', [oxm('eth_type', 0x0806)], arp()],
  ['arp_sha', frames.H3, [oxm('eth_type', 0x0806)], arp()],
  ['arp_tha', frames.H3, [oxm('eth_type', 0x0806)], arp()],
  ['ipv6_src', '2001:db8::7', [ip6], tcp6()],
  ['ipv6_dst', '2001:db8::7', [ip6], tcp6()],
  ['ipv6_flabel', 0x54321, [ip6], tcp6()],
  ['icmpv6_type', 129, [ip6, oxm('ip_proto', 58)], frames.icmp6(128)],
  ['mpls_label', 300, [mplsType], mpls(100)],
  ['mpls_tc', 5, [mplsType], mpls(100)],
  ['mpls_bos', 0, [mplsType], mpls(100)],
  ['ipv4_dst', '10.1.2.3', [], tcp()],
  ['tcp_dst', 80, [ip], tcp()],
  ['in_port', 3, [], plain],
  ['in_port', 0, [], plain],
];

const fields = settable.map(([field, value, match, packet], i) =>
  acting(`set_field ${field} (${i})`, [setField(field, value), output(2)], packet, match),
);

/** An action's bytes: type, its length, the rest. */
const others: readonly Conversation[] = [
  acting('push_vlan 802.1Q', [{ type: 'pushVlan', ethertype: 0x8100 }, output(2)], tcp()),
  acting('push_vlan 802.1ad', [{ type: 'pushVlan', ethertype: 0x88a8 }, output(2)], tcp()),
  acting(
    'push_vlan keeps the tag below',
    [{ type: 'pushVlan', ethertype: 0x8100 }, setField('vlan_vid', 0x1009), output(2)],
    tagged,
  ),
  acting('push_vlan onto what has none, and its vid', [
    { type: 'pushVlan', ethertype: 0x8100 },
    setField('vlan_vid', 0x1009),
    setField('vlan_pcp', 5),
    output(2),
  ]),
  acting('push_vlan of no ethertype of VLANs', [{ type: 'pushVlan', ethertype: 0x0800 }]),
  acting('pop_vlan', [{ type: 'popVlan' }, output(2)], tagged, [oxm('vlan_vid', 0x1005)]),
  acting('pop_vlan of a packet without a tag', [{ type: 'popVlan' }, output(2)], tcp(), [
    oxm('vlan_vid', '0x1000/0x1000'),
  ]),
  acting('pop_vlan without a match on the tag', [{ type: 'popVlan' }, output(2)], tagged),
  acting(
    'pop_vlan of the outer of two tags',
    [{ type: 'popVlan' }, output(2)],
    tcp({}, [{ vid: 5 }, { vid: 6 }]),
    [oxm('vlan_vid', 0x1005)],
  ),
  acting('push_mpls', [{ type: 'pushMpls', ethertype: 0x8847 }, output(2)], tcp()),
  acting(
    'push_mpls and its label',
    [{ type: 'pushMpls', ethertype: 0x8847 }, setField('mpls_label', 77), output(2)],
    tcp(),
    [ip],
  ),
  acting('push_mpls of no ethertype of MPLS', [{ type: 'pushMpls', ethertype: 0x0800 }]),
  acting('pop_mpls to IPv4', [{ type: 'popMpls', ethertype: 0x0800 }, output(2)], mpls(100), [
    mplsType,
  ]),
  acting('pop_mpls to MPLS', [{ type: 'popMpls', ethertype: 0x8847 }, output(2)], mpls(100, 200), [
    mplsType,
  ]),
  acting('pop_mpls without a match on MPLS', [{ type: 'popMpls', ethertype: 0x0800 }, output(2)]),
  acting('push_pbb', [{ type: 'pushPbb', ethertype: 0x88e7 }, output(2)], plain, [], /error/),
  acting('pop_pbb', [{ type: 'popPbb' }, output(2)], plain, [], /error/),
  acting('copy_ttl_out', [{ type: 'copyTtlOut' }, output(2)], plain, [], /error/),
  acting('copy_ttl_in', [{ type: 'copyTtlIn' }, output(2)], plain, [], /error/),
  acting('set_nw_ttl', [{ type: 'setNwTtl', ttl: 9 }, output(2)], tcp(), [ip]),
  acting('set_nw_ttl without a match on IP', [{ type: 'setNwTtl', ttl: 9 }, output(2)], tcp()),
  acting('dec_nw_ttl', [{ type: 'decNwTtl' }, output(2)], tcp(), [ip]),
  acting('dec_nw_ttl in IPv6', [{ type: 'decNwTtl' }, output(2)], tcp6(), [ip6]),
  acting('dec_nw_ttl of 1', [{ type: 'decNwTtl' }, output(2)], withTtl(1), [ip], /n_packets/),
  acting('dec_nw_ttl of 2', [{ type: 'decNwTtl' }, output(2)], withTtl(2), [ip]),
  acting('dec_nw_ttl without a match on IP', [{ type: 'decNwTtl' }, output(2)], tcp()),
  acting('set_mpls_ttl', [{ type: 'setMplsTtl', ttl: 9 }, output(2)], mpls(100), [mplsType]),
  acting('dec_mpls_ttl', [{ type: 'decMplsTtl' }, output(2)], mpls(100), [mplsType]),
  acting('dec_mpls_ttl without a match on MPLS', [{ type: 'decMplsTtl' }, output(2)], mpls(100)),
  acting(
    'of an experimenter that nobody knows',
    [{ type: 'experimenter', experimenter: 0x12345678, data: new Uint8Array(8) }, output(2)],
    plain,
    [],
    /error/,
  ),
  acting('group that is not there', [{ type: 'group', groupId: 7 }], plain, [], /error/),
  acting('group ANY', [{ type: 'group', groupId: group.any }], plain, [], /error/),
  acting('fields between outputs: each output sees what came before', [
    output(2),
    setField('eth_src', frames.H3),
    output(3),
    setField('eth_dst', frames.H3),
    output(4),
  ]),
  acting('fields and CONTROLLER: it sees what came before', [
    setField('eth_src', frames.H3),
    toController,
    setField('eth_dst', frames.H3),
    output(2),
  ]),
  acting('set_field twice: the last one counts', [
    setField('eth_src', frames.H3),
    setField('eth_src', frames.H2),
    output(2),
  ]),
  acting(
    'set_field on another protocol’s packet',
    [setField('ipv4_dst', '1.2.3.4'), output(2)],
    arp(),
    [ip],
    /n_packets/,
  ),
];

export const actions: readonly Conversation[] = [...outputs, ...fields, ...others];
