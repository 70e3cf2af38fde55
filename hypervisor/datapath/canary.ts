/**
 * One datapath's canary over one of its cables (translation/datapath/canary.ts), shared by all that
 * wait for it:
 *
 *   idle --somebody waits--> flipping --all have seen enough flips--> idle
 *    '--nobody for a while, or trouble--> over
 *
 * While flipping, one version follows the other as they are acknowledged, whether they were seen or
 * not: so there is always one that a round has not reached yet. One frame is on its way at a time:
 * the next is sent when the last has come back, no more often than `limits.canaryFrameMs` says and
 * less often the longer nothing new is seen; when a version was acknowledged, one at once; after a
 * while without any, another. Nothing is sent while it is idle; the entry stays for a moment, since
 * one acknowledgement follows another.
 */
import type { PhysicalEnd } from '../../slices/config/values.ts';
import { endText, type Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { canaryOut, numberText } from '../../translation/datapath/canary.ts';
import { Flips } from '../../translation/datapath/canary-flips.ts';
import type { Cancel, World } from '../world/world.ts';
import type { InForceAck } from './acknowledgements.ts';
import type { DatapathContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';

/** A cable of the datapath, and who sends frames into it. */
export interface Cable {
  readonly from: PhysicalEnd;
  readonly port: Port;
}

/** Why something could not be proved. */
export interface WhyNot {
  readonly why: string;
  /** How long it may take at least until it is so: where frames come back, or did, and are slow. */
  readonly leastMs?: number;
}

/** Is told once: nothing when it was proved, or why it could not be. */
export type Proved = (whyNot?: WhyNot) => void;

/** Who waits for one whole round of revalidators, or for as many as it takes (canary-flips.ts). */
export interface Waiter {
  readonly wants: InForceAck;
  readonly proved: Proved;
  /** By how many cables nothing was proved to it so far. */
  readonly failed: number;
}

export interface CanaryUser {
  /** Whether the datapath may have cached flows. */
  mayCache(datapath: Datapath): boolean;
  /** Whether canaries have proved something of it before. */
  wasProved(datapath: Datapath): boolean;
  /** A frame with this number was sent. */
  sent(number: string, frame: SentFrame): void;
  /** It is over; those who waited still do. */
  onOver(canary: Canary, whyNot: WhyNot, waits: readonly Waiter[]): void;
}

/** A frame on its way. */
export interface SentFrame {
  readonly canary: Canary;
  readonly sentMs: number;
  /** The version that the datapath had acknowledged by then. */
  readonly acknowledged: number;
}

export class Canary {
  readonly datapath: Datapath;
  readonly cable: Cable;
  readonly #context: DatapathContext;
  /** Its callbacks run for the datapath. */
  readonly #world: World;
  readonly #user: CanaryUser;
  readonly #flips = new Flips<Waiter>();
  /** Which version of the flips a number in a frame is. */
  readonly #versions = new Map<number, number>();
  /** When a frame that was sent back came last; when one showed something new; while one waits. */
  #heardMs = 0;
  #seenMs = 0;
  #sentMs = 0;
  /** The longest way of a frame, there and back. */
  #longestMs = 0;
  /** On its way: the one that was sent last. */
  #last: SentFrame | undefined;
  #cancel: Cancel = () => undefined;
  #isOver = false;

  constructor(
    context: DatapathContext,
    world: World,
    datapath: Datapath,
    cable: Cable,
    user: CanaryUser,
  ) {
    this.#context = context;
    this.#world = world;
    this.datapath = datapath;
    this.cable = cable;
    this.#user = user;
  }

  /** Whether frames can go there and back. */
  get isWhole(): boolean {
    const { from, port } = this.cable;
    const isUp = this.datapath.isPortUp(port);
    return isUp && this.#context.datapath(from.device).isPortUp(from.port);
  }

  /** For what the datapath has acknowledged by now. */
  wait(waiter: Waiter): void {
    const nowMs = this.#world.nowMs();
    if (!this.#flips.isWaited) [this.#heardMs, this.#seenMs] = [nowMs, nowMs];
    this.#flips.wait(waiter, nowMs, waiter.wants === 'full');
    // Those of one turn share a flip.
    this.#world.soon(() => this.#go());
  }

  /** One of its frames is back; `version` is undefined where no canary has sent it back. */
  take(frame: SentFrame, number: number | undefined): void {
    if (this.#isOver) return;
    if (frame === this.#last) this.#last = undefined;
    const version = number === undefined ? undefined : this.#versions.get(number);
    if (version !== undefined) {
      this.#see(version, frame);
    }
    this.#go();
  }

  #see(version: number, { acknowledged, sentMs }: SentFrame): void {
    const nowMs = this.#world.nowMs();
    this.#longestMs = Math.max(this.#longestMs, nowMs - sentMs);
    this.#heardMs = nowMs;
    if (version > this.#flips.seen) this.#seenMs = nowMs;
    const caches = this.#user.mayCache(this.datapath);
    const over = this.#flips.see(version, acknowledged, caches, nowMs);
    for (const [number, one] of this.#versions) if (one < version) this.#versions.delete(number);
    for (const { proved } of over) proved();
  }

  /** Takes the entry back; those who waited are given to the user. */
  end(whyNot: WhyNot): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancel();
    this.#lead(undefined, 'later');
    this.#user.onOver(this, whyNot, this.#flips.end());
  }

  /** Does what is due, and comes back when something will be. */
  #go(): void {
    this.#cancel();
    if (this.#isOver) return;
    const nowMs = this.#world.nowMs();
    const whyNot = this.#trouble(nowMs);
    if (whyNot !== undefined) {
      this.end(whyNot);
      return;
    }
    const pauseMs = this.#pauseMs(nowMs);
    if (this.#flips.isDue(nowMs, Math.max(limits.canaryPauseMs, pauseMs))) this.#flip(nowMs);
    let dueMs = limits.canaryIdleMs;
    if (this.#flips.isWaited && this.#flips.acknowledged > 0) {
      if (nowMs >= this.#nextMs(pauseMs)) this.#send(nowMs);
      dueMs = this.#nextMs(pauseMs) - nowMs;
    }
    this.#cancel = this.#world.after(dueMs, () => this.#due());
  }

  #due(): void {
    if (this.#flips.isWaited) this.#go();
    else this.end({ why: 'nobody waits' });
  }

  #trouble(nowMs: number): WhyNot | undefined {
    if (!this.#flips.isWaited) return undefined;
    const { from } = this.cable;
    if (!this.isWhole) return { why: `the link to ${endText(from)} is down` };
    if (this.#flips.unproved >= limits.canaryUnprovedMax) {
      // Nothing can be said where frames take longer than the pause between two rounds.
      const isUncached = this.#flips.uncached * 2 >= limits.canaryUnprovedMax;
      const uncached = 'its canary is not cached: too many flows are, or its link is a patch port';
      const slow = Math.min(limits.settleBusyMs, limits.settleRoundTrips * this.#longestMs);
      return isUncached
        ? { why: uncached, leastMs: limits.settleBusyMs }
        : { why: 'canary frames take too long to it', leastMs: slow };
    }
    if (nowMs - this.#heardMs >= limits.canarySilentMs) {
      const why = `no canary frame comes back to ${endText(from)}`;
      const wasProved = this.#user.wasProved(this.datapath);
      return { why, ...(wasProved && { leastMs: limits.settleBusyMs }) };
    }
    if (nowMs - this.#seenMs < limits.canaryFlipMs) return undefined;
    const seconds = limits.canaryFlipMs / 1_000;
    const why = `a flip of its canary took more than ${seconds} s`;
    return { why, leastMs: limits.settleBusyMs };
  }

  #flip(nowMs: number): void {
    const version = this.#flips.flip(nowMs);
    let number = this.#random();
    while (this.#versions.has(number)) number = (number + 1) >>> 0;
    this.#versions.set(number, version);
    this.#lead(number, 'barrier', (why) => {
      if (this.#isOver) return;
      if (why !== undefined) {
        this.end({ why });
        return;
      }
      // Frames are sent from the first one on.
      if (this.#flips.acknowledged === 0) this.#heardMs = this.#world.nowMs();
      this.#flips.acknowledge(version);
      // What shows an older one from now on is cached.
      this.#send(this.#world.nowMs());
      this.#go();
    });
  }

  /** From one frame to the next. */
  #pauseMs(nowMs: number): number {
    const share = (nowMs - this.#seenMs) / limits.canaryFramesPerFlip;
    return Math.max(limits.canaryFrameMs, Math.min(share, limits.canaryFrameMsMax));
  }

  /** When the next frame is due. */
  #nextMs(pauseMs: number): number {
    return this.#sentMs + (this.#last === undefined ? pauseMs : limits.canaryLostMs);
  }

  #send(nowMs: number): void {
    if (!this.#flips.isWaited) return;
    const { from } = this.cable;
    const number = [this.#random(), this.#random(), this.#random(), this.#random()];
    this.#sentMs = nowMs;
    const { acknowledged } = this.#flips;
    this.#last = { canary: this, sentMs: nowMs, acknowledged };
    this.#user.sent(numberText(number), this.#last);
    this.#context.datapath(from.device).tell(canaryOut(from.port, number));
  }

  #lead(
    shows: number | undefined,
    waits: 'later' | 'barrier',
    done: (why?: string) => void = () => undefined,
  ): void {
    const owner = { type: 'canary', port: this.cable.port, shows } as const;
    leadOwner(this.#context.snapshot(), this.datapath, owner, waits, (outcome) => {
      if (outcome.type === 'lost') done('it takes no changes');
      else if (outcome.refusals.length > 0) done("it refused the canary's entry");
      else done();
    });
  }

  #random(): number {
    return Math.floor(this.#world.random() * 0x1_0000_0000);
  }
}
