/**
 * The vswitches of a configuration: what each is, its number below, and what its vports lead to.
 */
import type { Config } from '../config/config.ts';
import { portIdentityOf } from '../config/port-identity.ts';
import { LOCAL, type Vport, type VswitchName } from '../ids.ts';
import { hostRanks, vlinkRanks } from './ranks.ts';
import type { Attachment, Cuts, Infeasible, Remembered, Vswitch } from './values.ts';
import { idsFor } from './vswitch-ids.ts';

const uncut: ReadonlyMap<Vport, string> = new Map();

/** Vports that are cut are there, as LOCAL is, with nothing behind them. */
export function buildVswitches(
  config: Config,
  remembered: Pick<Remembered, 'ids' | 'freedIds'>,
  cuts: Cuts,
): ReadonlyMap<VswitchName, Vswitch> | Infeasible {
  const names = config.vswitches.map((one) => one.name);
  const ids = idsFor(names, remembered);
  if ('why' in ids) return ids;
  const all = attachmentsOf(config);
  const vswitches = new Map<VswitchName, Vswitch>();
  for (const [index, one] of config.vswitches.entries()) {
    const { name, tenant, dpid, controllers, listen, versions, buffers, redial } = one;
    const id = ids.get(name);
    if (id === undefined) continue;
    const cut = cuts.get(name) ?? uncut;
    const attached = [...(all.get(name) ?? [])].sort(([a], [b]) => a - b);
    const vports = [LOCAL, ...attached.map(([vport]) => vport)];
    const portIdentities = new Map(
      vports.map((vport) => [vport, portIdentityOf(one, vport)] as const),
    );
    const ports = new Map(attached.filter(([vport]) => !cut.has(vport)));
    const own = { controllers, listen, versions, buffers, redial, ports, portIdentities, cut };
    vswitches.set(name, { name, index, tenant, id, dpid, ...own });
  }
  return vswitches;
}

function attachmentsOf(
  config: Config,
): ReadonlyMap<VswitchName, readonly (readonly [Vport, Attachment])[]> {
  const all = new Map<VswitchName, [Vport, Attachment][]>();
  const attach = (name: VswitchName, vport: Vport, attachment: Attachment): void => {
    const own = all.get(name) ?? [];
    all.set(name, own);
    own.push([vport, attachment]);
  };
  const ranks = hostRanks(config.hosts);
  for (const [i, { name, port, at, vlan, queues }] of config.hosts.entries()) {
    const rank = ranks[i] ?? 0;
    attach(port.device, port.port, { type: 'host', host: name, at, vlan, queues, rank });
  }
  const places = new Map<string, number>();
  const cableRanks = vlinkRanks(config);
  for (const [i, [one, other]] of config.vlinks.entries()) {
    const tenant = one.device.slice(0, one.device.indexOf('/'));
    const place = places.get(tenant) ?? 0;
    places.set(tenant, place + 2);
    const rank = cableRanks[i] ?? 0;
    attach(one.device, one.port, { type: 'link', peer: other, place, rank });
    attach(other.device, other.port, { type: 'link', peer: one, place: place + 1, rank });
  }
  return all;
}
