/**
 * Meters: what they let through, what is refused, what is counted (OF1.3.5 sections 5.7 and 6.6).
 *
 * No clock decides here: a packet of more bits than a meter's burst never passes, a small one
 * always does.
 */
import { meterCommand, meterFlag, meter as ofpm } from '../../../../openflow/values/constants.ts';
import type { Instruction, MeterBand } from '../../../../openflow/values/values.ts';
import {
  applying,
  ask,
  bytesOf,
  type Conversation,
  filter,
  flowMod,
  output,
  packets,
  raw,
  type Sent,
  send,
  talk,
  toController,
} from '../conversation.ts';
import { tcp } from '../frames.ts';

type Command = keyof typeof meterCommand;
const { kbps, pktps, burst, stats } = meterFlag;

function drop(rate: number, burstSize = 0): MeterBand {
  return { type: 'drop', rate, burstSize };
}

function meterMod(command: Command, meterId: number, flags: number, ...bands: MeterBand[]): Sent {
  return { type: 'meterMod', command: meterCommand[command], meterId, flags, bands };
}

function meter(meterId: number, flags: number, ...bands: MeterBand[]): Sent {
  return meterMod('add', meterId, flags, ...bands);
}

/** A kilobit at a time: 125 bytes. */
const narrow = (meterId: number): Sent => meter(meterId, kbps | burst | stats, drop(1, 1));
const wide = (meterId: number): Sent => meter(meterId, kbps | stats, drop(1_000_000));
const use = (meterId: number): Instruction => ({ type: 'meter', meterId });
const through = (meterId: number, ...more: readonly Instruction[]): Sent =>
  flowMod('add', { instructions: [use(meterId), ...applying(output(2)), ...more] });
const small = tcp();
const large = tcp({ payload: new Uint8Array(900) });
const some = packets([1, small], [1, large], [1, small]);
const statsOf = (meterId: number): Sent => ask({ kind: 'meterStats', meterId });
const configOf = (meterId: number): Sent => ask({ kind: 'meterConfig', meterId });
const dump = ask({ kind: 'flow', filter: filter() });
const seen = send(dump, statsOf(ofpm.all), configOf(ofpm.all));

/** What packets meet. */
const doing: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['what is above the rate is dropped', /"packetCount":"3"/, [narrow(1), through(1)]],
  ['what is below it passes', /h2 </, [wide(1), through(1)]],
  ['packets of any size are packets', /h2 </, [meter(1, pktps, drop(100_000)), through(1)]],
  [
    'several bands, the highest rate that is exceeded acts',
    /bands/,
    [meter(1, kbps | burst, drop(1, 1), drop(1_000_000, 1_000_000)), through(1)],
  ],
  [
    'to the controller',
    /packetIn/,
    [narrow(1), flowMod('add', { instructions: [use(1), ...applying(toController)] })],
  ],
  [
    'in a later table',
    /h2 </,
    [
      narrow(1),
      flowMod('add', { instructions: [{ type: 'gotoTable', table: 3 }] }),
      flowMod('add', { tableId: 3, instructions: [use(1), ...applying(output(2))] }),
    ],
  ],
  [
    'before another table',
    /h2 </,
    [
      narrow(1),
      through(1, { type: 'gotoTable', table: 3 }),
      flowMod('add', { tableId: 3, instructions: applying(output(3)) }),
    ],
  ],
  [
    'and nothing else: a drop',
    /n_packets=3/,
    [wide(1), flowMod('add', { instructions: [use(1)] })],
  ],
  [
    'before an action set',
    /h3 </,
    [
      narrow(1),
      flowMod('add', {
        instructions: [use(1), { type: 'writeActions', actions: [output(3)] }],
      }),
    ],
  ],
  ['of the highest number', /h2 </, [wide(ofpm.max), through(ofpm.max)]],
  [
    'two rules of one meter',
    /"flowCount":2/,
    [wide(1), through(1), flowMod('add', { priority: 7, instructions: [use(1)] })],
  ],
  [
    'modified while it is used',
    /h2 </,
    [narrow(1), through(1), meterMod('modify', 1, kbps | stats, drop(1_000_000))],
  ],
];

