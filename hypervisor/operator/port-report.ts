/**
 * A vswitch's ports for the operator: what the tenant sees of each, and what it leads to.
 */

import { formatMac } from '../../openflow/values/addresses.ts';
import { portConfig, portState } from '../../openflow/values/constants.ts';
import { vportText } from '../../slices/config/port-identity.ts';
import { endText } from '../../slices/ids.ts';
import { sharedText } from '../../slices/network/shared-ports.ts';
import type { Attachment, Vswitch } from '../../slices/network/snapshot.ts';
import type { Ports } from '../tenant/ports.ts';

export interface PortReport {
  /** LOCAL by its name. */
  readonly port: string;
  readonly name: string;
  readonly mac: string;
  readonly leadsTo: string;
  readonly state: 'up' | 'down';
  /** Why it leads nowhere, if the file and the store do not go together. */
  readonly why: string;
  /** What the tenant configured, by the specification's names in camelCase. */
  readonly config: readonly string[];
}

/** Whose ports they are. */
export interface PortsReported {
  readonly vswitch: Vswitch;
  readonly ports: Pick<Ports, 'view'>;
}

export function portReports({ vswitch, ports }: PortsReported): readonly PortReport[] {
  return [...vswitch.portIdentities].map(([vport, { name, hwAddr }]) => {
    const { config, state } = ports.view(vport);
    return {
      port: vportText(vport),
      name,
      mac: formatMac(hwAddr),
      why: vswitch.cut.get(vport) ?? '',
      leadsTo: targetOf(vswitch.ports.get(vport)),
      state: (state & portState.linkDown) === 0 ? 'up' : 'down',
      config: Object.entries(portConfig).flatMap(([bit, value]) => (config & value ? [bit] : [])),
    };
  });
}

/** `1(v1-eth1)`, as ovs-ofctl(8) writes it, and what there is to know. */
export function portLine({ port, name, mac, leadsTo, state, config, why }: PortReport): string {
  const how = [why === '' ? state : `${state}: ${why}`, ...config].join(', ');
  return `${port}(${name}): addr:${mac} to ${leadsTo}, ${how}`;
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
