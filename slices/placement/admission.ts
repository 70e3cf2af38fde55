/**
 * Checks that all reservations of a configuration have room, and places what it leaves open:
 * vswitches with `place: auto`, and hosts that are plugged in at several ports.
 *
 * Who is somewhere stays there: first what runs, or ran, then what the file places, then the rest,
 * a tenant after the other in the order of the file, each as a whole or not at all. So nobody's
 * place depends on those who come or go later.
 */

import { tenantOf } from '../config/config-fields.ts';
import { byTenant, type Network } from '../config/config-tenants.ts';
import { amountsOf, type Kbps } from '../config/reservations.ts';
import type { Config, HostConfig, PhysicalEnd, VswitchConfig } from '../config/values.ts';
import { type DatapathName, endText, nowhere, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Avoiding, avoidingNothing, closedIn } from '../network/drained-datapaths.ts';
import { noFailures } from '../network/failures.ts';
import { noWish, Routes } from '../network/routes.ts';
import { atOnce, mapped, type Steps, withEach } from '../steps.ts';
import { bodiesFor } from './bodies.ts';
import {
  crowdedCables,
  type Ground,
  groundOf,
  type Overbooked,
  setAside,
} from './configured-substrate.ts';
import { type Demand, eachEdge } from './demand.ts';
import { Metered } from './meters.ts';
import {
  type Among,
  closedText,
  nodesOf,
  plugsOf,
  type Settled,
  settledPlug,
  whyNotAll,
} from './open-places.ts';
import { whyUnplaced } from './refused-placement.ts';
import { placing } from './search.ts';
import type { Path, Substrate } from './substrate.ts';

export type { Among, Settled };
export { plugsOf };

export interface Admitted {
  /** The configuration, with the places that were chosen. */
  readonly config: Config;
  /** Those that were chosen now. */
  readonly chosen: readonly Chosen[];
  /** Vswitches for which there is no room, and why. */
  readonly unplaced: ReadonlyMap<VswitchName, string>;
  /** What has to be there, and has no room: a line each. */
  readonly overbooked: readonly Overbooked[];
}

/** A vswitch and its datapath, or a host and its port. */
export interface Chosen {
  readonly object: string;
  readonly where: string;
}

/** `routes` are those that frames take. */
export function admit(config: Config, settled: Settled, routes: Routes): Admitted {
  return atOnce(new Admission(config, settled, routes).run());
}

/**
 * A configuration with the places that it would have where `running` runs: what is left open is
 * chosen as a start, or an apply, would choose it.
 */
export function admitBeside(
  running: Config | undefined,
  config: Config,
  avoiding: Avoiding = avoidingNothing,
): Admitted {
  return atOnce(admitting(running, config, avoiding));
}

/** The same in steps. */
export function admitting(
  running: Config | undefined,
  config: Config,
  avoiding: Avoiding,
  among: Among = new Map(),
): Steps<Admitted> {
  const placed = running?.vswitches.filter(({ on }) => on !== nowhere) ?? [];
  const bodies = new Map(placed.map(({ name, on, members = [on] }) => [name, members]));
  const plugs = new Map(Object.entries(running === undefined ? {} : (plugsOf(running) ?? {})));
  const { links, linkCosts, failover } = config;
  const routes = new Routes(links, avoiding.now, noFailures, linkCosts, failover.backups);
  const { ledOver = new Map() } = running ?? {};
  return new Admission(config, { bodies, plugs, avoiding, ledOver, among }, routes).run();
}

class Admission {
  readonly #config: Config;
  readonly #settled: Settled;
  readonly #substrate: Substrate;
  /** Where vswitches are; those that are to be placed come to it. */
  readonly #places = new Map<VswitchName, DatapathName>();
  readonly #plugs = new Map<string, PhysicalEnd>();
  /** Of those that the file wants on several, which these are. */
  readonly #members = new Map<VswitchName, readonly DatapathName[]>();
  readonly #chosen: Chosen[] = [];
  readonly #unplaced = new Map<VswitchName, string>();
  readonly #overbooked: Overbooked[] = [];

  /** By the keys of edges, of what is set aside. */
  readonly #paths = new Map<string, Path>();
  readonly #ground: Ground;
  readonly #metered: Metered;

  constructor(config: Config, settled: Settled, routes: Routes) {
    this.#config = config;
    this.#metered = new Metered(config);
    this.#settled = settled;
    this.#ground = groundOf(config, routes);
    this.#substrate = this.#ground.substrate();
  }

