/**
 * Rules in the flat encoding, on the demo's network: an entry for each entrance, real ports, our
 * tag between them, and a refusal for what OpenFlow 1.0 has no words for.
 */

import t from 'tap';
import { fieldOf, matchOf, normalMatch, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { version, vlan } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action, Message } from '../../openflow/values/values.ts';
import { nothingRemembered } from '../../slices/network/snapshot.ts';
import { Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { viewOf } from '../openflow/hex.ts';
import { clonedOn, datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import {
  applying,
  change,
  flowMod,
  output,
  outputs,
  ruleOf,
  toController,
} from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { flatSnapshot } from './flat-networks.ts';

const flood = output(0xfffffffb);
const inPort = output(0xfffffff8);

const snapshot = flatSnapshot('flat of 1.0');
/** Its vport 1 has a host at s1:1, its vport 2 a link to v3, by s1:3. */
const v1 = vswitchOf(snapshot, 'red/v1');

const bodyOn = (name: string, vswitch = v1, of = snapshot) =>
  new FlatDatapath(of, datapath(name)).bodyOf(vswitch);

/** A rule as entries: in_port and tag, then what is done. */
const entries = (messages: readonly Message[]) =>
  messages.map((one) =>
    printMessage(one)
      .replace(/^flowMod xid=0x0 /, '')
      .replace('table:0 ', '')
      .replace(/cookie:0x4c0(\d)\w+ /, 'kind $1 ')
      .replace('send_flow_rem ', ''),
  );

const added = (parts: Parameters<typeof ruleOf>[0]): RuleChange => ({
  type: 'add',
  rule: ruleOf(parts),
  replaced: undefined,
  resets: true,
});

const written = (parts: Parameters<typeof ruleOf>[0], body = bodyOn('s1')) =>
  entries(body.change(added(parts)));

t.test('one entry for each way in; the tag says which link, and is counted', async (t) => {
  t.strictSame(written({ instructions: outputs(1) }), [
    'ADD priority=100,in_port=1 kind 2 actions=drop',
    'ADD priority=100,in_port=3,dl_vlan=1 kind 7 actions=strip_vlan,output:1',
  ]);
});

t.test('what leaves by a link has no tag of its own: others meet the rule, and stay', async (t) => {
  t.strictSame(written({ instructions: outputs(2) }), [
    'ADD priority=101,in_port=1,vlan_tci=0x0000/0x1fff kind 2 actions=mod_vlan_vid:1,output:3',
    'ADD priority=100,in_port=1 kind 2 actions=drop',
    'ADD priority=100,in_port=3,dl_vlan=1 kind 7 actions=drop',
  ]);
});

t.test('what has lost a tag may have another: then its ethertype is a tag’s', async (t) => {
  const strip = { type: 'stripVlan' } as const;
  const vid = matchOf(oxm('vlan_vid', 0x1005));
  t.strictSame(written({ match: vid, instructions: applying(strip, output(2), output(1)) }), [
    ...['0x8100', '0x88a8'].map(
      (type) => `ADD priority=101,in_port=1,dl_vlan=5,dl_type=${type} kind 2 actions=strip_vlan`,
    ),
    'ADD priority=100,in_port=1,dl_vlan=5 kind 2 actions=strip_vlan,mod_vlan_vid:1,output:3',
  ]);
  const ip = normalMatch([...vid, oxm('eth_type', 0x800)]);
  t.match(written({ match: ip, instructions: applying(strip, output(2)) }), [
    /^ADD priority=100,ip,in_port=1,dl_vlan=5 .*actions=strip_vlan,mod_vlan_vid:1,output:3$/,
  ]);
  const local = written({ match: matchOf(oxm('in_port', 2)), instructions: outputs(1) });
  t.equal(local.length, 1, 'what came over a link has none');
  const of13 = bodyOn('s1', v1, flatSnapshot('flat of 1.3'));
  const some = matchOf(oxm('vlan_vid', 0x1000, 0x1000));
  t.match(written({ match: some, instructions: applying({ type: 'popVlan' }, output(2)) }, of13), [
    /^ADD priority=101,.*dl_type=0x8100.* actions=pop_vlan$/,
    /^ADD priority=101,.*dl_type=0x88a8.* actions=pop_vlan$/,
    /^ADD priority=100,in_port=1,.*actions=pop_vlan,push_vlan:0x8100,set_field:4097.*output:3$/,
  ]);
});

t.test('a rule of one port is one entry; a port that is not there is none', async (t) => {
  const at = (port: number) =>
    written({ match: matchOf(oxm('in_port', port)), instructions: outputs(1) });
  t.strictSame(at(2), ['ADD priority=100,in_port=3,dl_vlan=1 kind 7 actions=strip_vlan,output:1']);
  t.strictSame(at(7), []);
});

t.test('FLOOD leaves out where it came from, IN_PORT is just that', async (t) => {
  t.match(written({ instructions: applying(flood) }), [
    /in_port=1,.* actions=mod_vlan_vid:1,output:3$/,
    /in_port=1 .* actions=drop$/,
    /in_port=3,.* actions=strip_vlan,output:1$/,
  ]);
  t.match(written({ instructions: applying(inPort) }), [
    /in_port=1 .*actions=IN_PORT$/,
    // Its tag there and back is 1, in either direction of the link the first.
    /in_port=3,dl_vlan=1 .* actions=IN_PORT$/,
  ]);
});

t.test('what goes up says by its tag where it came from', async (t) => {
  t.match(written({ instructions: applying(output(1), toController) }), [
    /in_port=1 .*actions=CONTROLLER:65535$/,
    /in_port=3,dl_vlan=1 .*actions=strip_vlan,output:1,mod_vlan_vid:1,CONTROLLER:65535$/,
  ]);
});

t.test('tags of the tenant’s own stay on hosts’ ports', async (t) => {
  const five: Action = { type: 'setVlanVid', vid: 5 };
  const refused = (parts: Parameters<typeof ruleOf>[0]) => {
    const why = bodyOn('s1').refuse(added(parts), snapshot);
    return why === undefined ? 'fits' : [why.errorType, why.errorCode, why.why].join(' ');
  };
  t.match(refused({ instructions: applying(five, output(2)) }), /^2 11 a frame with a tag/);
  const bare = matchOf(oxm('vlan_vid', 0x1005));
  t.match(refused({ match: bare, instructions: outputs(2) }), /^2 11 /, 'matched with a tag');
  t.equal(refused({ instructions: applying(five, output(1)) }), 'fits');
  t.equal(
    refused({ match: bare, instructions: applying({ type: 'stripVlan' }, output(2)) }),
    'fits',
  );
  const stacked = normalMatch([...bare, oxm('eth_type', 0x88a8)]);
  const strip = { type: 'stripVlan' } as const;
  t.match(refused({ match: stacked, instructions: applying(strip, output(2)) }), /^2 11 /);
  t.equal(refused({ match: stacked, instructions: applying(strip, strip, output(2)) }), 'fits');
  t.equal(refused({ match: bare, instructions: applying(strip, output(2)) }), 'fits');
  t.match(
    refused({ match: bare, instructions: applying(output(2), strip, output(2)) }),
    /^2 11 /,
    'one of its outputs',
  );
  t.match(refused({ tableId: 3 }), /^5 2 table 3/);
  t.match(refused({ match: matchOf(oxm('metadata', 1)) }), /^4 6 /);
  t.match(refused({ instructions: [{ type: 'gotoTable', table: 1 }] }), /^3 1 gotoTable/);
  t.match(
    refused({ match: matchOf(oxm('eth_dst', 1, 1)) }),
    /^4 6 OpenFlow 1.0 cannot match eth_dst/,
  );
  t.equal(
    refused({ instructions: applying({ type: 'decNwTtl' }) }),
    'fits',
    'as an action of Nicira',
  );
});

t.test('the same over OpenFlow 1.3 with one table pushes and pops', async (t) => {
  const of = flatSnapshot('flat of 1.3');
  t.match(written({ instructions: outputs(1, 2) }, bodyOn('s1', v1, of)), [
    /in_port=1,vlan_tci=0x0000.*actions=push_vlan:0x8100,set_field:4097->vlan_vid,output:3$/,
    /in_port=1 .*actions=drop$/,
    /in_port=3,dl_vlan=1 .*actions=pop_vlan,output:1$/,
  ]);
});

t.test('a neighbour on the same datapath is reached by a switch beside it', async (t) => {
  const text = exampleText().replace(
    'v3: { dpid: 0000000000000003, on: s3 }',
    'v3: { dpid: 3, on: s1 }',
  );
  const encodings = new Map([[datapath('s1'), 'flat of 1.0' as const]]);
  const beside = snapshotOf(text, { ...nothingRemembered, encodings });
  const red = vswitchOf(beside, 'red/v1');
  const [entry = ''] = written({ instructions: outputs(2) }, bodyOn('s1', red, beside));
  t.match(entry, /actions=mod_vlan_vid:\d+,output:3$/, 'to s3, which sends it back');
});

t.test('a change sends what is other, and takes away what is no more', async (t) => {
  const book = new Rulebook();
  const body = bodyOn('s1');
  body.change(change(book, flowMod({ instructions: outputs(1) })));
  const modified = change(book, flowMod({ command: 2, instructions: outputs(2) }));
  t.strictSame(entries(body.change(modified)), [
    'ADD priority=101,in_port=1,vlan_tci=0x0000/0x1fff kind 2 actions=mod_vlan_vid:1,output:3',
    'MOD_STRICT priority=100,in_port=3,dl_vlan=1 kind 7 actions=drop',
  ]);
  const removed = change(book, flowMod({ command: 3 }));
  t.strictSame(entries(body.change(removed)), [
    'DEL_STRICT priority=100,in_port=3,dl_vlan=1 kind 7 actions=drop',
    'DEL_STRICT priority=100,in_port=1 kind 2 actions=drop',
    'DEL_STRICT priority=101,in_port=1,vlan_tci=0x0000/0x1fff kind 2 actions=drop',
  ]);
  t.strictSame(flowsOf(body), []);
});

t.test('when a neighbour moves, the rules that send there are written anew', async (t) => {
  const flat = new FlatDatapath(snapshot, datapath('s1'));
  flat.bodyOf(v1).change(added({ instructions: outputs(2) }));
  const next = clonedOn(snapshot, 'red/v3', ['s3', 's4'], { 1: 's4', 2: 's3' });
  const move = flat.begin(next, vswitchOf(snapshot, 'red/v3'), false);
  t.match(entries(flat.make(move)), [/^ADD .*in_port=4,dl_vlan=1 /], 'one more way in, from s4');
  t.match(entries(flat.change(move)), [/^MOD_STRICT .*in_port=1,.*mod_vlan_vid:\d+,output:4$/]);
  t.strictSame(flat.break(move), [], 'what was before stays until the move is over');
});

t.test('nothing of a rule is lost when the ends of the range are used', async (t) => {
  const book = new Rulebook();
  const body = bodyOn('s1');
  const put = (priority: number) =>
    entries(body.change(change(book, flowMod({ priority, instructions: outputs(1) }))));
  t.match(put(5), [/^ADD priority=5,/, /^ADD priority=5,/]);
  t.match(put(0), [
    ...[/^ADD priority=6,in_port=1/, /^ADD priority=6,in_port=3/],
    ...[/^DEL_STRICT priority=5,in_port=3/, /^DEL_STRICT priority=5,in_port=1/],
    ...[/^ADD priority=5,in_port=1/, /^ADD priority=5,in_port=3/],
  ]);
});

t.test('a priority whose rules need two levels pushes the next one, and no more', async (t) => {
  const book = new Rulebook();
  const body = bodyOn('s1');
  const put = (priority: number, to: number) =>
    entries(body.change(change(book, flowMod({ priority, instructions: outputs(to) })))).map(
      (line) => line.replace(/ .*? kind/, ' kind').replace(/,.*$/, ''),
    );
  put(7, 1);
  put(9, 1);
  put(8, 2);
  const standing = () => flowsOf(body).map(({ priority }) => priority);
  t.strictSame([...new Set(standing())].sort(), [10, 7, 8, 9]);
  const priorities = entries(body.change(change(book, flowMod({ priority: 8, command: 4 }))));
  t.match(priorities.at(-1), /^DEL_STRICT priority=10,/, 'and gives the level back, at the end');
  t.strictSame([...new Set(standing())].sort(), [7, 9]);
});

t.test(
  'what leaves nothing open stands at the top of a switch of 1.0, as it will say',
  async (t) => {
    const fields = ['in_port', 'vlan_vid', 'vlan_pcp', 'ip_dscp', 'ip_proto'] as const;
    const [one, vid, pcp, dscp, proto] = [1, 0x1005, 3, 4, 6];
    const [head, ...rest] = fields.map((name, i) =>
      oxm(name, [one, vid, pcp, dscp, proto][i] ?? 0),
    );
    const match = normalMatch([
      ...(head === undefined ? [] : [head]),
      ...[oxm('eth_dst', 2), oxm('eth_src', 1), oxm('eth_type', 0x800)],
      ...rest,
      ...[oxm('ipv4_src', '10.0.0.1'), oxm('ipv4_dst', '10.0.0.2')],
      ...[oxm('tcp_src', 1), oxm('tcp_dst', 2)],
    ]);
    t.match(written({ match, instructions: outputs(1) }), [/^ADD priority=65535,/]);
    const open = match.filter((field) => field.field !== head?.field);
    t.match(written({ match: open, instructions: outputs(1) }), [
      /^ADD priority=65535,tcp,in_port=1,/,
    ]);
    const wide = match.slice(0, -1);
    t.match(written({ match: wide, instructions: outputs(1) }), [/^ADD priority=100,tcp,/]);
    // Without a tag it has no priority, so that can be open: what is ours stands above the rule.
    const [vlanId, vlanPcp] = [fieldOf(match, 'vlan_vid'), fieldOf(match, 'vlan_pcp')];
    const untagged = match
      .filter((field) => field !== vlanPcp)
      .map((field) => (field === vlanId ? oxm('vlan_vid', vlan.none) : field));
    t.match(written({ match: untagged, instructions: outputs(1) }), [/^ADD priority=100,tcp,/]);
    const bytes = encode(version.of10, flowMod({ match: untagged, priority: 100 }));
    const heard = decode(version.of10, viewOf(bytes), 0, bytes.length);
    t.match(heard, { type: 'flowMod', priority: 100, match: untagged }, 'as a switch hears it');
  },
);

t.test('isError is what a refusal is', async (t) => {
  t.ok(isError(bodyOn('s1').refuse(added({ tableId: 1 }), snapshot)));
});
