/**
 * Switches that connect and are not in the file. They are refused and remembered, and `status`
 * shows them. Only while `limevisor discover` runs (discovery.ts) is one let in, for some seconds:
 * it is asked for its ports, and gets one entry of ours, which times out by itself.
 */

import type { Version } from '../../openflow/values/constants.ts';
import type { DatapathName, Dpid } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { strangerFlow } from '../../translation/datapath/link-probe.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import type { InForceAck } from './acknowledgements.ts';
import { Datapath } from './datapath.ts';
import { packetInOf } from './packet-ins.ts';
import type { Probes } from './probes.ts';
import { RefusedConnections } from './refused-connections.ts';

/** One that was refused. */
export interface Stranger {
  readonly dpid: Dpid;
  readonly peer: string;
  readonly version: Version;
  readonly lastMs: number;
}

/** A name that none of the file's datapaths has, before its ports are known. */
const nameOf = (dpid: bigint): DatapathName => `dp-${dpid.toString(16)}` as DatapathName;

export class Strangers {
  readonly #world: World;
  readonly #boundary: Boundary;
  readonly #probes: Probes;
  readonly refused: RefusedConnections;
  readonly #seen = new Map<bigint, Stranger>();
  /** Those that are let in, while somebody looks. */
  #guests: Map<bigint, Datapath> | undefined;
  readonly #all = new WeakSet<Datapath>();

  constructor(world: World, boundary: Boundary, probes: Probes) {
    this.#world = world;
    this.#boundary = boundary;
    this.#probes = probes;
    this.refused = new RefusedConnections(world);
  }

  /** Somebody came and was refused. */
  note(dpid: bigint, peer: string, version: Version): void {
    this.#forget();
    if (this.#seen.size >= limits.strangersMax && !this.#seen.has(dpid)) return;
    this.#seen.set(dpid, { dpid: dpid as Dpid, peer, version, lastMs: this.#world.nowMs() });
  }

  /** Those that tried lately. */
  get all(): readonly Stranger[] {
    this.#forget();
    return [...this.#seen.values()];
  }

  #forget(): void {
    const nowMs = this.#world.nowMs();
    for (const [dpid, { lastMs }] of this.#seen) {
      if (nowMs - lastMs >= limits.strangerMs) this.#seen.delete(dpid);
    }
  }

  letIn(): void {
    this.#guests ??= new Map();
  }

  /** Everybody who was let in leaves. */
  sendAway(): void {
    const guests = this.#guests;
    this.#guests = undefined;
    for (const guest of guests?.values() ?? []) {
      guest.channel?.close('it is not in "datapaths"; it was let in for "limevisor discover" only');
    }
  }

  /** The datapath of a stranger who may come in; undefined while nobody may. */
  guestOf(dpid: bigint): Datapath | undefined {
    if (this.#guests === undefined) return undefined;
    const known = this.#guests.get(dpid);
    if (known !== undefined || this.#guests.size >= limits.strangersMax) return known;
    const config = { name: nameOf(dpid), dpid: dpid as Dpid, ack: { type: 'barrier' } } as const;
    const user = {
      onFrame: (...[datapath, route, dv, at, length]: Parameters<FrameUser>) => {
        const isPacket = route === 'packets';
        const packetIn = isPacket ? packetInOf(datapath, dv, at, length) : undefined;
        if (packetIn !== undefined) this.#probes.take(datapath, packetIn);
        return length;
      },
      onPort: () => undefined,
      whenInForce: (_: Datapath, __: InForceAck, done: () => void) => done(),
      isNamed: () => false,
    };
    const guest = new Datapath(this.#world, config, user, this.#boundary);
    this.#guests.set(dpid, guest);
    this.#all.add(guest);
    return guest;
  }

  /** Whether it is one, or was. */
  has(datapath: Datapath): boolean {
    return this.#all.has(datapath);
  }

  /** Its ports are known. */
  welcome(datapath: Datapath): void {
    datapath.tell(strangerFlow);
    datapath.state = { type: 'ready' };
  }

  get guests(): readonly Datapath[] {
    return [...(this.#guests?.values() ?? [])].filter(({ isReady }) => isReady);
  }
}

type FrameUser = ConstructorParameters<typeof Datapath>[2]['onFrame'];
