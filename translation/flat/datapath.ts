/**
 * One datapath in the flat encoding: its entrances, its bodies, and the owner of a packet-in.
 *
 * Rules depend on where vswitches live, so when one moves there are three steps here, too, each to
 * be acknowledged before the next: `make` writes the rules at entrances that are new, `change`
 * leads every output to where it is to go now, `break` takes away the entrances of before. Several
 * vswitches may be moving at once, or ways, or the configuration: a step concerns some vswitches,
 * and leaves those that a later move has led on already.
 */

import type { FlowMod, Match, Message } from '../../openflow/values/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { withPeers } from '../../slices/network/changed-ways.ts';
import { arrivalsFrom } from '../../slices/network/hop-tags.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { bodyNamesOn } from '../../slices/network/places.ts';
import { peersOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import type { HopTags } from '../../slices/network/tags.ts';
import { inOrder } from '../../slices/network/vswitch-order.ts';
import type { Mark } from '../entries/body.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { readCookie } from '../entries/pipeline.ts';
import { FlatBody } from './body.ts';
import type { FlatContext } from './context.ts';
import { type Entrance, type Entrances, entranceAt, entranceIn, entrancesOf } from './ingress.ts';
import { KeptTags } from './kept-tags.ts';
import { Doomed, follow, type Move, placementsWith, vswitchesLed, vswitchesWith } from './move.ts';
import { type Site, siteOf } from './rules.ts';
import { UnsettledRules } from './unsettled-rules.ts';
import { WayMoves } from './way-moves.ts';

export class FlatDatapath implements FlatContext {
  readonly #datapath: DatapathName;
  /** What outputs lead to: for each vswitch, where it was when its last `change` was sent. */
  #reach: Snapshot;
  /** The last one that anybody has begun to lead to: what is not of one vswitch is as there. */
  #newest: Snapshot;
  /** Another whenever packets may become another thing here. */
  moves = 0;
  readonly #wayMoves = new WayMoves();
  /** By vswitch, the move that its placement is of. */
  readonly #placementOf = new Map<VswitchName, number>();
  /** By vswitch, the move to another configuration that it is of: no other makes it another. */
  readonly #configOf = new Map<VswitchName, number>();
  readonly #entrances = new Map<number, Entrance>();
  readonly #byVswitch = new Map<VswitchName, Map<number, Entrance>>();
  /** Where its links lead. */
  #sendsTo: ReadonlySet<string>;
  readonly #keptTags = new KeptTags();
  /** Entrances that moves under way will take away. */
  readonly #doomed = new Doomed();
  readonly #bodies = new Map<VswitchName, FlatBody>();
  /** What stands as bytes: to be settled before whatever writes rules anew settles it at once. */
  readonly unsettled = new UnsettledRules(this.#bodies);

  /** With the entrances of all that live there, or of these. */
  constructor(snapshot: Snapshot, datapath: DatapathName, of?: readonly Vswitch[]) {
    this.#datapath = datapath;
    this.#reach = snapshot;
    this.#newest = snapshot;
    this.#sendsTo = arrivalsFrom(snapshot.config, datapath);
    this.#enter(entrancesOf(snapshot, datapath, of));
  }

  site(): Site {
    return siteOf(this.#reach, this.#datapath);
  }

  /** Until outputs lead to where they are to go, what is made at new ones leads where all do. */
  entrances({ name }: Vswitch): readonly Entrance[] {
    const all = [...(this.#byVswitch.get(name)?.values() ?? [])];
    const vswitch = this.#reach.vswitches.get(name);
    if (vswitch === undefined || all.every((one) => one.vswitch === vswitch)) return all;
    return all.map((one) => ({ ...one, vswitch }));
  }

  /** Whose a frame is that came in by this port, with this outer tag. */
  entrance(inPort: number, tag: number | undefined): Entrance | undefined {
    return entranceAt(this.#entrances, inPort, tag);
  }

  entranceOf(match: Match): Entrance | undefined {
    return entranceIn(this.#entrances, match);
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

  /** Every entry of every rule that was sent here, a few at a time. */
  *flows(): Iterable<readonly PhysicalFlow[]> {
    for (const body of this.#bodies.values()) yield* body.flows();
  }

  /** How many entries that are. */
  get entryCount(): number {
    return [...this.#bodies.values()].reduce((sum, body) => sum + body.entryCount, 0);
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
    const order = this.#ordered(next);
    const isOwn = (key: number): boolean =>
      vswitch !== undefined && this.#entrances.get(key)?.vswitch.name === vswitch.name;
    const gone = isWhole ? this.#doomed.by(order, leftOver, isOwn) : [];
    const move = { of: this, next, vswitch, wanted, gone, order };
    if (isWhole) this.#wayMoves.open(move.order, this.#concerned(move));
    return move;
  }

  /** Begins the way to another configuration, in which these came, went, or are others. */
  beginConfig(next: Snapshot, changed: ReadonlySet<VswitchName>): Move {
    const wanted = entrancesOf(next, this.#datapath, inOrder(next, changed));
    const known = [...changed].flatMap((name) => [...(this.#byVswitch.get(name)?.keys() ?? [])]);
    const order = this.#ordered(next);
    const leftOver = known.filter((key) => !wanted.has(key));
    const gone = this.#doomed.by(order, leftOver, () => false);
    this.#wayMoves.open(order, changed);
    return { of: this, next, vswitch: undefined, wanted, gone, changed, order };
  }

  #ordered(next: Snapshot): number {
    this.#newest = next;
    this.moves += 1;
    this.unsettled.begun(this.moves);
    return this.moves;
  }

  #all(next: Snapshot): readonly Vswitch[] {
    const names = [...this.#byVswitch.keys(), ...bodyNamesOn(next, this.#datapath)];
    return inOrder(next, new Set(names));
  }

  /** It ends before its last step: what it would have taken away stays. */
  giveUp({ of, gone, order }: Move): void {
    if (of !== this) return;
    this.unsettled.made(order);
    this.#doomed.spare(order, gone);
    this.#wayMoves.end(order);
  }

  make(move: Move): readonly Message[] {
    const { of, vswitch, wanted } = move;
    if (of !== this) return [];
    this.#settle();
    this.unsettled.made(move.order);
    this.#doomed.keep(wanted.keys());
    this.#enter(wanted);
    const { encodings } = this.#newest;
    this.#reach = { ...this.#reach, encodings, hopTags: this.#tags(move) };
    return this.#renew(vswitch);
  }

  change(move: Move): readonly Message[] {
    const { of, next, vswitch, changed } = move;
    if (of !== this) return [];
    this.#settle();
    const hopTags = this.#tags(move);
    const wires = this.#wiresWith(move, true);
    if (changed !== undefined) return this.#reconfigure(move, changed, { wires, hopTags });
    const vswitches = vswitchesLed(move, this.#reach, this.#concerned(move), this.#configOf);
    if (vswitches !== this.#reach.vswitches) follow(this.#bodies, vswitches);
    this.#reach = { ...this.#reach, wires, hopTags, vswitches };
    if (vswitch === undefined) return this.#renew(undefined);
    if (!next.placements.has(vswitch.name)) return [];
    const placements = placementsWith(move, this.#reach, [vswitch.name], this.#placementOf);
    this.#reach = { ...this.#reach, placements };
    return this.#renew(vswitch);
  }

  /** What those had that went is taken away before their ports are others'. */
  #reconfigure(
    move: Move,
    changed: ReadonlySet<VswitchName>,
    ways: Pick<Snapshot, 'wires' | 'hopTags'>,
  ): readonly Message[] {
    const placements = placementsWith(move, this.#reach, changed, this.#placementOf);
    this.#reach = {
      ...this.#newest,
      vswitches: vswitchesWith(move, this.#reach, this.#newest, this.#configOf),
      placements,
      ...ways,
    };
    const { config, vswitches } = this.#reach;
    this.#sendsTo = arrivalsFrom(config, this.#datapath);
    follow(this.#bodies, vswitches);
    const gone = [...this.#bodies].filter(([name]) => !vswitches.has(name));
    const messages = gone.flatMap(([, body]) => body.empty());
    for (const [name] of gone) this.#bodies.delete(name);
    return [...messages, ...this.#renew(undefined)];
  }

  /** Whose ways a move concerns: its vswitch's, and those of its peers; or whose differ. */
  #concerned({ next, vswitch, changed }: Move): Iterable<VswitchName> {
    if (changed !== undefined) return changed;
    if (vswitch !== undefined) return withPeers(next, [vswitch.name]);
    return changedKeys(this.#reach.wires, next.wires);
  }

  #wiresWith(move: Move, isLateKept: boolean): Snapshot['wires'] {
    return this.#wayMoves.wiresWith(this.#reach.wires, move, this.#concerned(move), isLateKept);
  }

  break(move: Move): readonly Message[] {
    if (move.of !== this) return [];
    this.#settle();
    for (const key of this.#doomed.due(move.order, move.gone)) this.#leave(key);
    this.#wayMoves.end(move.order);
    const names = new Set(this.#concerned(move));
    this.#reach = { ...this.#reach, wires: this.#wiresWith(move, false) };
    // One that has begun and made nothing yet may have other tags for ways that are used.
    this.#tags(move);
    this.#keptTags.forget(this.#reach, names);
    if (move.changed !== undefined) this.#keptTags.forgetLeft(this.#reach);
    this.#reach = { ...this.#reach, hopTags: this.#keptTags.with(this.#newest.hopTags) };
    return this.#renew(move.vswitch);
  }

  /** Only what tenants configured of their ports, encodings, and whether misses go up, is other. */
  configure(next: Snapshot, vswitches: readonly Vswitch[]): readonly Message[] {
    this.#settle();
    this.#newest = next;
    const { portConfigs, missesUp, encodings } = next;
    // Where a way leads to a body depends on how rules stand there.
    this.#reach = { ...this.#reach, portConfigs, missesUp, encodings };
    return vswitches.flatMap((vswitch) => this.#bodies.get(vswitch.name)?.renew() ?? []);
  }

  #settle(): void {
    this.moves += 1;
    for (const body of this.#bodies.values()) body.bytes.settle();
  }

  /**
   * Of ways as they are to be, of those that are still used, and of those that this move leads to,
   * though a later one has begun that leads elsewhere again.
   */
  #tags({ next }: Move): HopTags {
    const { hopTags } = this.#newest;
    const tags = this.#keptTags.from(this.#reach.hopTags, hopTags, this.#sendsTo);
    if (next.hopTags === hopTags) return tags;
    return this.#keptTags.from(next.hopTags, hopTags, this.#sendsTo);
  }

  /** What the vswitch's neighbours send depends on where it is, too. */
  #renew(vswitch: Vswitch | undefined): readonly Message[] {
    if (vswitch === undefined) return [...this.#bodies.values()].flatMap((body) => body.renew());
    const names = new Set([vswitch.name, ...peersOf(vswitch)]);
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