  *run(): Steps<Admitted> {
    const { vswitches, hosts } = this.#config;
    // Places are chosen for bodies when all that is somewhere has what it reserves.
    const inOrder = vswitches.toSorted((one, other) => (one.bodies ?? 0) - (other.bodies ?? 0));
    yield* withEach(inOrder, (one) => this.#settle(one));
    yield* withEach(hosts, (host) => {
      const end = settledPlug(host, this.#settled.plugs);
      if (end !== undefined) this.#plugs.set(host.name, end);
    });
    yield* this.#carryWhatIs();
    const open = [
      ...vswitches.filter(({ name }) => this.#isUnplaced(name)),
      ...hosts.filter(({ name }) => !this.#plugs.has(name)),
    ];
    const tenants = new Set(open.map(({ name }) => tenantOf(name)));
    if (tenants.size > 0) yield* this.#placeTenants(tenants);
    const config = yield* this.#withPaths(yield* this.#resolved());
    const crowded = yield* crowdedCables(config, this.#ground, this.#places);
    const overbooked = [...this.#overbooked, ...crowded];
    return { config, chosen: this.#chosen, unplaced: this.#unplaced, overbooked };
  }

  /** One that is somewhere, or that the file places. */
  #settle(vswitch: VswitchConfig): void {
    const { name, on, members, tenant } = vswitch;
    const known = (this.#settled.bodies.get(name) ?? []).filter((one) => this.#substrate.has(one));
    const there = known.length > 0 ? known : (members ?? (on === nowhere ? [] : [on]));
    const bodies = vswitch.bodies === undefined ? there : this.#bodiesOf(vswitch, members ?? there);
    const [primary] = bodies;
    const whyHeld = known.length > 0 ? undefined : whyNotAll(this.#settled.avoiding, bodies);
    if (whyHeld !== undefined) this.#unplaced.set(name, whyHeld);
    if (whyHeld !== undefined || primary === undefined) return;
    this.#places.set(name, primary);
    for (const body of bodies) {
      const short = this.#substrate.shortages(body, amountsOf(vswitch));
      this.#substrate.reserve(body, amountsOf(vswitch));
      for (const { what, wanted, left } of short) {
        const why = `${name} needs ${wanted} ${what} of ${body}, where ${left} are left`;
        this.#overbooked.push({ object: `tenant ${tenant}`, why });
      }
    }
  }

  /** Which it has; none, if there is not room for as many as the file wants at first. */
  #bodiesOf(vswitch: VswitchConfig, now: readonly DatapathName[]): readonly DatapathName[] {
    const { hosts } = this.#config;
    const avoided = closedIn(this.#settled.avoiding);
    const closed = new Set([...avoided, ...this.#metered.closedTo(vswitch.name)]);
    const { members, why } = bodiesFor(vswitch, { substrate: this.#substrate, hosts, now, closed });
    const { name, tenant } = vswitch;
    if (why !== undefined && now.length === 0) {
      this.#unplaced.set(name, why);
      return [];
    }
    if (why !== undefined) this.#overbooked.push({ object: `tenant ${tenant}`, why });
    this.#members.set(name, members);
    const isOther = members.length !== now.length || members.some((one) => !now.includes(one));
    if (isOther) this.#chosen.push({ object: name, where: members.join(' + ') });
    return members;
  }

  /** What leads between things that are somewhere is there, whether there is room or not. */
  *#carryWhatIs(): Steps<void> {
    yield* withEach(yield* this.#edges(this.#config), ({ key, ends, kbps, wish }) => {
      const [from, to] = ends;
      if (typeof from !== 'string' || typeof to !== 'string' || kbps === 0) return;
      const over = this.#settled.ledOver?.get(key) ?? [];
      const known =
        over.length > 0 ? this.#ground.wayOf(from, to, { ...noWish, ...wish, over }) : undefined;
      const path =
        (known?.every((cable) => this.#substrate.hasRoom(cable, kbps)) ? known : undefined) ??
        this.#substrate.reach(from, kbps, wish).path(to) ??
        this.#substrate.reach(from, Number.NEGATIVE_INFINITY, wish).path(to);
      this.#carry(key, path ?? [], kbps);
    });
  }

  #carry(key: string, path: Path, kbps: Kbps): void {
    this.#substrate.carry(path, kbps);
    this.#paths.set(key, path);
  }

  /**
   * Says where paths lead that are not those that frames would take anyway, because these lack the
   * bandwidth. Each is looked at while all others are where they are, so there is room for it.
   */
  *#withPaths(config: Config): Steps<Config> {
    const ledOver = new Map<string, readonly string[]>();
    yield* withEach(yield* setAside(config, this.#places), ({ key, kbps, ends, wish }) => {
      const path = this.#paths.get(key);
      const [from, to] = ends;
      if (path === undefined || kbps === 0 || from === undefined || to === undefined) return;
      const free = this.#ground.wayOf(from, to, wish) ?? [];
      this.#substrate.carry(path, kbps, -1);
      const fits = (one: Path): boolean => {
        return one.every((cable) => this.#substrate.hasRoom(cable, kbps));
      };
      const isOther = !fits(free) && fits(path);
      this.#substrate.carry(isOther ? path : free, kbps);
      if (isOther)
        ledOver.set(
          key,
          path.map((cable) => cable.key),
        );
    });
    return ledOver.size === 0 ? config : { ...config, ledOver };
  }

  /** Virtual cables and hosts' cables; `nodes` are those to be placed. */
  #edges(
    { vlinks, hosts }: Omit<Network, 'vswitches'>,
    nodes: ReadonlyMap<string, number> = new Map(),
  ) {
    return eachEdge(
      { ...this.#config, vlinks, hosts },
      (name) => nodes.get(name) ?? this.#places.get(name),
      ({ name }) => nodes.get(name) ?? this.#plugs.get(name)?.device,
    );
  }

  *#placeTenants(tenants: ReadonlySet<string>): Steps<void> {
    const own = byTenant(this.#config);
    // Many at once are placed with less care, so that nobody waits for minutes.
    const share = Math.floor(limits.placementStartsAtOnceMax / tenants.size);
    const startsMax = Math.max(1, Math.min(limits.placementStartsMax, share));
    for (const tenant of tenants) {
      const network = own.get(tenant);
      if (network !== undefined) yield* this.#placeTenant(tenant, network, startsMax);
    }
  }

  *#placeTenant(tenant: string, network: Network, startsMax: number): Steps<void> {
    const vswitches = network.vswitches.filter(({ name }) => this.#isUnplaced(name));
    const hosts = network.hosts.filter(({ name }) => !this.#plugs.has(name));
    const { avoiding, among = new Map() } = this.#settled;
    const closed = { avoiding, names: this.#substrate.names };
    const within = this.#metered.within(among, closed.names);
    const nodes = nodesOf(vswitches, hosts, closed, within);
    const numbers = new Map(nodes.map(({ name }, i) => [name, i]));
    const all = yield* this.#edges(network, numbers);
    const edges = all.filter(({ ends }) => ends.some((end) => typeof end === 'number'));
    const demand: Demand = { nodes, edges };
    const embedding = yield* placing(this.#substrate, demand, startsMax);
    if (embedding === undefined) {
      const metered = this.#metered.textOf(vswitches.map(({ name }) => name));
      const why = `${whyUnplaced(this.#substrate, demand)}${closedText(closed)}${metered}`;
      for (const { name } of vswitches) this.#unplaced.set(name, why);
      if (vswitches.length === 0) this.#overbooked.push({ object: `tenant ${tenant}`, why });
      return;
    }
    for (const [i, { key }] of edges.entries()) this.#paths.set(key, embedding.paths[i] ?? []);
    for (const [i, one] of vswitches.entries()) this.#choose(one, embedding.places[i]);
    for (const [i, host] of hosts.entries()) {
      this.#plug(host, embedding.places[vswitches.length + i]);
    }
  }

  #isUnplaced(name: VswitchName): boolean {
    return !this.#places.has(name) && !this.#unplaced.has(name);
  }

  #choose({ name }: VswitchConfig, on: DatapathName | undefined): void {
    if (on === undefined) return;
    this.#places.set(name, on);
    this.#chosen.push({ object: name, where: on });
  }

  #plug({ name, offers = [] }: HostConfig, on: DatapathName | undefined): void {
    const end = offers.find(({ device }) => device === on);
    if (end === undefined) return;
    this.#plugs.set(name, end);
    this.#chosen.push({ object: name, where: endText(end) });
  }

  *#resolved(): Steps<Config> {
    const { vswitches, hosts } = this.#config;
    return {
      ...this.#config,
      vswitches: yield* mapped(vswitches, (one) => {
        const members = this.#members.get(one.name);
        const [first] = members ?? [];
        if (members !== undefined && first !== undefined) return { ...one, on: first, members };
        const on = one.place === undefined ? one.on : (this.#places.get(one.name) ?? one.on);
        return on === one.on ? one : { ...one, on };
      }),
      hosts: yield* mapped(hosts, (host) => {
        const at = this.#plugs.get(host.name);
        if (host.offers === undefined || at === undefined) return host;
        return { ...host, at, offers: [at, ...host.offers.filter((end) => end !== at)] };
      }),
    };
  }
}
