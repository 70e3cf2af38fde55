/**
 * Flow-mods that add, and rules that end by themselves: the table, counters, cookies, flags
 * (OF1.3.5 section 6.4).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { flowFlag } from '../../../../openflow/values/constants.ts';
import {
  awaiting,
  type Conversation,
  dump,
  flowMod,
  output,
  packets,
  rule,
  send,
  talk,
} from '../conversation.ts';
import { plain, tcp, tcp6 } from '../frames.ts';

const ip = oxm('eth_type', 0x0800);
const tcps = [ip, oxm('ip_proto', 6)];
const udps = [ip, oxm('ip_proto', 17)];
const removed = { flags: flowFlag.sendFlowRem };
const { checkOverlap, resetCounts, sendFlowRem, noPktCounts, noBytCounts } = flowFlag;

const adding: readonly Conversation[] = [
  talk(
    'add: the higher priority wins',
    /h3 </,
    send(rule([], [output(2)], { priority: 1 }), rule(tcps, [output(3)], { priority: 2 })),
    packets([1, tcp()], [1, plain]),
    dump,
  ),
  talk(
    'add: the same match and priority replaces, counters go on',
    /n_packets=3/,
    send(rule(tcps, [output(2)], { cookie: 1n })),
    packets([1, tcp()], [1, tcp()]),
    send(rule(tcps, [output(3)], { cookie: 2n })),
    packets([1, tcp()]),
    dump,
  ),
  talk(
    'add: what is replaced sends no flow-removed',
    /cookie=0x2/,
    send(rule(tcps, [output(2)], { cookie: 1n, ...removed }), rule(tcps, [], { cookie: 2n })),
    dump,
  ),
  talk(
    'add: the same match at another priority is another rule',
    /priority=6/,
    send(rule(tcps, [output(2)], { priority: 5 }), rule(tcps, [output(3)], { priority: 6 })),
    packets([1, tcp()]),
    dump,
  ),
  talk(
    'add: check_overlap finds a rule that overlaps',
    /overlap/,
    send(rule([ip], [output(2)]), rule([oxm('in_port', 1)], [], { flags: checkOverlap })),
    dump,
  ),
  talk(
    'add: check_overlap looks at equal priorities only',
    /flow/,
    send(rule([ip], [output(2)]), rule([], [], { flags: checkOverlap, priority: 99 })),
    dump,
  ),
  talk(
    'add: check_overlap finds the very same rule',
    /overlap/,
    send(rule([ip], [output(2)]), rule([ip], [], { flags: checkOverlap })),
    dump,
  ),
  talk(
    'add: check_overlap lets disjoint rules be',
    /flow/,
    send(rule(tcps, [output(2)]), rule(udps, [], { flags: checkOverlap })),
    dump,
  ),
  ...[0, 1, 0xfffe, 0xffff].map((priority) =>
    talk(
      `add: priority ${priority}`,
      /h2 </,
      send(rule(tcps, [output(2)], { priority })),
      dump,
      packets([1, tcp()]),
    ),
  ),
  ...[0n, 1n, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn].map((cookie) =>
    talk(`add: cookie ${cookie}`, /c1 </, send(rule(tcps, [output(2)], { cookie })), dump),
  ),
  ...Object.entries({ sendFlowRem, checkOverlap, resetCounts, noPktCounts, noBytCounts }).map(
    ([name, flags]) =>
      talk(
        `add: the flag ${name} is shown`,
        /c1 </,
        send(rule(tcps, [output(2)], { flags })),
        packets([1, tcp()]),
        dump,
      ),
  ),
  talk('add: flags that nobody knows', /error/, send(rule(tcps, [], { flags: 0x8000 })), dump),
  talk('add: a cookie mask is no matter', /flow/, send(rule(tcps, [], { cookieMask: 1n })), dump),
  talk(
    'add: time-outs are shown',
    /idle_timeout=60/,
    send(rule(tcps, [], { idleTimeoutSec: 60, hardTimeoutSec: 600 })),
    dump,
  ),
  talk('add: to table ALL', /error/, send(rule(tcps, [], { tableId: 0xff })), dump),
  talk(
    'add: a rule without instructions drops',
    /n_packets=1/,
    send(flowMod('add', {})),
    packets([1, plain]),
    dump,
  ),
  talk('add: an unknown buffer', /error/, send(rule(tcps, [output(2)], { bufferId: 77 })), dump),
];

const timing: readonly Conversation[] = [
  talk(
    'time-outs: a hard one ends a rule, used or not',
    /reason=hard/,
    send(
      rule(tcps, [output(2)], { hardTimeoutSec: 1, cookie: 1n, ...removed }),
      rule(udps, [output(2)], { hardTimeoutSec: 1, cookie: 2n, ...removed }),
    ),
    packets([1, tcp()]),
    awaiting('flowRemoved', 2),
    dump,
  ),
  talk(
    'time-outs: an idle one, with its counters',
    /reason=idle/,
    send(rule([oxm('eth_type', 0x86dd)], [output(2)], { idleTimeoutSec: 1, ...removed })),
    packets([1, tcp6()], [1, tcp6()]),
    awaiting('flowRemoved'),
    dump,
  ),
];

export const additions: readonly Conversation[] = [...adding, ...timing];
