/**
 * A frame crosses to a neighbour on the same datapath (slices/crossings.ts): Open vSwitch takes it
 * up anew.
 *
 * A resubmit would go on in the same pass, and those may be 64 deep and 4,096 in all: after that
 * the whole pass is given up, with everything that it would have sent anywhere. A header that is
 * put on and taken off again makes Open vSwitch look at the frame anew, with metadata and registers
 * as they were, in a pass of its own. Nothing of the frame changes. On a bridge of 3.1 no cost was
 * measured (docs/DESIGN.md section 3).
 */
import { packetType } from '../openflow/constants.ts';
import { oxm } from '../openflow/match.ts';
import type { Action, Match } from '../openflow/values.ts';
import type { Snapshot, Vswitch } from '../slices/snapshot.ts';
import type { PhysicalFlow } from './physical.ts';
import { atVport, cookieOf, resubmit, tables } from './pipeline.ts';
import { entranceOf } from './port-wiring.ts';

const priorities = { anew: 0, closed: 10 } as const;

const takenUpAnew: readonly Action[] = [
  // What it came with is off: from here on it counts as it is (egress.ts).
  { type: 'setField', oxm: oxm('reg2', 0) },
  { type: 'encap', packetType: packetType.nsh, mdType: 2 },
  { type: 'decap', packetType: packetType.useNextProtocol },
];

export const anewFlow: PhysicalFlow = entry(priorities.anew, [], tables.guard);

/** Of vports that do not take everything: by the table that says what they take. */
export function anewFlows(snapshot: Snapshot, vswitch: Vswitch): readonly PhysicalFlow[] {
  return [...vswitch.ports].flatMap(([vport, { type }]) => {
    const entrance = entranceOf(snapshot, vswitch, vport);
    if (type !== 'link' || entrance === tables.guard) return [];
    return [entry(priorities.closed, [atVport(vswitch.id, vport)], entrance)];
  });
}

function entry(priority: number, match: Match, entrance: number): PhysicalFlow {
  const actions = [...takenUpAnew, resubmit(entrance)];
  const instructions = [{ type: 'applyActions', actions }] as const;
  return { tableId: tables.anew, priority, match, instructions, cookie: cookieOf('wiring', 0, 0) };
}
