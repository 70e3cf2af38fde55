/**
 * Packet-outs whose actions need what their packet has not: the packet is what a match is to a
 * rule (OF1.3.5 section 7.3.7).
 */
import { port as ofpp } from '../../../../openflow/values/constants.ts';
import type { Action } from '../../../../openflow/values/values.ts';
import { type Conversation, output, packetOut, send, setField, talk } from '../conversation.ts';
import { arp, icmp, mpls, plain, tcp, tcp6, udp } from '../frames.ts';

const tagged = tcp({}, { vid: 5, pcp: 3 });
const runt = new Uint8Array(6);
const out = output(2);

function sent(name: string, sees: RegExp, data: Uint8Array, ...actions: Action[]): Conversation {
  return talk(
    `packet-out, ${name}`,
    sees,
    send(packetOut(1, [...actions, out], data), packetOut(ofpp.controller, [out], plain)),
  );
}

const no = /matchInconsistent/;
const yes = /h2 <(.|\n)*h2 </;
const pushTag: Action = { type: 'pushVlan', ethertype: 0x8100 };
const pushLabel: Action = { type: 'pushMpls', ethertype: 0x8847 };
const popLabel: Action = { type: 'popMpls', ethertype: 0x0800 };

export const unpromised: readonly Conversation[] = [
  sent('pop_vlan of no tag', no, plain, { type: 'popVlan' }),
  sent('pop_vlan of a tag', yes, tagged, { type: 'popVlan' }),
  sent('pop_vlan twice', no, tagged, { type: 'popVlan' }, { type: 'popVlan' }),
  sent('pop_vlan of a tag that was pushed', yes, plain, pushTag, { type: 'popVlan' }),
  sent('set vlan_vid of no tag', no, plain, setField('vlan_vid', 0x1005)),
  sent('set vlan_vid of a tag', yes, tagged, setField('vlan_vid', 0x1005)),
  sent('set tcp_dst of TCP', yes, tcp(), setField('tcp_dst', 5)),
  sent('set tcp_dst of TCP over IPv6', yes, tcp6(), setField('tcp_dst', 5)),
  sent('set tcp_dst of UDP', no, udp(), setField('tcp_dst', 5)),
  sent('set tcp_dst of ARP', no, arp(), setField('tcp_dst', 5)),
  sent('set ipv4_dst of ARP', no, arp(), setField('ipv4_dst', 0x0a00_0005)),
  sent('set ipv4_dst of a tagged packet', yes, tagged, setField('ipv4_dst', 0x0a00_0005)),
  sent('set ipv6_dst of IPv4', no, tcp(), setField('ipv6_dst', new Uint8Array(16))),
  sent('set arp_op of ARP', yes, arp(), setField('arp_op', 2)),
  sent('set icmpv4_type of ICMP', yes, icmp(8, 0), setField('icmpv4_type', 0)),
  sent('set eth_dst of anything', yes, plain, setField('eth_dst', '00:00:00:00:00:09')),
  sent('set eth_dst of a runt', /./, runt, setField('eth_dst', '00:00:00:00:00:09')),
  sent('dec_nw_ttl of IP', yes, tcp(), { type: 'decNwTtl' }),
  sent('dec_nw_ttl of no IP', no, plain, { type: 'decNwTtl' }),
  sent('set_nw_ttl of IPv6', yes, tcp6(), { type: 'setNwTtl', ttl: 9 }),
  sent('push_mpls and set its label', yes, tcp(), pushLabel, setField('mpls_label', 5)),
  sent('set mpls_label of no label', no, tcp(), setField('mpls_label', 5)),
  sent('pop_mpls of a label', yes, mpls(5), popLabel),
  sent('pop_mpls of none', no, tcp(), popLabel),
  sent('set_mpls_ttl of none', no, tcp(), { type: 'setMplsTtl', ttl: 3 }),
  sent('wrong in two ways', no, plain, { type: 'group', groupId: 9 }, { type: 'popVlan' }),
  sent('a group that is not there', /badOutGroup/, tcp(), { type: 'group', groupId: 9 }),
];
