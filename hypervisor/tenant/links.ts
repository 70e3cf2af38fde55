/**
 * The link state of a vport: up while every physical port that its cable runs over is up
 * (slices/network/required-ports.ts).
 */
import { portConfig } from '../../openflow/values/constants.ts';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, LOCAL, type Vport } from '../../slices/ids.ts';
import { portConfigOf } from '../../slices/network/port-configs.ts';
import { type RequiredPort, requiredPorts } from '../../slices/network/required-ports.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { type Datapaths, isAwaited } from '../datapath/datapaths.ts';
import type { World } from '../world/world.ts';

/** Where ports lie, and which of them are up. */
export interface LinksContext extends Datapaths {
  readonly world: World;
  readonly startedMs: number;
  /** Of the end of a cable while it is being reckoned what has failed. */
  readonly failures: { wasUp(end: PhysicalEnd): boolean | undefined };
  snapshot(): Snapshot;
}

export function hasLink(context: LinksContext, vswitch: Vswitch, vport: Vport): boolean {
  if (vport === LOCAL) return true;
  if (vswitch.cut.has(vport)) return false;
  const snapshot = context.snapshot();
  const attachment = vswitch.ports.get(vport);
  if (attachment?.type === 'link') {
    const { device, port } = attachment.peer;
    // As with a real cable: a port that its owner took down gives the other end no light.
    const config = portConfigOf(snapshot.portConfigs, device, port);
    if ((config & portConfig.portDown) !== 0) return false;
  }
  const places = requiredPorts(snapshot, vswitch, vport);
  return places.some((ends) => ends.every((end) => isEndUp(context, end)));
}

/** Whether a physical port carries frames, as far as is known. */
export function isEndUp(context: LinksContext, end: RequiredPort): boolean {
  const wasUp = context.failures.wasUp(end);
  if (wasUp !== undefined) return wasUp;
  const { device, port, isTransit } = end;
  const datapath = context.datapath(device);
  // What only passes frames may still do so, until it is led around (slices/network/failures.ts).
  const { away, lost } = context.snapshot().failures;
  if (isTransit && away.has(device) && !lost.has(device)) return datapath.ports.get(port) === true;
  return datapath.isPortUp(port) || isAwaited(context, datapath);
}

/** Whether a datapath can be told what to do, now or soon. */
export function isPresent(context: LinksContext, name: DatapathName): boolean {
  const datapath = context.datapath(name);
  return datapath.isReady || isAwaited(context, datapath);
}
