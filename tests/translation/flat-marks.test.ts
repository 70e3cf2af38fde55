/**
 * The mark of a packet that is held while the primary changes, on datapaths of OpenFlow 1.0: only
 * what an entry of ours marked is taken for it, and only while there is such an entry.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Action, Message } from '../../openflow/values/values.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import type { FlatBody } from '../../translation/flat/body.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { flatOwnerOf } from '../../translation/flat/packet-in.ts';
import { chooseMark } from '../../translation/flat/packet-in-mark.ts';
import { noOverrides, type Overrides } from '../../translation/wiring/overrides.ts';
import { viewOf } from '../openflow/hex.ts';
import { datapath, vswitchOf } from '../slices/networks.ts';
import { applying, ruleOf, toController } from '../slices/rules.ts';
import { flatSnapshot } from './flat-networks.ts';

/** Its vport 1 has a host at s1:1, its vport 2 a link that comes by s1:3 with tag 1. */
function scene(encoding: 'flat of 1.0' | 'flat of 1.3', ...done: readonly (readonly Action[])[]) {
  const snapshot = flatSnapshot(encoding);
  const flat = new FlatDatapath(snapshot, datapath('s1'));
  const body = flat.bodyOf(vswitchOf(snapshot, 'red/v1'));
  const book = new Rulebook();
  for (const [i, actions] of done.entries()) {
    const rule = ruleOf({ priority: 100 + i, instructions: applying(...actions) }, book);
    body.change({ type: 'add', rule, replaced: undefined, resets: true });
  }
  const speaks = encoding === 'flat of 1.0' ? version.of10 : version.of13;
  const comesUp = (inPort: number, tci: number, isSettled = true) => {
    const frame = packetIn(speaks, inPort, tci);
    const owner = flatOwnerOf(flat, speaks, viewOf(frame), 0, frame.length, isSettled);
    return owner && { isDiverted: owner.isDiverted, totalLen: owner.totalLen };
  };
  return { body, comesUp };
}

function packetIn(speaks: Version, inPort: number, tci: number): Uint8Array {
  const data = new Uint8Array(60);
  data.set([0x81, 0x00, tci >> 8, tci & 0xff, 0x88, 0xb6], 12);
  return encode(speaks, {
    ...{ type: 'packetIn', xid: 0, bufferId: 0xffffffff, totalLen: 60, reason: 1, tableId: 0 },
    ...{ cookie: 0n, match: matchOf(oxm('in_port', inPort)), data },
  });
}

const entries = (messages: readonly Message[]) =>
  messages.map((one) => printMessage(one).replace(/^.*?(ADD|DEL\w*) (table:0 )?/, '$1 '));
/** As a hand-over does it, step by step (hypervisor/tenant/hand-over.ts). */
let now: Overrides = noOverrides;
function become(body: FlatBody, to: Partial<Overrides>): readonly Message[] {
  now = { ...now, ...to };
  return body.override(now);
}
const keepOut = (body: FlatBody) => {
  now = noOverrides;
  return become(body, { keepsOut: body.chooseMark() });
};
const divert = (body: FlatBody) => become(body, { diverts: [[]], mark: now.keepsOut });
const undivert = (body: FlatBody) => become(body, { diverts: [] });
const letIn = (body: FlatBody) => become(body, { keepsOut: undefined, mark: undefined });
const tenants = { isDiverted: false, totalLen: 60 };
const ours = { isDiverted: true, totalLen: 56 };
const setVid = (vid: number): Action => ({ type: 'setVlanVid', vid });

t.test('with no hand-over under way, a frame with VLAN id 4095 is its tenant’s', async (t) => {
  for (const encoding of ['flat of 1.0', 'flat of 1.3'] as const) {
    const { comesUp } = scene(encoding, [toController]);
    t.same(comesUp(1, 0x0fff), tenants, encoding);
  }
});

