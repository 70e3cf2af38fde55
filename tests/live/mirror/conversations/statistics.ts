/**
 * Statistics of rules, with every filter of a request (OF1.3.5 section 7.3.5).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { group, port as ofpp } from '../../../../openflow/values/constants.ts';
import type { FlowStatsFilter } from '../../../../openflow/values/values.ts';
import {
  ask,
  type Conversation,
  filter,
  output,
  packets,
  rule,
  send,
  talk,
  toController,
} from '../conversation.ts';
import { arp, tcp, udp } from '../frames.ts';

const ip = oxm('eth_type', 0x0800);
const tcps = [ip, oxm('ip_proto', 6)];

const some = [
  send(
    rule(tcps, [output(2)], { cookie: 0x11n }),
    rule([ip], [output(3), toController], { cookie: 0x12n, priority: 50 }),
    rule([oxm('eth_type', 0x0806)], [output(4)], { cookie: 0x21n }),
    rule([], [], { priority: 0 }),
  ),
  packets([1, tcp()], [1, tcp()], [1, udp()], [2, arp()]),
];

const filters: readonly (readonly [string, FlowStatsFilter])[] = [
  ['all tables', filter()],
  ['table 0', filter({ tableId: 0 })],
  ['a match that covers two', filter({ match: [ip] })],
  ['a match that covers none', filter({ match: [oxm('in_port', 3)] })],
  ['an out_port', filter({ outPort: 3 })],
  ['an out_port that nobody has', filter({ outPort: 1 })],
  ['CONTROLLER as out_port', filter({ outPort: ofpp.controller })],
  ['an out_group that nobody has', filter({ outGroup: 9 })],
  ['a cookie and its mask', filter({ cookie: 0x10n, cookieMask: 0xf0n })],
  ['a cookie without a mask', filter({ cookie: 0x10n })],
  ['everything at once', filter({ match: [ip], outPort: 2, cookie: 1n, cookieMask: 1n })],
  ['out_port and out_group ANY', filter({ outPort: ofpp.any, outGroup: group.any })],
];

export const statistics: readonly Conversation[] = [
  ...filters.flatMap(([name, given]) => [
    talk(`flow statistics by ${name}`, /c1 </, ...some, send(ask({ kind: 'flow', filter: given }))),
    talk(
      `aggregate statistics by ${name}`,
      /c1 </,
      ...some,
      send(ask({ kind: 'aggregate', filter: given })),
    ),
  ]),
  talk('flow statistics of an empty table', /flow/, send(ask({ kind: 'flow', filter: filter() }))),
  talk(
    'aggregate statistics of an empty table',
    /c1 </,
    send(ask({ kind: 'aggregate', filter: filter() })),
  ),
  talk(
    'table statistics count the rules of each table',
    /activeCount=2/,
    send(
      rule(tcps, [output(2)]),
      rule([ip], [output(2)]),
      rule([ip], [output(2)], { tableId: 3 }),
      ask({ kind: 'table' }),
    ),
  ),
  talk('the description', /desc/, send(ask({ kind: 'desc' }))),
  talk(
    'flow statistics of two hundred rules',
    /priority=199/,
    send(...Array.from({ length: 200 }, (_, i) => rule(tcps, [output(2)], { priority: i }))),
    send(ask({ kind: 'flow', filter: filter() })),
  ),
];
