/**
 * Whether all that a configuration asks for has room, and where what it leaves open is placed:
 * `place: auto` of vswitches, and hosts that are plugged in at several ports.
 *
 * Who is somewhere stays there: first what runs, or ran, then what the file places, then the rest,
 * a tenant after the other in the order of the file, each as a whole or not at all. So nobody's
 * place depends on those who come or go later.
 */

import { pairText } from '../config/config-ends.ts';
import { tenantOf } from '../config/config-fields.ts';
import type { Amounts } from '../config/reservations.ts';
import type { Config, HostConfig, PhysicalEnd, VswitchConfig } from '../config/values.ts';
import { type DatapathName, endText, nowhere, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { noFailures } from '../network/failures.ts';
import { Routes } from '../network/routes.ts';
import { crowdedCables, type Ground, groundOf, type Overbooked } from './configured-substrate.ts';
import type { Demand, DemandEnd, Edge, Node } from './demand.ts';
import { whyUnplaced } from './refused-placement.ts';
import { place } from './search.ts';
import type { Substrate } from './substrate.ts';

/** What is known of where things are. */
export interface Settled {
  /** By vswitch, the datapaths that carry it: two while it migrates. */
  readonly bodies: ReadonlyMap<VswitchName, readonly DatapathName[]>;
  /** By host, the port that is used of those that it is plugged in at. */
  readonly plugs: ReadonlyMap<string, string>;
  readonly avoided: ReadonlySet<DatapathName>;
}

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
  return new Admission(config, settled, routes).run();
}

/**
 * A configuration with the places that it would have where `running` runs: what is left open is
 * chosen as a start, or an apply, would choose it.
 */
export function admitBeside(
  running: Config | undefined,
  config: Config,
  avoided: ReadonlySet<DatapathName> = new Set(),
): Admitted {
  const placed = running?.vswitches.filter(({ on }) => on !== nowhere) ?? [];
  const bodies = new Map(placed.map(({ name, on, members = [on] }) => [name, members]));
  const plugs = new Map(Object.entries(running === undefined ? {} : (plugsOf(running) ?? {})));
  const routes = new Routes(config.links, avoided, noFailures, config.linkCosts);
  return admit(config, { bodies, plugs, avoided }, routes);
}

/** By host, which of several ports is used; undefined when no host has several. */
export function plugsOf({ hosts }: Config): Readonly<Record<string, string>> | undefined {
  const several = hosts.filter(({ offers }) => offers !== undefined);
  if (several.length === 0) return undefined;
  return Object.fromEntries(several.map(({ name, at }) => [name, endText(at)]));
}

type Network = Pick<Config, 'vswitches' | 'hosts' | 'vlinks'>;

class Admission {
  readonly #config: Config;
  readonly #settled: Settled;
  readonly #substrate: Substrate;
  /** Where vswitches are; those that are to be placed come to it. */
  readonly #places = new Map<VswitchName, DatapathName>();
  readonly #plugs = new Map<string, PhysicalEnd>();
  readonly #chosen: Chosen[] = [];
  readonly #unplaced = new Map<VswitchName, string>();
  readonly #overbooked: Overbooked[] = [];

  readonly #ground: Ground;

  constructor(config: Config, settled: Settled, routes: Routes) {
    this.#config = config;
    this.#settled = settled;
    this.#ground = groundOf(config, routes);
    this.#substrate = this.#ground.substrate(settled.avoided);
  }

