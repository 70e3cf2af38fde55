/**
 * The meters of vports whose bandwidth the file limits: their numbers on datapaths, and their
 * rates.
 *
 * A number follows from the vport and the direction, so it is the same after a restart and in
 * another file; where two vports would have the same, the later one has the next that is free.
 */
import type { Config, VirtualEnd } from '../config/config.ts';
import { type Bandwidths, endKey, type FlowRate } from '../config/tenant-limits.ts';
import { tenantOf, type VswitchId, type VswitchName } from '../ids.ts';
import { type Steps, withEach } from '../steps.ts';

/** One direction. */
export interface PortMeter extends FlowRate {
  readonly id: number;
}

/** What enters by a host's port, and what leaves by a vport. */
export interface PortMeters {
  readonly in?: PortMeter;
  readonly out: PortMeter;
}

/**
 * Above tenants' meters, and those of what crosses inside a datapath (recirculation.ts), up to the
 * highest of Open vSwitch's userspace datapath.
 */
export const PORT_METERS_FROM = 0x2_0000;
/** Up to those of limits (punt-meters.ts). */
const COUNT = 0x1_f000;

/** By the vport's name (`endKey`), in steps. */
export function* portMetersOf(
  config: Config,
  ids: ReadonlyMap<VswitchName, VswitchId>,
): Steps<ReadonlyMap<string, PortMeters>> {
  const found = new Map<string, PortMeters>();
  const used = new Set<number>();
  const meter = ({ device, port }: VirtualEnd, way: number, rate: FlowRate): PortMeter => {
    let place = placeOf(ids.get(device) ?? 0, port, way);
    while (used.has(place)) place = (place + 1) % COUNT;
    used.add(place);
    return { id: PORT_METERS_FROM + place, ...rate };
  };
  yield* withEach(config.hosts, ({ port }) => {
    const rate = rateOf(config, port);
    if (rate === undefined) return;
    found.set(endKey(port), { in: meter(port, 0, rate), out: meter(port, 1, rate) });
  });
  yield* withEach(config.vlinks, ([one, other]) => {
    const rate = rateOf(config, one) ?? rateOf(config, other);
    if (rate === undefined) return;
    for (const end of [one, other]) found.set(endKey(end), { out: meter(end, 1, rate) });
  });
  return found;
}

function rateOf({ tenantLimits }: Config, end: VirtualEnd): FlowRate | undefined {
  const all: Bandwidths | undefined = tenantLimits.get(tenantOf(end.device))?.bandwidths;
  return all?.get(endKey(end));
}

/** Spread by multiplication, so that vports of one vswitch are not beside those of the next. */
function placeOf(id: number, port: number, way: number): number {
  const mixed = Math.imul(id, 0x9e37_79b1) ^ Math.imul(port * 2 + way, 0x85eb_ca6b);
  return (mixed >>> 13) % COUNT;
}
