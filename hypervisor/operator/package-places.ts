/**
 * The placement of a package's contents (package-file.ts), as a person names it: vswitches on
 * datapaths and zones, hosts at ports; or with a port chosen for each.
 */

import type { Fields } from '../../slices/config/config-fields.ts';
import {
  fieldsIn,
  isBigIn,
  namesIn,
  placeFields,
  vswitchOfHost,
} from '../../slices/config/packages.ts';
import type { Config } from '../../slices/config/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import type { Deployment } from './package-file.ts';
import type { Package } from './package-text.ts';

/** What is said for one of the tenants that come. */
export interface Wishes {
  readonly on: Map<string, Fields>;
  readonly at: Map<string, string>;
  /** Hosts whose port is chosen. */
  readonly open: Set<string>;
}

export class PackagePlaces {
  readonly #package: Package;
  readonly #asked: Deployment;
  readonly #names: readonly string[];
  readonly #problems: string[];
  readonly among = new Map<VswitchName, readonly DatapathName[]>();
  readonly wishes: ReadonlyMap<string, Wishes>;

  constructor(read: Package, asked: Deployment, names: readonly string[], problems: string[]) {
    this.#package = read;
    this.#asked = asked;
    this.#names = names;
    this.#problems = problems;
    this.wishes = new Map(
      names.map((name) => [name, { on: new Map(), at: new Map(), open: new Set() }]),
    );
    this.#wishPlaces();
    this.#wishPorts();
  }

  /** Whether ports are to be chosen. */
  get isOpen(): boolean {
    return [...this.wishes.values()].some(({ open }) => open.size > 0);
  }

  /** Where those are to be that were placed in this configuration, and ports of their hosts. */
  settle(config: Config): void {
    const places = new Map(config.vswitches.map(({ name, on }) => [name, on]));
    this.#choosePorts(config, places);
    for (const [tenant, { on }] of this.wishes) {
      for (const [name, fields] of on) {
        const place = places.get(`${tenant}/${name}` as VswitchName);
        if ('place' in fields && place !== undefined) on.set(name, { ...fields, on: place });
      }
    }
  }

  /** Where vswitches are to live. */
  #wishPlaces(): void {
    const { network } = this.#package;
    const all: DatapathName[] = [];
    const own: (readonly [string, string])[] = [];
    for (const text of this.#asked.on) {
      const [name, target] = text.split('=');
      if (name === undefined || target !== undefined) own.push([name ?? '', target ?? '']);
      else all.push(...this.#datapathsIn(name));
    }
    const vswitches = namesIn(network, 'vswitches');
    const isSaid = all.length > 0;
    for (const tenant of this.#names) {
      for (const name of vswitches) {
        // A switch over several datapaths is where its hosts are, unless it is said of it itself.
        if (isBigIn(network, name) || (this.#asked.asItWas && !isSaid)) continue;
        this.#wish(tenant, name, isSaid ? all : this.#anywhere(), 'any');
      }
      for (const [name, target] of own) {
        const bare = this.#bareIn(tenant, name, vswitches);
        if (bare === undefined) continue;
        const kind = target.includes('+') ? 'members' : 'any';
        this.#wish(tenant, bare, this.#datapathsIn(...target.split('+')), kind);
      }
    }
    for (const [name] of own) this.#checkNamed(name, vswitches, 'vswitch');
  }

  #wish(
    tenant: string,
    name: string,
    targets: readonly DatapathName[],
    kind: 'members' | 'any',
  ): void {
    const { fields, among } = placeFields(targets, kind);
    this.wishes.get(tenant)?.on.set(name, fields);
    const full = `${tenant}/${name}` as VswitchName;
    if (among !== undefined) this.among.set(full, among);
    else this.among.delete(full);
  }

  /** A datapath, or all of a zone. */
  #datapathsIn(...texts: readonly string[]): readonly DatapathName[] {
    const { running } = this.#asked;
    const zones = fieldsIn(running['zones']);
    const known = Object.keys(fieldsIn(running['datapaths']));
    return texts.flatMap((text) => {
      if (known.includes(text)) return [text as DatapathName];
      const zone = zones[text];
      if (zone !== undefined) return (Array.isArray(zone) ? zone : [zone]) as DatapathName[];
      this.#problems.push(noSuchText('datapath or zone', text, [...known, ...Object.keys(zones)]));
      return [];
    });
  }

