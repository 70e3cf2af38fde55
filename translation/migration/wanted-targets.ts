/**
 * The targets of a request to move things, as it named them (wanted-moves.ts):
 *
 *   --to s5            for all, a datapath or a zone
 *   --to NAME=TARGET   for a vswitch, a tenant, or a host, which may go to a port
 */
import type { HostConfig } from '../../slices/config/config.ts';
import { parsePhysicalEnd } from '../../slices/config/config-names.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';

/** Where something may go: one datapath, or any of several. */
export type Target = readonly DatapathName[];

interface Said {
  readonly names: readonly string[];
  readonly to: readonly string[];
}

export class WantedTargets {
  readonly #snapshot: Snapshot;
  readonly #wanted: Said;
  readonly #problems: string[];
  /** What was said behind `NAME=`. */
  readonly named = new Map<string, string>();

  /** What cannot be is added to `problems`. */
  constructor(snapshot: Snapshot, wanted: Said, problems: string[]) {
    this.#snapshot = snapshot;
    this.#wanted = wanted;
    this.#problems = problems;
  }

  /** By vswitch, for those for which something is said. */
  byVswitch(): ReadonlyMap<VswitchName, Target> {
    const { vswitches, tenants } = this.#snapshot;
    const byName = new Map<string, Target>();
    let all: Target | undefined;
    for (const text of this.#wanted.to) {
      const [first = '', second] = text.split('=');
      if (second !== undefined && this.named.has(first)) {
        this.#problems.push(`"--to ${text}": there is a target for ${first} already`);
        continue;
      }
      if (second !== undefined && this.#isHost(first)) {
        this.named.set(first, second);
        continue;
      }
      const target = this.read(second ?? first);
      if (target === undefined) continue;
      const isKnown = vswitches.has(first as VswitchName) || tenants.has(first);
      if (second === undefined && all === undefined) all = target;
      else if (second === undefined) {
        this.#problems.push(
          `"--to ${text}": there is a target for all already; write NAME=${text}`,
        );
      } else if (isKnown) {
        byName.set(first, target);
        this.named.set(first, second);
      } else this.#problems.push(`"--to ${text}": ${this.#noneText(first)}`);
    }
    const found = new Map<VswitchName, Target>();
    for (const { name, tenant } of vswitches.values()) {
      const target = byName.get(name) ?? byName.get(tenant) ?? all;
      if (target !== undefined) found.set(name, target);
    }
    return found;
  }

  /** A target that is for nothing of what moves is a slip: what was meant would go elsewhere. */
  refuseOthers(names: readonly string[], hosts: Iterable<HostConfig>): void {
    const moving = new Set([...names, ...[...hosts].map(({ name }) => name)]);
    for (const [name, to] of this.named) {
      const isPart = moving.has(name) || (!this.#isHost(name) && moving.has(tenantOf(name)));
      const isWhole = names.some((one) => tenantOf(one) === name);
      if (isPart || isWhole) continue;
      this.#problems.push(`"--to ${name}=${to}": ${name} is not among what moves`);
    }
  }

  #noneText(name: string): string {
    const { vswitches, tenants, config } = this.#snapshot;
    const known = [...tenants.keys(), ...vswitches.keys(), ...config.hosts.map((one) => one.name)];
    return noSuchText('vswitch, tenant or host', name, known);
  }

  #isHost(name: string): boolean {
    return this.#snapshot.config.hosts.some((host) => host.name === name);
  }

  read(name: string): Target | undefined {
    const { datapaths, config } = this.#snapshot;
    const datapath = datapaths.get(name as DatapathName)?.name;
    const zone = datapath === undefined ? config.zones.get(name) : [datapath];
    if (zone !== undefined) return zone;
    if (parsePhysicalEnd(name).ok) {
      const host = this.#wanted.names.find((one) => this.#isHost(one));
      const write = host === undefined ? name.split(':')[0] : `${host}=${name}`;
      this.#problems.push(`"${name}" is a port, where one host goes: write --to ${write}`);
      return undefined;
    }
    const zones = [...config.zones.keys()];
    const known = [...datapaths.keys(), ...zones];
    const what = zones.length === 0 ? 'datapath' : 'datapath or zone';
    this.#problems.push(noSuchText(what, name, known));
    return undefined;
  }
}
