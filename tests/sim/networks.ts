/**
 * Random networks of two tenants: each has a host at either end of a chain of vswitches, in the
 * middle of which is v3, that stamps what passes; and red may have a third host, there.
 */

import type { Consistency } from '../../slices/config/values.ts';
import { ovsdbOf, tunnelBetween } from './ovsdbs.ts';

/** What differs from run to run when everything is drawn (swarm.ts). */
export interface Shape {
  readonly datapathCount: number;
  /** Cables beyond those that join all. */
  readonly extraCount: number;
  /** Vswitches between the outer two. */
  readonly middleCount: number;
  /** By datapath: for up to how long its old entries count after its barrier. */
  readonly lieMs: readonly number[];
  /** By datapath, whether one table is all that is used of it. */
  readonly isFlat: readonly boolean[];
  /** All vswitches are big switches on all datapaths, which promise this. */
  readonly big?: Consistency;
  /** On so many of them only; on all if not said. */
  readonly memberCount?: number;
  /** Hosts are plugged in where their vswitches live. */
  readonly areHostsNear?: boolean;
  /** Red has a third host. */
  readonly hasThird?: boolean;
}

export interface Datapath {
  readonly name: string;
  readonly lieMs: number;
  readonly isFlat: boolean;
}

/** Names of datapaths, cables between them, and where each tenant's parts are. */
export interface Network {
  readonly datapaths: readonly Datapath[];
  readonly links: readonly (readonly [string, string])[];
  readonly places: Readonly<Record<string, Places>>;
  readonly big?: Consistency;
  readonly memberCount?: number;
  /** Which links are tunnels that are to be laid; none if not said. */
  readonly tunnels?: ReadonlySet<number>;
  /** Flows of virtual links are spread over equal paths. */
  readonly isSpread?: boolean;
}

/** v1, v2, v3 and so on; and the two hosts. */
interface Places {
  readonly vswitches: readonly string[];
  readonly hosts: readonly string[];
}

export const tenants = ['red', 'blue'] as const;
type Tenant = (typeof tenants)[number];
/** The operator has said how long to wait for a switch: a little longer than it takes. */
const MARGIN_MS = 2;
const FIRST_HOST_PORT = 100;
const THIRD_HOST_PORT = 110;
/** The vports of hosts. */
const hostVports = ['v1:1', 'v2:1', 'v3:3'];

/** Where a host is plugged in. */
function plugOf({ places }: Network, tenant: Tenant, host: number): string {
  const i = tenants.indexOf(tenant);
  const port = host < 2 ? FIRST_HOST_PORT + i * 2 + host : THIRD_HOST_PORT;
  return `${places[tenant]?.hosts[host]}:${port}`;
}

/** A tenant's hosts: by which vport they enter, and where that is. */
export function hostsOf(network: Network, tenant: Tenant) {
  const { hosts = [] } = network.places[tenant] ?? {};
  return hosts.map((_, i) => {
    const [vswitch = '', port] = (hostVports[i] ?? '').split(':');
    return { name: `h${i + 1}`, vswitch, port: Number(port), at: plugOf(network, tenant, i) };
  });
}

export function randomNetwork(random: () => number, lieMs: number, shape?: Shape): Network {
  const pick = (count: number): number => Math.floor(random() * count);
  const count = shape?.datapathCount ?? 3 + pick(4);
  const datapaths = Array.from({ length: count }, (_, i) => ({
    name: `s${i + 1}`,
    lieMs: shape?.lieMs[i] ?? lieMs,
    isFlat: shape?.isFlat[i] ?? false,
  }));
  const links: (readonly [string, string])[] = [];
  const used = new Map<string, number>();
  const port = (name: string): string => {
    const next = (used.get(name) ?? 0) + 1;
    used.set(name, next);
    return `${name}:${next}`;
  };
  const join = (i: number, j: number): void => {
    links.push([port(`s${i + 1}`), port(`s${j + 1}`)]);
  };
  for (let i = 1; i < count; i += 1) join(i, pick(i));
  for (let extra = shape?.extraCount ?? pick(3); extra > 0; extra -= 1) {
    const i = pick(count);
    join(i, (i + 1 + pick(count - 1)) % count);
  }
  const some = (length: number) => Array.from({ length }, () => datapaths[pick(count)]?.name ?? '');
  const places = Object.fromEntries(
    tenants.map((tenant) => {
      const vswitches = some(2 + (shape?.middleCount ?? 1));
      const hosts = shape?.areHostsNear ? vswitches.slice(0, 2) : some(2);
      const third = shape?.hasThird && tenant === 'red' ? some(1) : [];
      return [tenant, { vswitches, hosts: [...hosts, ...third] }];
    }),
  );
  const { big, memberCount } = shape ?? {};
  const members = { ...(big && { big }), ...(memberCount !== undefined && { memberCount }) };
  return { datapaths, links, places, ...members };
}

/** The configuration file that describes it, as the YAML reader would give it. */
export function configTree(network: Network): object {
  const { datapaths, links, places, big, isSpread, tunnels = new Set() } = network;
  const members = datapaths.slice(0, network.memberCount).map((one) => one.name);
  const placed = (at: string) =>
    big === undefined ? { on: at } : { on: members, consistency: big };
  const tenant = (name: Tenant, i: number): object => {
    const on = places[name]?.vswitches ?? [];
    const chain = ['v1', ...on.slice(2).map((_, j) => `v${j + 3}`), 'v2'];
    return {
      controllers: [`tcp:127.0.0.1:${6661 + i}`],
      vswitches: Object.fromEntries(
        on.map((at, j) => [`v${j + 1}`, { dpid: String(j + 1), ...placed(at) }]),
      ),
      hosts: Object.fromEntries(
        hostsOf(network, name).map((one) => [
          one.name,
          { port: `${one.vswitch}:${one.port}`, at: one.at },
        ]),
      ),
      links: chain.slice(1).map((one, j) => {
        const ends = `${chain[j]}:2 - ${one}:${one === 'v2' ? 2 : 1}`;
        return isSpread ? { ends, spread: 'select' } : ends;
      }),
    };
  };
  return {
    datapaths: Object.fromEntries(
      datapaths.map(({ name, lieMs, isFlat }, i) => {
        const ack = lieMs === 0 ? 'barrier' : `settle ${lieMs + MARGIN_MS}ms`;
        const ovsdb = tunnels.size > 0 && { ovsdb: ovsdbOf(i) };
        return [name, { dpid: String(i + 1), ack, ...(isFlat && { encoding: 'flat' }), ...ovsdb }];
      }),
    ),
    links: links.map(([one, other], i) => {
      const ends = `${one} - ${other}`;
      const [first, second] = [one, other].map((end) => Number(/^s([0-9]+)/.exec(end)?.[1]) - 1);
      return tunnels.has(i) ? { ends, tunnel: tunnelBetween(i, first ?? 0, second ?? 0) } : ends;
    }),
    tenants: Object.fromEntries(tenants.map((name, i) => [name, tenant(name, i)])),
  };
}
