/**
 * The moment at which a change that a datapath acknowledged by a barrier is in force in its data
 * path, too: by the method that the file names (DESIGN 6), or by its substitute while that is not
 * available.
 */
import type { AckLevel } from '../../slices/config/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { roundsFor } from '../../translation/datapath/canary-flips.ts';
import { SharedReads } from '../world/shared-read.ts';
import type { World } from '../world/world.ts';
import type { InForceAck } from './acknowledgements.ts';
import { Canaries, type CanariesContext, noLink } from './canaries.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';
import type { StaleFlowHealing } from './stale-flow-healing.ts';
import { findUnixctlOf } from './unixctls.ts';

export interface InForceContext extends CanariesContext {
  readonly heals: Pick<StaleFlowHealing, 'natureOf'>;
}

/** How a datapath acknowledges now. */
export interface Acknowledging {
  readonly level: string;
  /** Why not as the file says, or by a canary where it says nothing; empty when so. */
  readonly why: string;
}

/** Why something could not be proved, and how long it may take until it is so. */
interface Unproved {
  readonly why: string;
  readonly settleMs: number;
}

type Told = (unproved?: Unproved) => void;

/** What came of it, and until when there is no other: at least half of the time there is none. */
interface LastRound {
  readonly unproved: Unproved | undefined;
  readonly restsUntilMs: number;
}

