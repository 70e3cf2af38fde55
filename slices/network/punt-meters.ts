/**
 * The meters by which datapaths hold tenants to the packet-ins that their limits let up, before
 * anything is sent to us (translation/entries/punt.ts): one for each tenant that has such a limit,
 * of the same number everywhere, so its rules are the same bytes on every datapath.
 *
 * A meter lets a quarter more go up than the limit. The limit itself is held by us, of all
 * datapaths together (control-traffic.ts): only what we see too much of shows us that a tenant is
 * at it.
 */
import type { Config } from '../config/config.ts';
import type { ControlRates } from '../control-traffic.ts';
import { hashOf } from '../text-hash.ts';
import { PORT_METERS, PORT_METERS_FROM } from './port-meters.ts';

export interface PuntMeter {
  readonly id: number;
  /** Packets; and how many at once. */
  readonly perSec: number;
  readonly burst: number;
}

const MORE = 1.25;

/** By tenant. Numbers are among those of vports' meters, which take others. */
export function puntMetersOf({ tenantLimits }: Config): ReadonlyMap<string, PuntMeter> {
  const found = new Map<string, PuntMeter>();
  const used = new Set<number>();
  for (const [tenant, { rates }] of tenantLimits) {
    const most = mostUp(rates);
    if (most === undefined) continue;
    let place = hashOf(tenant) % PORT_METERS;
    while (used.has(place)) place = (place + 1) % PORT_METERS;
    used.add(place);
    found.set(tenant, { id: PORT_METERS_FROM + place, ...most });
  }
  return found;
}

/** By the tighter of the two limits that packet-ins meet. */
function mostUp({ packetIns, toControllers }: ControlRates): Omit<PuntMeter, 'id'> | undefined {
  const [one = toControllers, other = one] = [packetIns, toControllers];
  if (one === undefined || other === undefined) return undefined;
  const most = (a: number, b: number): number => Math.ceil(Math.min(a, b) * MORE);
  return { perSec: most(one.perSec, other.perSec), burst: most(one.burst, other.burst) };
}
