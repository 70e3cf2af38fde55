/**
 * The link state of a vport: up while every physical port that its cable runs over is up
 * (slices/network/required-ports.ts).
 */
import { portConfig } from '../../openflow/values/constants.ts';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, isSameEnd, LOCAL, type Vport } from '../../slices/ids.ts';
import { portConfigOf } from '../../slices/network/port-configs.ts';
import { type RequiredPort, requiredPorts } from '../../slices/network/required-ports.ts';
import type { Attachment, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { type Datapaths, isAwaited } from '../datapath/datapaths.ts';
import type { World } from '../world/world.ts';

/** Where ports lie, and which of them are up. */
export interface LinksContext extends Datapaths {
  readonly world: World;
  readonly startedMs: number;
  /** Of the end of a cable while it is being computed what has failed. */
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

/**
 * Why a port has no link, for people: the first thing that is not up of its host's cable, or of the
 * way there. Undefined when it has one.
 */
export function whyNoLink(
  context: LinksContext,
  vswitch: Vswitch,
  vport: Vport,
): string | undefined {
  if (hasLink(context, vswitch, vport)) return undefined;
  const cut = vswitch.cut.get(vport);
  if (cut !== undefined) return cut;
  const snapshot = context.snapshot();
  const attachment = vswitch.ports.get(vport);
  const [ends = []] = requiredPorts(snapshot, vswitch, vport);
  const end = ends.find((one) => !isEndUp(context, one));
  // All that it runs over is up: the other end was taken down by its owner.
  if (end === undefined) return whyDark(attachment);
  const trouble = whyEndDown(context, end);
  if (attachment?.type === 'host' && isSameEnd(end, attachment.at)) {
    return `host ${attachment.host}: ${trouble}`;
  }
  const link = snapshot.config.links.find((all) => all.some((one) => isSameEnd(one, end)));
  return link === undefined ? trouble : `link ${link.map(endText).join(' - ')}: ${trouble}`;
}

function whyDark(attachment: Attachment | undefined): string {
  if (attachment?.type !== 'link') return 'it has no link';
  return `${endText(attachment.peer)}, its other end, was taken down by a controller (PORT_DOWN)`;
}

function whyEndDown(context: LinksContext, { device, port }: RequiredPort): string {
  const { isReady, state, ports } = context.datapath(device);
  const at = endText({ device, port });
  if (!isReady) return `datapath ${device} is ${state.type}`;
  if (ports.has(port)) return `no cable in ${at}, or nothing at its other end`;
  const all = [...ports.keys()].filter((one) => one !== LOCAL).sort((a, b) => a - b);
  const some = all.slice(0, PORTS_NAMED_MAX).join(', ');
  const more = all.length > PORTS_NAMED_MAX ? ' ...' : '';
  return `${device} has no port ${port}; it has ${all.length === 0 ? 'none' : some + more}`;
}

const PORTS_NAMED_MAX = 8;
