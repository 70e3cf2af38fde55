/**
 * When what a datapath has acknowledged by a barrier is in force in its data path, too: at the
 * level that the file says (DESIGN 6), or what takes its place while that cannot be had.
 */
import type { AckLevel } from '../../slices/config/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { roundsFor } from '../../translation/datapath/canary-flips.ts';
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

  /** `world` is nobody's in particular. */
  constructor(context: InForceContext, world: World) {
    this.#context = context;
    this.canaries = new Canaries(context, world, (name) => {
      const { software } = context.heals.natureOf(name);
      return software === '' || software.includes('Open vSwitch');
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

  /**
   * Each answer is the end of a round of revalidators, the first perhaps of one that began before
   * this was asked. An entry that changes nothing comes and goes so that the next begins at once;
   * a datapath that is not ready has none, and nothing that anybody would migrate.
   */
  #byUnixctl(datapath: Datapath, unixctl: string, wants: InForceAck, told: Told): void {
    const { world } = this.#context;
    const why = `no proof from ${unixctl}; check that it is this switch's unixctl socket`;
    const isAll = wants === 'full' && datapath.isReady;
    const ask = (left: number): void =>
      world.proveRevalidated(unixctl, (isProved) => {
        if (!isProved) told({ why, settleMs: limits.settleMs });
        else if (left === 1) told();
        else if (isAll) this.#begin(datapath, left % 2 === 1, () => ask(left - 1));
        else ask(left - 1);
      });
    // An even number, so that the entry is gone in the end.
    ask(isAll ? 2 * Math.ceil(roundsFor(limits.cachedFlowsMax) / 2) + 1 : 2);
  }

  #begin(datapath: Datapath, isThere: boolean, done: () => void): void {
    const recount = { type: 'recount', isThere } as const;
    leadOwner(this.#context.snapshot(), datapath, recount, 'barrier', done);
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
      const { why, isUncached } = whyNot;
      const leastMs = isUncached ? limits.settleUncachedMs : limits.settleMs;
      const unproved = { why, settleMs: Math.max(leastMs, this.#settleMs(name)) };
      // While it is made right after a connection it has no canary, whatever its links are.
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
