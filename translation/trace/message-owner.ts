/**
 * The vswitch that a message of a datapath's connection is about, as far as the message says:
 * several vswitches may share a datapath (`limevisor snoop` shows those of one).
 */
import { fieldOf } from '../../openflow/match/match.ts';
import { oxmNumber } from '../../openflow/match/oxm.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import { readCookie, vswitchOfGroup } from '../entries/pipeline.ts';

/** A vswitch's groups and meters have numbers below, which its tables know. */
export interface OwnNumbers {
  readonly id: number;
  hasGroup(below: number): boolean;
  hasMeter(below: number): boolean;
}

/** Whether the message is one of that vswitch's: true, false, or `maybe` where it does not say. */
export function isAbout(message: Message, own: OwnNumbers): boolean | 'maybe' {
  switch (message.type) {
    case 'flowMod':
    case 'flowRemoved':
      return ofCookie(message.cookie, own);
    case 'packetIn': {
      const metadata = fieldOf(message.match, 'metadata');
      if (metadata !== undefined) return Number(oxmNumber(metadata) >> 48n) === own.id;
      return ofCookie(message.cookie, own);
    }
    case 'packetOut':
      return ofActions(message.actions, own);
    case 'groupMod':
      if (message.groupId >= GROUP_IDS_FROM) return own.hasGroup(message.groupId);
      return vswitchOfGroup(message.groupId) === own.id;
    case 'meterMod':
      return own.hasMeter(message.meterId) || 'maybe';
    case 'multipartReply':
      return ofRows(message.reply, own);
    default:
      return 'maybe';
  }
}

function ofCookie(cookie: bigint, { id }: OwnNumbers): boolean | 'maybe' {
  const parts = readCookie(cookie);
  return parts === undefined || parts.id === 0 ? 'maybe' : parts.id === id;
}

/** Packets that are put into a vswitch have its metadata first. */
function ofActions(actions: readonly Action[], { id }: OwnNumbers): boolean | 'maybe' {
  for (const one of actions) {
    if (one.type !== 'setField') continue;
    const { oxmClass, field } = one.oxm;
    if (fieldByNumber(oxmClass, field)?.name !== 'metadata') continue;
    return Number(oxmNumber(one.oxm) >> 48n) === id;
  }
  return 'maybe';
}

function ofRows(reply: MultipartReplyBody, own: OwnNumbers): boolean | 'maybe' {
  if (reply.kind !== 'flow' || reply.flows.length === 0) return 'maybe';
  const said = reply.flows.map(({ cookie }) => ofCookie(cookie, own));
  return said.includes(true) || (said.includes('maybe') ? 'maybe' : false);
}
