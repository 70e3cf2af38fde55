/**
 * Hosts that share a physical port, told apart by VLAN: where that cannot be.
 *
 * With one table a tag on a host's frames could not be told from a tag of ours, so a datapath with
 * the flat encoding has whole ports only.
 */
import { type Infeasible, isFlat, type Lacking, type Snapshot, type Vswitch } from './values.ts';

/** Why some vports of these vswitches cannot be; undefined when all can. */
export function unsharable(
  snapshot: Snapshot,
  vswitches: Iterable<Vswitch>,
): Infeasible | undefined {
  const lacking: Lacking[] = [];
  for (const { name, ports } of vswitches) {
    for (const [port, attachment] of ports) {
      if (attachment.type !== 'host' || attachment.vlan === undefined) continue;
      const { at, vlan } = attachment;
      if (!isFlat(snapshot, at.device)) continue;
      const why =
        `VLAN ${vlan} of ${at.device}:${at.port}, but ${at.device} has the flat encoding, ` +
        'which knows whole ports only';
      lacking.push({ vport: { device: name, port }, why });
    }
  }
  const [first] = lacking;
  if (first === undefined) return undefined;
  const { device, port } = first.vport;
  return { why: `vport ${port} of ${device} is ${first.why}`, lacking };
}
