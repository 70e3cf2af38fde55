/**
 * Queues: what is told of them, and that a rule may choose one (OF1.3.5 sections 7.2.2, 7.3.6 and
 * 7.3.5.8). Port 2 has queues 0, 1 and 2; no other port has any.
 *
 * Which queue a packet took cannot be seen here: Open vSwitch's userspace datapath has no queues
 * (tests/live/queues.test.ts looks into it).
 */
import { port as ofpp, queueAll } from '../../../../openflow/values/constants.ts';
import {
  ask,
  type Conversation,
  filter,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Sent,
  send,
  talk,
} from '../conversation.ts';
import { plain, tcp } from '../frames.ts';

const config = (portNo: number): Sent => ({ type: 'queueGetConfigRequest', portNo });
const stats = (portNo: number, queueId: number = queueAll): Sent =>
  ask({ kind: 'queueStats', portNo, queueId });
const want = (queueId: number) => ({ type: 'setQueue', queueId }) as const;
const dump = ask({ kind: 'flow', filter: filter() });

/** Ports by what they are. */
const asked: readonly (readonly [string, number])[] = [
  ['a port that has some', 2],
  ['a port without', 3],
  ['a port that is not there', 99],
  ['all ports', ofpp.any],
  ['LOCAL', ofpp.local],
  ['FLOOD', ofpp.flood],
  ['CONTROLLER', ofpp.controller],
  ['a number between the ports and the reserved ones', 0x10000],
];

export const queues: readonly Conversation[] = [
  ...asked.flatMap(([name, portNo]) => [
    talk(`queue configuration of ${name}`, /c1 </, send(config(portNo))),
    talk(`queue statistics of ${name}`, /c1 </, send(stats(portNo))),
  ]),
  talk(
    'queue statistics of one queue',
    /queueStats/,
    send(stats(2, 1), stats(2, 0), stats(ofpp.any, 2)),
  ),
  talk(
    'queue statistics of a queue that is not there',
    /badQueue/,
    send(stats(2, 9), stats(3, 1), stats(ofpp.any, 9), stats(99, 1)),
  ),
  talk(
    'rules that choose a queue',
    /h2 </,
    send(rule([], [want(1), output(2), output(3), want(2), output(4)])),
    packets([1, tcp()]),
    send(dump),
  ),
  talk(
    'rules that choose a queue in the action set',
    /h2 </,
    send(
      flowMod('add', {
        instructions: [{ type: 'writeActions', actions: [output(2), want(1)] }],
      }),
    ),
    packets([1, tcp()]),
    send(dump),
  ),
  talk(
    'rules that choose a queue that nobody has',
    /h2 </,
    send(rule([], [want(77), output(2), want(queueAll), output(3)])),
    packets([1, tcp()]),
    send(dump),
  ),
  talk(
    'packet-outs that choose a queue',
    /h2 </,
    send(packetOut(ofpp.controller, [want(1), output(2), want(9), output(3)], plain)),
  ),
];
