/**
 * Handles a connection that claims the dpid of a datapath that is connected already.
 *
 * Either a switch has lost power, or its cable, and is back before its old connection was given up:
 * then the old one is dead, and whoever waits for it to time out keeps a switch with empty tables
 * away. Or somebody else has the same dpid, by mistake or to do harm. So the connection that is
 * there is asked at once: one that answers stays, whoever comes. Over TLS a claimant has shown the
 * certificate that the file wants before it gets this far (acceptor.ts).
 */
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';

/** `free`: nobody is connected any more. */
export type Claim = 'free' | 'taken';

export class Claims {
  readonly #world: World;
  /** Those that are being asked: one question at a time, so claims cost a switch no more. */
  readonly #asked = new Set<Datapath>();

  constructor(world: World) {
    this.#world = world;
  }

  isAsking(datapath: Datapath): boolean {
    return this.#asked.has(datapath);
  }

  /** Asks who is connected; `decided` runs later, in a turn of its own. */
  ask(datapath: Datapath, decided: (claim: Claim) => void): void {
    const first = datapath.channel;
    const heard = first?.heard;
    this.#asked.add(datapath);
    first?.askEcho();
    const decide = (): void => {
      this.#asked.delete(datapath);
      const isSilent = datapath.channel === first && first?.heard === heard;
      if (isSilent) {
        const seconds = limits.claimEchoMs / 1000;
        first?.close(
          `it answered nothing for ${seconds} s when another connection claimed its dpid`,
        );
      }
      decided(datapath.channel === undefined ? 'free' : 'taken');
    };
    // What came while we were busy is read in the turns before the silence counts.
    this.#world.after(limits.claimEchoMs, () => {
      this.#world.soon(() => this.#world.soon(decide));
    });
  }
}
