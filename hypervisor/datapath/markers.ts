/**
 * Waits until the frames between datapaths have arrived: a marker is sent into each cable behind
 * them (translation/entries/marker.ts), one cable after the other, and comes up at its end.
 * left-ways.ts says which unused ways have to be waited for.
 *
 * A marker that was lost is sent again. A datapath that stands still holds what came to it, and
 * with it the marker: that is waited for, so long at most. What is on a cable that is down is lost
 * in any case. A datapath that is away may forward, and no marker tells: it gets a fixed time.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { arrivalOf } from '../../slices/network/hop-tags.ts';
import type { Hop } from '../../slices/network/routes.ts';
import {
  isInfeasible,
  peersOf,
  placing,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import type { Steps } from '../../slices/steps.ts';
import { markerIn, markerOut } from '../../translation/entries/marker.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { whenAll } from '../world/when-all.ts';
import type { ConvergingContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';
import type { PacketIn } from './packet-ins.ts';
import type { Waits } from './writer.ts';

export interface Path {
  readonly from: DatapathName;
  readonly hops: readonly Hop[];
}

type Done = (trouble?: string) => void;

/** The ways into a vswitch's body, and those that lead from it. */
export function pathsOf(snapshot: Snapshot, vswitch: Vswitch, body: DatapathName) {
  const peers = peersOf(vswitch).flatMap((name) => snapshot.vswitches.get(name) ?? []);
  const into = new Map<string, Path>();
  const out = new Map<string, Path>();
  for (const wire of wiresOf(snapshot, new Set([vswitch, ...peers]))) {
    const isOurs = wire.end.type === 'enter' && wire.end.vswitch === vswitch;
    const { from, hops = [] } = wire;
    const path = hops.map(arrivalOf).join(' ');
    if (isOurs && wire.to === body) into.set(path, { from, hops });
    if (from === body) out.set(path, { from, hops });
  }
  return { into: [...into.values()], out: [...out.values()] };
}

/** The ways to and from a body that is no longer there; in steps, for there may be many ports. */
export function* oldPathsOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  { from, to }: Pick<Migration, 'from' | 'to'>,
  body: DatapathName,
): Steps<readonly Path[]> {
  const homes = new Map([...vswitch.ports.keys()].map((vport) => [vport, to] as const));
  const both = { bodies: [from, to], primary: to, homes };
  const before = yield* placing(snapshot, vswitch.name, both);
  if (isInfeasible(before)) return [];
  const { into, out } = pathsOf(before, vswitch, body);
  return [...into, ...out];
}

/** A cable, and what follows on it. */
interface Fork {
  readonly from: DatapathName;
  readonly hop: Hop;
  readonly rests: Path[];
}

/** What begins by the same cable together. */
function forksOf(paths: readonly Path[]): Iterable<Fork> {
  const forks = new Map<string, Fork>();
  for (const { from, hops } of paths) {
    const [hop, ...rest] = hops;
    if (hop === undefined) continue;
    const key = arrivalOf(hop);
    const fork = forks.get(key) ?? { from, hop, rests: [] };
    fork.rests.push({ from: hop.to, hops: rest });
    forks.set(key, fork);
  }
  return forks.values();
}

export class Markers {
  readonly #context: Pick<ConvergingContext, 'world' | 'snapshot' | 'datapaths'>;
  /** What waits for a marker, by its nonce. */
  readonly #coming = new Map<number, () => void>();
  /** How many wait for markers at a port. */
  readonly #users = new Map<string, number>();

  constructor(context: Pick<ConvergingContext, 'world' | 'snapshot' | 'datapaths'>) {
    this.#context = context;
  }

  /** Until what was on its way over all of these, when this is called, has arrived. */
  follow(paths: readonly Path[], done: Done): void {
    const deadlineMs = this.#context.world.nowMs() + limits.drainTimeoutMs;
    if (paths.length === 0) this.#context.world.soon(() => done());
    else this.#along(paths, deadlineMs, done);
  }

  /** When what is on its way to a vswitch's body has come, or it is given up. */
  into(vswitch: Vswitch, body: DatapathName, done: () => void): void {
    this.follow(pathsOf(this.#context.snapshot(), vswitch, body).into, () => done());
  }

  /**
   * True when the packet-in, which is nobody's, is a marker. One that was sent twice may come for
   * the second time when nobody waits any more.
   */
  take(_: Datapath, message: PacketIn): boolean {
    const nonce = markerIn(message.data);
    if (nonce === undefined) return false;
    this.#coming.get(nonce)?.();
    return true;
  }

  /** Paths that begin by the same cables share their markers there. */
  #along(paths: readonly Path[], deadlineMs: number, done: Done): void {
    const first = ({ from, hop, rests }: Fork, ended: Done): void => {
      const key = arrivalOf(hop);
      this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
      this.#over(from, hop, deadlineMs, (trouble) => {
        this.#release(key, hop);
        if (trouble === undefined) this.#along(rests, deadlineMs, ended);
        else ended(trouble);
      });
    };
    whenAll(forksOf(paths), first, done);
  }

  /** Sends markers into a cable until one has come. */
  #over(from: DatapathName, hop: Hop, deadlineMs: number, done: Done): void {
    const { world } = this.#context;
    const [sender, receiver] = [this.#datapath(from), this.#datapath(hop.to)];
    if (sender === undefined || receiver === undefined) {
      done();
      return;
    }
    let nonce = Math.floor(world.random() * 0x1_0000_0000);
    while (this.#coming.has(nonce)) nonce = (nonce + 1) >>> 0;
    let isOver = false;
    // A cached flow may not know its entry yet.
    let againMs: number = limits.markerAgainFirstMs;
    const end = (trouble?: string): void => {
      if (isOver) return;
      isOver = true;
      this.#coming.delete(nonce);
      done(trouble);
    };
    const isUp = (): boolean => sender.isPortUp(hop.port) && receiver.isPortUp(hop.toPort);
    const send = (): void => {
      if (isOver) return;
      if (!sender.isReady || !receiver.isReady) world.after(limits.unmarkedMs, () => end());
      else if (!isUp()) end();
      else if (world.nowMs() >= deadlineMs) {
        const seconds = limits.drainTimeoutMs / 1000;
        end(
          `no packet has come from ${from}:${hop.port} to ${hop.to}:${hop.toPort} for ${seconds} s`,
        );
      } else {
        this.#mark(hop, true, 'barrier', () => {
          if (!isOver) sender.tell(markerOut(hop.port, nonce));
        });
        world.after(againMs, send);
        againMs = Math.min(againMs * 2, limits.markerAgainMs);
      }
    };
    this.#coming.set(nonce, () => end());
    send();
  }

  #release(key: string, { to, toPort }: Hop): void {
    const left = (this.#users.get(key) ?? 1) - 1;
    if (left > 0) this.#users.set(key, left);
    else {
      this.#users.delete(key);
      this.#mark({ to, toPort }, false, 'later');
    }
  }

  #mark(
    { to, toPort: port }: Pick<Hop, 'to' | 'toPort'>,
    isThere: boolean,
    waits: Waits,
    done?: () => void,
  ): void {
    const marker = { type: 'marker', port, isThere } as const;
    const datapath = this.#datapath(to);
    if (datapath === undefined) done?.();
    else leadOwner(this.#context.snapshot(), datapath, marker, waits, done);
  }

  /** Undefined of one that a file has taken away meanwhile. */
  #datapath(name: DatapathName): Datapath | undefined {
    return this.#context.datapaths().find((one) => one.name === name);
  }
}
