/**
 * Several tables: goto, the action set, metadata (OF1.3.5 sections 5.1, 5.9 and 5.10).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { flowFlag, port as ofpp } from '../../../../openflow/values/constants.ts';
import type { Action, Instruction, Oxm } from '../../../../openflow/values/values.ts';
import {
  applying,
  ask,
  type Conversation,
  dump,
  filter,
  flowMod,
  output,
  packets,
  type Sent,
  send,
  setField,
  talk,
  toController,
} from '../conversation.ts';
import { tcp, udp } from '../frames.ts';

const ip = oxm('eth_type', 0x0800);
const one = packets([1, tcp()]);

const goto = (table: number): Instruction => ({ type: 'gotoTable', table });
const write = (...actions: readonly Action[]): Instruction => ({ type: 'writeActions', actions });
const clear: Instruction = { type: 'clearActions' };
const metadata = (value: bigint, mask = 0xffff_ffffn): Instruction => {
  return { type: 'writeMetadata', metadata: value, mask };
};

/** A rule of a table with these instructions. */
function at(tableId: number, instructions: readonly Instruction[], ...match: Oxm[]): Sent {
  return flowMod('add', { tableId, match, instructions });
}

const sets: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['an output', /h2 </, [at(0, [write(output(2))])]],
  ['an output, then goto', /h2 </, [at(0, [write(output(2)), goto(1)]), at(1, [])]],
  [
    'an output that a later table replaces',
    /h3 </,
    [at(0, [write(output(2)), goto(1)]), at(1, [write(output(3))])],
  ],
  [
    'an output that a later table clears',
    /table=1, n_packets=1/,
    [at(0, [write(output(2)), goto(1)]), at(1, [clear])],
  ],
  [
    'cleared and written in one rule',
    /h4 </,
    [at(0, [write(output(2)), goto(1)]), at(1, [clear, write(output(4))])],
  ],
  ['and a miss in the next table', /c1 </, [at(0, [write(output(2)), goto(1)])]],
  ['beside applied outputs', /h3 </, [at(0, [...applying(output(3)), write(output(2))])]],
  [
    'fields, set once at the end',
    /h2 </,
    [at(0, [write(output(2), setField('eth_dst', 0x0200_0000_0099)), ...applying(output(3))])],
  ],
  ['FLOOD', /h4 </, [at(0, [write(output(ofpp.flood))])]],
  ['ALL', /h4 </, [at(0, [write(output(ofpp.all))])]],
  ['IN_PORT', /h1 </, [at(0, [write(output(ofpp.inPort))])]],
  ['the ingress port, where it does not go', /c1 </, [at(0, [write(output(1))])]],
  ['two outputs, of which the last counts', /h3 </, [at(0, [write(output(2), output(3))])]],
  [
    'the controller, replaced by a port',
    /h2 </,
    [at(0, [write(toController), goto(1)]), at(1, [write(output(2))])],
  ],
  [
    'a port, replaced by the controller',
    /packetIn/,
    [at(0, [write(output(2)), goto(1)]), at(1, [write(toController)])],
  ],
  [
    'a tag that is pushed before the output',
    /h2 </,
    [
      at(0, [
        write(output(2), { type: 'pushVlan', ethertype: 0x8100 }, setField('vlan_vid', 0x1005)),
      ]),
    ],
  ],
];

const toTable1: readonly Sent[] = [at(0, [goto(1)])];

const loops: readonly (readonly [string, Sent])[] = [
  ['to itself', at(3, [goto(3)])],
  ['back', at(3, [goto(2)])],
];

export const tables: readonly Conversation[] = [
  ...sets.map(([name, sees, rules]) =>
    talk(`the action set: ${name}`, sees, send(...rules), one, dump),
  ),
  ...loops.map(([name, sent]) => talk(`goto ${name}`, /error/, send(sent), dump)),
  talk('goto a rule', /h2 </, send(...toTable1, at(1, applying(output(2)))), one, dump),
  talk('goto a table without a rule', /c1 </, send(...toTable1), one, dump),
  talk(
    'goto over many tables',
    /h2 </,
    send(at(0, [goto(7)]), at(7, [goto(100)]), at(100, [goto(239)]), at(239, applying(output(2)))),
    one,
    dump,
  ),
  talk(
    'what an earlier table changed is matched by a later one',
    /h3 </,
    send(
      at(0, [...applying(setField('eth_dst', 0x0200_0000_0077)), goto(1)]),
      at(1, applying(output(3)), oxm('eth_dst', 0x0200_0000_0077)),
    ),
    one,
    dump,
  ),
  talk(
    'a table-miss rule of a later table',
    /packetIn/,
    send(
      ...toTable1,
      flowMod('add', { tableId: 1, priority: 0, instructions: applying(toController) }),
    ),
    one,
    dump,
  ),
  talk(
    'in_port in a later table',
    /h2 </,
    send(...toTable1, at(1, applying(output(2)), oxm('in_port', 1))),
    packets([1, tcp()], [3, udp()]),
    dump,
  ),
  talk(
    'metadata, written and matched',
    /h2 </,
    send(
      at(0, [metadata(0x1234n), goto(1)]),
      at(1, applying(output(2)), oxm('metadata', 0x1234)),
      at(1, applying(output(3)), oxm('metadata', 0x1235)),
    ),
    one,
    dump,
  ),
  talk(
    'metadata in parts, matched with a mask, shown in a packet-in',
    /packetIn/,
    send(
      at(0, [metadata(0xf0n, 0xf0n), goto(1)]),
      at(1, [metadata(0x0fn, 0x0fn), goto(2)], oxm('metadata', 0xf0, 0xff)),
      at(2, applying(toController), oxm('metadata', 0x03, 0x03)),
    ),
    one,
    dump,
  ),
  talk(
    'metadata is zero at first',
    /h2 </,
    send(at(0, applying(output(2)), oxm('metadata', 0))),
    one,
    dump,
  ),
  talk(
    'rules of one match in several tables are several rules',
    /table/,
    send(at(0, [goto(1)], ip), at(1, applying(output(2)), ip), at(2, applying(output(3)), ip)),
    send(flowMod('modify', { tableId: 1, match: [ip], instructions: applying(output(4)) })),
    one,
    dump,
    send(flowMod('delete', { tableId: 0, match: [ip] })),
    dump,
    send(flowMod('delete', { tableId: 0xff, match: [ip] })),
    dump,
  ),
  talk(
    'statistics by table',
    /c1 </,
    send(at(0, [goto(1)]), at(1, applying(output(2))), at(5, applying(output(3)))),
    one,
    send(ask({ kind: 'flow', filter: filter({ tableId: 1 }) })),
    send(ask({ kind: 'flow', filter: filter({ tableId: 9 }) })),
    send(ask({ kind: 'aggregate', filter: filter({ tableId: 5 }) })),
    send(ask({ kind: 'aggregate', filter: filter() })),
  ),
  talk(
    'flow-removed names the table',
    /flowRemoved/,
    send(flowMod('add', { tableId: 3, flags: flowFlag.sendFlowRem, match: [ip] })),
    send(flowMod('deleteStrict', { tableId: 3, match: [ip] })),
  ),
  talk(
    'a strict delete from all tables',
    /c1 </,
    send(at(1, [], ip), at(2, [], ip)),
    send(flowMod('deleteStrict', { tableId: 0xff, match: [ip] })),
    dump,
  ),
  talk(
    'no table has number 255',
    /error/,
    send(flowMod('add', { tableId: 0xff }), flowMod('modify', { tableId: 0xff })),
    dump,
  ),
];
