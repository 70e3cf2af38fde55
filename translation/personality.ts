/**
 * What a vswitch says of itself: synthetic, and the same for its whole life, wherever it lives
 * (DESIGN 10). Nothing here comes from a datapath but whether a port is up.
 */
import { capability, multipartType, portState } from '../openflow/constants.ts';
import type { Message, MultipartReplyBody, PortDesc } from '../openflow/values.ts';
import type { Vport } from '../slices/ids.ts';
import type { Vswitch } from '../slices/snapshot.ts';
import { TENANT_TABLES } from './pipeline.ts';

export { multipartType };

/** OFPPF_10GB_FD | OFPPF_COPPER, in kbit/s 10,000,000 (OF1.3.5 section 7.2.1). */
const TEN_GIGABIT = (1 << 6) | (1 << 11);
const TEN_GIGABIT_KBPS = 10_000_000;

export function featuresReply(vswitch: Vswitch, xid: number): Message {
  return {
    type: 'featuresReply',
    xid,
    dpid: vswitch.dpid,
    bufferCount: 0,
    tableCount: TENANT_TABLES,
    auxiliaryId: 0,
    capabilities: capability.flowStats | capability.tableStats,
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

/** `isUp` says whether what the vport leads to is up. */
export function portDescs(vswitch: Vswitch, isUp: (vport: Vport) => boolean): readonly PortDesc[] {
  return [...vswitch.ports.keys()].map((vport) => portDesc(vswitch, vport, isUp(vport)));
}

export function portDesc(vswitch: Vswitch, vport: Vport, isUp: boolean): PortDesc {
  return {
    portNo: vport,
    hwAddr: macOf(vswitch, vport),
    name: `${vswitch.name.slice(vswitch.tenant.length + 1)}-eth${vport}`.slice(-15),
    config: 0,
    state: isUp ? portState.live : portState.linkDown,
    curr: TEN_GIGABIT,
    advertised: 0,
    supported: TEN_GIGABIT,
    peer: 0,
    currSpeed: TEN_GIGABIT_KBPS,
    maxSpeed: TEN_GIGABIT_KBPS,
  };
}

/** A locally administered address from what the tenant knows: its dpid, folded, and the port. */
function macOf(vswitch: Vswitch, vport: Vport): Uint8Array {
  const { dpid: whole } = vswitch;
  const dpid = Number((whole ^ (whole >> 24n) ^ (whole >> 48n)) & 0xff_ffffn);
  const bytes = [0x02, dpid >> 16, dpid >> 8, dpid, vport >> 8, vport];
  return Uint8Array.from(bytes, (byte) => byte & 0xff);
}
