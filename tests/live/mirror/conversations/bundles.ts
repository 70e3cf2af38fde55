/**
 * Bundles (ONF extension 230): opened, filled, committed, left alone; used wrongly, and refused in
 * the middle.
 */

import { oxm } from '../../../../openflow/match/match.ts';
import { bundleAddOf } from '../../../../openflow/messages/bundles.ts';
import { encode } from '../../../../openflow/messages/codec.ts';
import {
  type bundleControl,
  flowFlag,
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
  version,
} from '../../../../openflow/values/constants.ts';
import { BOTH, control } from '../../../openflow/bundled.ts';
import {
  ask,
  bent,
  bytesOf,
  type Conversation,
  dump,
  flowMod,
  output,
  packetOut,
  packets,
  rule,
  type Sent,
  send,
  sendBy,
  talk,
  type Unsent,
} from '../conversation.ts';
import { plain, tcp } from '../frames.ts';

const tcpMatch = [oxm('eth_type', 0x0800), oxm('ip_proto', 6)];
export const { atomic, ordered } = { atomic: 1, ordered: 2 };

/** Asks something of bundle 5, or of another. */
export function ctl(name: keyof typeof bundleControl, flags = BOTH, bundleId = 5): Sent {
  return encode(version.of13, control(name, { flags, bundleId }));
}

/** Puts a message into bundle 5; run.ts gives both the same xid. */
export function put(one: Sent, flags = BOTH, bundleId = 5): Sent {
  const contents = one instanceof Uint8Array ? one : bytesOf(one);
  return encode(version.of13, bundleAddOf(0, { bundleId, flags, contents }));
}

/** The message made longer or shorter, and what it says of its length stays. */
export function cut(message: Unsent, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(bytesOf(message).subarray(0, length));
  return frame;
}

/** A bundle of these, committed. */
export function whole(flags: number, ...inside: readonly Sent[]) {
  return send(
    ctl('open', flags),
    ...inside.map((one) => put(one, flags)),
    ctl('close', flags),
    ctl('commit', flags),
  );
}

export const two = rule(tcpMatch, [output(2)]);
export const three = rule([oxm('in_port', 1)], [output(3)], { priority: 7, cookie: 9n });
const lost = rule([oxm('in_port', 3)], [{ type: 'group', groupId: 77 }]);

function groupMod(command: number, groupId: number, ...ports: readonly number[]): Unsent {
  const buckets = ports.map((port) => {
    const watch = { watchPort: ofpp.any, watchGroup: ofpg.any };
    return { weight: 0, ...watch, actions: [output(port)] };
  });
  return { type: 'groupMod', command, groupType: groupType.all, groupId, buckets };
}

const toGroup = rule([oxm('in_port', 2)], [{ type: 'group', groupId: 1 }]);
const groupsAsked = send(ask({ kind: 'groupDesc' }));

