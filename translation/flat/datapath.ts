/**
 * One datapath in the flat encoding: its entrances, its bodies, and whose a packet is that comes
 * up.
 *
 * Rules depend on where vswitches live, so when one moves there are three steps here, too, each to
 * be acknowledged before the next: `make` writes the rules at entrances that are new, `change`
 * leads every output to where it is to go now, `break` takes away the entrances of before. Several
 * vswitches may be moving at once: a step concerns one of them, and its neighbours.
 */

import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import type { DatapathName, Tag, VswitchName } from '../../slices/ids.ts';
import { inOrder, withPeers } from '../../slices/network/changed-ways.ts';
import { arrivalsFrom } from '../../slices/network/hop-tags.ts';
import { changedKeys, PersistentMap } from '../../slices/network/persistent-map.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { emptyTags, type HopTags } from '../../slices/network/tags.ts';
import { endOfKey } from '../../slices/network/wires.ts';
import type { Mark } from '../entries/body.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';
import { FlatBody } from './body.ts';
import type { FlatContext } from './context.ts';
import { type Entrance, type Entrances, entranceKey, entrancesOf } from './ingress.ts';
import { type Site, siteOf } from './rules.ts';

/** A vswitch moves: the snapshot in which it has, and the entrances that go. */
export interface Move {
  readonly next: Snapshot;
  /** Absent: not a vswitch moves, but ways are led elsewhere. */
  readonly vswitch: Vswitch | undefined;
  readonly wanted: Entrances;
  readonly gone: readonly number[];
  /** The configuration is another: vswitches that came, went, or are others. */
  readonly changed?: ReadonlySet<VswitchName>;
}

const none: ReadonlyMap<string, Tag> = PersistentMap.empty();

export class FlatDatapath implements FlatContext {
  readonly #datapath: DatapathName;
  /** What outputs lead to: for each vswitch, where it was when its last `change` was sent. */
  #reach: Snapshot;
  readonly #entrances = new Map<number, Entrance>();
  readonly #byVswitch = new Map<VswitchName, Map<number, Entrance>>();
  /** Where its links lead. */
  #sendsTo: ReadonlySet<string>;
  /** By arrival, tags that may still be used, and are no way's any more in the next snapshot. */
  readonly #lateTags = new Map<string, Map<string, Tag>>();
  /** Entrances that a move under way will take away. */
  readonly #doomed = new Set<number>();
  readonly #bodies = new Map<VswitchName, FlatBody>();

  /** With the entrances of all that live there, or of these. */
  constructor(snapshot: Snapshot, datapath: DatapathName, of?: readonly Vswitch[]) {
    this.#datapath = datapath;
    this.#reach = snapshot;
    this.#sendsTo = arrivalsFrom(snapshot.config, datapath);
    this.#enter(entrancesOf(snapshot, datapath, of));
  }

