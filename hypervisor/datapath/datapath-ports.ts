/**
 * The ports that a datapath reports: which of them are remembered, and which carry frames.
 */
import { port as ofpp, portConfig, portState } from '../../openflow/values/constants.ts';
import type { PortDesc } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';

/** Of each port that is remembered, whether a cable in it would carry frames. */
export type CarryingPorts = Map<number, boolean>;

/** The same by what the datapath says of it. */
function carries(desc: PortDesc): boolean {
  return (desc.config & portConfig.portDown) === 0 && (desc.state & portState.linkDown) === 0;
}

/**
 * Remembers the port, or says why not: a switch may tell of more ports than there are, or of others
 * without an end. Those that the file names are remembered in any case.
 */
export function keepPort(
  ports: CarryingPorts,
  desc: PortDesc,
  isNamed: boolean,
): string | undefined {
  const { portNo } = desc;
  const max = limits.portsPerDatapathMax;
  if (isNamed || portNo === ofpp.local || ports.has(portNo) || ports.size < max) {
    ports.set(portNo, carries(desc));
    return undefined;
  }
  return (
    `it reports more than ${max} ports; those that the file does not name are not remembered ` +
    'until it connects again'
  );
}
