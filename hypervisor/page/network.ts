/**
 * The network that the page draws, whichever document of the API it was read from: a physical and a
 * virtual plane, and the relations between them. For an owner the physical one is empty.
 *
 * Ends are as the file writes them: `s1:3` of a datapath, `red/v1:2` of a vswitch.
 */
export interface Datapath {
  readonly name: string;
  readonly dpid: string;
  readonly isReady: boolean;
  /** Its state in words, with the reason of trouble. */
  readonly says: string;
  readonly encoding: string;
  readonly isDrained: boolean;
  /** Bytes in a second that come in by all its ports, where that is measured. */
  readonly rate?: number;
}

export interface Cable {
  readonly id: string;
  readonly ends: readonly [string, string];
  readonly isUp: boolean;
  readonly says: string;
  /** Of its bandwidth, 0 to 1, in the busier direction; absent where it is not known. */
  readonly load?: number;
  /** Bytes in a second, in the busier direction. */
  readonly rate?: number;
}

export interface Vswitch {
  readonly name: string;
  readonly tenant: string;
  readonly dpid: string;
  /** Where it is carried, the datapath that processes its packets first. */
  readonly bodies: readonly string[];
  readonly rules: number;
  /** Why it is down; empty while it serves. */
  readonly down: string;
  readonly ports: readonly Port[];
  readonly controllers: readonly Controller[];
}

export interface Port {
  readonly port: string;
  readonly name: string;
  readonly leadsTo: string;
  readonly isUp: boolean;
}

export interface Controller {
  readonly target: string;
  readonly state: string;
  readonly why: string;
}

export interface Vlink {
  readonly id: string;
  readonly tenant: string;
  readonly ends: readonly [string, string];
}

export interface Host {
  readonly name: string;
  readonly tenant: string;
  /** Of its vswitch. */
  readonly port: string;
  /** Of datapaths: two while it moves. */
  readonly at: readonly string[];
  readonly isUp: boolean;
  readonly says: string;
}

/** How a vswitch's port is reached below: datapaths in order, and the cables between them. */
export interface Way {
  readonly vswitch: string;
  readonly datapaths: readonly string[];
  readonly cables: readonly string[];
}

export interface Network {
  readonly datapaths: readonly Datapath[];
  readonly cables: readonly Cable[];
  readonly vswitches: readonly Vswitch[];
  readonly vlinks: readonly Vlink[];
  readonly hosts: readonly Host[];
  readonly ways: readonly Way[];
}

export const emptyNetwork: Network = {
  ...{ datapaths: [], cables: [], vswitches: [], vlinks: [], hosts: [], ways: [] },
};

/** `s1` of `s1:3`. */
export function deviceOf(end: string): string {
  return end.slice(0, end.lastIndexOf(':'));
}

/** `red` of `red/v1`. */
export function tenantOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('/')));
}

/** `v1` of `red/v1`. */
export function shortName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

export function tenantsOf({ vswitches, hosts }: Network): readonly string[] {
  const all = new Set([...vswitches, ...hosts].map(({ tenant }) => tenant));
  return [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** What a search finds: names of whatever is drawn, as ids of `highlighted.ts`. */
export function found(network: Network, text: string): ReadonlySet<string> {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return new Set();
  const has = (...words: readonly string[]): boolean =>
    words.some((word) => word.toLowerCase().includes(wanted));
  const { datapaths, vswitches, hosts } = network;
  return new Set([
    ...datapaths.filter((one) => has(one.name, one.dpid)).map(({ name }) => `datapath:${name}`),
    ...vswitches.filter((one) => has(one.name, one.dpid)).map(({ name }) => `vswitch:${name}`),
    ...hosts
      .filter(({ name, at }) => has(name, ...at))
      .flatMap(({ name }) => [`host:${name}`, `plug:${name}`]),
  ]);
}
