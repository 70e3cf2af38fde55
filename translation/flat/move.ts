/**
 * A step of a datapath of the flat encoding from one snapshot to another (datapath.ts).
 */
import type { VswitchName } from '../../slices/ids.ts';
import { PersistentMap } from '../../slices/network/persistent-map.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Entrances } from './ingress.ts';

/** A vswitch moves: the snapshot in which it has, and the entrances that go. */
export interface Move {
  /** Who began it. One that took its place meanwhile was made from a snapshot that has it. */
  readonly of: object;
  readonly next: Snapshot;
  /** Absent: not a vswitch moves, but ways are led elsewhere. */
  readonly vswitch: Vswitch | undefined;
  readonly wanted: Entrances;
  readonly gone: readonly number[];
  /** The configuration is another: vswitches that came, went, or are others. */
  readonly changed?: ReadonlySet<VswitchName>;
  /** Which move of this datapath it is: what a later one has led on, it leaves. */
  readonly order: number;
}

/**
 * Entrances that moves under way will take away, each by the moves that will. The first one to end
 * takes it; a move that makes it anew spares it.
 */
export class Doomed {
  readonly #by = new Map<number, Set<number>>();

  /**
   * What this move is to take away of these: what no other will, and what is its own vswitch's,
   * since rules at an entrance need ways that its last step takes away, too.
   */
  by(order: number, keys: readonly number[], isOwn: (key: number) => boolean): readonly number[] {
    const its = keys.filter((key) => !this.#by.has(key) || isOwn(key));
    for (const key of its) this.#by.set(key, (this.#by.get(key) ?? new Set()).add(order));
    return its;
  }

  /** Some move has made these anew. */
  keep(keys: Iterable<number>): void {
    for (const key of keys) this.#by.delete(key);
  }

  /** The move has been given up. */
  spare(order: number, keys: readonly number[]): void {
    for (const key of keys) {
      const orders = this.#by.get(key);
      orders?.delete(order);
      if (orders?.size === 0) this.#by.delete(key);
    }
  }

  /** The move ends: what goes with it. */
  due(order: number, keys: readonly number[]): readonly number[] {
    const due = keys.filter((key) => this.#by.get(key)?.has(order) === true);
    for (const key of due) this.#by.delete(key);
    return due;
  }
}

/** Whether the move may lead this vswitch on; then it is the one that has. */
export function isLatest(
  moves: Map<VswitchName, number>,
  name: VswitchName,
  { order }: Move,
): boolean {
  if ((moves.get(name) ?? 0) > order) return false;
  moves.set(name, order);
  return true;
}

/** Bodies are of these vswitches from now on. */
export function follow(
  bodies: ReadonlyMap<VswitchName, { follow(vswitch: Vswitch): void }>,
  vswitches: Snapshot['vswitches'],
): void {
  for (const [name, body] of bodies) {
    const vswitch = vswitches.get(name);
    if (vswitch !== undefined) body.follow(vswitch);
  }
}

/**
 * Where ways are led elsewhere before an earlier move to another configuration has come to their
 * vswitches, these are as in the move's snapshot: their hosts are where the ways lead, or a frame
 * would go to one by its ways of both.
 */
export function vswitchesLed(
  move: Move,
  { vswitches: were }: Snapshot,
  concerned: Iterable<VswitchName>,
  configOf: Map<VswitchName, number>,
): Snapshot['vswitches'] {
  const led = [...concerned].flatMap((name) => {
    const [next, was] = [move.next.vswitches.get(name), were.get(name)];
    if (next === undefined || was === undefined || next === was) return [];
    return isLatest(configOf, name, move) ? [[name, next] as const] : [];
  });
  return led.length === 0 ? were : new Map([...were, ...led]);
}

/** Those that the move concerns are as in its snapshot; others may be led elsewhere meanwhile. */
export function vswitchesWith(
  move: Move,
  { vswitches: were }: Snapshot,
  { vswitches: newest }: Snapshot,
  configOf: Map<VswitchName, number>,
): Snapshot['vswitches'] {
  const own = ([name, vswitch]: readonly [VswitchName, Vswitch]) => {
    const isIts = move.changed?.has(name) === true && isLatest(configOf, name, move);
    return [name, (isIts ? move.next.vswitches : were).get(name) ?? vswitch] as const;
  };
  return new Map([...newest].map(own));
}

/** Of these, those that no later move has placed stand as in the move's snapshot; others stay. */
export function placementsWith(
  move: Move,
  { placements: were }: Snapshot,
  names: Iterable<VswitchName>,
  placementOf: Map<VswitchName, number>,
): Snapshot['placements'] {
  let placements = PersistentMap.from(were);
  for (const name of names) {
    if (!isLatest(placementOf, name, move)) continue;
    const placement = move.next.placements.get(name);
    placements =
      placement === undefined ? placements.without(name) : placements.with(name, placement);
  }
  return placements;
}
