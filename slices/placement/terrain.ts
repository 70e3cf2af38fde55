/**
 * The running network as a landscape in which vswitches of some tenants may be moved on paper
 * (landscape.ts): places, measured traffic between them, and all other traffic.
 */

import { pairText } from '../config/config-names.ts';
import { amountsOf } from '../config/reservations.ts';
import type { Config, VirtualEnd } from '../config/values.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../ids.ts';
import { closedIn } from '../network/drained-datapaths.ts';
import { isBig } from '../network/members.ts';
import { noWish } from '../network/routes.ts';
import type { Snapshot, Vswitch } from '../network/snapshot.ts';
import { flatMapped, type Steps, withEach } from '../steps.ts';
import { cableKey, vportKey } from '../traffic/measured.ts';
import { groundOf } from './configured-substrate.ts';
import type { DemandEnd } from './demand.ts';
import { type Flow, Landscape, type Mover, type Terrain } from './landscape.ts';
import type { Cable, Substrate } from './substrate.ts';

/** What is known of the moment. */
export interface Moment {
  /** Bytes a second of what is counted by a key (slices/traffic/measured.ts). */
  rateOf(key: string): number;
  /** Of a cable, by `pairText` of its ends. */
  latencyMs(key: string): number;
  /** Whether a vswitch may live there. */
  mayGo(vswitch: VswitchName, to: DatapathName): boolean;
}

/** In steps. */
export function* surveying(
  snapshot: Snapshot,
  tenants: ReadonlySet<string>,
  now: Moment,
): Steps<Landscape> {
  const { config, routes } = snapshot;
  const ground = groundOf(config, routes);
  const movers = yield* moversOf(snapshot, tenants, now);
  const numbers = new Map(movers.map(({ name }, i) => [name, i]));
  const flows = yield* flowsOf(snapshot, tenants, numbers, now);
  const residents = new Map<DatapathName, number>();
  yield* withEach(snapshot.vswitches.values(), ({ name }) => {
    if (numbers.has(name)) return;
    for (const on of snapshot.placements.get(name)?.bodies ?? []) {
      residents.set(on, (residents.get(on) ?? 0) + 1);
    }
  });
  const [first, second] = [ground.substrate(), ground.substrate()];
  for (const substrate of [first, second]) yield* reserveIn(snapshot, substrate);
  const ends = new Map(config.links.map((link) => [pairText(link), link]));
  const plugged = new Set(config.hosts.map(({ at }) => at.device));
  const terrain = (substrate: Substrate, othersOn: Terrain['othersOn']): Terrain => ({
    ...{ movers, flows, ground, residents, othersOn, substrate, plugged },
    latencyMs: ({ key }) => now.latencyMs(key),
  });
  // What passes over a cable and is nobody's of these is others'.
  const own = yield* Landscape.over(terrain(first, () => [0, 0]));
  const { cables } = own.terrain.substrate;
  const others = new Map(
    cables.map(({ key }, i) => {
      const rates = (ends.get(key) ?? []).map((end, direction) => {
        return Math.max(0, now.rateOf(cableKey(end)) - (own.loads[2 * i + direction] ?? 0));
      });
      return [key, [rates[0] ?? 0, rates[1] ?? 0] as const];
    }),
  );
  const othersOn = ({ key }: Cable): readonly [number, number] => others.get(key) ?? [0, 0];
  return yield* Landscape.over(terrain(second, othersOn));
}

function moversOf(
  snapshot: Snapshot,
  tenants: ReadonlySet<string>,
  { mayGo }: Moment,
): Steps<readonly Mover[]> {
  const configs = new Map(snapshot.config.vswitches.map((one) => [one.name, one]));
  const datapaths = [...snapshot.datapaths.keys()];
  return flatMapped(snapshot.vswitches.values(), (vswitch): readonly Mover[] => {
    const { name, tenant } = vswitch;
    const own = configs.get(name);
    const [at, ...more] = snapshot.placements.get(name)?.bodies ?? [];
    const isOne = at !== undefined && more.length === 0 && !isBig(vswitch);
    if (!isOne || own === undefined || !tenants.has(tenant)) return [];
    const offered = datapaths.filter((to) => {
      return to !== at && isOpen(snapshot, vswitch, to) && mayGo(name, to);
    });
    return [{ name, tenant, at, offered, reserve: amountsOf(own) }];
  });
}

function isOpen({ avoiding }: Snapshot, { ports }: Vswitch, to: DatapathName): boolean {
  return (
    !closedIn(avoiding).has(to) && ![...ports.values()].some(({ wish }) => wish.avoid.includes(to))
  );
}

/**
 * Everybody's: ways are there whether anything passes or not. What other tenants send is among what
 * else the cables carry.
 */
function* flowsOf(
  snapshot: Snapshot,
  tenants: ReadonlySet<string>,
  numbers: ReadonlyMap<VswitchName | string, number>,
  { rateOf }: Moment,
): Steps<readonly Flow[]> {
  const { config, placements, vswitches } = snapshot;
  const endOf = (name: VswitchName): DemandEnd | undefined =>
    numbers.get(name) ?? (isHeld(name) ? undefined : placements.get(name)?.primary);
  const isHeld = (name: VswitchName): boolean => placements.get(name)?.bodies.length === 0;
  const wishAt = ({ device, port }: VirtualEnd) =>
    vswitches.get(device)?.ports.get(port)?.wish ?? noWish;
  const rate = (end: VirtualEnd, sense: 'from' | 'to'): number =>
    tenants.has(tenantOf(end.device)) ? rateOf(vportKey(end, sense)) : 0;
  const vlinks = yield* flatMapped(config.vlinks, (link): readonly Flow[] => {
    const [one, other] = link;
    const ends = [endOf(one.device), endOf(other.device)] as const;
    if (!isWhole(ends)) return [];
    const kbps = config.vlinkBandwidths.get(pairText(link)) ?? 0;
    return [{ ends, kbps, rates: [rate(one, 'to'), rate(other, 'to')], wish: wishAt(other) }];
  });
  const hosts = yield* flatMapped(config.hosts, (host): readonly Flow[] => {
    const { port, at, bandwidth: kbps = 0 } = host;
    const ends = [endOf(port.device), at.device] as const;
    if (!isWhole(ends)) return [];
    return [{ ends, kbps, rates: [rate(port, 'to'), rate(port, 'from')], wish: wishAt(port) }];
  });
  return [...vlinks, ...hosts];
}

function isWhole(
  ends: readonly [DemandEnd | undefined, DemandEnd | undefined],
): ends is readonly [DemandEnd, DemandEnd] {
  return ends[0] !== undefined && ends[1] !== undefined;
}

function reserveIn(
  { config, placements }: { config: Config } & Pick<Snapshot, 'placements'>,
  substrate: Substrate,
): Steps<void> {
  return withEach(config.vswitches, (vswitch) => {
    for (const body of placements.get(vswitch.name)?.bodies ?? []) {
      substrate.reserve(body, amountsOf(vswitch));
    }
  });
}
