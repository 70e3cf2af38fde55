/**
 * To the last bit: matches as they are read back, and requests that are faulty in more than one
 * place, or that do nothing (issue 16 A).
 */
import { oxm } from '../../../../openflow/match/match.ts';
import { match10 } from '../../../../openflow/match/match-layouts.ts';
import { flowMod10 } from '../../../../openflow/messages/messages.ts';
import { meter, port as ofpp, version } from '../../../../openflow/values/constants.ts';
import { viewOf } from '../../../openflow/hex.ts';
import {
  applying,
  bent,
  bytesOf,
  type Conversation,
  dump,
  flowMod,
  output,
  packets,
  rule,
  send,
  talk,
  type Unsent,
} from '../conversation.ts';
import { icmp, labelled, plain, tcp, tcp6 } from '../frames.ts';

const ip6 = oxm('eth_type', 0x86dd);
const bytes4 = (number: number): Uint8Array => {
  const made = new Uint8Array(4);
  viewOf(made).setUint32(0, number);
  return made;
};
const label = (value: number, mask: number) => ({
  ...oxm('ipv6_flabel', 0),
  value: bytes4(value),
  mask: bytes4(mask >>> 0),
});

const labels = [0xffff_ffff, 0x000f_ffff, 0xfff0_0fff, 0x0000_ffff, 0xfff0_0000].map((mask) =>
  talk(
    `match ipv6_flabel, mask 0x${mask.toString(16)}`,
    /flows/,
    send(rule([ip6, label(0x12345 & mask, mask)], [output(2)])),
    packets([1, labelled(0x12345)], [1, tcp6()]),
    dump,
    send(flowMod('deleteStrict', { match: [ip6, label(0x12345 & mask, mask)] })),
    dump,
  ),
);

const tunnels = (
  [
    ['0', oxm('tunnel_id', 0)],
    ['5', oxm('tunnel_id', 5)],
    ['0 of some bits', oxm('tunnel_id', 0, 0xff)],
    ['5 of some bits', oxm('tunnel_id', 5, 0xff)],
  ] as const
).map(([name, field]) =>
  talk(
    `match tunnel_id ${name}`,
    /flows/,
    send(rule([field], [output(2)]), rule([], [output(3)], { priority: 1 })),
    packets([1, plain]),
    dump,
    send(flowMod('modify', { match: [field], instructions: applying(output(4)) })),
    send(flowMod('deleteStrict', { match: [field] })),
    dump,
  ),
);

const unknown = { type: 'group', groupId: 77 } as const;
const unused: readonly Conversation[] = [
  ['an unknown group', applying(unknown)] as const,
  ['an unknown meter', [{ type: 'meter', meterId: 77 }, ...applying(output(2))]] as const,
  ['meter 0', [{ type: 'meter', meterId: 0 }]] as const,
  ['too large a meter', [{ type: 'meter', meterId: meter.controller }]] as const,
].flatMap(([name, instructions]) =>
  (['modify', 'modifyStrict'] as const).map((command) =>
    talk(
      `${command} of nothing, and of something, with ${name}`,
      /error/,
      send(flowMod(command, { instructions })),
      send(rule([], [output(2)]), flowMod(command, { instructions })),
      dump,
    ),
  ),
);

const deletions = (['delete', 'deleteStrict'] as const).flatMap((command) =>
  ([ofpp.normal, ofpp.table, ofpp.flood, ofpp.controller, ofpp.local] as const).map((port) =>
    talk(
      `${command} with output 0x${port.toString(16)}`,
      /flows/,
      send(rule([], [output(2)]), flowMod(command, { instructions: applying(output(port)) })),
      dump,
    ),
  ),
);

const noData = new Uint8Array(0);
const hello = { type: 'hello', versions: [1, 4] } as const;
const mistake = { type: 'error', errorType: 1, errorCode: 1, data: noData } as const;
/** What both sides may say in any version. */
const symmetric = ([1, 4, 5] as const).flatMap((spoken) =>
  (
    [
      ['hello', bent(hello, 0, spoken)],
      ['error', bent(mistake, 0, spoken)],
      ['echo request', bent({ type: 'echoRequest', data: Uint8Array.of(1, 2, 3) }, 0, spoken)],
      ['echo reply', bent({ type: 'echoReply', data: Uint8Array.of(1, 2, 3) }, 0, spoken)],
    ] as const
  ).map(([name, frame]) => talk(`${name} of version ${spoken}, after 1.3`, /send/, send(frame))),
);

