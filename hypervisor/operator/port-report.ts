/**
 * A vswitch's ports for the operator: the tenant's view of each, and the host or vport that it
 * leads to.
 */

import { formatMac } from '../../openflow/values/addresses.ts';
import { portConfig, portState } from '../../openflow/values/constants.ts';
import { vportText } from '../../slices/config/port-identity.ts';
import { type DatapathName, endText, LOCAL, type Vport } from '../../slices/ids.ts';
import { behind } from '../../slices/network/behind.ts';
import { sharedText } from '../../slices/network/shared-ports.ts';
import type { Attachment, Placement, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { waysBeside } from '../../slices/network/wires.ts';
import { type LinksContext, whyNoLink } from '../tenant/links.ts';
import type { Ports } from '../tenant/ports.ts';

export interface PortReport {
  /** LOCAL by its name. */
  readonly port: string;
  readonly name: string;
  readonly mac: string;
  readonly leadsTo: string;
  /** Over how many paths its flows are spread, where the file asks for that. */
  readonly paths?: number;
  readonly state: 'up' | 'down';
  /** Why it is down, or leads nowhere since the file and the store do not go together. */
  readonly why: string;
  /** What the tenant configured, by the specification's names in camelCase. */
  readonly config: readonly string[];
}

/** Whose ports they are. */
export interface PortsReported {
  readonly vswitch: Vswitch;
  readonly placement: Placement;
  readonly ports: Pick<Ports, 'view'>;
}

export function portReports(
  context: LinksContext,
  { vswitch, placement, ports }: PortsReported,
): readonly PortReport[] {
  const snapshot = context.snapshot();
  return [...vswitch.portIdentities].map(([vport, { name, hwAddr }]) => {
    const { config, state } = ports.view(vport);
    const isUp = (state & portState.linkDown) === 0;
    return {
      port: vportText(vport),
      name,
      mac: formatMac(hwAddr),
      why: isUp ? '' : whyDown(context, vswitch, vport, config),
      leadsTo: targetOf(vswitch.ports.get(vport)),
      ...pathsOf(snapshot, vswitch, vport, placement.primary),
      state: isUp ? 'up' : 'down',
      config: Object.entries(portConfig).flatMap(([bit, value]) => (config & value ? [bit] : [])),
    };
  });
}

/** Its cable's trouble, or its owner's word; empty while it has a link. */
function whyDown(context: LinksContext, vswitch: Vswitch, vport: Vport, config: number): string {
  const why = whyNoLink(context, vswitch, vport);
  // LOCAL leads nowhere, and is down until its owner wants it.
  if (why !== undefined || vport === LOCAL) return why ?? '';
  return (config & portConfig.portDown) === 0 ? '' : 'a controller took it down (PORT_DOWN)';
}

/** One only, where a flat datapath is on the way: it has no select groups. */
function pathsOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  from: DatapathName,
): Pick<PortReport, 'paths'> {
  const attachment = vswitch.ports.get(vport);
  if (attachment?.wish.spread === undefined) return {};
  const there = behind(snapshot, vswitch, vport, attachment);
  if (there === undefined || there.to === from) return {};
  const shared = waysBeside(snapshot, there.vswitch, there.goal, from, 'shared');
  return { paths: 1 + shared.length };
}

function targetOf(attachment: Attachment | undefined): string {
  if (attachment === undefined) return 'nothing';
  if (attachment.type === 'host') {
    const { host, at, also } = attachment;
    const and = also === undefined ? '' : ` and, while it moves, at ${endText(also)}`;
    const shared = sharedText(attachment);
    return `host ${host} at ${endText(at)}${shared === undefined ? '' : `, ${shared}`}${and}`;
  }
  return `${attachment.peer.device}:${attachment.peer.port}`;
}
