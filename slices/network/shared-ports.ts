/**
 * Hosts that share a physical port and are told apart by VLAN: the reasons why that is impossible
 * somewhere.
 *
 * Frames of a range of VLANs keep their tags (`vlans`). A link of a flat datapath has room for one
 * tag, which is ours: so such frames are processed where they enter. And where there are no masks
 * each rule is an entry for each id.
 */
import { rangeText } from '../config/config-fields.ts';
import { limits } from '../limits.ts';
import type { HostAttachment } from './host-attachments.ts';
import { trunkBlocks, trunksOf } from './trunks.ts';
import {
  type Infeasible,
  isFlat,
  type Lacking,
  placementOf,
  type Snapshot,
  type Vswitch,
  type Wire,
} from './values.ts';

export type { HostAttachment } from './host-attachments.ts';

/** Of a host that is plugged in, or as the file has it. */
type Sharing = Partial<Pick<HostAttachment, 'vlan' | 'vlans'>>;

/** Whether other hosts may be plugged into its port, told apart by VLAN. */
export function isShared({ vlan, vlans }: Sharing): boolean {
  return vlan !== undefined || vlans !== undefined;
}

/** `VLAN 10`, or `VLANs 100-199`; undefined for a host whose port is its alone. */
export function sharedText({ vlan, vlans }: HostAttachment): string | undefined {
  if (vlan !== undefined) return `VLAN ${vlan}`;
  return vlans === undefined ? undefined : `VLANs ${rangeText(vlans)}`;
}

/** Why some vports of these vswitches cannot be, with these ways; undefined when all can. */
export function unsharable(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch>,
  wires: readonly Wire[],
): Infeasible | undefined {
  const lacking: Lacking[] = [];
  for (const vswitch of vswitches) {
    if (trunksOf(vswitch).length === 0) continue;
    const own = wires.filter(({ of }) => of.device === vswitch.name);
    for (const [port, attachment] of vswitch.ports) {
      if (attachment.type !== 'host' || attachment.vlans === undefined) continue;
      const what = `${sharedText(attachment)} of ${attachment.at.device}:${attachment.at.port}`;
      const way = own.find((one) => one.of.port === port && one.carriage === 'tag');
      const why = way === undefined ? tooMany(snapshot, vswitch) : alongTags(way);
      if (why === undefined) continue;
      lacking.push({ vport: { device: vswitch.name, port }, why: `${what}, ${why}` });
    }
  }
  const [first] = lacking;
  if (first === undefined) return undefined;
  const { device, port } = first.vport;
  return { why: `vport ${port} of ${device} is ${first.why}`, lacking };
}

function alongTags({ from, to }: Wire): string {
  return (
    `whose frames keep their tags, and between ${from} and ${to} there is room for one, which ` +
    'is ours (the flat encoding): the vswitch has to live where such a host is plugged in, or ' +
    'each VLAN be a host ("vlan")'
  );
}

function tooMany(snapshot: Snapshot, vswitch: Vswitch): string | undefined {
  for (const on of placementOf(snapshot, vswitch.name).bodies) {
    if (!isFlat(snapshot, on)) continue;
    const count = trunkBlocks(snapshot, on, vswitch).length;
    if (count <= limits.trunkBlocksMax) continue;
    return (
      `and on ${on} each rule would be ${count} entries for that, of which there may be ` +
      `${limits.trunkBlocksMax}: OpenFlow 1.0 matches VLANs one by one`
    );
  }
  return undefined;
}
