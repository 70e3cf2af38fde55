/**
 * Guards in the flat encoding: while rules change on several bodies, what a change may touch goes
 * from every entrance to the primary body (round.ts, LIME 4.1).
 */
import { vlan } from '../../openflow/constants.ts';
import { fieldOf, oxm, oxmNumber, withField } from '../../openflow/match.ts';
import type { Action, Match } from '../../openflow/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { enterKey } from '../../slices/wires.ts';
import type { PhysicalFlow } from '../physical.ts';
import { cookieOf } from '../pipeline.ts';
import { type Entrance, entering } from './entrances.ts';
import { levels } from './levels.ts';
import { matchAt, type Site } from './rules.ts';
import { sendTagged } from './wiring.ts';

/** What these matches may touch at an entrance. */
export function guardFlows(
  site: Site,
  entrance: Entrance,
  regions: readonly Match[],
  primary: DatapathName,
): readonly PhysicalFlow[] {
  const key = enterKey(entrance.vswitch, entrance.vport, primary);
  const actions = sendTagged(site, key, primary, entrance);
  return regions.flatMap((region) => redirected(site, entrance, region, actions));
}

/** Drops what enters the vswitch: the freeze of freeze-and-copy (LIME 2.2). */
export function freezeFlow(entrance: Entrance): PhysicalFlow {
  return {
    tableId: 0,
    priority: levels.freeze,
    match: entering(entrance),
    instructions: [],
    cookie: cookieOf('freeze', entrance.vswitch.id, 0),
  };
}

/** Redirects what may be touched; what has a tag of its own cannot be, and waits outside. */
function redirected(
  site: Site,
  entrance: Entrance,
  region: Match,
  actions: readonly Action[],
): readonly PhysicalFlow[] {
  const match = matchAt(site, entrance, region);
  if (match === undefined) return [];
  const cookie = cookieOf('guard', entrance.vswitch.id, 0);
  const redirect = (where: Match): PhysicalFlow => {
    const instructions = [{ type: 'applyActions', actions } as const];
    return { tableId: 0, priority: levels.guard, match: where, instructions, cookie };
  };
  if (entrance.tag !== undefined) return [redirect(match)];
  const hold = { tableId: 0, priority: levels.hold, match, instructions: [], cookie };
  const vid = fieldOf(match, 'vlan_vid');
  if (vid === undefined) return [redirect(withField(match, untagged)), hold];
  return oxmNumber(vid) === 0n && vid.mask === undefined ? [redirect(match)] : [hold];
}

const untagged = oxm('vlan_vid', vlan.none);
