/**
 * The meters of no rule: that of what goes to the controller, and the slow path's (OF1.3.5 section
 * 7.3.4.4). As in meters.ts, sizes decide and no clock: a kilobit is 125 bytes.
 */
import {
  groupCommand,
  groupType,
  meterCommand,
  meterFlag,
  group as ofpg,
  meter as ofpm,
  port as ofpp,
} from '../../../../openflow/values/constants.ts';
import type { MeterBand } from '../../../../openflow/values/values.ts';
import {
  applying,
  ask,
  type Conversation,
  dump,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Sent,
  send,
  talk,
  toController,
} from '../conversation.ts';
import { plain, tcp } from '../frames.ts';

const { kbps, pktps, burst, stats } = meterFlag;
const { controller, slowpath } = ofpm;

function drop(rate: number, burstSize = 0): MeterBand {
  return { type: 'drop', rate, burstSize };
}

function meterMod(
  command: keyof typeof meterCommand,
  meterId: number,
  flags: number = kbps,
  ...bands: MeterBand[]
): Sent {
  return { type: 'meterMod', command: meterCommand[command], meterId, flags, bands };
}

const narrow = (meterId: number): Sent =>
  meterMod('add', meterId, kbps | burst | stats, drop(1, 1));
const statsOf = (meterId: number): Sent => ask({ kind: 'meterStats', meterId });
const configOf = (meterId: number): Sent => ask({ kind: 'meterConfig', meterId });
const large = tcp({ payload: new Uint8Array(900) });
const some = packets([1, tcp()], [1, large]);
const up = rule([], [toController]);
const seen = [send(statsOf(controller), statsOf(ofpm.all), configOf(ofpm.all)), dump];

/** What sends up, and what is let through. */
const doing: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['of a rule', /"packetCount":"2".*"packetCount":"1"/, [narrow(controller), up]],
  ['of what misses', /no_match/, [narrow(controller), rule([], [toController], { priority: 0 })]],
  [
    'wide enough',
    /"packetCount":"2".*"packetCount":"0"/,
    [meterMod('add', controller, kbps | stats, drop(1_000_000)), up],
  ],
  [
    'in packets a second',
    /"packetCount":"0"/,
    [meterMod('add', controller, pktps | stats, drop(100_000)), up],
  ],
  [
    'of a rule that forwards, too',
    /h2 </,
    [narrow(controller), rule([], [toController, output(2)])],
  ],
  [
    'twice in a rule: counted twice',
    /"packetCount":"4"/,
    [narrow(controller), rule([], [toController, output(2), toController])],
  ],
  [
    'by an action set',
    /packetIn/,
    [
      narrow(controller),
      flowMod('add', { instructions: [{ type: 'writeActions', actions: [toController] }] }),
    ],
  ],
  [
    'by a group',
    /packetIn/,
    [
      narrow(controller),
      {
        type: 'groupMod',
        command: groupCommand.add,
        groupType: groupType.all,
        groupId: 1,
        buckets: [
          { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions: [toController] },
        ],
      },
      rule([], [{ type: 'group', groupId: 1 }]),
    ],
  ],
  [
    'of several bands the highest rate acts',
    /"packetCount":"1","byteCount":"934"/,
    [meterMod('add', controller, kbps | burst | stats, drop(2, 2), drop(1, 1)), up],
  ],
  [
    'while it is modified',
    /packetIn/,
    [narrow(controller), up, meterMod('modify', controller, kbps | stats, drop(1_000_000))],
  ],
  ['and deleted', /packetIn/, [narrow(controller), up, meterMod('delete', controller)]],
  ['the slow path’s: nothing goes there', /"packetCount":"0"/, [narrow(slowpath), up]],
];

const mods: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['one that exists', /meterExists/, [narrow(controller), narrow(controller)]],
  ['modify one that does not exist', /unknownMeter/, [meterMod('modify', controller)]],
  ['delete one that does not exist', /send/, [meterMod('delete', slowpath)]],
  ['both, and another', /slowpath/, [narrow(slowpath), narrow(controller), narrow(5)]],
  [
    'all deleted',
    /send/,
    [narrow(slowpath), narrow(controller), narrow(5), meterMod('delete', ofpm.all)],
  ],
  ['no band', /outOfBands/, [meterMod('add', controller)]],
  ['a rate of nothing', /badRate/, [meterMod('add', controller, kbps, drop(0))]],
  ['neither kilobits nor packets', /badFlags/, [meterMod('add', slowpath, stats, drop(1))]],
  [
    'a band that remarks',
    /badBand/,
    [meterMod('add', controller, kbps, { ...drop(5), type: 'dscpRemark', precLevel: 1 })],
  ],
  ...[0xffff_0001, 0xffff_fffc].map(
    (number) =>
      [
        `there is no ${number.toString(16)}`,
        /invalidMeter/,
        [narrow(number), meterMod('modify', number), meterMod('delete', number), configOf(number)],
      ] as const,
  ),
  ...[controller, slowpath].map(
    (meterId) =>
      [
        `no rule may use ${meterId.toString(16)}`,
        /invalidMeter/,
        [
          narrow(meterId),
          flowMod('add', { instructions: [{ type: 'meter', meterId }, ...applying(output(2))] }),
        ],
      ] as const,
  ),
];

export const reservedMeters: readonly Conversation[] = [
  ...doing.map(([name, sees, set]) =>
    talk(`controllers’ meter: ${name}`, sees, send(...set), some, ...seen),
  ),
  ...mods.map(([name, sees, set]) =>
    talk(`reserved meters: ${name}`, sees, send(...set, configOf(ofpm.all)), ...seen),
  ),
  ...(
    [
      ['sent out', ofpp.controller, toController],
      ['put into the table', 1, output(ofpp.table)],
    ] as const
  ).map(([name, inPort, action]) =>
    talk(
      `controllers’ meter: of what is ${name}`,
      /packetIn/,
      send(narrow(controller), up, packetOut(inPort, [action], large)),
      send(packetOut(inPort, [action], plain)),
      ...seen,
    ),
  ),
  talk(
    'controllers’ meter: modified, it counts anew',
    /"packetCount":"2"/,
    send(narrow(controller), up),
    some,
    ...seen,
    send(meterMod('modify', controller, kbps | burst | stats, drop(1, 1))),
    some,
    ...seen,
  ),
];
