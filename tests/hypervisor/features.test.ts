/**
 * What a datapath says of itself when it connects: one that has no select groups is not given any
 * where the file asks for them, and told why.
 */
import t from 'tap';
import { multipartType } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import { roomIn } from '../../translation/datapath/datapath-features.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = (wish: string): string => `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:8 - s2:8, s1:9 - s2:9]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [{ ends: v1:2 - v2:2${wish} }]
`;
const spread = text(', spread: select');
const nothing = { capabilities: 0, actionsAll: 0, actionsSelect: 0, actionsIndirect: 0 };
const most = { maxAll: 9, maxSelect: 9, maxIndirect: 9, maxFf: 9 };
const groups = (types: number): MultipartReplyBody & { kind: 'groupFeatures' } => {
  return { kind: 'groupFeatures', types, ...nothing, actionsFf: 0, ...most };
};

/** With s1 and what it says of its types of groups. */
function started(file: string, types: number): FakeNetwork {
  const net = new FakeNetwork(file, memoryStore());
  net.switch('s1').features['groupFeatures'] = groups(types);
  for (const name of ['s1', 's2']) net.connect(name);
  return net;
}

const stateOf = (net: FakeNetwork, name: string) =>
  net.hypervisor.datapaths().find((one) => one.name === name)?.state;

t.test('no select groups, where flows are to be spread: said, and not tried', async (t) => {
  const net = started(spread, 0b1101);
  t.match(stateOf(net, 's1'), {
    type: 'away',
    why: /red\/v2 has "spread: select", and the datapath/,
  });
  t.match(stateOf(net, 's1'), { why: /says that it has no select groups: remove that, or/ });
  const types = net
    .switch('s1')
    .changes()
    .map(({ type }) => type);
  t.notOk(types.includes('groupMod'), 'it was sent no group');
  t.strictSame(stateOf(net, 's2'), { type: 'ready' }, 'one that does not say is tried');
});

t.test('with them, or where nothing is spread, it serves', async (t) => {
  t.strictSame(stateOf(started(spread, 0b1111), 's1'), { type: 'ready' });
  const net = started(text(''), 0b1101);
  t.strictSame(stateOf(net, 's1'), { type: 'ready' });
  t.notOk(net.switch('s1').asked.includes('groupFeatures'), 'and nobody asks');
});

t.test('how much there is room for', async (t) => {
  t.strictSame(roomIn([groups(0b1111)]), { groups: 9 });
  t.strictSame(roomIn([{ ...groups(0b0101), maxIndirect: 4, maxSelect: 1 }]), { groups: 4 });
  t.strictSame(roomIn([]), {});
  const of10 = { name: '', wildcards: 0, maxEntries: 300 };
  const table = { tableId: 0, activeCount: 0, lookupCount: 0n, matchedCount: 0n, of10 };
  t.strictSame(roomIn([{ kind: 'table', tables: [table] }]), { rules: 300 });
  // Tables 0 and 1, the second with properties behind it, and one that is none of tenants'.
  const body = new Uint8Array(64 + 80 + 64);
  const dv = new DataView(body.buffer);
  for (const [at, length, id, max] of [
    [0, 64, 0, 2_000],
    [64, 76, 1, 1_500],
    [144, 64, 251, 10],
  ] as const) {
    dv.setUint16(at, length);
    dv.setUint8(at + 2, id);
    dv.setUint32(at + 60, max);
  }
  const { tableFeatures: mpType } = multipartType;
  t.strictSame(roomIn([{ kind: 'other', mpType, body }]), { rules: 1_500 });
});
