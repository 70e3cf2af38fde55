/**
 * Copies of the packets that enter a mirrored vswitch (slices/config/mirrors.ts): at the body that
 * processes them, below the guards of a migration and above the tenant's rules, each frame is sent
 * to the copy besides, and is then processed as usual.
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { isFlat, placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { enterGoal, wayFrom } from '../../slices/network/wires.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { atVport, cookieOf, resubmit, tables } from '../entries/pipeline.ts';
import { sendAlong } from './ways.ts';

/** Below the guards, and what passes them; above rules of the highest priority. */
const PRIORITY = 50;
/** The bit of reg12 that says that a frame was copied; a `pass` asks for all of it to be 0. */
const COPIED = 2;

/** Where the vswitch has a body. */
export function copyFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
): readonly PhysicalFlow[] {
  const copy = vswitch.copiedTo && snapshot.vswitches.get(vswitch.copiedTo);
  const isBody = placementOf(snapshot, vswitch.name).bodies.includes(datapath);
  if (copy === undefined || !isBody) return [];
  const { homes, primary } = placementOf(snapshot, copy.name);
  return [...vswitch.ports.keys()].flatMap((vport) => {
    const to = homes.get(vport) ?? primary;
    const goal = enterGoal(copy, vport, to);
    // On the very datapath of the copy there is no way to it, and no copies: what is taken up anew
    // there (recirculation.ts) would be the last that Open vSwitch does with the frame.
    const isThere = copy.ports.has(vport) && !isFlat(snapshot, to);
    if (!isThere || !wayFrom(snapshot, copy, goal, datapath)) return [];
    const on: readonly Action[] = [
      { type: 'clone', actions: sendAlong(snapshot, copy, goal, datapath) },
      { type: 'setField', oxm: oxm('reg12', COPIED) },
      resubmit(tables.guard),
    ];
    return [
      {
        tableId: tables.guard,
        priority: PRIORITY,
        match: matchOf(atVport(vswitch.id, vport), oxm('reg12', 0, COPIED)),
        instructions: [{ type: 'applyActions', actions: on }],
        cookie: cookieOf('copy', vswitch.id, vport),
      },
    ];
  });
}