export class InForce {
  readonly canaries: Canaries;
  readonly #context: InForceContext;
  /** Of those that a canary has not proved at some time: the last time. */
  readonly #unproved = new Map<DatapathName, Unproved>();
  /** The longest proof of each. */
  readonly #longestMs = new Map<DatapathName, number>();
  /** The control socket of an Open vSwitch on this machine, once somebody has looked for it. */
  readonly #unixctls = new Map<DatapathName, string | undefined>();
  /** When something was to be proved last, and was not, by the wall clock. */
  readonly #failedMs = new Map<DatapathName, number>();
  readonly #world: World;
  /** A whole round by Open vSwitch's own word: who asks while one is made shares the next. */
  readonly #rounds = new SharedReads<InForce, Datapath>(this, (own, datapath, landed) => {
    own.#context.boundary.run(datapath, () => own.#makeRound(datapath, landed));
  });
  readonly #lastRound = new WeakMap<Datapath, LastRound>();

  /** `world` is nobody's in particular. */
  constructor(context: InForceContext, world: World) {
    this.#context = context;
    this.#world = world;
    this.canaries = new Canaries(context, world, {
      mayCache: (name) => this.#mayCache(name),
      wasProved: (name) => this.#longestMs.has(name),
    });
  }

  /** `done` may run within this call. */
  when(datapath: Datapath, wants: InForceAck, done: () => void): void {
    const { ack } = datapath.config;
    if (ack.type === 'barrier') done();
    else if (ack.type === 'settle') this.#context.world.after(ack.settleMs, done);
    else if (ack.type === 'proof') {
      this.#byUnixctl(datapath, ack.unixctl, wants, (unproved) => {
        if (unproved !== undefined) datapath.closeUntrusted(unproved.why);
        done();
      });
    } else {
      this.#byWhatThereIs(datapath, wants, (unproved) => {
        if (unproved === undefined) done();
        else this.#context.world.after(unproved.settleMs, done);
      });
    }
  }

  /**
   * Tells whether all cached flows that are not new are known to have been looked at, and counted,
   * since this was asked: not where the level is a time.
   */
  prove(datapath: Datapath, told: (isProved: boolean) => void): void {
    const { ack } = datapath.config;
    const done: Told = (unproved) => told(unproved === undefined);
    if (ack.type === 'barrier' || ack.type === 'settle') told(false);
    else if (ack.type === 'proof') this.#byUnixctl(datapath, ack.unixctl, 'round', done);
    else this.#byWhatThereIs(datapath, 'round', done);
  }

  /**
   * Whether a change is in force when its barrier is answered, but for flows that are cached, each
   * of which goes on for a moment with what it did. Not where the file gives a time, nor on what is
   * no Open vSwitch: one entry may be in force there, and the next one not yet.
   */
  isOnlyCached({ name, config }: Datapath): boolean {
    const { type } = config.ack;
    return type === 'barrier' || type === 'proof' || (type !== 'settle' && this.#mayCache(name));
  }

  #mayCache(name: DatapathName): boolean {
    const { software } = this.#context.heals.natureOf(name);
    return software === '' || software.includes('Open vSwitch');
  }

  /** The connection is gone; it may be another switch when it comes back. */
  lost(name: DatapathName): void {
    this.#unixctls.delete(name);
    this.canaries.lost(name);
  }

  /** For the operator. */
  of(datapath: Datapath): Acknowledging {
    const { name, config } = datapath;
    const { ack } = config;
    if (ack.type !== 'automatic' && ack.type !== 'canary') return { level: ackText(ack), why: '' };
    if (!datapath.isReady || this.canaries.canTry(datapath)) return { level: 'canary', why: '' };
    const unsure = { ...noLink, settleMs: this.#settleMs(name) };
    const { settleMs, why } = this.#unproved.get(name) ?? unsure;
    const unixctl = this.#unixctls.get(name);
    if (unixctl !== undefined) return { level: ackText({ type: 'proof', unixctl }), why };
    return { level: ackText({ type: 'settle', settleMs }), why };
  }

  /** Those of these datapaths that have acknowledged by a time since then, and why. */
  unprovedSince(wallMs: number, names: Iterable<DatapathName>): readonly string[] {
    return [...new Set(names)].flatMap((name) => {
      const isSince = (this.#failedMs.get(name) ?? -Infinity) >= wallMs;
      const { why = '' } = this.#unproved.get(name) ?? {};
      return isSince ? [`${name}: ${why}`] : [];
    });
  }

  #byWhatThereIs(datapath: Datapath, wants: InForceAck, told: Told): void {
    const { name, config, isReady, channel } = datapath;
    this.#byCanary(datapath, wants, (unproved) => {
      if (unproved === undefined || !isReady || config.ack.type === 'canary')
        this.#end(name, unproved, told);
      else if (this.#unixctls.has(name)) this.#byLocalSwitch(datapath, wants, unproved, told);
      else {
        findUnixctlOf(this.#context, datapath, (unixctl) => {
          if (datapath.channel === channel) this.#unixctls.set(name, unixctl);
          this.#byLocalSwitch(datapath, wants, unproved, told);
        });
      }
    });
  }

  #byLocalSwitch(datapath: Datapath, wants: InForceAck, unproved: Unproved, told: Told): void {
    const { name } = datapath;
    const unixctl = this.#unixctls.get(name);
    if (unixctl === undefined) {
      this.#end(name, unproved, told);
      return;
    }
    this.#byUnixctl(datapath, unixctl, wants, (failed) => {
      if (failed !== undefined) this.#unixctls.delete(name);
      this.#end(name, failed && unproved, told);
    });
  }

  /** One that is not ready has no entries of ours, and nothing that anybody would migrate. */
  #byUnixctl(datapath: Datapath, unixctl: string, wants: InForceAck, told: Told): void {
    const { world, boundary } = this.#context;
    if (!datapath.isReady) this.#askUnixctl(world, unixctl, 2, told);
    else if (wants === 'full') {
      const rounds = 1 + roundsFor(limits.cachedFlowsMax);
      this.#revalidate(world, datapath, unixctl, rounds, told);
    } else {
      const done = boundary.bind(() => told(this.#lastRound.get(datapath)?.unproved));
      this.#rounds.read(datapath, done);
    }
  }

  #makeRound(datapath: Datapath, landed: () => void): void {
    const world = this.#context.boundary.worldOf(datapath, this.#world);
    const startedMs = world.nowMs();
    const restMs = (this.#lastRound.get(datapath)?.restsUntilMs ?? startedMs) - startedMs;
    if (restMs > 0) {
      world.after(restMs, () => this.#makeRound(datapath, landed));
      return;
    }
    const { ack } = datapath.config;
    const unixctl = ack.type === 'proof' ? ack.unixctl : this.#unixctls.get(datapath.name);
    // The first answer is the end of a round that may have begun before.
    this.#revalidate(world, datapath, unixctl ?? '', 2, (unproved) => {
      this.#lastRound.set(datapath, { unproved, restsUntilMs: 2 * world.nowMs() - startedMs });
      landed();
    });
  }

  /**
   * Until so many rounds of revalidators are over. Each may take half a second where nothing
   * changes, so an entry that changes nothing comes and goes meanwhile: again and again, for a
   * round may be over before it is asked for.
   */
  #revalidate(world: World, datapath: Datapath, unixctl: string, rounds: number, told: Told): void {
    let over: (() => void) | undefined;
    let flips = 0;
    let isResting = false;
    const flip = (isThere: boolean): void => {
      flips += 1;
      const recount = { type: 'recount', isThere } as const;
      leadOwner(this.#context.snapshot(), datapath, recount, 'barrier', () => {
        if (over !== undefined && !isThere) over();
        else if (over !== undefined || flips < limits.revalidatedFlipsMax)
          world.after(limits.countingFlipMs, () => flip(!isThere));
        else isResting = true;
      });
    };
    this.#askUnixctl(world, unixctl, rounds, (unproved) => {
      over = () => told(unproved);
      if (isResting) flip(false);
    });
    flip(true);
  }

  /** Each answer is the end of a round. */
  #askUnixctl(world: World, unixctl: string, rounds: number, told: Told): void {
    const why = `no proof from ${unixctl}; check that it is this switch's unixctl socket`;
    world.proveRevalidated(unixctl, (isProved) => {
      if (!isProved) told({ why, settleMs: limits.settleMs });
      else if (rounds === 1) told();
      else this.#askUnixctl(world, unixctl, rounds - 1, told);
    });
  }

  #byCanary(datapath: Datapath, wants: InForceAck, told: Told): void {
    const { world } = this.#context;
    const { name } = datapath;
    const startedMs = world.nowMs();
    this.canaries.prove(datapath, wants, (whyNot) => {
      const tookMs = world.nowMs() - startedMs;
      if (whyNot === undefined) {
        this.#longestMs.set(name, Math.max(this.#longestMs.get(name) ?? 0, tookMs));
        told();
        return;
      }
      const { why, leastMs = 0 } = whyNot;
      const unproved = { why, settleMs: Math.ceil(Math.max(leastMs, this.#settleMs(name))) };
      // While it is corrected after a connection it has no canary, whatever its links are.
      if (datapath.isReady) this.#unproved.set(name, unproved);
      told(unproved);
    });
  }

  #end(name: DatapathName, unproved: Unproved | undefined, told: Told): void {
    if (unproved !== undefined && this.#context.datapath(name).isReady) {
      this.#failedMs.set(name, this.#context.world.wallClockMs());
    }
    told(unproved);
  }

  #settleMs(name: DatapathName): number {
    const longestMs = this.#longestMs.get(name) ?? 0;
    return Math.ceil(Math.max(limits.settleMs, longestMs * limits.settleFactor));
  }
}

/** As the file says it. */
function ackText(ack: AckLevel): string {
  if (ack.type === 'settle') return `settle ${ack.settleMs}ms`;
  return ack.type === 'proof' ? `proof ${ack.unixctl}` : ack.type;
}