t.test('the mark is looked for from divert to letIn; who could have it, is kept out', async (t) => {
  const { body, comesUp } = scene('flat of 1.0', [toController]);
  t.match(entries(keepOut(body)), [/^ADD priority=65533,in_port=1,dl_vlan=4095 .*actions=drop$/]);
  t.same(comesUp(1, 0x0fff), tenants, 'one that was on its way up before it was kept out');
  t.match(entries(divert(body)), [
    /in_port=1,vlan_tci=0x0000\/0x1fff .*actions=mod_vlan_vid:4095,CONTROLLER/,
    /in_port=3,dl_vlan=1 .*actions=mod_vlan_pcp:7,CONTROLLER/,
  ]);
  t.same([comesUp(1, 0x0fff), comesUp(3, 0xe001)], [ours, ours]);
  t.same(comesUp(1, 0x0ffe), tenants);
  t.match(entries(undivert(body)), [/in_port=1/, /in_port=3/]);
  t.same(comesUp(1, 0x0fff), ours, 'one that was on its way up before the entries went');
  t.match(entries(letIn(body)), [/^DEL\w* priority=65533,in_port=1,dl_vlan=4095/]);
  t.same(comesUp(1, 0x0fff), tenants);
  t.equal(body.mark, undefined);
});

t.test('a VLAN id that a rule gives a frame is no mark', async (t) => {
  const { body, comesUp } = scene('flat of 1.0', [setVid(4095), toController]);
  t.match(entries(keepOut(body)), [/dl_vlan=4094/]);
  t.match(entries(divert(body))[0], /mod_vlan_vid:4094,CONTROLLER/);
  t.same([comesUp(1, 0x0fff), comesUp(1, 0x0ffe)], [tenants, ours]);
  const as13: Action = { type: 'setField', oxm: oxm('vlan_vid', 0x1fff) };
  t.equal(chooseMark([as13, setVid(4094)]).vid, 4093, 'in either version’s words');
  const all = Array.from({ length: 4095 }, (_, i) => setVid(i + 1));
  t.equal(chooseMark(all).vid, undefined);
});

t.test('a tag behind one that a rule takes off is kept out, too', async (t) => {
  const { body } = scene('flat of 1.0', [{ type: 'stripVlan' }, toController]);
  t.match(entries(keepOut(body)), [
    /in_port=1,dl_vlan=4095 .*actions=drop/,
    /in_port=1,dl_type=0x8100 .*actions=drop/,
    /in_port=1,dl_type=0x88a8 .*actions=drop/,
  ]);
});

t.test('when rules give every VLAN id, hosts’ frames are not held', async (t) => {
  const all = Array.from({ length: 4095 }, (_, i) => setVid(i + 1));
  const parts = Array.from({ length: 5 }, (_, i) => all.slice(1000 * i, 1000 * (i + 1)));
  const { body, comesUp } = scene('flat of 1.0', ...parts);
  t.same(keepOut(body), []);
  t.match(entries(divert(body)), [/in_port=3,dl_vlan=1/]);
  t.same([comesUp(1, 0x0fff), comesUp(3, 0xe001)], [tenants, ours]);
  t.ok(body.mark, 'of what comes by links');
  undivert(body);
  t.same([letIn(body), body.mark], [[], undefined]);
});

t.test('where there are cookies, nothing is marked or kept out', async (t) => {
  const { body, comesUp } = scene('flat of 1.3', [toController]);
  t.same(keepOut(body), []);
  divert(body);
  t.same([comesUp(1, 0x0fff), body.mark], [tenants, undefined]);
});

t.test('until a datapath is settled, entries of before may mark packets', async (t) => {
  const { comesUp } = scene('flat of 1.0', [toController]);
  t.same([comesUp(1, 0x0fff, false), comesUp(3, 0xe001, false)], [undefined, undefined]);
  t.same(comesUp(1, 0x0ffe, false), tenants);
});

t.test('what is led to the primary is never dropped while the guards go', async (t) => {
  for (const encoding of ['flat of 1.0', 'flat of 1.3'] as const) {
    const { body } = scene(encoding, [toController]);
    now = noOverrides;
    const made = entries(become(body, { leadsTo: datapath('s2'), drops: true }));
    t.match(made, [/^ADD priority=65532,in_port=1/, /^ADD priority=65531,in_port=1/, /in_port=3/]);
    const gone = entries(body.override(noOverrides)).filter((one) => one.includes('in_port=1'));
    t.match(gone, [/^DEL\w* priority=65531/, /^DEL\w* priority=65532/], encoding);
  }
});
