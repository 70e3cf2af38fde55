/**
 * What matches a packet: tags, prerequisites, fragments, and bytes cut off anywhere.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  arpPacket,
  ethernetFrame,
  type IpParts,
  ipv4Packet,
  ipv6Packet,
  tcpSegment,
  udpDatagram,
  type VlanParts,
} from '../../openflow/packet/frames.ts';
import { matchesPacket, parsePacket } from '../../openflow/packet/packet.ts';
import type { Oxm } from '../../openflow/values/values.ts';
import { Random } from './random.ts';

const ends = { dst: '00:00:00:00:00:02', src: '00:00:00:00:00:01' };
const pipeline = { inPort: 3, metadata: 0x105n };
const eth4 = oxm('eth_type', 0x800);
const eth6 = oxm('eth_type', 0x86dd);

function tcp4(vlan?: readonly VlanParts[]): Uint8Array {
  const ip: IpParts = {
    src: '10.0.0.1',
    dst: '10.0.0.2',
    protocol: 6,
    tos: (10 << 2) | 1,
    payload: tcpSegment({ src: 1000, dst: 80 }),
  };
  return ethernetFrame({ ...ends, type: 0x800, vlan: vlan ?? [], payload: ipv4Packet(ip) });
}

function matches(packet: Uint8Array, ...oxms: Oxm[]): boolean {
  return matchesPacket(matchOf(...oxms), parsePacket(packet), pipeline);
}

t.test('an untagged TCP packet', (t) => {
  const packet = tcp4();
  const tcp = [eth4, oxm('ip_proto', 6)];
  t.ok(matches(packet));
  t.ok(matches(packet, oxm('in_port', 3), oxm('metadata', 5n, 0xffn)));
  t.notOk(matches(packet, oxm('in_port', 4)));
  t.ok(matches(packet, oxm('eth_dst', ends.dst), oxm('eth_src', ends.src)));
  t.ok(matches(packet, ...tcp, oxm('tcp_src', 1000), oxm('tcp_dst', 80)));
  t.notOk(matches(packet, ...tcp, oxm('tcp_dst', 81)));
  t.ok(matches(packet, eth4, oxm('ipv4_dst', '10.0.0.0/24'), oxm('ip_dscp', 10), oxm('ip_ecn', 1)));
  t.notOk(matches(packet, eth4, oxm('ipv4_dst', '10.0.1.0/24')));
  t.notOk(matches(packet, eth6));
  t.end();
});

t.test('vlan_vid: none, present, this one', (t) => {
  const tagged = tcp4([{ vid: 5, pcp: 3 }]);
  const none = oxm('vlan_vid', 0);
  const present = oxm('vlan_vid', 0x1000, 0x1000);
  t.ok(matches(tcp4(), none));
  t.notOk(matches(tcp4(), present));
  t.notOk(matches(tagged, none));
  t.ok(matches(tagged, present, oxm('vlan_pcp', 3)));
  t.ok(matches(tagged, oxm('vlan_vid', 0x1005)));
  t.notOk(matches(tagged, oxm('vlan_vid', 5)), 'without OFPVID_PRESENT nothing matches');
  t.ok(matches(tagged, eth4, oxm('ip_proto', 6), oxm('tcp_dst', 80)), 'the type after the tag');
  t.ok(matches(tcp4([{ vid: 0 }]), oxm('vlan_vid', 0x1000)), 'a priority tag is a tag');
  t.end();
});

t.test('of two tags the outer one counts, and the type after both', (t) => {
  const packet = tcp4([{ vid: 7, tpid: 0x88a8 }, { vid: 8 }]);
  t.ok(matches(packet, oxm('vlan_vid', 0x1007), eth4));
  t.notOk(matches(packet, oxm('vlan_vid', 0x1008)));
  t.end();
});

t.test('ARP', (t) => {
  const arp = { op: 1, sha: ends.src, spa: '10.0.0.1', tha: '00:00:00:00:00:00', tpa: '10.0.0.2' };
  const packet = ethernetFrame({ ...ends, type: 0x806, payload: arpPacket(arp) });
  const type = oxm('eth_type', 0x806);
  t.ok(
    matches(packet, type, oxm('arp_op', 1), oxm('arp_tpa', '10.0.0.2'), oxm('arp_sha', ends.src)),
  );
  t.notOk(matches(packet, type, oxm('arp_op', 2)));
  t.end();
});

t.test('IPv6: addresses, label, UDP, neighbours', (t) => {
  const ip = {
    src: 'fe80::1',
    dst: 'ff02::1',
    protocol: 17,
    payload: udpDatagram({ src: 1, dst: 2 }),
  };
  const udp = ethernetFrame({ ...ends, type: 0x86dd, payload: ipv6Packet(ip) });
  t.ok(matches(udp, eth6, oxm('ip_proto', 17), oxm('udp_dst', 2), oxm('ipv6_src', 'fe80::/10')));
  t.ok(matches(udp, eth6, oxm('ipv6_flabel', 0)));
  const solicit = new Uint8Array(32);
  solicit.set([135, 0]);
  solicit.set([0xfe, 0x80], 8);
  solicit.set([1, 1, 0, 0, 0, 0, 0, 9], 24);
  const nd = ipv6Packet({ ...ip, protocol: 58, payload: solicit });
  const packet = ethernetFrame({ ...ends, type: 0x86dd, payload: nd });
  const type = [eth6, oxm('ip_proto', 58), oxm('icmpv6_type', 135)];
  t.ok(matches(packet, ...type, oxm('ipv6_nd_target', 'fe80::'), oxm('ipv6_nd_sll', 9)));
  t.end();
});

t.test('a later fragment has no ports', (t) => {
  const packet = tcp4();
  packet[14 + 7] = 1;
  t.ok(matches(packet, eth4, oxm('ip_proto', 6)));
  t.notOk(matches(packet, eth4, oxm('ip_proto', 6), oxm('tcp_dst', 80)));
  t.end();
});

t.test('no packet, however cut or corrupted, throws', (t) => {
  const random = new Random(9);
  const whole = tcp4([{ vid: 7 }, { vid: 8 }]);
  for (let size = 0; size <= whole.length; size++) parsePacket(whole.subarray(0, size));
  for (let round = 0; round < 5000; round++) {
    const packet = whole.slice();
    for (let hit = 0; hit < 3; hit++) packet[random.number(packet.length)] = random.number(256);
    parsePacket(packet);
  }
  t.same(parsePacket(new Uint8Array(0)), {});
  t.notOk(
    matches(whole.subarray(0, 50), eth4, oxm('ip_proto', 6), oxm('tcp_dst', 80)),
    'cut ports',
  );
  t.end();
});
