/**
 * A tenant's LLDP over a virtual link arrives as the neighbour's packet-in, and touches no wire.
 */

import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { ethernetFrame } from '../../openflow/packet/frames.ts';
import type { Action } from '../../openflow/values/values.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { forwardLldp } from '../../translation/requests/lldp.ts';
import { exampleText, snapshotOf, vswitchName, vswitchOf } from '../slices/networks.ts';
import { applied, applying, flowMod, output, outputs, toController } from '../slices/rules.ts';

const v1 = vswitchOf(snapshotOf(exampleText()), 'red/v1');

function frame(type: number): Uint8Array {
  const ends = { dst: '01:80:c2:00:00:0e', src: '02:00:00:00:00:01' };
  return ethernetFrame({ ...ends, type, payload: new Uint8Array(30) });
}

const lldp = frame(0x88cc);

/** red/v3's rules, as its controller set them. */
function neighbour(...mods: readonly Parameters<typeof flowMod>[0][]): Rulebook {
  const book = new Rulebook();
  for (const mod of mods) applied(book, flowMod(mod));
  return book;
}

const sendsUp = neighbour({ priority: 0, instructions: applying(toController) });

/** `carried` as vswitch:port, and how many actions are left. */
function carry(actions: readonly Action[], book: Rulebook | undefined, data = lldp) {
  const head = { type: 'packetOut', xid: 1, bufferId: 0xffffffff, inPort: 0xfffffffd } as const;
  const { carried, rest } = forwardLldp(v1, { ...head, actions, data }, (name) =>
    name === vswitchName('red/v3') ? book : undefined,
  );
  return [...carried.map(({ to }) => `${to.device}:${to.port}`), rest.length];
}

t.test('to a port with a virtual link: the neighbour’s port at the other end', async (t) => {
  t.strictSame(carry([output(2)], sendsUp), ['red/v3:1', 0]);
});

t.test('to a host, to several, to FLOOD: what is no link goes by the data plane', async (t) => {
  t.strictSame(carry([output(1)], sendsUp), [1]);
  t.strictSame(carry([output(1), output(2)], sendsUp), ['red/v3:1', 1]);
  t.strictSame(carry([output(0xfffffffb)], sendsUp), [1]);
});

t.test('only LLDP', async (t) => {
  t.strictSame(carry([output(2)], sendsUp, frame(0x0800)), [1]);
  t.strictSame(carry([output(2)], sendsUp, new Uint8Array(0)), [1]);
  t.strictSame(carry([output(2)], sendsUp, lldp.slice(0, 13)), [1]);
});

t.test('only when the neighbour’s own rule would send it up, and do nothing else', async (t) => {
  const both = applying(toController, output(2));
  t.strictSame(carry([output(2)], neighbour()), [1], 'it would be dropped there');
  t.strictSame(carry([output(2)], neighbour({ instructions: [] })), [1]);
  t.strictSame(carry([output(2)], neighbour({ instructions: outputs(2) })), [1]);
  t.strictSame(carry([output(2)], neighbour({ instructions: both })), [1]);
  t.strictSame(carry([output(2)], undefined), [1]);
});

t.test('the rule is the one that the packet meets at that port', async (t) => {
  const up = { instructions: applying(toController) };
  const byType = { priority: 9, match: [oxm('eth_type', 0x88cc)], ...up };
  t.strictSame(carry([output(2)], neighbour(byType, { instructions: [] })), [1], 'priority');
  t.strictSame(carry([output(2)], neighbour({ ...byType, priority: 900 }, {})), ['red/v3:1', 0]);
  const wrongPort = { priority: 900, match: [oxm('in_port', 2)], ...up };
  t.strictSame(carry([output(2)], neighbour(wrongPort)), [1]);
  t.strictSame(carry([output(2)], neighbour({ ...wrongPort, match: [oxm('in_port', 1)] })), [
    'red/v3:1',
    0,
  ]);
});

const on = [
  { type: 'writeMetadata', metadata: 0x17n, mask: 0xffn },
  { type: 'gotoTable', table: 3 },
] as const;
const up = { tableId: 3, instructions: applying(toController) };

t.test('through later tables, as long as nothing is done on the way', async (t) => {
  const at = (match: Parameters<typeof oxm>) => ({ ...up, match: [oxm(...match)] });
  const first = { instructions: on };
  t.strictSame(carry([output(2)], neighbour(first, up)), ['red/v3:1', 0]);
  t.strictSame(carry([output(2)], neighbour(first, at(['metadata', 0x17]))), ['red/v3:1', 0]);
  t.strictSame(carry([output(2)], neighbour(first, at(['metadata', 0x18]))), [1], 'a miss');
  t.strictSame(carry([output(2)], neighbour(first)), [1], 'nothing in table 3');
  const does = { instructions: [...outputs(2), ...on] };
  t.strictSame(carry([output(2)], neighbour(does, up)), [1], 'it is also sent on');
  const set = { type: 'writeActions', actions: [output(2)] } as const;
  t.strictSame(carry([output(2)], neighbour({ instructions: [set, ...on] }, up)), [1], 'a set');
});

t.test('what it met tells table and metadata of the packet-in', async (t) => {
  const book = neighbour({ instructions: on }, up);
  const head = { type: 'packetOut', xid: 1, bufferId: 0xffffffff, inPort: 0xfffffffd } as const;
  const { carried } = forwardLldp(v1, { ...head, actions: [output(2)], data: lldp }, () => book);
  t.match(carried, [{ met: { rule: { tableId: 3 }, metadata: 0x17n } }]);
});

t.test('actions that change the packet are left to the data plane', async (t) => {
  const set: Action = { type: 'setField', oxm: oxm('eth_src', 5) };
  t.strictSame(carry([set, output(2)], sendsUp), [2]);
});
