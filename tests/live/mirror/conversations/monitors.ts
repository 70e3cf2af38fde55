/**
 * Flow monitors (nicira-ext.h, ONF extension 187): what is there, what becomes of it, by whom. None
 * is about the rules of the test itself, which are of another ethertype.
 *
 * Errors of a request that begins monitors are not here: a bridge's quote the rest of the request
 * behind what it has read, as if that were a message, with another transaction id and version.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { encode } from '../../../../openflow/messages/codec.ts';
import type { MonitorRequest } from '../../../../openflow/messages/flow-monitors.ts';
import { monitorCancelOf } from '../../../../openflow/messages/monitor-messages.ts';
import {
  groupCommand,
  groupType,
  meterCommand,
  group as ofpg,
  port as ofpp,
  type Version,
  version,
} from '../../../../openflow/values/constants.ts';
import { BOTH } from '../../../openflow/bundled.ts';
import { everything, monitor, monitoring } from '../../../openflow/monitored.ts';
import {
  awaiting,
  type Conversation,
  flowMod,
  output,
  packetOut,
  rule,
  type Sent,
  send,
  sendBy,
  talk,
  toController,
  type Unsent,
} from '../conversation.ts';
import { whole } from './bundles.ts';

const ip = [oxm('eth_type', 0x0800)];
const tcps = [...ip, oxm('ip_proto', 6)];
const udps = [...ip, oxm('ip_proto', 17)];
const notOwn = everything.filter((flag) => flag !== 'own');
const ADDED = /\n +00[0-9a-f]{2}0000/;
const GONE = /\n +00[0-9a-f]{2}0001/;
const CHANGED = /\n +00[0-9a-f]{2}0002/;
const BY_NUMBER = /\n +00080003/;

type Asked = Parameters<typeof monitor>;

/** About rules of IP, unless another filter says otherwise. */
function about(id: Asked[0], flags: Asked[1] = everything, filter: Asked[2] = {}): MonitorRequest {
  return monitor(id, flags, { match: ip, ...filter });
}

/** A version's words. */
function wordsOf(spoken: Version) {
  return {
    spoken,
    watch: (...monitors: readonly MonitorRequest[]): Sent =>
      encode(spoken, monitoring(0, monitors, spoken)),
    cancel: (id: number): Sent => encode(spoken, monitorCancelOf(spoken, 0, id)),
    named: (name: string): string => `monitor, ${spoken === version.of10 ? '1.0' : '1.3'}: ${name}`,
    add: rule(tcps, [output(2)], { cookie: 5n }),
  };
}

type Words = ReturnType<typeof wordsOf>;

const firstTalks = ({ watch, cancel, named, add }: Words): readonly Conversation[] => [
  talk(named('what is there'), ADDED, send(add, watch(about(1)), cancel(1))),
  talk(named('nothing is there'), /c1 </, send(watch(about(1)), cancel(1))),
  talk(
    named('what is there is not asked for'),
    /c1 </,
    send(add, watch(about(1, ['add', 'actions'])), cancel(1)),
  ),
  talk(
    named('what becomes of rules'),
    CHANGED,
    send(watch(about(1))),
    send(add, add, rule(tcps, [output(3)], { cookie: 6n })),
    send(flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('modifyStrict', { match: tcps, cookie: 9n, instructions: applied(1) })),
    send(flowMod('modify', { match: udps, instructions: applied(4) })),
    send(flowMod('delete', { match: udps }), flowMod('deleteStrict', { match: tcps })),
    send(cancel(1), add),
  ),
  talk(
    named('several rules at once'),
    GONE,
    send(add, rule(udps, [output(3)], { priority: 7 }), rule(ip, [], { priority: 3 })),
    send(watch(about(1))),
    send(flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('delete', { match: ip, outPort: 3 }), flowMod('delete', { match: ip })),
    send(cancel(1)),
  ),
  talk(
    named('one’s own by its number, all of others'),
    BY_NUMBER,
    send(watch(about(1, notOwn))),
    sendBy('c2', watch(about(1, notOwn))),
    send(add, rule(udps, [output(3)])),
    sendBy('c2', flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('delete', { match: ip })),
    send(cancel(1)),
    sendBy('c2', cancel(1)),
  ),
];