/** Of both versions. */
export const exactTalks: readonly Conversation[] = [
  ...labels,
  ...tunnels,
  ...unused,
  ...deletions,
  ...symmetric,
];

type Wire = Parameters<typeof match10.write>[2];

/** A flow-mod of 1.0 with these parts of its match as they are on the wire. */
function bent10(message: Unsent, wire: Partial<Wire>): Uint8Array {
  const frame = bytesOf(message, version.of10);
  const dv = viewOf(frame);
  const at = flowMod10.offset.match;
  match10.write(dv, at, { ...match10.read(dv, at), ...wire } as Wire);
  return frame;
}

const everything: Partial<Wire> = {
  ...{ wildcards: 0, inPort: 1, dlVlan: 0xffff, dlType: 0x0800, nwProto: 6 },
  ...{ dlSrc: Uint8Array.of(2, 0, 0, 0, 0, 1), dlDst: Uint8Array.of(2, 0, 0, 0, 0, 2) },
};

const exactMatches = (
  [
    ['without a tag', everything],
    ['without a tag, with a priority', { ...everything, dlVlanPcp: 3 }],
    ['without a tag, its priority wild', { ...everything, wildcards: 1 << 20 }],
    ['a tag', { ...everything, dlVlan: 5 }],
    ['no tag and nothing else', { wildcards: 0x3fffff & ~2, dlVlan: 0xffff }],
    ['no tag, priority 0', { wildcards: 0x3fffff & ~(2 | (1 << 20)), dlVlan: 0xffff }],
  ] as const
).map(([name, wire]) =>
  talk(
    `1.0 exact: ${name}`,
    /flows/,
    send(bent10(rule([], [output(2)], { priority: 9, flags: 1 }), wire)),
    dump,
    send(bent10(flowMod('deleteStrict', { priority: 9 }), wire)),
    dump,
  ),
);

const icmps = 0x3fffff & ~((1 << 4) | (1 << 5) | (1 << 6) | (1 << 7));
const wide = (tpSrc: number, tpDst: number): Partial<Wire> => {
  return { wildcards: icmps, dlType: 0x0800, nwProto: 1, tpSrc, tpDst };
};

const wideTalks = (
  [
    ['type 256', wide(0x100, 0)],
    ['type 264 and code 300', wide(0x108, 300)],
    ['code 0xffff', wide(8, 0xffff)],
    ['type 8', wide(8, 0)],
  ] as const
).map(([name, wire]) =>
  talk(
    `1.0 ICMP ${name}`,
    /flows/,
    send(bent10(rule([], [output(2)]), wire)),
    packets([1, icmp(8, 0)], [1, icmp(0, 0)], [1, tcp()]),
    dump,
    send(bent10(flowMod('modify', { instructions: applying(output(3)) }), wire)),
    send(bent10(flowMod('modifyStrict', { instructions: applying(output(4)) }), wire)),
    dump,
    send(bent10(flowMod('delete'), wire)),
    dump,
  ),
);

const bad = output(0xffff_ff05);
const twice = (
  [
    ['port, VLAN id', [bad, { type: 'setVlanVid', vid: 5000 }]],
    ['VLAN id, port', [{ type: 'setVlanVid', vid: 5000 }, bad]],
    ['port, ToS', [bad, { type: 'setNwTos', tos: 0xb9 }]],
    ['queue, port', [{ type: 'enqueue', port: 0xffff_fffd, queueId: 1 }, bad]],
    ['port, queue', [bad, { type: 'enqueue', port: 0xffff_fffd, queueId: 1 }]],
    ['any', [output(ofpp.any), { type: 'setVlanPcp', pcp: 9 }]],
  ] as const
).map(([name, actions]) =>
  talk(`1.0 two faults: ${name}`, /error/, send(rule([], actions, { flags: 0x100 })), dump),
);

export const exactTalks10: readonly Conversation[] = [...exactMatches, ...wideTalks, ...twice];