  run(): Admitted {
    const { vswitches, hosts } = this.#config;
    for (const one of vswitches) this.#settle(one);
    for (const host of hosts) {
      const end = this.#settledPlug(host);
      if (end !== undefined) this.#plugs.set(host.name, end);
    }
    this.#carryWhatIs();
    const open = [
      ...vswitches.filter(({ name }) => !this.#places.has(name)),
      ...hosts.filter(({ name }) => !this.#plugs.has(name)),
    ];
    const tenants = new Set(open.map(({ name }) => tenantOf(name)));
    if (tenants.size > 0) this.#placeTenants(tenants);
    const config = this.#resolved();
    const overbooked = [...this.#overbooked, ...crowdedCables(config, this.#ground, this.#places)];
    return { config, chosen: this.#chosen, unplaced: this.#unplaced, overbooked };
  }

  /** One that is somewhere, or that the file places. */
  #settle(vswitch: VswitchConfig): void {
    const { name, on, members, tenant } = vswitch;
    const known = (this.#settled.bodies.get(name) ?? []).filter((one) => this.#substrate.has(one));
    const bodies = known.length > 0 ? known : (members ?? (on === nowhere ? [] : [on]));
    const [primary] = bodies;
    if (primary === undefined) return;
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

  #settledPlug({ name, at, offers }: HostConfig): PhysicalEnd | undefined {
    if (offers === undefined) return at;
    const known = this.#settled.plugs.get(name);
    return offers.find((end) => endText(end) === known);
  }

  /** What leads between things that are somewhere is there, whether there is room or not. */
  #carryWhatIs(): void {
    for (const { ends, kbps, wish } of this.#edges(this.#config)) {
      const [from, to] = ends;
      if (typeof from !== 'string' || typeof to !== 'string' || kbps === 0) continue;
      const path =
        this.#substrate.reach(from, kbps, wish).path(to) ??
        this.#substrate.reach(from, Number.NEGATIVE_INFINITY, wish).path(to);
      this.#substrate.carry(path ?? [], kbps);
    }
  }

  /** Virtual cables and hosts' cables; `nodes` are those to be placed. */
  #edges({ vlinks, hosts }: Network, nodes: ReadonlyMap<string, number> = new Map()) {
    const { vlinkBandwidths, pathWishes } = this.#config;
    const made: Edge[] = [];
    const add = (
      { name, kbps, wish }: Omit<Edge, 'ends'>,
      [one, other]: readonly (DemandEnd | undefined)[],
    ): void => {
      if (one === undefined || other === undefined) return;
      made.push({ name, ends: [one, other], kbps, wish });
    };
    const vswitchAt = (name: VswitchName) => nodes.get(name) ?? this.#places.get(name);
    for (const ends of vlinks) {
      const key = pairText(ends);
      const kbps = vlinkBandwidths.get(key) ?? 0;
      const name = ends.map(endText).join(' - ');
      add(
        { name, kbps, wish: pathWishes.get(key) },
        ends.map(({ device }) => vswitchAt(device)),
      );
    }
    for (const { name, port, bandwidth = 0 } of hosts) {
      const plug = nodes.get(name) ?? this.#plugs.get(name)?.device;
      add({ name, kbps: bandwidth }, [vswitchAt(port.device), plug]);
    }
    return made;
  }

  #placeTenants(tenants: ReadonlySet<string>): void {
    const { vswitches, hosts, vlinks } = this.#config;
    const own = {
      vswitches: Map.groupBy(vswitches, ({ tenant }) => tenant),
      hosts: Map.groupBy(hosts, ({ name }) => tenantOf(name)),
      vlinks: Map.groupBy(vlinks, ([{ device }]) => tenantOf(device)),
    };
    // Many at once are placed with less care, so that nobody waits for minutes.
    const share = Math.floor(limits.placementStartsAtOnceMax / tenants.size);
    const startsMax = Math.max(1, Math.min(limits.placementStartsMax, share));
    for (const tenant of tenants) {
      const network = {
        vswitches: own.vswitches.get(tenant) ?? [],
        hosts: own.hosts.get(tenant) ?? [],
        vlinks: own.vlinks.get(tenant) ?? [],
      };
      this.#placeTenant(tenant, network, startsMax);
    }
  }

  #placeTenant(tenant: string, network: Network, startsMax: number): void {
    const vswitches = network.vswitches.filter(({ name }) => !this.#places.has(name));
    const hosts = network.hosts.filter(({ name }) => !this.#plugs.has(name));
    const nodes: Node[] = [
      ...vswitches.map((one) => ({ name: one.name, reserve: amountsOf(one) })),
      ...hosts.map(({ name, offers = [] }) => {
        return { name, reserve: {}, offered: offers.map(({ device }) => device) };
      }),
    ];
    const numbers = new Map(nodes.map(({ name }, i) => [name, i]));
    const edges = this.#edges(network, numbers).filter(({ ends }) =>
      ends.some((end) => typeof end === 'number'),
    );
    const demand: Demand = { nodes, edges };
    const embedding = place(this.#substrate, demand, startsMax);
    if (embedding === undefined) {
      const why = whyUnplaced(this.#substrate, demand);
      for (const { name } of vswitches) this.#unplaced.set(name, why);
      if (vswitches.length === 0) this.#overbooked.push({ object: `tenant ${tenant}`, why });
      return;
    }
    for (const [i, one] of vswitches.entries()) this.#choose(one, embedding.places[i]);
    for (const [i, host] of hosts.entries()) {
      this.#plug(host, embedding.places[vswitches.length + i]);
    }
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

  #resolved(): Config {
    const { vswitches, hosts } = this.#config;
    return {
      ...this.#config,
      vswitches: vswitches.map((one) => {
        const on = one.place === undefined ? one.on : (this.#places.get(one.name) ?? one.on);
        return on === one.on ? one : { ...one, on };
      }),
      hosts: hosts.map((host) => {
        const at = this.#plugs.get(host.name);
        if (host.offers === undefined || at === undefined) return host;
        return { ...host, at, offers: [at, ...host.offers.filter((end) => end !== at)] };
      }),
    };
  }
}

function amountsOf({ reserve }: VswitchConfig): Amounts {
  return { ...reserve, vswitches: 1 };
}
