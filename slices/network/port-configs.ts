/**
 * Tenants' configurations of their ports (OFPT_PORT_MOD, OF1.3.5 section 7.3.4.3), for a whole
 * snapshot. They are virtual: none of it reaches a datapath's ports.
 *
 * The bits are those of both versions; each connection sees the ones that its version has.
 */
import { portConfig } from '../../openflow/values/constants.ts';
import { LOCAL, type Vport, type VswitchName } from '../ids.ts';
import { PersistentMap } from './persistent-map.ts';

/** OFPPC_* by vport; a vport that is not there has the bits that it began with. */
export type PortConfigs = ReadonlyMap<VswitchName, ReadonlyMap<Vport, number>>;

export function portConfigOf(configs: PortConfigs, vswitch: VswitchName, vport: Vport): number {
  // Open vSwitch: a bridge's own port is down until an administrator sets it up.
  return configs.get(vswitch)?.get(vport) ?? (vport === LOCAL ? portConfig.portDown : 0);
}

export function withPortConfig(
  configs: PortConfigs,
  vswitch: VswitchName,
  vport: Vport,
  config: number,
): PortConfigs {
  const own = new Map(configs.get(vswitch)).set(vport, config);
  return PersistentMap.from(configs).with(vswitch, own);
}
