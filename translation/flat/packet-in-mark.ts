/**
 * The mark of a packet that was sent up before it met any rule, while another body becomes the
 * primary (hand-over.ts), on datapaths of OpenFlow 1.0: their packet-ins have no cookie that would
 * tell it from one that a tenant's rule sent up.
 *
 * In our own tag it is a priority, which no tenant can set; in that of a shared port too, and what
 * a host sends with that priority is dropped meanwhile. A host's frame gets a tag, and tenants
 * have tags, too. So it is a VLAN id that no rule of the vswitch gives a frame; what comes in with
 * it, or may have it behind a tag that a rule takes off, is dropped as long as marks are looked
 * for. It is 4095, which IEEE 802.1Q lets no frame have, unless a rule gives that one. A trunk's
 * frames have a tag, and no room for a mark (guards.ts).
 */

import { oxm, withField } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { Action, Match } from '../../openflow/values/values.ts';
import type { Mark } from '../entries/body.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { type Entrance, entering } from './ingress.ts';
import { levels } from './priority-map.ts';
import { onlyOf, vidSetBy } from './tenant-tags.ts';

/** Of frames with our tag. On their way in they have none (OF1.0.1 section 5.2.4). */
export const MARK_PRIORITY = 7;

/** Of frames from a host's own port, unless a rule gives it. */
export const MARK_VID = 0xfff;

/** The mark where these actions are all that is done to packets. */
export function chooseMark(applied: readonly Action[]): Mark {
  const given = new Set(applied.map(vidSetBy));
  let vid = MARK_VID;
  // A frame with a priority and no VLAN has 0 (IEEE 802.1Q, 9.6).
  while (vid > 0 && given.has(vid)) vid -= 1;
  const hasStrips = applied.some(({ type }) => type === 'stripVlan' || type === 'popVlan');
  return { vid: vid === 0 ? undefined : vid, hasStrips };
}

/** Drops what enters by a host's port and could come up with the mark. */
export function keepOutFlows(entrance: Entrance, mark: Mark): readonly PhysicalFlow[] {
  const here = entering(entrance);
  const cookie = cookieOf('divert', entrance.vswitch.id, 0);
  const drop = (match: Match): PhysicalFlow => {
    return { tableId: 0, priority: levels.freeze, match, instructions: [], cookie };
  };
  if (entrance.isAccess) return [drop(withField(here, oxm('vlan_pcp', MARK_PRIORITY)))];
  const isMarkable = entrance.tag === undefined && entrance.trunk === undefined;
  if (!isMarkable || mark.vid === undefined) return [];
  const matches = [
    withField(here, oxm('vlan_vid', vlan.present | mark.vid)),
    ...(mark.hasStrips ? onlyOf('stacked', here) : []),
  ];
  return matches.map(drop);
}
