/**
 * A request to move things, as a list of moves: tenants become their vswitches, zones one of their
 * datapaths, and targets that were not named are chosen (slices/placement/).
 *
 *   red/v1 red/v3 --to s5          these two, to s5
 *   red --to zone-b                all that red has, to datapaths of the zone
 *   red --to red/v1=s5 --to s6     red/v1 to s5, the rest to s6
 *   red/v1                         somewhere else
 *
 * Hosts that are named move, too, and with `withHosts` those of tenants (wanted-hosts.ts).
 */
import type { HostConfig, PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import { isBig } from '../../slices/network/members.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { whyUnplaced } from '../../slices/placement/refused-placement.ts';
import { place } from '../../slices/placement/search.ts';
import type { LeavingMember } from './member-places.ts';
import { type HostTo, hostsTo, type WantedHost } from './wanted-hosts.ts';
import { demandOf, substrateAround } from './wanted-places.ts';
import { type Target, WantedTargets } from './wanted-targets.ts';

export interface Wanted {
  /** Vswitches and tenants. */
  readonly names: readonly string[];
  /** A datapath or a zone, for all or, as `NAME=s5`, for some. */
  readonly to: readonly string[];
  /** Everything that lives on any of these, in place of names; or of that what is named. */
  readonly leaves?: readonly DatapathName[];
  /** Whether hosts of tenants, or those that are plugged in where everything leaves, move, too. */
  readonly withHosts?: boolean;
  /** Whether there has to be room for what is reserved where something can go there only, too. */
  readonly needsRoom?: boolean;
  /** Who moves hosts: one for all, or `NAME=qemu` for some; a person, if not said. */
  readonly drivers?: readonly string[];
}

/** What is known of datapaths at the moment. */
export interface Targets {
  isReady(datapath: DatapathName): boolean;
  /** Whether a datapath has a port of this number. */
  hasPort(end: PhysicalEnd): boolean;
}

export interface Found {
  readonly moves: readonly { readonly vswitch: Vswitch; readonly to: DatapathName }[];
  readonly hosts: readonly HostTo[];
  /** Members of big switches whose datapath everything leaves: not part of the ensemble. */
  readonly members: readonly LeavingMember[];
  /** What need not move, and why. */
  readonly stays: readonly string[];
  /** What has to be done by hand. */
  readonly byHand: readonly string[];
}

export function movesOf(
  snapshot: Snapshot,
  wanted: Wanted,
  now: Targets,
): Found | { readonly problems: readonly string[] } {
  return new Finding(snapshot, wanted, now).run();
}

class Finding {
  readonly #snapshot: Snapshot;
  readonly #wanted: Wanted;
  readonly #now: Targets;
  readonly #problems: string[] = [];
  readonly #stays: string[] = [];
  readonly #members: LeavingMember[] = [];
  readonly #byHand: string[] = [];
  /** Hosts that move, and whether each is named itself. */
  readonly #hosts = new Map<HostConfig, boolean>();
  readonly #said: WantedTargets;

  constructor(snapshot: Snapshot, wanted: Wanted, now: Targets) {
    this.#snapshot = snapshot;
    this.#wanted = wanted;
    this.#now = now;
    this.#said = new WantedTargets(snapshot, wanted, this.#problems);
  }

  run(): Found | { readonly problems: readonly string[] } {
    const { leaves, names } = this.#wanted;
    const named = leaves === undefined ? this.#named(names) : this.#livingOn(leaves, names);
    const targets = this.#said.byVswitch();
    if (leaves === undefined) this.#said.refuseOthers(names, this.#hosts.keys());
    const targetOf = (one: Vswitch): Target =>
      this.#notLeft(targets.get(one.name)) ?? this.#anywhere(one);
    const moving = [...named].filter(([vswitch, isItself]) => {
      return this.#moves(vswitch, targetOf(vswitch), isItself);
    });
    if (this.#problems.length > 0) return { problems: this.#problems };
    const places = this.#placed(moving.map(([vswitch]) => [vswitch, targetOf(vswitch)] as const));
    if (this.#problems.length > 0) return { problems: this.#problems };
    const moves = moving.flatMap(([vswitch]) => {
      const to = places.get(vswitch.name);
      return to === undefined ? [] : [{ vswitch, to }];
    });
    const { hosts, stays, problems } = this.#hostsTo(places);
    if (problems.length > 0) return { problems };
    const [members, byHand] = [this.#members, this.#byHand];
    return { moves, hosts, members, stays: [...this.#stays, ...stays], byHand };
  }

  #hostsTo(places: ReadonlyMap<VswitchName, DatapathName>) {
    const { placements } = this.#snapshot;
    const { to, drivers = [] } = this.#wanted;
    const forAll = to.find((text) => !text.includes('='));
    const hosts = [...this.#hosts].map(([config, isItself]): WantedHost => {
      const { name } = config;
      const said = this.#said.named.get(name) ?? this.#said.named.get(tenantOf(name)) ?? forAll;
      if (said === undefined) return { config, isItself };
      if (said.includes(':')) return { config, isItself, port: said };
      return { config, isItself, among: this.#said.read(said) ?? [] };
    });
    const placeOf = (name: VswitchName) => places.get(name) ?? placements.get(name)?.primary;
    const { leaves = [] } = this.#wanted;
    const found = hostsTo(this.#snapshot, { hosts, drivers, placeOf, leaves, ...this.#now });
    return { ...found, problems: [...this.#problems, ...found.problems] };
  }

  #addHosts(isMeant: (host: HostConfig) => boolean, isItself: boolean): void {
    for (const host of this.#snapshot.config.hosts) {
      if (isMeant(host)) this.#hosts.set(host, isItself || this.#hosts.get(host) === true);
    }
  }

  /** Whether it is named itself, or by its tenant. */
  #named(names: readonly string[]): ReadonlyMap<Vswitch, boolean> {
    const { vswitches, tenants, config } = this.#snapshot;
    const { withHosts = false } = this.#wanted;
    const found = new Map<Vswitch, boolean>();
    for (const name of names) {
      const vswitch = vswitches.get(name as VswitchName);
      const tenant = tenants.get(name);
      if (vswitch !== undefined) found.set(vswitch, true);
      else if (tenant !== undefined) {
        for (const one of tenant) if (!found.has(one)) found.set(one, false);
        if (withHosts) this.#addHosts((host) => tenantOf(host.name) === name, false);
      } else if (config.hosts.some((host) => host.name === name)) {
        this.#addHosts((host) => host.name === name, true);
      } else {
        const hosts = config.hosts.map((host) => host.name);
        const text = name.includes('/')
          ? noSuchText('vswitch or host', name, [...vswitches.keys(), ...hosts])
          : noSuchText('vswitch or tenant', name, tenants.keys());
        this.#problems.push(text);
      }
    }
    return found;
  }

  /** All of it is wanted to go, and nothing of it by its name. */
  #livingOn(
    left: readonly DatapathName[],
    names: readonly string[],
  ): ReadonlyMap<Vswitch, boolean> {
    const isMeant = ({ name }: Vswitch): boolean => names.length === 0 || names.includes(name);
    const found = new Map<Vswitch, boolean>();
    for (const vswitch of this.#snapshot.vswitches.values()) {
      const { bodies } = placementOf(this.#snapshot, vswitch.name);
      if (isMeant(vswitch) && bodies.some((one) => left.includes(one))) found.set(vswitch, false);
    }
    if (this.#wanted.withHosts) this.#addHosts(({ at }) => left.includes(at.device), true);
    return found;
  }

  /** Nothing goes to what is left. */
  #notLeft(target: Target | undefined): Target | undefined {
    const { leaves = [] } = this.#wanted;
    const rest = target?.filter((one) => !leaves.includes(one));
    if (rest === undefined || target === undefined || rest.length > 0) return rest;
    const why = `"--to": everything leaves ${leaves.join(', ')}, and cannot go there`;
    if (!this.#problems.includes(why)) this.#problems.push(why);
    return target;
  }

  #anywhere({ name }: Vswitch): Target {
    const { bodies } = placementOf(this.#snapshot, name);
    return [...this.#snapshot.datapaths.keys()].filter((one) => !bodies.includes(one));
  }

  /** One that is named itself has to move; others may be there already. */
  #moves(vswitch: Vswitch, target: Target, isItself: boolean): boolean {
    const { bodies } = placementOf(this.#snapshot, vswitch.name);
    if (isBig(vswitch) && !isItself) {
      const { name } = vswitch;
      const { leaves } = this.#wanted;
      if (leaves !== undefined) {
        const leaving = bodies.filter((one) => leaves.includes(one));
        for (const from of leaving) {
          this.#members.push({ vswitch: name, from, among: target, leaves });
        }
        return false;
      }
      const hint = `move a member: limevisor migrate ${name} --from ${bodies[0]} --to DATAPATH`;
      this.#byHand.push(`${name} is a big switch on ${bodies.join(', ')}; ${hint}`);
      return false;
    }
    const there = bodies.find((one) => target.includes(one));
    if (there === undefined || (isItself && target.length === 1)) return true;
    this.#stays.push(`${vswitch.name} lives on ${there} already`);
    return false;
  }

  /** Those with several targets are placed so that they are near to what they are linked with. */
  #placed(moving: readonly (readonly [Vswitch, Target])[]): ReadonlyMap<VswitchName, DatapathName> {
    const places = new Map<VswitchName, DatapathName>();
    const open: (readonly [Vswitch, Target])[] = [];
    for (const [vswitch, target] of moving) {
      const [only, ...rest] = target;
      const isSaid = only !== undefined && rest.length === 0 && !this.#wanted.needsRoom;
      if (isSaid) places.set(vswitch.name, only);
      else open.push([vswitch, this.#usable(vswitch, target)]);
    }
    if (open.length === 0) return places;
    const substrate = substrateAround(this.#snapshot, places);
    const demand = demandOf(this.#snapshot, open, places);
    const embedding = place(substrate, demand);
    if (embedding === undefined) {
      const names = open.map(([{ name }]) => name).join(', ');
      this.#problems.push(`no place for ${names}: ${whyUnplaced(substrate, demand)}`);
    }
    for (const [i, [{ name }]] of open.entries()) {
      const on = embedding?.places[i];
      if (on !== undefined) places.set(name, on);
    }
    return places;
  }

  #usable(vswitch: Vswitch, target: Target): Target {
    const closed = closedIn(this.#snapshot.avoiding);
    const { leaves = [] } = this.#wanted;
    const { bodies } = placementOf(this.#snapshot, vswitch.name);
    const avoided = [...vswitch.ports.values()].flatMap(({ wish }) => wish.avoid);
    return target.filter((one) => {
      const isElsewhere = !leaves.includes(one) && !bodies.includes(one);
      const isFree = isElsewhere && !closed.has(one) && !avoided.includes(one);
      return isFree && this.#now.isReady(one);
    });
  }
}
