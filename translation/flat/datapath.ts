/**
 * One datapath in the flat encoding: its entrances, its bodies, and whose a packet is that comes
 * up.
 *
 * Rules depend on where vswitches live, so when one moves there are three steps here, too, each to
 * be acknowledged before the next: `make` writes the rules at entrances that are new, `change`
 * leads every output to where it is to go now, `break` takes away the entrances of before. Several
 * vswitches may be moving at once: a step concerns one of them, and its neighbours.
 */
import { vlan } from '../../openflow/constants.ts';
import { fieldOf, oxmNumber } from '../../openflow/match.ts';
import type { FlowMod, Match, Message } from '../../openflow/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from '../physical.ts';
import { readCookie } from '../pipeline.ts';
import { FlatBody } from './body.ts';
import { type Entrance, type Entrances, entranceKey, entrancesOf } from './entrances.ts';
import type { Ground } from './ground.ts';
import type { Mark } from './mark.ts';
import { type Site, siteOf } from './rules.ts';

/** A vswitch moves: the snapshot in which it has, and the entrances that go. */
export interface Move {
  readonly next: Snapshot;
  /** Absent: not a vswitch moves, but ways are led elsewhere. */
  readonly vswitch: Vswitch | undefined;
  readonly gone: readonly number[];
}

export class FlatDatapath implements Ground {
  readonly #datapath: DatapathName;
  /** What outputs lead to: for each vswitch, where it was when its last `change` was sent. */
  #reach: Snapshot;
  #entrances: Entrances;
  #byVswitch = new Map<VswitchName, readonly Entrance[]>();
  /** Entrances that a move under way will take away. */
  readonly #doomed = new Set<number>();
  readonly #bodies = new Map<VswitchName, FlatBody>();

  constructor(snapshot: Snapshot, datapath: DatapathName) {
    this.#datapath = datapath;
    this.#reach = snapshot;
    this.#entrances = new Map();
    this.#enter(entrancesOf(snapshot, datapath));
  }

  site(): Site {
    return siteOf(this.#reach, this.#datapath);
  }

  entrances({ name }: Vswitch): readonly Entrance[] {
    return this.#byVswitch.get(name) ?? [];
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

  /** Begins a move. `isWhole`: what was before is to be taken away at its end. */
  begin(next: Snapshot, vswitch: Vswitch | undefined, isWhole: boolean): Move {
    const wanted = entrancesOf(next, this.#datapath);
    const leftOver = [...this.#entrances.keys()].filter((key) => !wanted.has(key));
    const gone = isWhole ? leftOver.filter((key) => !this.#doomed.has(key)) : [];
    for (const key of gone) this.#doomed.add(key);
    return { next, vswitch, gone };
  }

  /** It ends before its last step: what it would have taken away stays. */
  giveUp({ gone }: Move): void {
    for (const key of gone) this.#doomed.delete(key);
  }

  make({ next, vswitch }: Move): readonly Message[] {
    const wanted = entrancesOf(next, this.#datapath);
    for (const key of wanted.keys()) this.#doomed.delete(key);
    this.#enter(new Map([...this.#entrances, ...wanted]));
    const { encodings } = next;
    this.#reach = { ...this.#reach, encodings, tags: this.#tagsWith(next) };
    return this.#renew(vswitch);
  }

  change({ next, vswitch }: Move): readonly Message[] {
    const { routes, spareRoutes, avoiding } = next;
    this.#reach = { ...this.#reach, routes, spareRoutes, avoiding, tags: this.#tagsWith(next) };
    const placement = vswitch && next.placements.get(vswitch.name);
    if (vswitch === undefined) return this.#renew(undefined);
    if (placement === undefined) return [];
    const placements = new Map(this.#reach.placements).set(vswitch.name, placement);
    this.#reach = { ...this.#reach, placements, tags: this.#tagsWith(next) };
    return this.#renew(vswitch);
  }

  break({ vswitch, gone }: Move): readonly Message[] {
    const left = new Map(this.#entrances);
    for (const key of gone) if (this.#doomed.delete(key)) left.delete(key);
    this.#enter(left);
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
  #tagsWith({ tags }: Snapshot): Snapshot['tags'] {
    return { ...tags, byKey: new Map([...this.#reach.tags.byKey, ...tags.byKey]) };
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
    this.#entrances = entrances;
    this.#byVswitch = new Map();
    for (const entrance of entrances.values()) {
      const { name } = entrance.vswitch;
      const list = this.#byVswitch.get(name) ?? [];
      this.#byVswitch.set(name, [...list, entrance]);
    }
  }
}
