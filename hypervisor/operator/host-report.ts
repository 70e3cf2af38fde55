/**
 * The hosts of the file for the operator: the port of each, and whether it can be reached.
 */
import { endText } from '../../slices/ids.ts';
import { placesOf } from '../../slices/network/host-attachments.ts';
import { sharedText } from '../../slices/network/shared-ports.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { PortReport } from './port-report.ts';

export interface HostReport {
  /** `red/h1`. */
  readonly name: string;
  /** Of its vswitch: `red/v1:1`. */
  readonly port: string;
  /** Where its cable is: two places while it moves. */
  readonly at: readonly string[];
  /** How it shares that port: `VLAN 10`. */
  readonly shares?: string;
  readonly state: PortReport['state'];
  readonly why: string;
}

/** Those of one vswitch, whose ports are `ports`. */
export function hostReports(
  { name: vswitch, ports: attachments }: Vswitch,
  ports: readonly PortReport[],
): readonly HostReport[] {
  const known = new Map(ports.map((one) => [one.port, one]));
  return [...attachments].flatMap(([vport, attachment]) => {
    const port = known.get(String(vport));
    if (attachment.type !== 'host' || port === undefined) return [];
    const shares = sharedText(attachment);
    return [
      {
        ...{
          name: attachment.host,
          port: endText({ device: vswitch, port: vport }),
        },
        at: placesOf(attachment).map(endText),
        ...(shares !== undefined && { shares }),
        ...{ state: port.state, why: port.why.replace(`host ${attachment.host}: `, '') },
      },
    ];
  });
}
