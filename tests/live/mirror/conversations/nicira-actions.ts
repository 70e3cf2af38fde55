/**
 * Nicira's actions in rules of OpenFlow 1.3, and matches on registers.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { encode } from '../../../../openflow/messages/codec.ts';
import { extensions } from '../../../../openflow/messages/extensions.ts';
import { type Version, version } from '../../../../openflow/values/constants.ts';
import { fields, headerOf } from '../../../../openflow/values/fields.ts';
import type { Action, Oxm } from '../../../../openflow/values/values.ts';
import {
  applying,
  type Conversation,
  dump,
  flowMod,
  output,
  packets,
  rule,
  type Sent,
  send,
  sendBy,
  talk,
  toController,
} from '../conversation.ts';
import { arp, plain, tcp } from '../frames.ts';

export const reg = (number: 0 | 1 | 2 | 3): number => headerOf(fields[`reg${number}`]);
const [ETH_DST, ETH_SRC, IP_SRC, TCP_DST, ARP_SPA, ETH_TYPE] = [
  ...[0x0206, 0x0406, 0x0e04, 0x1402, 0x2004, 0x0602],
] as const;

export function load(field: number, value: bigint, bits: number, firstBit = 0): Action {
  return { type: 'load', field, value, bits, firstBit };
}

function move(from: number, to: number, bits: number, fromBit = 0, toBit = 0): Action {
  const places = { ...(fromBit > 0 && { fromBit }), to, ...(toBit > 0 && { toBit }) };
  return { type: 'move', bits, from, ...places };
}

export const resubmit = (table: number, inPort = 0xfff8): Action => {
  return { type: 'resubmit', inPort, table };
};

const out = output(2);
const tcps = [oxm('eth_type', 0x0800), oxm('ip_proto', 6)];
const inTable = (tableId: number, match: readonly Oxm[], ...actions: readonly Action[]) =>
  rule(match, actions, { tableId, priority: 7 });

const registers: readonly Conversation[] = [
  talk(
    'nicira: a register that is loaded is matched in a later table',
    /h3 </,
    send(
      rule(tcps, [load(reg(0), 5n, 32), resubmit(1)]),
      inTable(1, [oxm('reg0', 5)], output(3)),
      inTable(1, [oxm('reg0', 0)], output(4)),
    ),
    packets([1, tcp()], [1, plain]),
    dump,
  ),
  talk(
    'nicira: bits of registers, moved and matched with masks',
    /h3 </,
    send(
      rule(tcps, [
        load(reg(1), 0xabn, 8, 4),
        move(reg(1), reg(3), 8, 4, 20),
        move(ETH_SRC ?? 0, reg(2), 32),
        resubmit(2),
      ]),
      inTable(2, [oxm('reg3', 0x0a00_0000, 0x0f00_0000), oxm('reg2', 1)], output(3), toController),
      inTable(2, [oxm('reg1', 0xab0)], output(4)),
    ),
    packets([1, tcp()]),
    dump,
  ),
  talk(
    'nicira: registers through goto_table',
    /h3 </,
    send(
      rule([], [load(reg(0), 1n, 1)], {
        instructions: [...applying(load(reg(0), 1n, 1)), { type: 'gotoTable', table: 3 }],
      }),
      inTable(3, [oxm('reg0', 1)], output(3)),
    ),
    packets([1, plain]),
    dump,
  ),
  talk(
    'nicira: every packet begins with zeros',
    /h3 </,
    send(
      rule([oxm('in_port', 1)], [load(reg(0), 9n, 32), out]),
      rule([oxm('reg0', 0), oxm('reg3', 0)], [output(3)], { priority: 3 }),
      rule([oxm('reg0', 9)], [output(4)], { priority: 5 }),
    ),
    packets([1, plain], [2, plain]),
    dump,
  ),
];

const headers: readonly Conversation[] = [
  talk(
    'nicira: loads and moves of headers',
    /h2 </,
    send(
      rule(tcps, [
        load(ETH_DST ?? 0, 0x0a00_0000_0007n, 48),
        move(ETH_DST ?? 0, ETH_SRC ?? 0, 16, 0, 8),
        load(IP_SRC ?? 0, 77n, 8),
        load(TCP_DST ?? 0, 8080n, 16),
        out,
      ]),
      rule([oxm('eth_type', 0x0806)], [load(ARP_SPA ?? 0, 1n, 1), out]),
    ),
    packets([1, tcp()], [1, arp()]),
    dump,
  ),
];

const lists: readonly Conversation[] = [
  talk(
    'nicira: notes do nothing',
    /h2 </,
    send(rule([], [{ type: 'note', data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, out])),
    send(rule(tcps, [{ type: 'note', data: new Uint8Array(14) }], { priority: 1 })),
    packets([1, plain]),
    dump,
  ),
  talk(
    'nicira: a resubmit, and what comes after it',
    /h4 </,
    send(
      rule([], [output(2), resubmit(4), output(4)]),
      inTable(4, tcps, output(3)),
      inTable(4, [oxm('in_port', 2)], toController),
    ),
    packets([1, tcp()], [1, plain], [2, plain]),
    dump,
    send(flowMod('delete', { tableId: 4 })),
    packets([1, tcp()]),
    dump,
  ),
];

/** NXT_SET_CONTROLLER_ID. */
function controllerId(id: number, spoken: Version): Sent {
  return controllerIdOf(spoken, 0, 0, 0, 0, 0, 0, 0, id);
}

