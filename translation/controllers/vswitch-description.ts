/**
 * A vswitch's description of itself: synthetic, and the same for its whole life, wherever it lives
 * (DESIGN, "Ports"). Nothing here comes from a datapath except whether a port is up.
 */
import { capability, multipartType, type Version } from '../../openflow/values/constants.ts';
import type { Message, MultipartReplyBody, PortDesc } from '../../openflow/values/values.ts';
import type { PortIdentity } from '../../slices/config/config.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { TENANT_TABLES } from '../entries/pipeline.ts';
import { visibleDesc } from './port-mod.ts';
import type { PortView } from './ports.ts';

export { multipartType };

/** OFPPF_10GB_FD | OFPPF_COPPER, in kbit/s 10,000,000 (OF1.3.5 section 7.2.1). */
const TEN_GIGABIT = (1 << 6) | (1 << 11);
const TEN_GIGABIT_KBPS = 10_000_000;

type Features = Extract<Message, { readonly type: 'featuresReply' }>;

export function featuresReply(vswitch: Vswitch, xid: number): Features {
  return {
    type: 'featuresReply',
    xid,
    dpid: vswitch.dpid,
    bufferCount: vswitch.buffers,
    tableCount: TENANT_TABLES,
    auxiliaryId: 0,
    capabilities:
      capability.flowStats |
      capability.tableStats |
      capability.portStats |
      capability.groupStats |
      capability.queueStats,
  };
}

export function descOf(vswitch: Vswitch): MultipartReplyBody {
  return {
    kind: 'desc',
    manufacturer: 'Limevisor',
    hardware: 'Virtual switch',
    software: '1',
    serial: 'None',
    datapath: vswitch.name.slice(vswitch.tenant.length + 1),
  };
}

/** LOCAL first, then ascending. `viewOf` says what is configured, and whether there is a link. */
export function portDescs(
  vswitch: Vswitch,
  viewOf: (vport: Vport) => PortView,
  version: Version,
): readonly PortDesc[] {
  return [...vswitch.portIdentities.keys()].map((vport) =>
    visibleDesc(portDesc(vswitch, vport, viewOf(vport)), version),
  );
}

/** A port as Open vSwitch shows one of its own veth ports, wherever the packets really go. */
export function portDesc(vswitch: Vswitch, vport: Vport, view: PortView): PortDesc {
  const portIdentity = vswitch.portIdentities.get(vport);
  if (portIdentity === undefined) throw new Error(`${vswitch.name} has no port ${vport}`);
  return describedPort(vport, { identity: portIdentity, view });
}

/** What of a port may become another. */
export interface SeenPort {
  readonly identity: PortIdentity;
  readonly view: PortView;
}

export function describedPort(vport: Vport, { identity, view }: SeenPort): PortDesc {
  return {
    portNo: vport,
    name: identity.name,
    hwAddr: identity.hwAddr,
    ...view,
    curr: TEN_GIGABIT,
    advertised: 0,
    supported: 0,
    peer: 0,
    currSpeed: TEN_GIGABIT_KBPS,
    maxSpeed: 0,
  };
}
