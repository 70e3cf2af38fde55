/**
 * Two controllers: roles, elections, who hears of what (OF1.3.5 sections 6.3.4 and 6.3.5).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { flowFlag, port as ofpp, role as roles } from '../../../../openflow/values/constants.ts';
import {
  ask,
  bent,
  type Conversation,
  filter,
  flowMod,
  output,
  packetOut,
  packets,
  resized,
  rule,
  type Sent,
  type Step,
  send,
  sendBy,
  talk,
  toController,
  type Unsent,
} from '../conversation.ts';
import { plain, tcp } from '../frames.ts';

function role(number: number, generationId = 0n): Unsent {
  return { type: 'roleRequest', role: number, generationId };
}

const nicira = (number: number): Unsent => {
  const head = { type: 'experimenter', experimenter: 0x2320, expType: 10 } as const;
  return { ...head, data: Uint8Array.of(0, 0, 0, number) };
};

const masks = {
  packetIn: 0,
  packetInSlave: 0,
  portStatus: 0,
  portStatusSlave: 0,
  flowRemoved: 0,
  flowRemovedSlave: 0,
};
const wants = (some: Partial<typeof masks>): Unsent => ({ type: 'setAsync', ...masks, ...some });

const equal: Step = sendBy('c1', role(roles.equal));
/** Both begin and end as equals; an election that is over begins at another generation id. */
function between(name: string, sees: RegExp, ...steps: readonly Step[]): Conversation {
  return talk(name, sees, ...steps, equal, sendBy('c2', role(roles.equal)));
}

const master = (generationId: bigint) => send(role(roles.master, generationId));
const slave2 = (generationId: bigint) => sendBy('c2', role(roles.slave, generationId));
const up = rule([], [toController]);
const removed = [
  send(flowMod('add', { flags: flowFlag.sendFlowRem, match: [oxm('in_port', 3)] })),
  send(flowMod('delete')),
];

const changes: readonly (readonly [string, Sent])[] = [
  ['a flow-mod', rule([], [output(2)])],
  ['a packet-out', packetOut(ofpp.controller, [output(2)], plain)],
  ['a table-mod', { type: 'tableMod', tableId: 0, config: 0 }],
];

export const roleTalks: readonly Conversation[] = [
  between('what am I', /roleReply/, send(role(roles.nochange, 77n))),
  between('equal', /roleReply/, send(role(roles.equal, 5n)), send(role(roles.nochange))),
  between('master, and the other is still an equal', /role=1/, master(1n), sendBy('c2', role(0))),
  between('a second master makes the first a slave', /role=3/, ...twoMasters(1n)),
  between('a stale generation id', /stale/, master(10n), master(9n), master(10n), master(11n)),
  between('a stale slave', /stale/, master(20n), slave2(19n), sendBy('c2', role(0))),
  between('a role that does not exist', /badRole/, send(role(9, 30n))),
  ...changes.map(([name, sent]) =>
    between(`a slave sends ${name}`, /isSlave/, slave2(40n), sendBy('c2', sent)),
  ),
  between(
    'a slave’s flow-mod is not read',
    /isSlave/,
    slave2(41n),
    sendBy(
      'c2',
      bent(rule([], []), 25, 9),
      bent(rule([], []), 48, 0, 9),
      resized(rule([], []), 40),
    ),
  ),
  between(
    'a slave asks',
    /c2 </,
    slave2(410n),
    sendBy('c2', ask({ kind: 'flow', filter: filter() })),
  ),
  between(
    'a slave hears of no packets',
    /c1 < packetIn/,
    send(up),
    slave2(420n),
    packets([1, tcp()]),
  ),
  between('a slave hears of no removals', /c1 < flowRemoved/, slave2(430n), ...removed),
  between('set-async as a slave', /c2 < packetIn/, ...slaveWith({ packetInSlave: 2 })),
  between('what a connection hears at first', /getAsyncReply/, send({ type: 'getAsyncRequest' })),
  between(
    'set-async, and what it says then',
    /getAsyncReply/,
    send(wants({ packetIn: 0xffff_ffff, flowRemoved: 0xffff_ffff, portStatusSlave: 0xffff_ffff })),
    send({ type: 'getAsyncRequest' }),
    restore('c1'),
  ),
  between(
    'no packets, but for the other controller',
    /c2 < packetIn/,
    send(wants({ flowRemoved: 0xf })),
    send(up),
    packets([1, tcp()]),
    restore('c1'),
  ),
  between(
    'no removals',
    /c2 < flowRemoved/,
    send(wants({ packetIn: 3 })),
    ...removed,
    restore('c1'),
  ),
  between('Nicira’s request', /experimenter/, send(nicira(1)), send(role(0)), send(nicira(0))),
  between(
    'Nicira’s master',
    /role=3/,
    sendBy('c2', nicira(1)),
    send(nicira(1)),
    sendBy('c2', role(0)),
  ),
  between('Nicira’s slave sends a flow-mod', /isSlave/, send(nicira(2)), send(rule([], []))),
  between('no such role of Nicira’s', /badRole/, send(nicira(3))),
  between('a role request that is too short', /badLen/, send(cut())),
  between('a table-mod', /^/, send({ type: 'tableMod', tableId: 3, config: 3 })),
  between('a table-mod of all', /^/, send({ type: 'tableMod', tableId: 255, config: 0 })),
];

function twoMasters(generationId: bigint): readonly Step[] {
  const [one, other] = [generationId, generationId + 1n];
  return [master(one), sendBy('c2', role(roles.master, other)), send(role(0), rule([], []))];
}

function slaveWith(some: Partial<typeof masks>): readonly Step[] {
  return [slave2(500n), sendBy('c2', wants(some)), send(up), packets([1, tcp()]), restore('c2')];
}

/** What a connection hears at first. */
function restore(by: 'c1' | 'c2'): Step {
  const first = { packetIn: 3, portStatus: 7, portStatusSlave: 7, flowRemoved: 15 };
  return sendBy(by, wants(first));
}

function cut(): Uint8Array {
  return resized(role(roles.equal), 16);
}
