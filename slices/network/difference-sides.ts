/**
 * Two configurations as the sides of a difference that tenants see (difference-seen.ts): the
 * objects of each by name, and the paths of frames.
 */
import { pairText } from '../config/config-names.ts';
import type { Config, DatapathConfig, HostConfig, VswitchConfig } from '../config/values.ts';
import type { DatapathName, Vport, VswitchName } from '../ids.ts';
import { mapped, type Steps, withEach } from '../steps.ts';
import type { Avoided } from './drained-datapaths.ts';
import { noFailures } from './failures.ts';
import { wishesOf } from './ranks.ts';
import { noWish, Routes, turned, type Wish } from './routes.ts';

/**
 * The file's configuration with its vswitches where they live when it is carried out: as before,
 * unless that datapath left.
 */
export function* whereTheyAre(from: Config, to: Config): Steps<Config> {
  const places = new Map(from.vswitches.map(({ name, on }) => [name, on]));
  const datapaths = new Set(to.datapaths.map(({ name }) => name));
  const vswitches = yield* mapped(to.vswitches, (one) => {
    const on = places.get(one.name) ?? one.on;
    return datapaths.has(on) ? { ...one, on } : one;
  });
  return { ...to, vswitches };
}

/** A configuration, looked up by name. */
export interface Side {
  readonly vswitches: ReadonlyMap<VswitchName, VswitchConfig>;
  readonly datapaths: ReadonlyMap<DatapathName, DatapathConfig>;
  readonly ports: ReadonlyMap<VswitchName, ReadonlyMap<Vport, Cable>>;
  readonly routes: Routes;
  /** By host, and by the ends of a virtual link: what stays keeps its own (ranks.ts). */
  readonly ranks: ReadonlyMap<string, number>;
}

/** What a vport leads to, and how a way there is chosen. */
export type Cable = { readonly wish: Wish } & (
  | { readonly type: 'host'; readonly host: HostConfig }
  | { readonly type: 'link'; readonly peer: VswitchName; readonly vport: Vport }
);

/** In steps. */
export function* sideOf(
  config: Config,
  avoided: Avoided | undefined,
  former: Side['ranks'] = new Map(),
): Steps<Side> {
  const ports = new Map<VswitchName, Map<Vport, Cable>>();
  const put = (vswitch: VswitchName, vport: Vport, cable: Cable): void => {
    const own = ports.get(vswitch) ?? new Map<Vport, Cable>();
    ports.set(vswitch, own.set(vport, cable));
  };
  const ranks = new Map<string, number>();
  const rankOf = (key: string, own: number): number => {
    ranks.set(key, former.get(key) ?? own);
    return former.get(key) ?? own;
  };
  const wishes = yield* wishesOf(config);
  yield* withEach(config.hosts.entries(), ([i, host]) => {
    const own = wishes.hosts[i] ?? noWish;
    const wish = { ...own, rank: rankOf(host.name, own.rank) };
    put(host.port.device, host.port.port, { type: 'host', host, wish });
  });
  yield* withEach(config.vlinks.entries(), ([i, [one, other]]) => {
    const key = pairText([one, other]);
    const own = wishes.vlinks[i] ?? noWish;
    const wish = { ...own, rank: rankOf(key, own.rank) };
    put(one.device, one.port, { type: 'link', peer: other.device, vport: other.port, wish });
    put(other.device, other.port, {
      type: 'link',
      peer: one.device,
      vport: one.port,
      wish: turned(wish),
    });
  });
  return {
    vswitches: new Map(config.vswitches.map((one) => [one.name, one])),
    datapaths: new Map(config.datapaths.map((one) => [one.name, one])),
    ports,
    routes: new Routes(
      config.links,
      avoided,
      noFailures,
      config.linkCosts,
      config.failover.backups,
    ),
    ranks,
  };
}
