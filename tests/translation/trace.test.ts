/**
 * A packet on paper: the words that say what it is, what actions make of it, the order of an action
 * set, and where Open vSwitch's answer is another than ours.
 */
import t from 'tap';
import { matchOf } from '../../openflow/match/match.ts';
import { oxm } from '../../openflow/match/oxm.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { atOnce, type Steps } from '../../slices/steps.ts';
import { changedBy } from '../../translation/trace/header-actions.ts';
import { flowText, meets, type Packet, packetText } from '../../translation/trace/headers.ts';
import { readPacketWords } from '../../translation/trace/packet-words.ts';
import {
  inSetOrder,
  type MetEntry,
  TableTrace,
  type TracedSwitch,
  Trail,
} from '../../translation/trace/table-trace.ts';
import { differencesIn, metIn } from '../../translation/trace/unixctl-trace.ts';

const push: Action = { type: 'pushVlan', ethertype: 0x88a8 };

function packet(words: string): Packet {
  const read = readPacketWords(words);
  if ('whyNot' in read) throw new Error(read.whyNot);
  return read;
}

t.test('words of a packet are those of ofproto/trace', async (t) => {
  const same: readonly [words: string, text: string][] = [
    ['in_port=1,tcp,nw_dst=10.0.0.2', 'tcp,nw_dst=10.0.0.2'],
    ['nw_dst=10.0.0.2 tp_dst=80 tcp', 'tcp,nw_dst=10.0.0.2,tp_dst=80'],
    ['udp6,ipv6_dst=fe80::1,tp_src=53', 'udp6,ipv6_dst=fe80::1,tp_src=53'],
    ['arp,arp_op=1,nw_dst=10.0.0.9', 'arp,arp_tpa=10.0.0.9,arp_op=1'],
    ['icmp,icmp_type=8', 'icmp,icmp_type=8'],
    ['dl_vlan=5,dl_dst=02:00:00:00:00:02', 'dl_vlan=5,dl_dst=02:00:00:00:00:02'],
    ['dl_type=0x88b6', 'dl_type=0x88b6'],
  ];
  for (const [words, text] of same) t.equal(packetText(packet(words)), text, words);
  const wrong: readonly [words: string, why: RegExp][] = [
    ['tcpp', /"tcpp": no kind of packet; did you mean tcp/],
    ['nw_dst=10.0.0.2', /say its kind first, as in "tcp"/],
    ['tcp,nw_dsst=10.0.0.2', /no field; did you mean nw_dst/],
    ['tcp,nw_dst=10.0.0.0/8', /a value there, and no mask/],
    ['tcp,tp_dst=70000', /"70000" is no value of it/],
    ['tcp,nw_dst=fe80::1', /is no value of it/],
    ['tcp,udp', /was said before/],
    ['in_port=x', /is no number/],
    ['constructor', /"constructor": no kind of packet/],
    ['toString=1', /no field/],
    ['__proto__=1', /no field/],
  ];
  for (const [words, why] of wrong) t.match(readPacketWords(words), { whyNot: why }, words);
  t.equal(
    flowText({ ...packet('in_port=3,tcp'), metadata: 5n }),
    'tcp,in_port=3,metadata=0x5,nw_ttl=64',
  );
  t.equal(flowText(doTo(packet('dl_vlan=5'), push)), undefined, 'two tags cannot be said');
});

function doTo(one: Packet, ...actions: readonly Action[]): Packet {
  return actions.reduce((now, action) => {
    const next = changedBy(now, action);
    if (next === undefined) throw new Error(`${action.type} cannot be done`);
    return next;
  }, one);
}

