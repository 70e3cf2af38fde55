/**
 * The small messages, and packets that a controller sends out and is sent (OF1.3.5 section 7.3.7).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { port as ofpp } from '../../../../openflow/values/constants.ts';
import {
  type Conversation,
  dump,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Step,
  send,
  sendBy,
  setField,
  talk,
  toController,
} from '../conversation.ts';
import { arp, H3, plain, tcp } from '../frames.ts';

const some = (size: number) => Uint8Array.from({ length: size }, (_, i) => i);
const out = (name: string, actions: Parameters<typeof packetOut>[1], inPort: number, sees = /./) =>
  talk(`packet-out ${name}`, sees, send(packetOut(inPort, actions, plain)));
const { controller, inPort, all, flood, table, any } = ofpp;

const outs: readonly Conversation[] = [
  out('to a port', [output(2)], controller, /h2 </),
  out('to several ports', [output(1), output(2), output(4)], controller, /h4 </),
  out('to ALL', [output(all)], controller, /h4 </),
  out('to FLOOD', [output(flood)], controller, /h4 </),
  out('to ALL, as from port 2', [output(all)], 2, /h4 </),
  out('to IN_PORT, as from port 2', [output(inPort)], 2, /h2 </),
  out('to port 2, as from port 2', [output(2)], 2),
  out('to IN_PORT, as from CONTROLLER', [output(inPort)], controller),
  out('to CONTROLLER', [toController], controller, /c1 </),
  out('to CONTROLLER, as from port 3', [toController], 3, /packetIn/),
  out('to ANY', [output(any)], controller, /error/),
  out('to a port that is not there', [output(9)], controller),
  out('without actions', [], controller),
  out('with a field changed', [setField('eth_src', H3), output(2)], controller, /h2 </),
  out(
    'with a tag pushed',
    [{ type: 'pushVlan', ethertype: 0x8100 }, setField('vlan_vid', 0x1007), output(2)],
    controller,
    /h2 </,
  ),
  out('from ANY', [output(2)], any, /c1 <|h2 </),
  out('from FLOOD', [output(2)], flood, /c1 <|h2 </),
  out('to a group that is not there', [{ type: 'group', groupId: 3 }], controller, /error/),
  out(
    'of an experimenter’s action',
    [{ type: 'experimenter', experimenter: 7, data: some(8) }],
    controller,
    /error/,
  ),
  talk(
    'packet-out of no buffer that is known',
    /error/,
    send(packetOut(controller, [output(2)], new Uint8Array(), 55)),
  ),
  talk('packet-out without data', /./, send(packetOut(controller, [output(2)], new Uint8Array()))),
  talk('packet-out of a runt', /./, send(packetOut(controller, [output(2)], some(10)))),
  talk(
    'packet-out through the table',
    /h3 </,
    send(rule([], [output(3)]), packetOut(controller, [output(table)], plain)),
    dump,
  ),
  talk(
    'packet-out through the table, as from port 2',
    /h3 </,
    send(rule([oxm('in_port', 2)], [output(3)]), packetOut(2, [output(table)], plain)),
    dump,
  ),
  talk(
    'packet-out through an empty table',
    /./,
    send(packetOut(controller, [output(table)], plain)),
    dump,
  ),
];

const ins: readonly Conversation[] = [
  talk(
    'packet-in of a table-miss rule',
    /no_match/,
    send(rule([], [toController], { priority: 0 })),
    packets([1, plain], [2, tcp()], [3, arp()]),
  ),
  talk(
    'packet-in of a rule of priority 0 with a match',
    /packetIn/,
    send(rule([oxm('in_port', 1)], [toController], { priority: 0 })),
    packets([1, plain]),
  ),
  talk(
    'packet-in with the rule’s cookie',
    /cookie=0xabc/,
    send(rule([], [toController], { cookie: 0xabcn })),
    packets([4, plain]),
  ),
  talk(
    'packet-in of a frame with a tag',
    /packetIn/,
    send(rule([], [toController])),
    packets([1, tcp({}, { vid: 5, pcp: 3 })]),
  ),
  talk(
    'packet-in goes to both controllers',
    /c2 < packetIn/,
    send(rule([], [toController])),
    packets([1, plain]),
  ),
  talk(
    'packet-in of a frame of 1514 bytes',
    /packetIn/,
    send(rule([], [toController])),
    packets([1, some(1514)]),
  ),
  talk(
    'packet-in of a changed frame',
    /packetIn/,
    send(rule([], [setField('eth_dst', H3), toController])),
    packets([1, plain]),
  ),
];

/** What it is then, what a miss says, and back. */
function configured(flags: number, missSendLen: number): readonly Step[] {
  const missed = rule([], [toController], { priority: 0 });
  return [
    send({ type: 'setConfig', flags, missSendLen }, { type: 'getConfigRequest' }, missed),
    packets([1, plain]),
    send({ type: 'setConfig', flags: 0, missSendLen: 128 }, { type: 'getConfigRequest' }),
  ];
}

const small: readonly Conversation[] = [
  talk('features', /dpid=0000000000000001 n_buffers=0/, send({ type: 'featuresRequest' })),
  talk('configuration', /getConfigReply/, send({ type: 'getConfigRequest' })),
  ...[4, 8, 0x8000, 0xfffc].map((flags) =>
    talk(
      `configuration: flags 0x${flags.toString(16)}`,
      /getConfigReply/,
      ...configured(flags, 77),
    ),
  ),
  ...[0, 10, 0xffff].map((size) =>
    talk(`configuration: ${size} bytes of a miss`, /getConfigReply/, ...configured(0, size)),
  ),
  talk('configuration: fragments put together', /flags=0/, ...configured(2, 77)),
  talk('barrier', /barrierReply/, send({ type: 'barrierRequest' })),
  talk('echo without data', /echoReply/, send({ type: 'echoRequest', data: some(0) })),
  talk('echo with 100 bytes', /echoReply/, send({ type: 'echoRequest', data: some(100) })),
  talk('echo with 65,000 bytes', /echoReply/, send({ type: 'echoRequest', data: some(65_000) })),
  talk('an echo reply that nobody asked for', /send/, send({ type: 'echoReply', data: some(4) })),
  talk(
    'rules of one controller are the other’s too',
    /cookie=0x2/,
    send(rule([], [output(2)])),
    sendBy('c2', flowMod('delete'), rule([], [output(2)], { cookie: 2n })),
    dump,
  ),
  talk(
    'flow-removed goes to both controllers',
    /c2 < flowRemoved/,
    send(rule([], [output(2)], { flags: 1 }), flowMod('delete')),
  ),
];

export const smallMessages: readonly Conversation[] = [...outs, ...ins, ...small];
