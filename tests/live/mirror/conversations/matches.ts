/**
 * Every match field, exact and masked: what it takes and what it leaves (OF1.3.5 section 7.2.3.7).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import type { OxmInput } from '../../../../openflow/match/oxm.ts';
import type { FieldName } from '../../../../openflow/values/fields.ts';
import type { Oxm } from '../../../../openflow/values/values.ts';
import { type Conversation, dump, output, packets, rule, send, talk } from '../conversation.ts';
import * as frames from '../frames.ts';

const { H1, H2, plain, tcp, udp, tcp6, arp, mpls } = frames;
const ip = oxm('eth_type', 0x0800);
const ip6 = oxm('eth_type', 0x86dd);
const arps = oxm('eth_type', 0x0806);
const mplsType = oxm('eth_type', 0x8847);
const tcps = [ip, oxm('ip_proto', 6)];
const udps = [ip, oxm('ip_proto', 17)];
const icmps = [ip, oxm('ip_proto', 1)];
const icmp6s = [ip6, oxm('ip_proto', 58)];
const solicits = [...icmp6s, oxm('icmpv6_type', 135)];
const adverts = [...icmp6s, oxm('icmpv6_type', 136)];
const otherMac = { src: '02:00:00:00:00:09', dst: '02:00:00:00:00:09' };
const otherIp = { src: '10.9.0.1', dst: '10.9.0.2' };
const other6 = { src: '2001:db9::1', dst: '2001:db9::2' };
const tagged = (vid: number, pcp = 3) => tcp({}, { vid, pcp });

type Row = readonly [
  field: FieldName,
  value: OxmInput,
  needs: readonly Oxm[],
  taken: Uint8Array,
  left: Uint8Array,
];

const rows: readonly Row[] = [
  ['eth_dst', H2, [], plain, frames.ether(0x88b6, otherMac)],
  ['eth_dst', '00:00:00:00:00:02/ff:00:00:00:00:ff', [], plain, frames.ether(0x88b6, otherMac)],
  ['eth_dst', '01:00:00:00:00:00/01:00:00:00:00:00', [], arp(), plain],
  ['eth_src', H1, [], plain, frames.ether(0x88b6, otherMac)],
  ['eth_src', '00:00:00:00:00:00/ff:ff:ff:00:00:00', [], plain, frames.ether(0x88b6, otherMac)],
  ['eth_type', 0x0800, [], tcp(), plain],
  ['eth_type', 0x0806, [], arp(), tcp()],
  ['vlan_vid', 0, [], tcp(), tagged(5)],
  ['vlan_vid', '0x1000/0x1000', [], tagged(5), tcp()],
  ['vlan_vid', 0x1005, [], tagged(5), tagged(6)],
  ['vlan_vid', '0x1004/0x1004', [], tagged(5), tagged(8)],
  ['vlan_vid', 0x1005, [], tcp({}, [{ vid: 5 }, { vid: 6 }]), tcp({}, [{ vid: 6 }, { vid: 5 }])],
  ['vlan_pcp', 3, [oxm('vlan_vid', 0x1005)], tagged(5), tagged(5, 4)],
  ['ip_dscp', 10, [ip], tcp(), tcp({ tos: 0 })],
  ['ip_dscp', 10, [ip6], tcp6(), tcp6({ tos: 0 })],
  ['ip_ecn', 1, [ip], tcp(), tcp({ tos: 10 << 2 })],
  ['ip_proto', 6, [ip], tcp(), udp()],
  ['ip_proto', 6, [ip6], tcp6(), frames.icmp6(128)],
  ['ipv4_src', '10.0.0.1', [ip], tcp(), tcp(otherIp)],
  ['ipv4_src', '10.0.0.0/16', [ip], tcp(), tcp(otherIp)],
  ['ipv4_src', '0.0.0.1/0.0.0.255', [ip], tcp(otherIp), tcp({ src: '10.0.0.7' })],
  ['ipv4_dst', '10.0.0.2', [ip], tcp(), tcp(otherIp)],
  ['ipv4_dst', '10.0.0.0/16', [ip], tcp(), tcp(otherIp)],
  ['tcp_src', 1000, tcps, tcp(), udp()],
  ['tcp_dst', 80, tcps, tcp(), udp()],
  ['tcp_dst', '0x50/0xfff0', tcps, tcp(), udp()],
  ['udp_src', 1000, udps, udp(), tcp()],
  ['udp_dst', 53, udps, udp(), tcp()],
  ['sctp_src', 1000, [ip, oxm('ip_proto', 132)], frames.sctp(), tcp()],
  ['sctp_dst', 5000, [ip, oxm('ip_proto', 132)], frames.sctp(), frames.sctp(5001)],
  ['tcp_dst', 80, [ip6, oxm('ip_proto', 6)], tcp6(), tcp()],
  ['icmpv4_type', 8, icmps, frames.icmp(8, 0), frames.icmp(0, 0)],
  ['icmpv4_code', 1, icmps, frames.icmp(3, 1), frames.icmp(3, 2)],
  ['arp_op', 1, [arps], arp(), arp(2)],
  ['arp_spa', '10.0.0.1', [arps], arp(), tcp()],
  ['arp_spa', '10.0.0.0/24', [arps], arp(), tcp()],
  ['arp_tpa', '10.0.0.2', [arps], arp(), tcp()],
  ['arp_tpa', '0.0.0.2/0.0.0.3', [arps], arp(), tcp()],
  ['arp_sha', H1, [arps], arp(), tcp()],
  ['arp_tha', '00:00:00:00:00:00', [arps], arp(), tcp()],
  ['arp_sha', '00:00:00:00:00:01/00:00:00:00:00:ff', [arps], arp(), tcp()],
  ['ipv6_src', '2001:db8::1', [ip6], tcp6(), tcp6(other6)],
  ['ipv6_src', '2001:db8::/32', [ip6], tcp6(), tcp6(other6)],
  ['ipv6_dst', '2001:db8::2', [ip6], tcp6(), tcp6(other6)],
  ['ipv6_dst', '::2/::ff', [ip6], tcp6(other6), tcp6({ dst: '::3' })],
  ['ipv6_flabel', 0x12345, [ip6], frames.labelled(0x12345), tcp6()],
  ['ipv6_flabel', '0x12000/0xff000', [ip6], frames.labelled(0x12345), tcp6()],
  ['icmpv6_type', 128, icmp6s, frames.icmp6(128), frames.icmp6(129)],
  ['icmpv6_code', 1, icmp6s, frames.icmp6(1, 1), frames.icmp6(1, 2)],
  ['ipv6_nd_target', 'fe80::9', solicits, frames.neighbour(135), frames.neighbour(136)],
  ['ipv6_nd_sll', H1, solicits, frames.neighbour(135), frames.neighbour(136)],
  ['ipv6_nd_target', 'fe80::/16', solicits, frames.neighbour(135), frames.neighbour(136)],
  ['ipv6_nd_sll', '00:00:00:00:00:01/00:00:00:00:00:ff', solicits, frames.neighbour(135), plain],
  ['ipv6_nd_tll', H1, adverts, frames.neighbour(136), frames.neighbour(135)],
  ['mpls_label', 100, [mplsType], mpls(100), mpls(101)],
  ['mpls_tc', 3, [mplsType], mpls(100), plain],
  ['mpls_bos', 1, [mplsType], mpls(100), mpls(100, 200)],
  ['pbb_isid', 5, [oxm('eth_type', 0x88e7)], frames.ether(0x88e7), plain],
  ['in_phy_port', 1, [oxm('in_port', 1)], plain, tcp()],
  ['ipv6_exthdr', 1, [ip6], tcp6(), tcp()],
];

function name(field: FieldName, value: OxmInput, needs: readonly Oxm[]): string {
  const after = needs.some((one) => one === ip6) ? ' in IPv6' : '';
  return `match ${field} ${typeof value === 'number' ? `0x${value.toString(16)}` : value}${after}`;
}

/** What the rule takes leaves by port 2, the rest by port 3. */
export const matches: readonly Conversation[] = [
  ...rows.map(([field, value, needs, taken, left], i) =>
    talk(
      `${name(field, value, needs)} (${i})`,
      /h2 <[\s\S]*h3 <|error/,
      send(
        rule([...needs, oxm(field, value)], [output(2)], { priority: 200 }),
        rule([], [output(3)], { priority: 1 }),
      ),
      packets([1, taken], [1, left]),
      dump,
    ),
  ),
  talk(
    'match in_port',
    /h2 <[\s\S]*h3 </,
    send(
      rule([oxm('in_port', 1)], [output(2)], { priority: 200 }),
      rule([], [output(3)], { priority: 1 }),
    ),
    packets([1, plain], [4, plain]),
    dump,
  ),
  talk(
    'match every port by its number',
    /n_packets=1/,
    send(...[1, 2, 3, 4].map((port) => rule([oxm('in_port', port)], [output(5 - port)]))),
    packets([1, plain], [2, plain], [3, plain], [4, plain]),
    dump,
  ),
];