t.test('actions change headers as a switch does', async (t) => {
  const ip = packet('tcp,nw_src=10.0.0.1');
  const tagged = doTo(ip, push, { type: 'setField', oxm: oxm('vlan_vid', 0x1007) });
  t.equal(packetText(tagged), 'tcp,dl_vlan=7,nw_src=10.0.0.1');
  t.ok(meets(tagged, matchOf(oxm('vlan_vid', 0x1007), oxm('eth_type', 0x800))));
  t.ok(meets(doTo(tagged, { type: 'popVlan' }), matchOf(oxm('vlan_vid', 0))), 'no tag');
  const twice = doTo(tagged, push);
  t.ok(meets(twice, matchOf(oxm('eth_type', 0x88a8))), 'behind one tag nobody looks');
  t.notOk(meets(twice, matchOf(oxm('eth_type', 0x800), oxm('ipv4_src', '10.0.0.1'))));
  const mpls = doTo(ip, { type: 'pushMpls', ethertype: 0x8847 });
  t.ok(meets(mpls, matchOf(oxm('eth_type', 0x8847), oxm('mpls_bos', 1))));
  t.equal(packetText(doTo(mpls, { type: 'popMpls', ethertype: 0x800 })), packetText(ip));
  t.equal(changedBy({ ...ip, ttl: 1 }, { type: 'decNwTtl' }), undefined, 'its time is over');
  const nsh: Action = { type: 'encap', packetType: 0x1894f, mdType: 2 };
  const decap: Action = { type: 'decap', packetType: 0xfffe };
  const wrapped = doTo(
    ip,
    nsh,
    { type: 'setField', oxm: oxm('nsh_spi', 77) },
    {
      type: 'encap',
      packetType: 0,
    },
  );
  t.ok(meets(wrapped, matchOf(oxm('eth_type', 0x894f), oxm('nsh_spi', 77))));
  t.equal(packetText(doTo(wrapped, decap, decap)), packetText(ip));
});

t.test('an action set has one of each, in its order, and ends with one', async (t) => {
  const out = (port: number): Action => ({ type: 'output', port, maxLen: 0 });
  const set: Action = { type: 'setField', oxm: oxm('eth_dst', '02:00:00:00:00:09') };
  t.same(inSetOrder([out(1), set, push, out(2)]), [push, set, out(2)]);
  t.same(inSetOrder([out(1), { type: 'group', groupId: 4 }]), [{ type: 'group', groupId: 4 }]);
  t.same(inSetOrder([set]), [], 'what leads nowhere does nothing');
});

/** A switch of two tables, the second of which leads back to the first for ever. */
const endless: TracedSwitch = {
  *find(table): Steps<MetEntry | undefined> {
    yield;
    const actions: readonly Action[] = [{ type: 'resubmit', inPort: 0xfff8, table: 1 - table }];
    return { priority: 1, instructions: [{ type: 'applyActions', actions }], text: 'on' };
  },
  group: () => undefined,
  isLive: () => true,
  meterText: () => '',
  output: () => '',
  missed: () => '',
};

t.test('a packet that never comes to an end is given up', async (t) => {
  const trail = new Trail();
  atOnce(new TableTrace(endless, trail).enter(packet('tcp'), 0));
  t.match(trail.lines.at(-1), { text: /not followed/ });
  t.ok(trail.lines.length < 200);
});

const said = `
 0. in_port=1, priority 100, cookie 0x4c01000100000001
    goto_table:1
 1. priority 0
    resubmit(,250)
    250. No match.
            drop
Datapath actions: drop
`;

t.test('where a switch goes another way, and where it says the same', async (t) => {
  t.same(metIn(said), [
    { table: 0, text: 'priority 100, cookie 0x4c01000100000001' },
    { table: 1, text: 'priority 0, cookie 0x0' },
    { table: 250, text: 'no match' },
  ]);
  const entry = (priority: number, cookie: bigint): MetEntry => {
    return { priority, cookie, instructions: [], text: '' };
  };
  const pass = {
    packet: packet('tcp'),
    table: 0,
    datapath: 's1' as DatapathName,
    isArrival: true,
    isOpen: false,
    met: [
      { table: 0, entry: entry(100, 0x4c01000100000001n) },
      { table: 1, entry: entry(0, 0n) },
      { table: 250, entry: undefined },
    ],
  };
  t.same(differencesIn(pass, said), []);
  const other = { ...pass, met: [pass.met[0], { table: 1, entry: entry(10, 7n) }] };
  t.match(differencesIn(other as typeof pass, said), [
    /^s1: expected in table 1: priority 10, cookie 0x7, but the switch has in table 1: priority 0/,
  ]);
  t.match(differencesIn({ ...pass, met: pass.met.slice(0, 2) }, said), [/expected nothing more/]);
  t.same(differencesIn({ ...pass, met: pass.met.slice(0, 2), isOpen: true }, said), []);
});
