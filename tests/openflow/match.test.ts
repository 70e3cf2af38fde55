/**
 * Canonical matches, subset and overlap, against their definitions over every packet there is.
 *
 * The second implementation is deliberately dumb: worlds of a few bits, all packets tried.
 */

import t from 'tap';
import {
  canonicalMatch,
  fieldOf,
  isSubset,
  matchKey,
  matchOf,
  overlaps,
  oxm,
  oxmNumber,
  withField,
  withoutField,
} from '../../openflow/match/match.ts';
import type { Match, Oxm } from '../../openflow/values/values.ts';
import { Random } from './random.ts';

/** Packets of two registers of two bits each. */
const packets = Array.from({ length: 16 }, (_, i) => ({ reg0: i & 3, reg1: i >> 2 }));

function hits(match: Match, packet: { readonly reg0: number; readonly reg1: number }): boolean {
  return (['reg0', 'reg1'] as const).every((name) => {
    const one = fieldOf(match, name);
    if (!one) return true;
    const mask = one.mask ? Number(oxmNumber({ ...one, value: one.mask })) : 0xffffffff;
    return (packet[name] & mask) === Number(oxmNumber(one));
  });
}

function randomSmall(random: Random): Match {
  const oxms: Oxm[] = [];
  if (random.number(4) > 0) oxms.push(oxm('reg0', random.number(4), random.pick([3, 1, 2, 0])));
  if (random.number(4) > 0) oxms.push(oxm('reg1', random.number(4), random.pick([3, 1, 2, 0])));
  return matchOf(...oxms);
}

t.test('subset and overlap mean what they say of packets', (t) => {
  const random = new Random(5);
  for (let round = 0; round < 3000; round++) {
    const a = randomSmall(random);
    const b = randomSmall(random);
    const inA = packets.filter((packet) => hits(a, packet));
    const subset = inA.every((packet) => hits(b, packet));
    const overlap = inA.some((packet) => hits(b, packet));
    if (isSubset(a, b) !== subset || overlaps(a, b) !== overlap) t.fail(`round ${round}`);
    if ((matchKey(a) === matchKey(b)) !== (isSubset(a, b) && isSubset(b, a))) t.fail('key');
  }
  t.end();
});

t.test('the order fields come in, masks of all ones and all zeros make no difference', (t) => {
  const a = matchOf(oxm('tcp_dst', 80), oxm('ip_proto', 6), oxm('eth_type', 0x800));
  const ones = { ...oxm('metadata', 1n), mask: new Uint8Array(8).fill(0xff) };
  const zeros = oxm('eth_dst', 0, 0);
  const b = matchOf(oxm('eth_type', 0x800), zeros, oxm('ip_proto', 6), oxm('tcp_dst', 80));
  t.equal(matchKey(a), matchKey(b));
  t.same(matchOf(ones), matchOf(oxm('metadata', 1n)));
  t.same(matchOf(oxm('vlan_vid', 0x1005, 0x1fff)), matchOf(oxm('vlan_vid', 0x1005)));
  t.end();
});

t.test('what is no match says so with the specification code', (t) => {
  const code = (...oxms: Oxm[]): unknown => {
    const match = canonicalMatch(oxms);
    return 'errorCode' in match ? match.errorCode : 'a match';
  };
  t.equal(code(oxm('tcp_dst', 80)), 9, 'badPrereq');
  t.equal(code(oxm('eth_type', 0x800), oxm('ip_proto', 17), oxm('tcp_dst', 80)), 9, 'badPrereq');
  t.equal(code(oxm('vlan_pcp', 1)), 9, 'badPrereq');
  const [ipv4, ipv6] = [oxm('eth_type', 0x800), oxm('eth_type', 0x86dd)];
  const [icmpv4, icmpv6] = [oxm('ip_proto', 1), oxm('ip_proto', 58)];
  // Open vSwitch 3.1, random mirror seed 5035: ICMPv6 is IPv6's, whatever the protocol's number.
  t.equal(code(ipv4, icmpv6, oxm('icmpv6_type', 128)), 9, 'badPrereq: ICMPv6 over IPv4');
  t.equal(code(ipv6, icmpv4, oxm('icmpv4_type', 8)), 9, 'badPrereq: ICMPv4 over IPv6');
  t.equal(code(ipv6, icmpv6, oxm('icmpv6_type', 128)), 'a match');
  t.equal(code(ipv4, icmpv4, oxm('icmpv4_type', 8)), 'a match');
  t.equal(code(oxm('vlan_vid', 0), oxm('vlan_pcp', 1)), 9, 'badPrereq: no tag, no priority');
  t.equal(code(oxm('vlan_vid', 0x1000, 0x1000), oxm('vlan_pcp', 1)), 'a match');
  t.equal(code(oxm('in_port', 1), oxm('in_port', 1)), 10, 'dupField');
  t.equal(code({ oxmClass: 0x8000, field: 40, value: Uint8Array.of(1) }), 6, 'badField');
  t.equal(code({ oxmClass: 0x8000, field: 0, value: Uint8Array.of(1) }), 1, 'badLen');
  t.equal(code(oxm('eth_type', 0x800), oxm('ip_dscp', 64)), 7, 'badValue');
  t.equal(code(oxm('in_port', 1, 3)), 8, 'badMask');
  const dirty = { ...oxm('reg0', 1), mask: Uint8Array.of(0, 0, 0, 2) };
  t.equal(code(dirty), 5, 'badWildcards');
  t.end();
});

t.test('fields are put in, replaced and taken out in canonical order', (t) => {
  const match = matchOf(oxm('eth_type', 0x800), oxm('in_port', 3));
  const scoped = withField(match, oxm('metadata', 7n, 0xffn));
  t.same(scoped, matchOf(oxm('in_port', 3), oxm('metadata', 7n, 0xffn), oxm('eth_type', 0x800)));
  t.same(withField(scoped, oxm('metadata', 8n)).length, 3);
  t.same(withoutField(scoped, 0x8000, 2), match);
  t.end();
});