const used: readonly Conversation[] = [
  talk(
    'bundle: nothing before the commit',
    /flows/,
    send(ctl('open'), put(two)),
    dump,
    send(ctl('discard')),
  ),
  talk('bundle: two rules', /output:2/, whole(BOTH, two, three), dump, packets([1, tcp()])),
  talk('bundle: neither atomic nor ordered', /output:2/, whole(0, two, three), dump),
  talk(
    'bundle: without being closed',
    /output:2/,
    send(ctl('open'), put(two), ctl('commit')),
    dump,
  ),
  talk('bundle: without being opened', /output:2/, send(put(two), ctl('commit')), dump),
  talk('bundle: empty', /experimenter/, send(ctl('open'), ctl('commit'))),
  talk('bundle: discarded', /experimenter/, send(ctl('open'), put(two), ctl('discard')), dump),
  talk(
    'bundle: rules come, change and go in it',
    /output:4/,
    send(rule([oxm('in_port', 4)], [output(1)], { flags: flowFlag.sendFlowRem })),
    packets([4, plain]),
    whole(
      BOTH,
      two,
      flowMod('modify', { match: tcpMatch, instructions: [{ type: 'clearActions' }] }),
      three,
      flowMod('deleteStrict', { match: tcpMatch }),
      flowMod('delete', { match: [oxm('in_port', 4)] }),
      rule([], [output(4)], { priority: 1 }),
    ),
    dump,
    packets([1, tcp()], [2, plain]),
  ),
  talk(
    'bundle: a group, and rules that use it',
    /group:1/,
    whole(BOTH, groupMod(groupCommand.add, 1, 3), toGroup),
    dump,
    groupsAsked,
    packets([2, plain]),
    whole(BOTH, groupMod(groupCommand.delete, 1), groupMod(groupCommand.add, 1, 4), toGroup),
    packets([2, plain]),
    groupsAsked,
    dump,
  ),
  talk(
    'bundle: a packet-out',
    /h2 </,
    send(rule([], [output(3)])),
    whole(BOTH, packetOut(ofpp.controller, [output(2)], plain)),
  ),
  talk(
    'bundle: requests of others come in between',
    /c2 </,
    send(ctl('open'), put(two)),
    sendBy('c2', three, ask({ kind: 'table' })),
    send(put(flowMod('delete', { match: [oxm('in_port', 1)] })), ctl('commit')),
    dump,
  ),
  talk(
    'bundle: each connection has its own numbers',
    /output:2/,
    send(ctl('open'), put(two)),
    sendBy('c2', ctl('commit'), ctl('open'), put(three), ctl('discard')),
    send(ctl('commit')),
    dump,
  ),
  talk(
    'bundle: several at a time',
    /output:2/,
    send(ctl('open'), ctl('open', BOTH, 6), put(two), put(three, BOTH, 6)),
    send(ctl('commit', BOTH, 6)),
    dump,
    send(ctl('commit')),
    dump,
  ),
];

const refusedInside: readonly Conversation[] = [
  talk(
    'bundle: one of it is wrong, and nothing is done',
    /badOutGroup/,
    send(two),
    whole(BOTH, three, flowMod('delete', { match: tcpMatch }), lost, rule([], [])),
    dump,
  ),
  talk(
    'bundle: not atomic, and one of it is wrong',
    /badOutGroup/,
    whole(ordered, three, lost, rule([], [])),
    dump,
  ),
  talk(
    'bundle: refused, and counters, cookies and flow-removed are as before',
    /n_packets=1/,
    send(rule(tcpMatch, [output(2)], { cookie: 5n, flags: flowFlag.sendFlowRem })),
    packets([1, tcp()]),
    whole(
      BOTH,
      flowMod('modify', { match: tcpMatch, flags: flowFlag.resetCounts }),
      flowMod('delete', { match: tcpMatch }),
      rule(tcpMatch, [output(3)], { cookie: 6n }),
      lost,
    ),
    dump,
    packets([1, tcp()]),
  ),
  talk(
    'bundle: an overlap',
    /overlap/,
    whole(BOTH, rule(tcpMatch, []), rule([oxm('in_port', 1)], [], { flags: 2 })),
    dump,
  ),
  talk(
    'bundle: a group that is there',
    /groupExists/,
    send(groupMod(groupCommand.add, 1, 2), toGroup),
    whole(BOTH, groupMod(groupCommand.modify, 1, 4), groupMod(groupCommand.add, 1, 3)),
    dump,
    groupsAsked,
  ),
  talk('bundle: an unknown buffer', /error/, whole(BOTH, rule([], [], { bufferId: 9 })), dump),
  talk(
    'bundle: what is wrong by itself is refused as it comes, and the rest is done',
    /badPrereq/,
    send(
      ctl('open'),
      put(bent(two, 56, 0x86, 0x06)),
      put(two),
      put(flowMod('add', { tableId: 255 })),
      put(bent(rule([], []), 25, 9)),
      ctl('commit'),
    ),
    dump,
  ),
  ...[BOTH, ordered, atomic].map((flags) =>
    talk(
      `bundle: a port-mod of no port, flags ${flags}`,
      /error/,
      whole(flags, two, {
        ...{ type: 'portMod', portNo: 77, hwAddr: new Uint8Array(6) },
        ...{ config: 1, mask: 1, advertise: 0 },
      }),
      dump,
    ),
  ),
];

export const bundles: readonly Conversation[] = [...used, ...refusedInside];