  site(): Site {
    return siteOf(this.#reach, this.#datapath);
  }

  entrances({ name }: Vswitch): readonly Entrance[] {
    return [...(this.#byVswitch.get(name)?.values() ?? [])];
  }

  /** Whose a frame is that came in by this port, with this outer tag. */
  entrance(inPort: number, tag: number | undefined): Entrance | undefined {
    const wired = tag === undefined ? undefined : this.#entrances.get(entranceKey(inPort, tag));
    return wired ?? this.#entrances.get(entranceKey(inPort, undefined));
  }

  entranceOf(match: Match): Entrance | undefined {
    const inPort = fieldOf(match, 'in_port');
    const vid = fieldOf(match, 'vlan_vid');
    if (inPort === undefined) return undefined;
    const tag = vid === undefined ? undefined : Number(oxmNumber(vid)) & ~vlan.present;
    return this.entrance(Number(oxmNumber(inPort)), tag);
  }

  bodyOf(vswitch: Vswitch): FlatBody {
    const known = this.#bodies.get(vswitch.name);
    if (known !== undefined) return known;
    const body = new FlatBody(this, vswitch);
    this.#bodies.set(vswitch.name, body);
    return body;
  }

  /** What a packet bears now that the vswitch's entries sent up before any rule (guards.ts). */
  markOf({ name }: Vswitch): Mark | undefined {
    return this.#bodies.get(name)?.mark;
  }

  /** The datapath refused an entry of a body. */
  refused(mod: FlowMod): void {
    const id = readCookie(mod.cookie)?.id;
    for (const body of this.#bodies.values()) if (body.vswitchId === id) body.refused(mod);
  }

  /** Every entry of every rule that was sent here. */
  flows(): readonly PhysicalFlow[] {
    return [...this.#bodies.values()].flatMap((body) => body.flows());
  }

  /**
   * Begins a move. `isWhole`: what was before is to be taken away at its end. `touched`: whose
   * entrances may be others; everybody's, if that is not said.
   */
  begin(
    next: Snapshot,
    vswitch: Vswitch | undefined,
    isWhole: boolean,
    touched: readonly Vswitch[] = this.#all(next),
  ): Move {
    const wanted = entrancesOf(next, this.#datapath, touched);
    const known = touched.flatMap(({ name }) => [...(this.#byVswitch.get(name)?.keys() ?? [])]);
    const leftOver = known.filter((key) => !wanted.has(key));
    const gone = isWhole ? leftOver.filter((key) => !this.#doomed.has(key)) : [];
    for (const key of gone) this.#doomed.add(key);
    return { next, vswitch, wanted, gone };
  }

  /** Begins the way to another configuration, in which these came, went, or are others. */
  beginConfig(next: Snapshot, changed: ReadonlySet<VswitchName>): Move {
    const wanted = entrancesOf(next, this.#datapath, inOrder(next, changed));
    const known = [...changed].flatMap((name) => [...(this.#byVswitch.get(name)?.keys() ?? [])]);
    const gone = known.filter((key) => !wanted.has(key) && !this.#doomed.has(key));
    for (const key of gone) this.#doomed.add(key);
    return { next, vswitch: undefined, wanted, gone, changed };
  }

  #all(next: Snapshot): readonly Vswitch[] {
    return inOrder(
      next,
      new Set([...this.#byVswitch.keys(), ...bodyNamesOn(next, this.#datapath)]),
    );
  }

  /** It ends before its last step: what it would have taken away stays. */
  giveUp({ gone }: Move): void {
    for (const key of gone) this.#doomed.delete(key);
  }

  make({ next, vswitch, wanted }: Move): readonly Message[] {
    for (const key of wanted.keys()) this.#doomed.delete(key);
    this.#enter(wanted);
    const { encodings } = next;
    this.#reach = { ...this.#reach, encodings, hopTags: this.#tagsWith(next) };
    return this.#renew(vswitch);
  }

  change({ next, vswitch, changed }: Move): readonly Message[] {
    if (changed !== undefined) return this.#reconfigure(next, changed);
    const hopTags = this.#tagsWith(next);
    this.#reach = { ...this.#reach, wires: this.#wiresWith(next, vswitch, true), hopTags };
    const placement = vswitch && next.placements.get(vswitch.name);
    if (vswitch === undefined) return this.#renew(undefined);
    if (placement === undefined) return [];
    const placements = PersistentMap.from(this.#reach.placements).with(vswitch.name, placement);
    this.#reach = { ...this.#reach, placements };
    return this.#renew(vswitch);
  }

  /** What those had that went is taken away before their ports are others'. */
  #reconfigure(next: Snapshot, changed: ReadonlySet<VswitchName>): readonly Message[] {
    const hopTags = this.#tagsWith(next);
    const wires = this.#wiresWith(next, undefined, true);
    let placements = PersistentMap.from(this.#reach.placements);
    for (const name of changed) {
      const placement = next.placements.get(name);
      if (placement === undefined) placements = placements.without(name);
      else placements = placements.with(name, placement);
    }
    this.#reach = { ...next, placements, wires, hopTags };
    this.#sendsTo = arrivalsFrom(next.config, this.#datapath);
    const messages: Message[] = [];
    for (const [name, body] of this.#bodies) {
      const vswitch = next.vswitches.get(name);
      if (vswitch !== undefined) body.follow(vswitch);
      else {
        messages.push(...body.empty());
        this.#bodies.delete(name);
      }
    }
    return [...messages, ...this.#renew(undefined)];
  }

  /**
   * Ways to the vswitch, and to those whose ways begin at it, are those of the next snapshot; all,
   * if none moves. Until the last step some may be used that lead where none does any more.
   */
  #wiresWith(next: Snapshot, vswitch: Vswitch | undefined, isLateKept: boolean) {
    let { wires } = this.#reach;
    const changed = changedKeys(wires, next.wires);
    const names = vswitch === undefined ? changed : withPeers(next, [vswitch.name]);
    for (const name of names) {
      const now = next.wires.get(name) ?? [];
      const goals = new Set(now.map(({ goal, from }) => `${goal} ${from}`));
      const had = isLateKept ? (wires.get(name) ?? []) : [];
      const late = had.filter(({ goal, from }) => !goals.has(`${goal} ${from}`));
      wires = wires.with(name, late.length === 0 ? now : [...late, ...now]);
    }
    return wires;
  }

  break({ next, vswitch, gone }: Move): readonly Message[] {
    for (const key of gone) if (this.#doomed.delete(key)) this.#leave(key);
    this.#forgetTags(vswitch);
    const wires = this.#wiresWith(next, vswitch, false);
    this.#reach = { ...this.#reach, wires, hopTags: this.#withLate(next) };
    return this.#renew(vswitch);
  }

  /** Only what tenants configured of their ports, encodings, and whether misses go up, is other. */
  configure(
    { portConfigs, missesUp, encodings }: Snapshot,
    vswitches: readonly Vswitch[],
  ): readonly Message[] {
    // Where a way leads to a body depends on how rules stand there.
    this.#reach = { ...this.#reach, portConfigs, missesUp, encodings };
    return vswitches.flatMap((vswitch) => this.#bodies.get(vswitch.name)?.renew() ?? []);
  }

  /** Ways that are still used may have no tag any more in the next snapshot. */
  #tagsWith(next: Snapshot): HopTags {
    for (const arrival of changedKeys(this.#reach.hopTags, next.hopTags)) {
      if (!this.#sendsTo.has(arrival)) continue;
      const before = this.#reach.hopTags.get(arrival)?.byKey ?? none;
      const after = next.hopTags.get(arrival)?.byKey ?? none;
      const late = this.#lateTags.get(arrival) ?? new Map<string, Tag>();
      for (const key of changedKeys(before, after)) {
        const tag = before.get(key);
        if (tag !== undefined && !after.has(key)) late.set(key, tag);
      }
      if (late.size > 0) this.#lateTags.set(arrival, late);
    }
    return this.#withLate(next);
  }

  #withLate({ hopTags }: Snapshot): HopTags {
    let all = hopTags;
    for (const [arrival, late] of this.#lateTags) {
      const table = hopTags.get(arrival) ?? emptyTags;
      let byKey = PersistentMap.from(table.byKey);
      for (const [key, tag] of late) if (!byKey.has(key)) byKey = byKey.with(key, tag);
      all = all.with(arrival, { ...table, byKey });
    }
    return all;
  }

  /** Those of ways that end at the vswitch and its neighbours; all, if none moves. */
  #forgetTags(vswitch: Vswitch | undefined): void {
    const { vswitches } = this.#reach;
    const names = vswitch === undefined ? [] : withPeers(this.#reach, [vswitch.name]);
    const ids = new Set([...names].map((name) => vswitches.get(name)?.id));
    for (const [arrival, late] of this.#lateTags) {
      for (const key of late.keys()) {
        if (vswitch === undefined || ids.has(endOfKey(key))) late.delete(key);
      }
      if (late.size === 0) this.#lateTags.delete(arrival);
    }
  }

  /** What the vswitch's neighbours send depends on where it is, too. */
  #renew(vswitch: Vswitch | undefined): readonly Message[] {
    if (vswitch === undefined) {
      return [...this.#bodies.values()].flatMap((body) => body.renew());
    }
    const names = new Set([vswitch.name]);
    for (const port of vswitch.ports.values())
      if (port.type === 'link') names.add(port.peer.device);
    return [...names].flatMap((name) => this.#bodies.get(name)?.renew() ?? []);
  }

  #enter(entrances: Entrances): void {
    for (const [key, entrance] of entrances) {
      const { name } = entrance.vswitch;
      if (this.#entrances.get(key)?.vswitch.name !== name) this.#leave(key);
      this.#entrances.set(key, entrance);
      const own = this.#byVswitch.get(name) ?? new Map<number, Entrance>();
      this.#byVswitch.set(name, own.set(key, entrance));
    }
  }

  #leave(key: number): void {
    const entrance = this.#entrances.get(key);
    if (entrance === undefined) return;
    this.#entrances.delete(key);
    const own = this.#byVswitch.get(entrance.vswitch.name);
    own?.delete(key);
    if (own?.size === 0) this.#byVswitch.delete(entrance.vswitch.name);
  }
}