function controllerIdOf(spoken: Version, ...bytes: readonly number[]): Sent {
  const data = Uint8Array.from(bytes);
  const message = { type: 'experimenter', xid: 0, ...extensions.niciraControllerId, data } as const;
  return encode(spoken, message);
}

/** The second controller has a number: it is told of what is for that, and of nothing else. */
export function controllersOf(spoken: Version): Conversation {
  const controller = (id: number, reason: number, maxLen = 0xffff): Action => {
    return { type: 'controller', maxLen, controllerId: id, reason };
  };
  return talk(
    'nicira: controllers by their numbers',
    /c2 < /,
    sendBy('c2', controllerId(5, spoken)),
    send(
      rule([oxm('in_port', 1)], [controller(5, 1), out], { cookie: 9n }),
      rule([oxm('in_port', 2)], [toController]),
      rule([oxm('in_port', 3)], [controller(0, 0, 20)]),
      rule([oxm('in_port', 4)], [controller(7, 1)]),
    ),
    packets([1, plain], [2, plain], [3, tcp()], [4, plain]),
    dump,
    sendBy('c2', controllerId(0, spoken)),
    packets([1, plain], [2, plain]),
  );
}

export function wrongIdsOf(spoken: Version): Conversation {
  return talk(
    'nicira: wrong: numbers of controllers',
    /error/,
    send(
      controllerIdOf(spoken, 1, 0, 0, 0, 0, 0, 0, 5),
      controllerIdOf(spoken, 0, 0, 0, 0, 0, 1, 0, 5),
      controllerIdOf(spoken, 0, 0, 0, 0, 0, 0, 5),
      controllerIdOf(spoken),
      controllerIdOf(spoken, ...new Array<number>(16).fill(0)),
      controllerId(0, spoken),
    ),
  );
}

const wrong = (name: string, match: readonly Oxm[], ...actions: readonly Action[]) =>
  talk(`nicira: wrong: ${name}`, /error/, send(rule(match, actions)), dump);

const errors: readonly Conversation[] = [
  wrong('bits that no register has', [], load(reg(0), 1n, 8, 28)),
  wrong('a value that has more bits', [], load(reg(0), 16n, 4)),
  wrong('an address of no IP packet', [], load(IP_SRC ?? 0, 1n, 32)),
  wrong('a move from an address of no IP packet', [], move(IP_SRC ?? 0, reg(0), 32)),
  wrong('a move must copy at least one bit', [], move(reg(1), reg(0), 0)),
  wrong('a move to more bits than there are', [], move(reg(1), reg(0), 16, 0, 20)),
  wrong('a field that nobody changes', [], load(ETH_TYPE ?? 0, 1n, 16)),
  wrong('a move to a field that nobody changes', [], move(reg(0), ETH_TYPE ?? 0, 16)),
];

export const niciraActions: readonly Conversation[] = [
  controllersOf(version.of13),
  wrongIdsOf(version.of13),
  ...registers,
  ...headers,
  ...lists,
  ...errors,
];
