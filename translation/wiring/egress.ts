/**
 * The egress table of a body: it decides whether a packet may leave by the vport in reg0, counts
 * it, and sends it to the vport's group.
 *
 * A switch counts a packet as it came in, so one that came with our tag counts 4 bytes too many:
 * the classifier notes the tag in reg2, and what leaves by a virtual link is counted in two entries
 * (hypervisor/tenant/port-counters.ts). What leaves to a host is counted by the host's own port.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowFlag } from '../../openflow/values/constants.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { endsOn, placesOf } from '../../slices/network/host-attachments.ts';
import { isShared } from '../../slices/network/shared-ports.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import {
  atVport,
  cookieOf,
  egressCode,
  groupOf,
  inVswitch,
  resubmit,
  tables,
} from '../entries/pipeline.ts';
import { puntOf } from '../entries/punt.ts';
import { toMeter } from './port-meters.ts';
import { isFlooded } from './port-wiring.ts';
import { queueWays } from './queues.ts';
import { leavingFrames } from './shared-ports.ts';

const priorities = { output: 10, queue: 12, notBack: 20 } as const;

/** What a packet that came with our tag carries on. */
export const noteTag: Action = { type: 'setField', oxm: oxm('reg2', 1) };
/** The bytes of our tag. */
export const TAG_BYTES = 4;

/** Of the body on `datapath`, a vport's at a time. */
export function* egressFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  datapath: DatapathName,
): Generator<readonly PhysicalFlow[], void> {
  const vports = [...vswitch.ports.keys()];
  const flooded = vports.filter((vport) => isFlooded(snapshot, vswitch, vport));
  const inside = inVswitch(vswitch.id);
  const up = puntOf(vswitch);
  const spread = (code: number, to: readonly Vport[]): PhysicalFlow => {
    return entry(vswitch, priorities.output, [inside, oxm('reg0', code)], to.flatMap(toVport));
  };
  yield [
    spread(egressCode.all, vports),
    spread(egressCode.flood, flooded),
    entry(vswitch, priorities.output, [inside, oxm('reg0', egressCode.controller)], [up]),
  ];
  for (const vport of vports) {
    const here = atVport(vswitch.id, vport);
    yield [
      // OF1.3.5 section 7.2.5.1: never back by the ingress port, unless IN_PORT is said.
      entry(vswitch, priorities.notBack, [here, oxm('reg0', vport)], []),
      ...leaving(vswitch, vport, 'out', [inside, oxm('reg0', vport)], datapath),
      ...leaving(vswitch, vport, 'back', [here, oxm('reg0', egressCode.inPort)], datapath),
    ];
  }
}

/** Where its bandwidth is limited, a packet passes the vport's meter before it is counted. */
function leaving(...args: Parameters<typeof outFlows>): readonly PhysicalFlow[] {
  const [vswitch, vport, , where] = args;
  if (vswitch.ports.get(vport)?.bandwidth === undefined) return outFlows(...args);
  const counted = outFlows(...args).map((one) => ({ ...one, tableId: tables.metered }));
  return [entry(vswitch, priorities.output, where, toMeter), ...counted];
}

function outFlows(
  vswitch: Vswitch,
  vport: Vport,
  way: 'out' | 'back',
  where: readonly Oxm[],
  datapath: DatapathName,
): readonly PhysicalFlow[] {
  const toGroup: Action = { type: 'group', groupId: groupOf(vswitch.id, vport) };
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type === 'host' && !isShared(attachment)) {
    const here = endsOn(attachment, datapath).length;
    const places = { here: here > 0, away: placesOf(attachment).length > here };
    const ways = queueWays(attachment.queues, places, toGroup);
    return [
      entry(vswitch, priorities.output, where, [toGroup]),
      ...ways.map(({ match, actions }) =>
        entry(vswitch, priorities.queue, [...where, match], actions),
      ),
    ];
  }
  const frames = attachment?.type === 'host' ? leavingFrames(attachment) : [[]];
  return frames.flatMap((fields, part) =>
    [false, true].map((isTagged) => ({
      ...entry(
        vswitch,
        priorities.output,
        [...where, ...fields, oxm('reg2', isTagged ? 1 : 0)],
        [toGroup],
      ),
      cookie: cookieOf('egress', vswitch.id, serialOf({ vport, way, isTagged, part })),
      flags: flowFlag.sendFlowRem,
    })),
  );
}

/** Which of the entries this is of a virtual link, or of a host that shares its port. */
export interface EgressEntry {
  readonly vport: Vport;
  readonly way: 'out' | 'back';
  readonly isTagged: boolean;
  /** Which of the masks of a range of VLANs; 0 without such. */
  readonly part: number;
}

const TAGGED = 0x1_0000;
const BACK = 0x2_0000;
const PART_SHIFT = 18;

function serialOf({ vport, way, isTagged, part }: EgressEntry): number {
  return vport | (isTagged ? TAGGED : 0) | (way === 'back' ? BACK : 0) | (part << PART_SHIFT);
}

export function readSerial(serial: number): EgressEntry {
  const way = (serial & BACK) === 0 ? 'out' : 'back';
  const part = serial >>> PART_SHIFT;
  return { vport: (serial & 0xffff) as Vport, way, isTagged: (serial & TAGGED) !== 0, part };
}

/** What a rule's output becomes: say where to in reg0, and let the egress table do it. */
export function toVport(code: number): readonly Action[] {
  return [{ type: 'setField', oxm: oxm('reg0', code) }, resubmit(tables.egress)];
}

function entry(
  vswitch: Vswitch,
  priority: number,
  match: readonly Oxm[],
  actions: readonly Action[],
): PhysicalFlow {
  return {
    tableId: tables.egress,
    priority,
    match: matchOf(...match),
    instructions: actions.length === 0 ? [] : [{ type: 'applyActions', actions }],
    cookie: cookieOf('wiring', vswitch.id, 0),
  };
}
