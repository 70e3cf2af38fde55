/**
 * Flow-mods that modify and delete: which rules they mean, what they leave as it was
 * (OF1.3.5 section 6.4).
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { flowFlag, port as ofpp } from '../../../../openflow/values/constants.ts';
import {
  applying,
  type Conversation,
  dump,
  flowMod,
  output,
  packets,
  rule,
  send,
  talk,
} from '../conversation.ts';
import { arp, tcp, udp } from '../frames.ts';

const ip = oxm('eth_type', 0x0800);
const tcps = [ip, oxm('ip_proto', 6)];
const udps = [ip, oxm('ip_proto', 17)];
const arps = [oxm('eth_type', 0x0806)];
const removed = { flags: flowFlag.sendFlowRem };
const { resetCounts, noPktCounts } = flowFlag;
const to = (port: number) => applying(output(port));

/** Three rules with cookies, each of which has seen one packet. */
const three = [
  send(
    rule(tcps, [output(2)], { cookie: 0x11n, ...removed }),
    rule(udps, [output(3)], { cookie: 0x12n, ...removed }),
    rule(arps, [output(4), output(3)], { cookie: 0x21n, priority: 7, ...removed }),
  ),
  packets([1, tcp()], [1, udp()], [1, arp()]),
];

const modifying: readonly Conversation[] = [
  talk(
    'modify: actions change; cookie, counters and time-outs stay',
    /cookie=0x11/,
    ...three,
    send(flowMod('modify', { match: [ip], instructions: to(4), cookie: 0x99n, idleTimeoutSec: 9 })),
    dump,
    packets([1, tcp()], [1, udp()], [1, arp()]),
    dump,
  ),
  talk(
    'modify: nothing matches, nothing is added',
    /flow/,
    ...three,
    send(flowMod('modify', { match: [oxm('in_port', 4)], instructions: to(4) })),
    dump,
  ),
  talk(
    'modify: reset_counts',
    /n_packets=0/,
    ...three,
    send(flowMod('modify', { match: [ip], instructions: to(4), flags: resetCounts })),
    dump,
  ),
  talk(
    'modify: by cookie and mask',
    /cookie=0x21/,
    ...three,
    send(flowMod('modify', { instructions: to(4), cookie: 0x10n, cookieMask: 0xf0n })),
    dump,
  ),
  talk(
    'modify: other flags change nothing',
    /flow/,
    ...three,
    send(flowMod('modify', { match: [ip], instructions: to(4), flags: noPktCounts })),
    dump,
  ),
  talk(
    'modify: out_port is no filter here',
    /flow/,
    ...three,
    send(flowMod('modify', { match: [ip], instructions: to(4), outPort: 2 })),
    dump,
  ),
  talk(
    'modify: in every table',
    /./,
    ...three,
    send(flowMod('modify', { tableId: 0xff, instructions: to(4) })),
    dump,
  ),
  talk(
    'modify strict: the very match and priority',
    /priority=7/,
    ...three,
    send(flowMod('modifyStrict', { match: arps, priority: 7, instructions: to(2) })),
    dump,
    packets([1, arp()]),
  ),
  talk(
    'modify strict: another priority is another rule',
    /priority=7/,
    ...three,
    send(flowMod('modifyStrict', { match: arps, priority: 8, instructions: to(2) })),
    dump,
  ),
  talk(
    'modify strict: a wider match is another rule',
    /flow/,
    ...three,
    send(flowMod('modifyStrict', { match: [ip], instructions: to(2) })),
    dump,
  ),
  talk(
    'modify strict: by cookie, and not by another cookie',
    /flow/,
    ...three,
    send(
      flowMod('modifyStrict', {
        ...{ match: tcps, instructions: to(4), cookie: 0x11n, cookieMask: 0xffn },
      }),
      flowMod('modifyStrict', {
        ...{ match: udps, instructions: to(4), cookie: 0x11n, cookieMask: 0xffn },
      }),
    ),
    dump,
  ),
];

const deleting: readonly Conversation[] = [
  talk('delete: everything', /flowRemoved/, ...three, send(flowMod('delete')), dump),
  talk(
    'delete: what a wider match covers, whatever its priority',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { match: [ip], priority: 1 })),
    dump,
  ),
  talk(
    'delete: a narrower match covers nothing',
    /flow/,
    ...three,
    send(flowMod('delete', { match: [...tcps, oxm('tcp_dst', 80)] })),
    dump,
  ),
  talk(
    'delete: by out_port',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { outPort: 3 })),
    dump,
  ),
  talk(
    'delete: by out_port that nobody has',
    /flow/,
    ...three,
    send(flowMod('delete', { outPort: 1 })),
    dump,
  ),
  talk(
    'delete: by out_group, where there is none',
    /flow/,
    ...three,
    send(flowMod('delete', { outGroup: 1 })),
    dump,
  ),
  talk(
    'delete: by cookie and mask',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { cookie: 0x10n, cookieMask: 0xf0n })),
    dump,
  ),
  talk(
    'delete: a cookie without a mask is no filter',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { cookie: 0x12n })),
    dump,
  ),
  talk(
    'delete: all filters at once',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { match: [ip], outPort: 3, cookie: 0x2n, cookieMask: 0xfn })),
    dump,
  ),
  talk(
    'delete: in every table',
    /flowRemoved/,
    ...three,
    send(flowMod('delete', { tableId: 0xff })),
    dump,
  ),
  talk(
    'delete strict: the very match and priority',
    /flowRemoved/,
    ...three,
    send(flowMod('deleteStrict', { match: arps, priority: 7 })),
    dump,
  ),
  talk(
    'delete strict: another priority is another rule',
    /flow/,
    ...three,
    send(flowMod('deleteStrict', { match: arps, priority: 8 })),
    dump,
  ),
  talk(
    'delete strict: by out_port',
    /flow/,
    ...three,
    send(
      flowMod('deleteStrict', { match: tcps, outPort: 3 }),
      flowMod('deleteStrict', { match: udps, outPort: 3 }),
    ),
    dump,
  ),
  talk(
    'delete: what has no send_flow_rem goes in silence',
    /send:/,
    send(rule(tcps, [output(2)]), flowMod('delete')),
    dump,
  ),
  talk(
    'delete: instructions are checked all the same',
    /badOutPort/,
    ...three,
    send(flowMod('delete', { instructions: to(ofpp.any) })),
    dump,
  ),
  talk(
    'delete: OFPP_CONTROLLER as out_port',
    /flow/,
    send(
      rule(tcps, [output(ofpp.controller)]),
      rule(udps, [output(2)]),
      flowMod('delete', { outPort: ofpp.controller }),
    ),
    dump,
  ),
];

export const changes: readonly Conversation[] = [...modifying, ...deleting];
