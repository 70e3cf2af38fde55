/**
 * Bundles that are used wrongly, and what may not be in one (bundles.ts has the others).
 */

import { bundleControl } from '../../../../openflow/values/constants.ts';
import { BOTH } from '../../../openflow/bundled.ts';
import {
  ask,
  bytesOf,
  type Conversation,
  dump,
  raw,
  type Sent,
  send,
  sendBy,
  talk,
  type Unsent,
} from '../conversation.ts';
import { atomic, ctl, cut, put, three, two, whole } from './bundles.ts';

/** 65,535 bytes in all, where 24 are the bundle's. */
const LONGEST = 0xffff - 24;

/** Bytes of 1.3, which 1.0 has not. */
const controlOf = (data: Uint8Array): Uint8Array =>
  bytesOf({ type: 'experimenter', experimenter: 0x4f4e_4600, expType: 2300, data });

const usedWrongly: readonly Conversation[] = [
  ...(['commit', 'close', 'discard'] as const).map((name) =>
    talk(`bundle: ${name} of none`, /bundleBadId/, send(ctl(name))),
  ),
  talk('bundle: opened twice', /bundleBadId/, send(ctl('open'), ctl('open'), ctl('commit'))),
  talk(
    'bundle: opened twice, and put into',
    /bundleBadId/,
    send(ctl('open'), put(two), ctl('open'), put(three), ctl('commit')),
    dump,
  ),
  talk('bundle: closed twice', /bundleClosed/, send(ctl('open'), ctl('close'), ctl('close'))),
  talk(
    'bundle: put into when it is closed',
    /bundleClosed/,
    send(ctl('open'), put(two), ctl('close'), put(three), ctl('commit')),
    dump,
  ),
  talk(
    'bundle: committed twice',
    /bundleBadId/,
    send(ctl('open'), put(two), ctl('commit'), ctl('commit')),
    dump,
  ),
  talk(
    'bundle: put into with other flags',
    /bundleBadFlags/,
    send(ctl('open'), put(two, atomic), put(three), ctl('commit')),
    dump,
  ),
  talk(
    'bundle: closed with other flags',
    /BadFlags/,
    send(ctl('open'), ctl('close', 0), ctl('commit')),
  ),
  talk(
    'bundle: committed with other flags',
    /BadFlags/,
    send(ctl('open'), put(two), ctl('commit', 0), ctl('commit')),
    dump,
  ),
  talk('bundle: flags that nobody knows', /experimenter/, whole(0xfff0, two), dump),
  ...[1, 3, 5, 7].map((number) =>
    talk(
      `bundle: control ${number}, which is an answer`,
      /bundleBadType/,
      send(controlOf(Uint8Array.of(0, 0, 0, 5, 0, number, 0, 3))),
    ),
  ),
  ...[0, 7, 9, 16].map((size) =>
    talk(
      `bundle: control of ${size} bytes`,
      /badLen|bundleBadId/,
      send(
        controlOf(
          Uint8Array.from({ length: size }, (_, at) => (at === 5 ? bundleControl.discard : 0)),
        ),
      ),
    ),
  ),
];

const hostile: readonly Conversation[] = [
  ...(
    [
      ['a barrier', { type: 'barrierRequest' }],
      ['a meter-mod', { type: 'meterMod', command: 0, flags: 1, meterId: 1, bands: [] }],
      ['a table-mod', { type: 'tableMod', tableId: 0, config: 0 }],
      ['a question', ask({ kind: 'desc' })],
      ['a hello', { type: 'hello', versions: [4] }],
      ['a bundle', ctl('open', BOTH, 6)],
      ['a message of a bundle', put(two, BOTH, 6)],
      ['a message of no type', raw(99)],
      ['a rule of another version', versioned(bytesOf(two), 1)],
      ['a rule of 1.4', versioned(bytesOf(two), 5)],
      ['four bytes', new Uint8Array(4)],
      ['nothing', new Uint8Array(0)],
      ['half a rule', cut(two, 40)],
      ['a rule that says it is shorter', shortened(two, 40)],
      ['a header that says it is empty', shortened({ type: 'barrierRequest' }, 0)],
      ['a rule, and something behind it', cut(two, bytesOf(two).length + 8)],
    ] as readonly (readonly [string, Sent])[]
  ).map(([name, one]) =>
    talk(`bundle of ${name}`, /experimenter/, send(ctl('open'), put(one), ctl('commit')), dump),
  ),
  talk(
    'bundle of a message of 65,535 bytes',
    /experimenter/,
    send(ctl('open'), put(cut(three, LONGEST)), put(two), ctl('commit')),
    dump,
  ),
  talk(
    'bundle: a slave may not',
    /isSlave/,
    sendBy('c2', { type: 'roleRequest', role: 3, generationId: 900n }),
    sendBy('c2', ctl('open'), put(two), ctl('commit')),
    sendBy('c2', { type: 'roleRequest', role: 1, generationId: 0n }),
  ),
  talk(
    'bundle: what was put in stays when the role is another',
    /isSlave/,
    sendBy('c2', ctl('open'), put(two)),
    sendBy('c2', { type: 'roleRequest', role: 3, generationId: 901n }, ctl('commit')),
    sendBy('c2', { type: 'roleRequest', role: 1, generationId: 0n }, ctl('commit')),
    dump,
  ),
];

function versioned(frame: Uint8Array, number: number): Uint8Array {
  frame[0] = number;
  return frame;
}

function shortened(message: Unsent, length: number): Uint8Array {
  const frame = bytesOf(message);
  frame.set([length >> 8, length & 0xff], 2);
  return frame;
}

export const misusedBundles: readonly Conversation[] = [...usedWrongly, ...hostile];
