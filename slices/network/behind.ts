/**
 * The host or vport behind a vport, for those that send there.
 */
import type { DatapathName, Vport } from '../ids.ts';
import { type Attachment, placementOf, type Snapshot, type Vswitch } from './values.ts';
import { enterGoal, hostGoal } from './wires.ts';

/** What ways behind a vport lead to: at whose port they end, and where. */
export interface Behind {
  readonly vswitch: Vswitch;
  readonly vport: Vport;
  readonly goal: string;
  readonly to: DatapathName;
}

/** Where frames go that leave by a vport: to its host, or to the home of its peer. */
export function behind(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  attachment: Attachment | undefined = vswitch.ports.get(vport),
): Behind | undefined {
  if (attachment === undefined) return undefined;
  if (attachment.type === 'host') {
    const goal = hostGoal(vswitch, vport, attachment);
    return { vswitch, vport, goal, to: attachment.at.device };
  }
  const { device, port } = attachment.peer;
  const peer = snapshot.vswitches.get(device);
  const to = placementOf(snapshot, device).homes.get(port);
  if (peer === undefined || to === undefined) return undefined;
  return { vswitch: peer, vport: port, goal: enterGoal(peer, port, to), to };
}
