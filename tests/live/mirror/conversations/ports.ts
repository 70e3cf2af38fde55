/**
 * Ports: what they are, PORT_MOD, and the numbers that are reserved or nobody's.
 *
 * PORT_DOWN is not among them: when a real link follows it is up to the kernel
 * (tests/live/ports.test.ts, tests/hypervisor/port-mod.test.ts). Nor are packets from the wire.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { port as ofpp, portConfig } from '../../../../openflow/values/constants.ts';
import {
  ask,
  type Conversation,
  output,
  packetOut,
  rule,
  type Step,
  send,
  talk,
  toController,
  type Unsent,
} from '../conversation.ts';
import { arp, plain } from '../frames.ts';

/** sides.ts gives both switches these addresses. */
const macOf = (low: number) => Uint8Array.from([0x0a, 0, 0, 0, 0, low]);
const LOCAL_LOW = 0xfe;

function portMod(portNo: number, config: number, mask = config, hwAddr = macOf(portNo)): Unsent {
  return { type: 'portMod', portNo, hwAddr, config, mask, advertise: 0 };
}

const describe = send(ask({ kind: 'portDesc' }));

/** What a bit does while it is set, and that it does no longer. */
function bit(name: string, port: number, config: number, sees: RegExp, ...steps: readonly Step[]) {
  const set = [send(portMod(port, config)), describe];
  const clear = [send(portMod(port, 0, config)), describe];
  return talk(`PORT_MOD ${name}`, sees, ...set, ...steps, ...clear, ...steps);
}

const { noRecv, noFwd, noPacketIn } = portConfig;
const flood = rule([], [output(ofpp.flood)]);
/** Not from the wire: the runner's own marker packets would be stopped, too. */
const knock = (port: number) =>
  send(...[arp(), plain].map((frame) => packetOut(port, [output(ofpp.table)], frame)));

const bits: readonly Conversation[] = [
  bit('NO_FWD, output', 2, noFwd, /h2 </, send(rule([], [output(2), output(3)])), knock(1)),
  bit('NO_FWD, FLOOD', 2, noFwd, /h2 </, send(flood), knock(1)),
  bit('NO_FWD, ALL', 3, noFwd, /h3 </, send(rule([], [output(ofpp.all)])), knock(1)),
  bit('NO_FWD, IN_PORT', 1, noFwd, /h1 </, send(rule([], [output(ofpp.inPort)])), knock(1)),
  bit('NO_FWD, packet-out', 2, noFwd, /h2 </, send(packetOut(1, [output(2)], plain))),
  bit('NO_RECV, rule', 1, noRecv, /h2 </, send(rule([], [output(2)])), knock(1), knock(3)),
  bit('NO_RECV, packet-in', 1, noRecv, /packetIn/, send(rule([], [toController])), knock(1)),
  bit('NO_RECV, packet-out', 1, noRecv, /h2 </, send(packetOut(1, [output(2)], plain))),
  bit(
    'NO_RECV, packet-out to TABLE',
    1,
    noRecv,
    /h2 </,
    send(rule([], [output(2)]), packetOut(1, [output(ofpp.table)], plain)),
  ),
  bit('NO_RECV and NO_FWD', 4, noRecv | noFwd, /h4 </, send(flood), knock(1), knock(4)),
  bit(
    'NO_PACKET_IN of an ordinary rule',
    1,
    noPacketIn,
    /packetIn/,
    send(rule([], [toController])),
    knock(1),
  ),
];

const refusals: readonly Conversation[] = [
  talk('PORT_MOD of no port', /portModFailed\/badPort/, send(portMod(9, noFwd))),
  talk('PORT_MOD of CONTROLLER', /badPort/, send(portMod(ofpp.controller, noFwd, noFwd, macOf(1)))),
  talk('PORT_MOD, another port’s address', /badHwAddr/, send(portMod(1, noFwd, noFwd, macOf(2)))),
  talk('PORT_MOD, no address', /badHwAddr/, send(portMod(1, noFwd, noFwd, new Uint8Array(6)))),
  talk('PORT_MOD, bits that 1.3 has not', /config/, send(portMod(1, 0xffff_ff9a)), describe),
  talk('PORT_MOD, bits outside the mask', /config/, send(portMod(1, noFwd, 0)), describe),
  talk(
    'PORT_MOD, advertise',
    /config/,
    send({ ...portMod(1, 0), advertise: 0x40 } as Unsent),
    describe,
  ),
  talk(
    'PORT_MOD of LOCAL',
    /LOCAL|4294967294/,
    send(portMod(ofpp.local, noFwd, noFwd, macOf(LOCAL_LOW))),
    describe,
    send(portMod(ofpp.local, 0, noFwd, macOf(LOCAL_LOW))),
  ),
];

const numbers = [
  0, 77, 0xfeff, 0xff00, 0xfffe, 0xffff, 0x10000, 0xfffffeff, 0xffffff00, 0xfffffff7,
] as const;
const { local, any, controller, inPort, all } = ofpp;
const outputs = [...numbers, local, any, controller, inPort, all, ofpp.flood];
const ingresses = [...numbers, local, any, controller, inPort, ofpp.table, ofpp.normal, all];

function hex(port: number): string {
  return `0x${port.toString(16)}`;
}

const reserved: readonly Conversation[] = [
  ...outputs.map((port) =>
    talk(
      `a rule’s output ${hex(port)}`,
      /send/,
      send(rule([], [output(port), output(2)])),
      knock(1),
    ),
  ),
  ...outputs.map((port) =>
    talk(
      `a packet-out’s output ${hex(port)}`,
      /send/,
      send(packetOut(controller, [output(port), output(2)], plain)),
      send(packetOut(1, [output(port), output(2)], plain)),
    ),
  ),
  ...ingresses.map((port) =>
    talk(
      `a packet-out’s in_port ${hex(port)}`,
      /send/,
      send(
        rule([oxm('in_port', 1)], [output(3)], { priority: 5 }),
        packetOut(port, [output(2), toController, output(ofpp.table)], plain),
      ),
    ),
  ),
  ...ingresses.map((port) =>
    talk(
      `a match of in_port ${hex(port)}`,
      /send/,
      send(rule([oxm('in_port', port)], [toController])),
      send(packetOut(controller, [output(ofpp.table)], plain)),
      send(packetOut(local, [output(ofpp.table)], plain)),
      send(packetOut(77, [output(ofpp.table)], plain)),
      knock(1),
    ),
  ),
];

const statistics: readonly Conversation[] = [9, 0, 0xfeff, 0x10000, 0xffffff00, controller].map(
  (portNo) =>
    talk(`port statistics of ${hex(portNo)}`, /c1 </, send(ask({ kind: 'portStats', portNo }))),
);

export const portTalks: readonly Conversation[] = [
  talk('port descriptions', /10000000/, describe),
  ...bits,
  ...refusals,
  ...reserved,
  ...statistics,
];
