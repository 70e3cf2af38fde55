/**
 * Groups of every type: what they do to packets, what is refused, what is counted (OF1.3.5 sections
 * 5.6, 6.5 and 7.3.4.2).
 */
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
} from '../../../../openflow/values/constants.ts';
import type { Action, Bucket, Instruction } from '../../../../openflow/values/values.ts';
import {
  applying,
  ask,
  type Conversation,
  filter,
  flowMod,
  output,
  packets,
  raw,
  rule,
  type Sent,
  send,
  setField,
  talk,
  toController,
} from '../conversation.ts';
import { tcp } from '../frames.ts';

type Command = keyof typeof groupCommand;
type Type = keyof typeof groupType;

function bucket(actions: readonly Action[], more: Partial<Bucket> = {}): Bucket {
  return { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions, ...more };
}

function groupMod(command: Command, groupId: number, type: Type, ...buckets: Bucket[]): Sent {
  return {
    type: 'groupMod',
    command: groupCommand[command],
    groupType: groupType[type],
    groupId,
    buckets,
  };
}

function group(groupId: number, type: Type, ...buckets: Bucket[]): Sent {
  return groupMod('add', groupId, type, ...buckets);
}

const to = (groupId: number): Action => ({ type: 'group', groupId });
const one = packets([1, tcp()]);
const stats = (groupId: number): Sent => ask({ kind: 'groupStats', groupId });
const dump = ask({ kind: 'flow', filter: filter() });
const desc = ask({ kind: 'groupDesc' });
const write = (...actions: readonly Action[]): Instruction => ({ type: 'writeActions', actions });
const out = (port: number): Bucket => bucket([output(port)]);

/** What a packet from h1 meets. */
const doing: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['indirect', /h2 </, [group(1, 'indirect', out(2)), rule([], [to(1)])]],
  ['all', /h4 </, [group(1, 'all', out(2), out(3), out(4)), rule([], [to(1)])]],
  [
    'all, not back by the ingress port',
    /h2 </,
    [group(1, 'all', out(1), out(2)), rule([], [to(1)])],
  ],
  ['IN_PORT', /h1 </, [group(1, 'all', out(ofpp.inPort)), rule([], [to(1)])]],
  ['FLOOD', /h4 </, [group(1, 'all', out(ofpp.flood)), rule([], [to(1)])]],
  ['ALL and a port', /h4 </, [group(1, 'all', out(ofpp.all), out(2)), rule([], [to(1)])]],
  ['the controller', /packetIn/, [group(1, 'all', bucket([toController])), rule([], [to(1)])]],
  [
    'the controller and a port',
    /packetIn/,
    [group(1, 'all', bucket([toController]), out(3)), rule([], [to(1)])],
  ],
  [
    'two outputs in a bucket',
    /h3 </,
    [group(1, 'all', bucket([output(2), output(3)])), rule([], [to(1)])],
  ],
  [
    'a bucket that sets a field, and one that does not',
    /h3 </,
    [
      group(1, 'all', bucket([setField('eth_dst', 0x0200_0000_0099), output(2)]), out(3)),
      rule([], [to(1)]),
    ],
  ],
  ['behind it an output', /h3 </, [group(1, 'all', out(2)), rule([], [to(1), output(3)])]],
  [
    'in the action set',
    /h2 </,
    [group(1, 'all', out(2)), flowMod('add', { instructions: [write(to(1))] })],
  ],
  [
    'in the action set, beside an output',
    /h2 </,
    [group(1, 'all', out(2)), flowMod('add', { instructions: [write(output(3), to(1))] })],
  ],
  [
    'in the action set, to the controller',
    /packetIn/,
    [group(1, 'all', bucket([toController])), flowMod('add', { instructions: [write(to(1))] })],
  ],
  [
    'a chain',
    /h2 </,
    [group(2, 'indirect', out(2)), group(1, 'all', bucket([to(2)])), rule([], [to(1)])],
  ],
  [
    'a chain, made from its beginning',
    /h2 </,
    [group(1, 'all', bucket([to(2)])), group(2, 'indirect', out(2)), rule([], [to(1)])],
  ],
  ['a chain to nothing', /n_packets=1/, [group(1, 'all', bucket([to(9)])), rule([], [to(1)])]],
  ['a group in itself', /n_packets=1/, [group(1, 'all', bucket([to(1)])), rule([], [to(1)])]],
  ['no bucket', /n_packets=1/, [group(1, 'all'), rule([], [to(1)])]],
  [
    'a queue that is not there',
    /h2 </,
    [group(1, 'all', bucket([{ type: 'setQueue', queueId: 7 }, output(2)])), rule([], [to(1)])],
  ],
  [
    'select, of one',
    /h2 </,
    [group(1, 'select', bucket([output(2)], { weight: 1 })), rule([], [to(1)])],
  ],
  [
    'select, where one weighs nothing',
    /h3 </,
    [
      group(1, 'select', bucket([output(2)]), bucket([output(3)], { weight: 5 })),
      rule([], [to(1)]),
    ],
  ],
  [
    'fast failover by a port',
    /h2 </,
    [
      group(1, 'ff', bucket([output(2)], { watchPort: 2 }), bucket([output(3)], { watchPort: 3 })),
      rule([], [to(1)]),
    ],
  ],
  [
    'fast failover past a port that is not there',
    /h3 </,
    [
      group(1, 'ff', bucket([output(2)], { watchPort: 99 }), bucket([output(3)], { watchPort: 3 })),
      rule([], [to(1)]),
    ],
  ],
  [
    'fast failover by a group',
    /h2 </,
    [
      group(2, 'indirect', out(2)),
      group(1, 'ff', bucket([to(2)], { watchGroup: 2 }), bucket([output(3)], { watchPort: 3 })),
      rule([], [to(1)]),
    ],
  ],
  [
    'fast failover past a group that is not there',
    /h3 </,
    [
      group(1, 'ff', bucket([output(2)], { watchGroup: 9 }), bucket([output(3)], { watchPort: 3 })),
      rule([], [to(1)]),
    ],
  ],
  [
    'fast failover by the controller, which is always there',
    /h3 </,
    [
      group(
        1,
        'ff',
        bucket([output(2)], { watchPort: 99 }),
        bucket([output(3)], { watchPort: ofpp.controller }),
        bucket([output(4)], { watchPort: 4 }),
      ),
      rule([], [to(1)]),
    ],
  ],
  [
    'of the highest number',
    /h2 </,
    [group(ofpg.max, 'indirect', out(2)), rule([], [to(ofpg.max)])],
  ],
  [
    'modified',
    /h3 </,
    [group(1, 'all', out(2)), rule([], [to(1)]), groupMod('modify', 1, 'indirect', out(3))],
  ],
];

