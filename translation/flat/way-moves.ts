/**
 * The ways of each vswitch on a flat datapath, while moves change them (datapath.ts). Moves end in
 * any order, and concern peers, too: the way from one vswitch to another follows from the places of
 * both. So an unused way stays until no move is under way that may still need it: a body that is
 * being left leads packets along it, wherever its peer is by then.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Wire } from '../../slices/network/wires.ts';
import { isLatest, type Move } from './move.ts';

export class WayMoves {
  /** By vswitch, the latest move that has led its ways on. */
  readonly #orders = new Map<VswitchName, number>();
  /** And what they are since. */
  readonly #ledTo = new Map<VswitchName, readonly Wire[]>();
  /** Moves that will take something away, and whose ways they concern. */
  readonly #open = new Map<number, ReadonlySet<VswitchName>>();

  open(order: number, names: Iterable<VswitchName>): void {
    this.#open.set(order, new Set(names));
  }

  end(order: number): void {
    this.#open.delete(order);
  }

  /**
   * Ways as they are when the move has led these vswitches on. `isLateKept`: its last step is to
   * come, and what is no way any more may be used until then.
   */
  wiresWith(
    before: Snapshot['wires'],
    move: Move,
    names: Iterable<VswitchName>,
    isLateKept: boolean,
  ): Snapshot['wires'] {
    let wires = before;
    for (const name of [...names]) {
      const isIts = isLatest(this.#orders, name, move);
      if (isIts) this.#ledTo.set(name, move.next.wires.get(name) ?? []);
      else if (isLateKept) continue;
      const now = this.#ledTo.get(name) ?? [];
      const goals = new Set(now.map(({ goal, from }) => `${goal} ${from}`));
      const had = isLateKept || this.#isOpen(name) ? (wires.get(name) ?? []) : [];
      const late = had.filter(({ goal, from }) => !goals.has(`${goal} ${from}`));
      wires = wires.with(name, late.length === 0 ? now : [...late, ...now]);
    }
    return wires;
  }

  #isOpen(name: VswitchName): boolean {
    for (const names of this.#open.values()) if (names.has(name)) return true;
    return false;
  }
}
