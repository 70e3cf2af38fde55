/**
 * Time limits for a datapath's replies, for one connection.
 *
 * A datapath answers one request after the other, and some answers are long: any tenant may have
 * many rules. So what counts is how long nothing was answered, whatever it was about: parts of
 * statistics that keep coming are no reason to give up a connection that everybody shares, nor is a
 * barrier behind them, until it takes far too long. Nor is a flood of packet-ins, which answers
 * wait behind: that nothing was answered is known when all that came has been read.
 */
import { limits } from '../../slices/limits.ts';
import type { Cancel, World } from '../world/world.ts';
import type { Channel } from './channel.ts';

export class ReplyTimeouts {
  readonly #world: World;
  readonly #channel: Channel;
  /** When it answered last: a barrier, or a part of statistics. */
  #heardMs = 0;

  constructor(world: World, channel: Channel) {
    this.#world = world;
    this.#channel = channel;
  }

  heard(): void {
    this.#heardMs = this.#world.nowMs();
  }

  /** Closes the connection when `what` does not come: when nothing does for `silentMs`. */
  wait(what: string, silentMs: number): Cancel {
    const sinceMs = this.#world.nowMs();
    let cancel: Cancel = () => undefined;
    const look = (delayMs: number): void => {
      cancel = this.#world.after(delayMs, () => {
        const nowMs = this.#world.nowMs();
        // What it has sent and nobody has read yet may be the answer.
        const { behindMs } = this.#channel.inbox;
        const silent = nowMs - Math.max(sinceMs, this.#heardMs, behindMs);
        const afterMs = silent >= silentMs ? silentMs : limits.answerTimeoutMs;
        if (silent >= silentMs || nowMs - sinceMs >= limits.answerTimeoutMs)
          this.#channel.close(`no ${what} within ${afterMs / 1000} s`);
        else look(silentMs - silent);
      });
    };
    look(silentMs);
    return () => cancel();
  }
}
