/**
 * The versions of Open vSwitch that keep outdated cached flows, and the entry that heals them
 * (cache-eviction.ts, DESIGN 6).
 *
 * Its userspace datapath before commit 21410ff80 (August 2023) modifies the first flow that a key
 * finds and not the one that is meant, so of two that overlap one may never follow a change. It was
 * repaired in 3.3.0 and in 2.17.8, 3.0.5, 3.1.3 and 3.2.1. The kernel's datapath never had it;
 * which of the two a bridge has, OpenFlow does not say.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { niciraFlowModOf } from '../../openflow/messages/nicira-messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import type { Port } from '../../slices/ids.ts';
import { healMatch } from '../entries/cache-eviction.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf, readCookie, resubmit, tables } from '../entries/pipeline.ts';
import { levels } from '../flat/priority-map.ts';

type Description = Pick<
  Extract<MultipartReplyBody, { readonly kind: 'desc' }>,
  'hardware' | 'software'
>;

/** By release, the first with the repair; of others, those from 3.3 on have it. */
const repaired: Readonly<Record<string, number>> = { '2.17': 8, '3.0': 5, '3.1': 3, '3.2': 1 };

/** Whether it may forget cached flows: Open vSwitch, and not known to be repaired. */
export function isForgetful({ hardware, software }: Description): boolean {
  if (hardware !== 'Open vSwitch') return false;
  const [, major = '', minor = '', patch = ''] = /^(\d+)\.(\d+)\.(\d+)/.exec(software) ?? [];
  if (major === '') return true;
  const since = repaired[`${major}.${minor}`];
  if (since !== undefined) return Number(patch) < since;
  return Number(major) < 3 || (Number(major) === 3 && Number(minor) < 3);
}

/** What the operator reads about it. */
export function forgetfulText({ software }: Description): string {
  return `Open vSwitch ${software}: old cached flows are healed; see "forgets" in docs/GUIDE.md`;
}

const HIGHEST = 0xffff;

/**
 * An entry that no packet meets and that looks at a bit which no cached flow looks at, so all of
 * them are deleted by their own id and made anew. A packet with a mark would go through the tables
 * without it. OpenFlow 1.0 has no word for marks: there it is told from others by a sender that
 * none is, and looks at the bit as well (`inNiciraMatch`).
 */
export function healFlow(speaks: Version, turn: number): PhysicalFlow {
  const entry = {
    tableId: tables.classifier,
    priority: HIGHEST,
    cookie: cookieOf('heal', 0, turn % 2),
  };
  if (speaks === version.of10) {
    const group = `01:00:00:00:00:0${turn % 2}`;
    return { ...entry, match: matchOf(oxm('eth_src', group)), instructions: [] };
  }
  const actions = [
    { type: 'setField', oxm: oxm('pkt_mark', 0) } as const,
    resubmit(tables.classifier),
  ];
  const instructions = [{ type: 'applyActions', actions }] as const;
  return { ...entry, match: [healMatch(turn)], instructions };
}

/**
 * As a datapath of OpenFlow 1.0 is sent it: a heal in Nicira's match, for only Open vSwitch needs
 * one. What it says of the entry later, in words of 1.0, is without the bit. The sender alone would
 * not do: flows of rules that match all there is look at it already, and would stay as they are.
 */
export function inNiciraMatch(message: Message): Message {
  if (message.type !== 'flowMod') return message;
  const parts = readCookie(message.cookie);
  if (parts?.kind !== 'heal') return message;
  // That counters begin anew is 1.3's to ask.
  const match = [...message.match, healMatch(parts.serial)];
  return niciraFlowModOf({ ...message, flags: 0, match });
}

/**
 * Counts, and drops as without it, what comes in by a cable and no way is for (hypervisor/). Below
 * all that names anything, and above only what drops the rest.
 */
export function strayFlow(port: Port): PhysicalFlow {
  return {
    tableId: tables.classifier,
    priority: levels.stray,
    match: [oxm('in_port', port)],
    instructions: [],
    cookie: cookieOf('stray', 0, port),
  };
}
