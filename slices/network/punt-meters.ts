/**
 * The meters by which datapaths limit tenants' packet-ins before they are sent to us
 * (translation/entries/punt.ts): one for each tenant that has such a limit, of the same number
 * everywhere, so its rules are the same bytes on every datapath.
 *
 * A meter lets a quarter more go up than the limit. The limit itself is held by us, of all
 * datapaths together (control-traffic.ts): only what we see too much of shows us that a tenant is
 * at it.
 */
import type { Config } from '../config/config.ts';
import type { ControlRates } from '../control-traffic.ts';
import { hashOf } from '../text-hash.ts';

export interface PuntMeter {
  readonly id: number;
  /** Packets; and how many at once. */
  readonly perSec: number;
  readonly burst: number;
}

const MORE = 1.25;

/** Above those of vports (port-meters.ts), up to the highest that Open vSwitch has. */
const FROM = 0x3_f000;
const COUNT = 0x1000;

export function isPuntMeter(meterId: number): boolean {
  return meterId >= FROM && meterId < FROM + COUNT;
}

/**
 * Of these, those that a datapath is told of: without meters, none of limits. A rule that names one
 * sends everything up then, and we hold the limit alone.
 */
export function sentMeters(hasMeters: boolean, ids: readonly number[]): readonly number[] {
  return hasMeters ? ids : ids.filter((id) => !isPuntMeter(id));
}

/** By tenant; where there are no more numbers, we hold the limit alone. */
export function puntMetersOf({ tenantLimits }: Config): ReadonlyMap<string, PuntMeter> {
  const found = new Map<string, PuntMeter>();
  const used = new Set<number>();
  for (const [tenant, { rates }] of tenantLimits) {
    const most = mostUp(rates);
    if (most === undefined || used.size === COUNT) continue;
    let place = hashOf(tenant) % COUNT;
    while (used.has(place)) place = (place + 1) % COUNT;
    used.add(place);
    found.set(tenant, { id: FROM + place, ...most });
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