const moreTalks = ({ watch, cancel, named, add, spoken }: Words): readonly Conversation[] => [
  talk(
    named('without actions'),
    ADDED,
    send(add, watch(about(1, ['initial', 'add', 'modify', 'delete', 'own']))),
    send(flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('delete', { match: ip }), cancel(1)),
  ),
  talk(
    named('only some events'),
    GONE,
    send(watch(about(1, ['delete', 'own']))),
    send(add, flowMod('modify', { match: ip, instructions: applied(4) })),
    send(flowMod('delete', { match: ip }), cancel(1)),
  ),
  talk(
    named('by outputs, before and after'),
    CHANGED,
    send(add, rule(udps, [output(3)])),
    send(watch(about(1, everything, { outPort: 3 }))),
    send(flowMod('modifyStrict', { match: tcps, instructions: applied(3) })),
    send(flowMod('modifyStrict', { match: tcps, instructions: applied(1) })),
    send(flowMod('modifyStrict', { match: tcps, instructions: applied(4) })),
    send(flowMod('delete', { match: ip }), cancel(1)),
  ),
  talk(
    named('several monitors tell one thing once'),
    ADDED,
    send(watch(about(1, ['add']), about(2, ['add', 'actions'], { match: tcps }), about(3, notOwn))),
    send(add, rule(udps, [output(2)])),
    sendBy('c2', add, rule(udps, [output(2)])),
    send(cancel(1), cancel(2), rule(ip, [output(2)])),
    sendBy('c2', rule(ip, [output(3)])),
    send(cancel(3)),
  ),
  talk(
    named('another table, and more than a match'),
    GONE,
    send(watch(about(1, everything, { tableId: 3 }), about(2, everything, { match: tcps }))),
    send(add, rule(ip, [output(2)]), rule([...tcps, oxm('tcp_dst', 80)], [output(3)])),
    send(flowMod('delete', { match: ip }), cancel(1), cancel(2)),
  ),
  talk(
    named('time-outs'),
    GONE,
    send(watch(about(1, ['delete', 'actions']))),
    send(rule(tcps, [output(2)], { hardTimeoutSec: 1, cookie: 7n })),
    awaiting('multipartReply'),
    send(cancel(1)),
  ),
  talk(
    named('one that is not there is cancelled'),
    /error/,
    send(cancel(2), watch(about(1)), cancel(1), cancel(1)),
    send(encode(spoken, { ...monitorCancel(spoken), data: new Uint8Array(3) })),
  ),
];

function talks(spoken: Version): readonly Conversation[] {
  return [...firstTalks(wordsOf(spoken)), ...moreTalks(wordsOf(spoken))];
}

function applied(port: number) {
  return [{ type: 'applyActions', actions: [output(port)] } as const];
}

function monitorCancel(spoken: Version) {
  const message = monitorCancelOf(spoken, 0, 1);
  if (message.type !== 'experimenter') throw new Error('it is an experimenter’s');
  return message;
}

const watch13 = (...monitors: readonly MonitorRequest[]): Sent =>
  encode(version.of13, monitoring(0, monitors));
const cancel13 = (id: number): Sent => encode(version.of13, monitorCancelOf(version.of13, 0, id));

function groupMod(command: number, groupId: number, ...ports: readonly number[]): Unsent {
  const watch = { watchPort: ofpp.any, watchGroup: ofpg.any };
  const buckets = ports.map((port) => ({ weight: 0, ...watch, actions: [output(port)] }));
  return { type: 'groupMod', command, groupType: groupType.all, groupId, buckets };
}

const meterMod = (command: number): Unsent => ({
  ...{ type: 'meterMod', command, flags: 1, meterId: 3 },
  bands: command === meterCommand.delete ? [] : [{ type: 'drop', rate: 9_000, burstSize: 0 }],
});
const frame = new Uint8Array(60);

/** Of OpenFlow 1.3. */
export const monitorTalks: readonly Conversation[] = [
  ...talks(version.of13),
  talk(
    'monitor, 1.3: every instruction',
    ADDED,
    send(meterMod(meterCommand.add), watch13(about(1))),
    send(
      flowMod('add', {
        match: tcps,
        instructions: [
          { type: 'gotoTable', table: 9 },
          { type: 'writeMetadata', metadata: 5n, mask: 0xffn },
          { type: 'writeActions', actions: [output(3)] },
          { type: 'clearActions' },
          ...applied(2),
          { type: 'meter', meterId: 3 },
        ],
      }),
    ),
    send(meterMod(meterCommand.delete), cancel13(1)),
  ),
  talk(
    'monitor, 1.3: a rule goes with its group',
    GONE,
    send(groupMod(groupCommand.add, 5, 2), watch13(about(1, notOwn))),
    send(rule(tcps, [{ type: 'group', groupId: 5 }])),
    send(groupMod(groupCommand.delete, 5), cancel13(1)),
  ),
  talk(
    'monitor, 1.3: a bundle is told of at its end',
    BY_NUMBER,
    send(watch13(about(1, notOwn))),
    sendBy('c2', watch13(about(1))),
    whole(
      BOTH,
      rule(tcps, [output(2)]),
      rule(udps, [output(3)]),
      packetOut(ofpp.controller, [], frame),
    ),
    whole(BOTH, rule(ip, [output(2)]), rule(ip, [{ type: 'group', groupId: 77 }])),
    whole(BOTH, flowMod('delete', { match: ip })),
    send(cancel13(1)),
    sendBy('c2', cancel13(1)),
  ),
  talk(
    'monitor, 1.3: outputs to the controller',
    ADDED,
    send(watch13(about(1, everything, { outPort: ofpp.controller }))),
    send(rule(tcps, [output(2)]), rule(udps, [toController]), cancel13(1)),
  ),
];

/** Of OpenFlow 1.0. */
export const monitorTalks10: readonly Conversation[] = talks(version.of10);
