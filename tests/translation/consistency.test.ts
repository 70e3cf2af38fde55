/**
 * Actions that need what a match does not promise (OF1.3.5 section 7.2.5.8), as Open vSwitch 3.1
 * sees them; tests/live/mirror/random.test.ts asks Open vSwitch itself.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { errorName } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Oxm } from '../../openflow/values/values.ts';
import { consistencyOf } from '../../translation/requests/consistency.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { applying, flowMod } from '../slices/rules.ts';

const ip = oxm('eth_type', 0x0800);
const tagged = oxm('vlan_vid', 0x1005);
const anyTag = oxm('vlan_vid', 0x1000, 0x1000);
const set = (...args: Parameters<typeof oxm>): Action => ({ type: 'setField', oxm: oxm(...args) });
const pushVlan: Action = { type: 'pushVlan', ethertype: 0x8100 };
const popVlan: Action = { type: 'popVlan' };
const pushMpls: Action = { type: 'pushMpls', ethertype: 0x8847 };
const popMpls = (ethertype: number): Action => ({ type: 'popMpls', ethertype });
const ttl: Action = { type: 'decNwTtl' };

type Row = readonly [what: string, match: readonly Oxm[], actions: readonly Action[], code: string];

const rows: readonly Row[] = [
  ['an address of what may not be IP', [], [set('ipv4_dst', 1)], 'matchInconsistent'],
  ['an address of IP', [ip], [set('ipv4_dst', 1)], 'fine'],
  ['a port of what may be UDP', [ip], [set('tcp_dst', 1)], 'matchInconsistent'],
  ['a port of TCP', [ip, oxm('ip_proto', 6)], [set('tcp_dst', 1)], 'fine'],
  ['an Ethernet address of anything', [], [set('eth_dst', 1)], 'fine'],
  ['an ARP field of RARP', [oxm('eth_type', 0x8035)], [set('arp_op', 1)], 'fine'],
  ['a tag that is not there', [], [set('vlan_vid', 0x1007)], 'matchInconsistent'],
  ['a tag that surely is not there', [oxm('vlan_vid', 0)], [popVlan], 'matchInconsistent'],
  ['a tag', [tagged], [set('vlan_vid', 0x1007), popVlan], 'fine'],
  ['a tag, whichever', [anyTag], [popVlan], 'fine'],
  ['a tag that is pushed', [], [pushVlan, set('vlan_pcp', 3)], 'fine'],
  ['a tag that is popped', [tagged], [popVlan, set('vlan_pcp', 3)], 'matchInconsistent'],
  ['popping more tags than there are', [tagged], [popVlan, popVlan], 'matchInconsistent'],
  ['two tags', [], [pushVlan, pushVlan], 'fine'],
  ['three tags', [tagged], [pushVlan, pushVlan], 'badTag'],
  ['a time to live of what may not be IP', [], [ttl], 'matchInconsistent'],
  ['a time to live of IPv6', [oxm('eth_type', 0x86dd)], [ttl], 'fine'],
  ['a label that is pushed', [ip], [pushMpls, set('mpls_label', 5)], 'fine'],
  ['a label that is not there', [ip], [set('mpls_label', 5)], 'matchInconsistent'],
  ['popping a label that is not there', [ip], [popMpls(0x0800)], 'matchInconsistent'],
  ['IP below a label', [ip], [pushMpls, set('ipv4_dst', 1)], 'matchInconsistent'],
  ['IP from below a label', [], [pushMpls, popMpls(0x0800), set('ipv4_dst', 1)], 'fine'],
  [
    'TCP from below a label: nobody knows',
    [ip, oxm('ip_proto', 6)],
    [pushMpls, popMpls(0x0800), set('tcp_dst', 1)],
    'matchInconsistent',
  ],
  [
    'the worse mistake counts, though it comes later',
    [tagged],
    [ttl, pushVlan, pushVlan],
    'badTag',
  ],
];

const codeOf = (match: readonly Oxm[], instructions: readonly Instruction[]): string => {
  const { wrong, unpromised } = consistencyOf(matchOf(...match), instructions);
  const error = wrong ?? unpromised;
  return error ? errorName(error.errorType, error.errorCode).replace('badAction/', '') : 'fine';
};

t.test('applied actions', async (t) => {
  for (const [what, match, actions, code] of rows) {
    t.equal(codeOf(match, applying(...actions)), code, what);
  }
});

t.test('of an action set only set-field and too many tags are judged', async (t) => {
  const write = (...actions: Action[]): Instruction => ({ type: 'writeActions', actions });
  t.equal(codeOf([], [write(popVlan, ttl, popMpls(0x0800))]), 'fine');
  t.equal(codeOf([], [write(set('ipv4_dst', 1))]), 'matchInconsistent');
  t.equal(codeOf([ip], [write(set('ipv4_dst', 1))]), 'fine');
  t.equal(codeOf([], [...applying(pushVlan), write(set('vlan_pcp', 1))]), 'fine', 'after the list');
});

t.test('a table that is not there is worse than a promise that is not', async (t) => {
  const goto: Instruction = { type: 'gotoTable', table: 0 };
  const error = refuseFlowMod(flowMod({ instructions: [...applying(ttl), goto] }));
  t.equal(error && errorName(error.errorType, error.errorCode), 'badInstruction/badTableId');
});