  /** Where there is somebody, and ways lead. */
  #anywhere(): readonly DatapathName[] {
    const { ports, avoiding } = this.#asked;
    const closed = closedIn(avoiding);
    return [...ports.keys()].filter((name) => !closed.has(name));
  }

  /** Where hosts are to be plugged in. */
  #wishPorts(): void {
    const { network, hints } = this.#package;
    const hosts = namesIn(network, 'hosts');
    const said = this.#asked.hosts.filter((text) => text !== 'auto');
    const isOpen = this.#asked.hosts.includes('auto');
    for (const text of said) {
      if (!text.includes('=')) this.#problems.push(`"--hosts ${text}": write HOST=s1:3, or auto`);
      else this.#checkNamed(text.split('=')[0] ?? '', hosts, 'host');
    }
    for (const [tenant, { at, open }] of this.wishes) {
      for (const text of said) {
        const [name = '', port = ''] = text.split('=');
        const bare = this.#bareIn(tenant, name, hosts);
        if (bare === undefined) continue;
        if (port === 'auto') open.add(bare);
        else at.set(bare, port);
      }
      const hinted = this.#asked.asItWas ? fieldsIn(hints['hosts']) : {};
      for (const host of hosts) {
        if (at.has(host) || open.has(host) || Object.hasOwn(hinted, host)) continue;
        const hint = `say where: --hosts ${host}=s1:3, or --hosts auto`;
        if (isOpen) open.add(host);
        else this.#problems.push(`${tenant}/${host} has no port to be plugged in at; ${hint}`);
      }
      for (const host of open) this.#checkOpen(tenant, host);
    }
  }

  #checkOpen(tenant: string, host: string): void {
    const { network } = this.#package;
    const vswitch = vswitchOfHost(network, host);
    const isSaid = this.wishes.get(tenant)?.on.has(vswitch) === true;
    if (!isBigIn(network, vswitch) || isSaid) return;
    const why = `${tenant}/${vswitch} is on the datapaths where its hosts are plugged in`;
    this.#problems.push(`${why}; say of ${host} where, or --on ${vswitch}=s1+s2`);
  }

  /** Of `red2/v1`, or `v1` for each tenant; undefined for those of others. */
  #bareIn(tenant: string, name: string, known: readonly string[]): string | undefined {
    const bare = name.startsWith(`${tenant}/`) ? name.slice(tenant.length + 1) : name;
    return known.includes(bare) ? bare : undefined;
  }

  #checkNamed(name: string, known: readonly string[], kind: string): void {
    if (this.#names.some((tenant) => this.#bareIn(tenant, name, known) !== undefined)) return;
    this.#problems.push(noSuchText(kind, name, known));
  }

  /** The lowest numbers of which neither the file nor the datapath has a port. */
  #choosePorts(config: Config, places: ReadonlyMap<VswitchName, DatapathName>): void {
    const used = new Map<DatapathName, Set<number>>();
    const take = (on: DatapathName, port: number): void => {
      used.set(on, (used.get(on) ?? new Set()).add(port));
    };
    for (const [on, numbers] of this.#asked.ports) for (const port of numbers) take(on, port);
    for (const { at, offers = [at] } of config.hosts) {
      for (const { device, port } of offers) take(device, port);
    }
    for (const { device, port } of config.links.flat()) take(device, port);
    for (const [tenant, { at, open }] of this.wishes) {
      for (const host of open) {
        const vswitch = vswitchOfHost(this.#package.network, host);
        const on = places.get(`${tenant}/${vswitch}` as VswitchName);
        if (on === undefined) continue;
        let port = 1;
        while (used.get(on)?.has(port)) port += 1;
        take(on, port);
        at.set(host, `${on}:${port}`);
      }
    }
  }
}
