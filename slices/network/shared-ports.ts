/**
 * Hosts that share a physical port, told apart by VLAN: where that cannot be.
 *
 * With one table a tag of a shared port is in the place of ours, which is one: so a datapath with
 * the flat encoding has no ports where frames keep their tags (`vlans`).
 */
import { rangeText } from '../config/config-fields.ts';
import { type HostAttachment, placesOf } from './host-ends.ts';
import { type Infeasible, isFlat, type Lacking, type Snapshot, type Vswitch } from './values.ts';

export type { HostAttachment } from './host-ends.ts';

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

/** Why some vports of these vswitches cannot be; undefined when all can. */
export function unsharable(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch>,
): Infeasible | undefined {
  const lacking: Lacking[] = [];
  for (const { name, ports } of vswitches) {
    for (const [port, attachment] of ports) {
      if (attachment.type !== 'host' || attachment.vlans === undefined) continue;
      const at = placesOf(attachment).find(({ device }) => isFlat(snapshot, device));
      if (at === undefined) continue;
      const why =
        `${sharedText(attachment)} of ${at.device}:${at.port}, but ${at.device} has the flat ` +
        'encoding, which knows whole ports and single VLANs ("vlan") only';
      lacking.push({ vport: { device: name, port }, why });
    }
  }
  const [first] = lacking;
  if (first === undefined) return undefined;
  const { device, port } = first.vport;
  return { why: `vport ${port} of ${device} is ${first.why}`, lacking };
}