/** What is refused, or not. */
const errors: readonly (readonly [string, RegExp, readonly Sent[]])[] = [
  ['one that exists', /groupExists/, [group(1, 'all'), group(1, 'all')]],
  [
    'Open vSwitch’s own: add or modify',
    /output:3/,
    [groupMod('addOrMod', 1, 'all', out(2)), groupMod('addOrMod', 1, 'all', out(3))],
  ],
  ['half a line too long', /badLen/, [raw(15, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)]],
  ['modify one that does not', /unknownGroup/, [groupMod('modify', 1, 'all')]],
  ['delete one that does not', /groupDesc/, [groupMod('delete', 1, 'all')]],
  ['a reserved number', /invalidGroup/, [group(0xffff_ff01, 'all')]],
  ['ANY', /invalidGroup/, [group(ofpg.any, 'all')]],
  ['indirect without a bucket', /invalidGroup/, [group(1, 'indirect')]],
  ['indirect with two', /invalidGroup/, [group(1, 'indirect', out(1), out(2))]],
  ['a weight where none belongs', /error/, [group(1, 'all', bucket([output(1)], { weight: 3 }))]],
  ['failover that watches nothing', /error/, [group(1, 'ff', out(1))]],
  ['all that watches', /error/, [group(1, 'all', bucket([output(1)], { watchPort: 1 }))]],
  ['delete with buckets', /error/, [group(1, 'all'), groupMod('delete', 1, 'all', out(1))]],
  ['an unknown port', /groupDesc/, [group(1, 'all', out(99))]],
  ['a port that cannot be', /error/, [group(1, 'all', out(0xffff_ff05))]],
  ['a rule with an unknown group', /badOutGroup/, [rule([], [to(1)])]],
  [
    'a modify with an unknown group',
    /badOutGroup/,
    [rule([], [output(2)]), flowMod('modify', { instructions: applying(to(1)) })],
  ],
  ['an unknown type', /error/, [{ ...(group(1, 'all') as object), groupType: 7 } as Sent]],
  ['an unknown command', /error/, [{ ...(group(1, 'all') as object), command: 9 } as Sent]],
];

export const groups: readonly Conversation[] = [
  ...doing.map(([name, sees, set]) =>
    talk(`group: ${name}`, sees, send(...set), one, send(dump, desc, stats(ofpg.all))),
  ),
  ...errors.map(([name, sees, set]) => talk(`group errors: ${name}`, sees, send(...set, desc))),
  talk('group features', /groupFeatures/, send(ask({ kind: 'groupFeatures' }))),
  talk(
    'statistics of one group, and of one that is not there',
    /groupStats/,
    send(group(1, 'all', out(2)), group(2, 'all', out(3)), rule([], [to(1), to(1)])),
    one,
    send(stats(1), stats(2), stats(3)),
  ),
  talk(
    'a deleted group takes its rules along, and says so',
    /flowRemoved/,
    send(
      group(1, 'all', out(2)),
      rule([], [to(1)], { flags: 1, cookie: 7n }),
      flowMod('add', { priority: 7, instructions: [write(to(1))], flags: 1 }),
      rule([], [output(2)], { priority: 9, flags: 1 }),
    ),
    one,
    send(groupMod('delete', 1, 'all'), dump, desc),
  ),
  talk(
    'all groups deleted, some chained',
    /groupDesc/,
    send(
      group(1, 'all', bucket([to(2)])),
      group(2, 'all', out(2)),
      rule([], [to(1)]),
      groupMod('delete', ofpg.all, 'all'),
      dump,
      desc,
    ),
  ),
  talk(
    'rules deleted by the group that they use',
    /flow/,
    send(
      group(1, 'all', out(2)),
      rule([], [to(1)], { priority: 1 }),
      rule([], [output(2)], { priority: 2 }),
      ask({ kind: 'flow', filter: filter({ outGroup: 1 }) }),
      flowMod('delete', { outGroup: 1 }),
      dump,
      desc,
    ),
  ),
  talk(
    'counters of a group that is modified',
    /groupStats/,
    send(group(1, 'all', out(2)), rule([], [to(1)])),
    one,
    send(stats(1), groupMod('modify', 1, 'all', out(2), out(3)), stats(1)),
    one,
    send(stats(1)),
  ),
];
