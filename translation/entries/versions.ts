/**
 * Differences between tenants' controllers of OpenFlow 1.0 and 1.3 that concern a message's meaning
 * and not only its bytes. The codec has the others (openflow/).
 *
 * A rule that a controller of the other version made is reported in this connection's version, as
 * Open vSwitch does; what 1.0 cannot say, its codec leaves out.
 */

import { fieldOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { matchIn13 } from '../../openflow/match/match-meanings.ts';
import { frameBytesMax, sizeOf } from '../../openflow/messages/codec.ts';
import { capability, type Version, version } from '../../openflow/values/constants.ts';
import type {
  Action,
  FlowStats,
  Instruction,
  Match,
  Message,
  MultipartReplyBody,
  PortDesc,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { pushVlan, setTag } from './frame-tags.ts';

/** OFPC_ARP_MATCH_IP (OF1.0.1 section 5.3.1): addresses inside ARP are matched. */
const ARP_MATCH_IP = 128;
/** Bits by OFPAT_*: output to enqueue, all that there are (section 5.2.4). */
const ALL_ACTIONS = 0xfff;
/** OFPFW_ALL: every field may be wild (section 5.2.3). */
const ALL_WILDCARDS = 0x3fffff;

type Features = Extract<Message, { readonly type: 'featuresReply' }>;

/**
 * 1.0's features-reply has the ports in it; and one table, for it cannot name another. Ports that a
 * frame has no room for are left out, as Open vSwitch does: port descriptions tell them all.
 */
export function features10(features: Features, ports: readonly PortDesc[]): Features {
  const withPorts = (some: readonly PortDesc[]): Features => ({
    ...features,
    tableCount: 1,
    capabilities: (features.capabilities & ~capability.groupStats) | ARP_MATCH_IP,
    of10: { actions: ALL_ACTIONS, ports: some },
  });
  const size = (count: number): number => sizeOf(version.of10, withPorts(ports.slice(0, count)));
  return withPorts(ports.slice(0, fitting(size, ports.length)));
}

/** How many of `count` things of one size fit a frame; `size` is that of a frame with so many. */
export function fitting(size: (count: number) => number, count: number): number {
  if (count === 0 || size(count) <= frameBytesMax) return count;
  const none = size(0);
  return Math.floor((frameBytesMax - none) / (size(1) - none));
}

/** Statistics as a controller of this version sees them. */
export function seenBy(of: Version, reply: MultipartReplyBody) {
  return of === version.of10 ? seenBy10(reply) : seenBy13(reply);
}

function seenBy10(reply: MultipartReplyBody): MultipartReplyBody {
  if (reply.kind !== 'table') return reply;
  // Open vSwitch's tables have no names.
  const of10 = { name: '', wildcards: ALL_WILDCARDS, maxEntries: limits.rulesPerVswitchMax };
  return { kind: 'table', tables: reply.tables.map((row) => ({ ...row, of10 })) };
}

function seenBy13(reply: MultipartReplyBody): MultipartReplyBody {
  if (reply.kind !== 'flow') return reply;
  const flows = reply.flows.map((row) => {
    return { ...row, match: matchIn13(row.match), instructions: instructions13(row) };
  });
  return { kind: 'flow', flows };
}

/** A rule's instructions in words that 1.3 has. */
export function instructions13({ match, instructions }: Does): readonly Instruction[] {
  return instructions.map((one) =>
    one.type === 'applyActions' || one.type === 'writeActions'
      ? { ...one, actions: one.actions.flatMap((action) => words13(action, match)) }
      : one,
  );
}

type Does = Pick<FlowStats, 'match' | 'instructions'>;

/** The nearest that 1.3 has: what the action does to a packet that has the field. */
function words13(action: Action, match: Match): readonly Action[] {
  switch (action.type) {
    case 'setVlanVid':
      return [...pushing(match), setTag(action.vid)];
    case 'setVlanPcp':
      return [...pushing(match), { type: 'setField', oxm: oxm('vlan_pcp', action.pcp) }];
    case 'stripVlan':
      return [{ type: 'popVlan' }];
    case 'setNwSrc':
      return [{ type: 'setField', oxm: oxm('ipv4_src', action.address) }];
    case 'setNwDst':
      return [{ type: 'setField', oxm: oxm('ipv4_dst', action.address) }];
    case 'setNwTos':
      return [{ type: 'setField', oxm: oxm('ip_dscp', action.tos >> 2) }];
    case 'setTpSrc':
      return [{ type: 'setField', oxm: oxm(`${transportOf(match)}_src`, action.port) }];
    case 'setTpDst':
      return [{ type: 'setField', oxm: oxm(`${transportOf(match)}_dst`, action.port) }];
    case 'enqueue': {
      const { queueId, port } = action;
      return [
        { type: 'setQueue', queueId },
        { type: 'output', port, maxLen: 0 },
      ];
    }
    default:
      return [action];
  }
}

/** The push that comes first, unless the match says that there is a tag. */
function pushing(match: Match): readonly Action[] {
  const vid = fieldOf(match, 'vlan_vid');
  const isTagged = vid !== undefined && (oxmNumber(vid) & 0x1000n) !== 0n;
  return isTagged ? [] : [pushVlan];
}

function transportOf(match: Match): 'tcp' | 'udp' | 'sctp' {
  const protocol = fieldOf(match, 'ip_proto');
  const number = protocol === undefined ? 6 : Number(oxmNumber(protocol));
  if (number === 17) return 'udp';
  return number === 132 ? 'sctp' : 'tcp';
}