/** What is refused, or not. */
const errors: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['one that exists', /meterExists/, [wide(1), wide(1)]],
  [
    'one that exists, with a band that cannot be',
    /meterExists/,
    [wide(1), meter(1, kbps, drop(0))],
  ],
  ['modify one that does not exist', /unknownMeter/, [meterMod('modify', 1, kbps, drop(1))]],
  ['delete one that does not exist', /meterConfig/, [meterMod('delete', 1, 0)]],
  ['meter 0', /invalidMeter/, [meter(0, kbps, drop(1))]],
  ['a reserved number', /invalidMeter/, [meter(ofpm.max + 1, kbps, drop(1))]],
  ['ALL', /invalidMeter/, [meter(ofpm.all, kbps, drop(1))]],
  ['a number above all that there may be', /300000/, [meter(300_000, kbps, drop(1))]],
  ['no band', /outOfBands/, [meter(1, kbps)]],
  ['as many bands as there may be', /meterConfig/, [meter(1, kbps, ...several(8))]],
  ['a band more', /outOfBands/, [meter(1, kbps, ...several(9))]],
  ['a wrong number and a band more', /invalidMeter/, [meter(0, kbps, ...several(9))]],
  ['neither kilobits nor packets', /badFlags/, [meter(1, stats, drop(1))]],
  ['kilobits and packets', /badFlags/, [meter(1, kbps | pktps, drop(1))]],
  ['a flag that nobody knows', /badFlags/, [meter(1, kbps | 16, drop(1))]],
  ['a rate of nothing', /badRate/, [meter(1, kbps, drop(0))]],
  ['the highest rate', /4294967295/, [meter(1, kbps, drop(0xffff_ffff))]],
  ['a burst of nothing', /meterConfig/, [meter(1, kbps | burst, drop(5, 0))]],
  ['a burst that no flag announces', /meterConfig/, [meter(1, kbps, drop(5, 7))]],
  [
    'a band that remarks',
    /badBand/,
    [meter(1, kbps, { type: 'dscpRemark', rate: 5, burstSize: 0, precLevel: 1 })],
  ],
  [
    'a band of an experimenter',
    /badBand/,
    [meter(1, kbps, { ...drop(5), type: 'other', number: 0xffff, data: new Uint8Array(4) })],
  ],
  [
    'a band of a type that nobody knows',
    /badBand/,
    [meter(1, kbps, { ...drop(5), type: 'other', number: 9, data: new Uint8Array(4) })],
  ],
  [
    'a band that is too long',
    /badLen/,
    [meter(1, kbps, { ...drop(5), type: 'other', number: 1, data: new Uint8Array(12) })],
  ],
  ['half a line too long', /badLen/, [raw(29, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0)]],
  ['a command that nobody knows', /badCommand/, [command(9, drop(5))]],
  [
    'a command that nobody knows, and such a band',
    /badCommand/,
    [command(9, { ...drop(5), type: 'other', number: 9, data: new Uint8Array(4) })],
  ],
  ['a rule with a meter that is not there', /invalidMeter/, [through(5)]],
  ['a rule with meter 0', /invalidMeter/, [through(0)]],
  ['a rule with meter ALL', /invalidMeter/, [through(ofpm.all)]],
  [
    'a modify with a meter that is not there',
    /invalidMeter/,
    [
      flowMod('add', { instructions: applying(output(2)) }),
      flowMod('modify', { instructions: [use(5), ...applying(output(3))] }),
    ],
  ],
  [
    'a deletion of rules, with a meter that is not there',
    /meterConfig/,
    [flowMod('delete', { instructions: [use(5)] })],
  ],
  ['statistics of one that is not there', /unknownMeter/, [statsOf(5)]],
  ['configuration of one that is not there', /unknownMeter/, [configOf(5)]],
  ['statistics of meter 0', /unknownMeter/, [statsOf(0)]],
  ['configuration of a reserved number', /unknownMeter/, [configOf(ofpm.max + 5)]],
  ['the slow path’s is not there', /unknownMeter/, [configOf(ofpm.slowpath)]],
];

function several(count: number): MeterBand[] {
  return Array.from({ length: count }, (_, i) => drop(i + 1));
}

function command(number: number, ...bands: MeterBand[]): Sent {
  return bytesOf({ type: 'meterMod', command: number, meterId: 1, flags: kbps, bands });
}

export const meters: readonly Conversation[] = [
  ...doing.map(([name, sees, set]) => talk(`meter: ${name}`, sees, send(...set), some, seen)),
  ...errors.map(([name, sees, set]) =>
    talk(`meter errors: ${name}`, sees, send(...set, dump, configOf(ofpm.all))),
  ),
  talk('meter features', /meterFeatures/, send(ask({ kind: 'meterFeatures' }))),
  talk(
    'meter: statistics and configuration of one',
    /meterStats/,
    send(narrow(7), wide(9), through(7)),
    some,
    send(statsOf(7), statsOf(9), configOf(7), configOf(9)),
  ),
  talk(
    'meter: counters of one that is modified',
    /meterStats/,
    send(narrow(1), through(1)),
    some,
    send(statsOf(1), meterMod('modify', 1, kbps | stats, drop(1_000_000)), statsOf(1)),
    some,
    seen,
  ),
  talk(
    'meter: a deleted one takes its rules along, and nobody is told',
    /meterConfig/,
    send(
      wide(1),
      wide(2),
      flowMod('add', { instructions: [use(1)], flags: 1, cookie: 7n }),
      flowMod('add', { instructions: [use(2)], flags: 1, cookie: 8n, priority: 8 }),
      flowMod('add', { tableId: 4, instructions: [use(1)], flags: 1, cookie: 9n }),
    ),
    some,
    send(meterMod('delete', 1, 0), dump, configOf(ofpm.all)),
  ),
  talk(
    'meter: all of them deleted',
    /meterConfig/,
    send(wide(1), wide(2), through(1), meterMod('delete', ofpm.all, 0), dump, configOf(ofpm.all)),
  ),
  talk(
    'meter: a rule changes to another one',
    /h2 </,
    send(
      narrow(1),
      wide(2),
      through(1),
      flowMod('modify', { instructions: [use(2), ...applying(output(2))] }),
    ),
    some,
    seen,
    send(meterMod('delete', 1, 0), dump),
  ),
];
