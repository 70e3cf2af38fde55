/**
 * The bundles of one connection: messages that its controller has put together, to be carried out
 * all or not at all (ONF extension 230, which OpenFlow 1.4 has as section 6.9).
 *
 *   open --add--> open --close--> closed --commit--> gone
 *
 * As Open vSwitch: a message for a bundle that is not there opens it, a bundle may be committed
 * without having been closed, and whoever uses one wrongly loses it. What is kept is bounded in
 * bundles, messages and bytes, and in time: from one message about a bundle to the next.
 */
import { ofError } from '../openflow/values/errors.ts';
import type { OfError } from '../openflow/values/values.ts';
import { LazyMap } from './lazy-collections.ts';

export interface BundleLimits {
  readonly bundlesMax: number;
  /** Of all bundles together. */
  readonly bundledMessagesMax: number;
  readonly bundledBytesMax: number;
  /** Between two messages about one. */
  readonly bundleIdleMs: number;
}

export interface Bundle {
  readonly bundleId: number;
  /** OFPBF_*. */
  readonly flags: number;
  /** The frame that opened it: the error of a time-out is about it. */
  readonly opening: Uint8Array;
  /** Those that put something in, in the order in which they came. */
  readonly frames: readonly Uint8Array[];
}

interface Kept extends Bundle {
  frames: Uint8Array[];
  isClosed: boolean;
  usedMs: number;
  /** A message of it found no room: nobody is to get the others without it. */
  whyFull: string | undefined;
}

/** What a message about a bundle says of it. */
type Named = Pick<Bundle, 'bundleId' | 'flags'>;

export class Bundles {
  readonly #limits: BundleLimits;
  readonly #kept = new LazyMap<number, Kept>();
  #messages = 0;
  #bytes = 0;

  constructor(limits: BundleLimits) {
    this.#limits = limits;
  }

  /** What is kept of all of them. */
  get size() {
    return { bundles: this.#kept.size, messages: this.#messages, bytes: this.#bytes };
  }

  open(named: Named, opening: Uint8Array, nowMs: number): OfError | undefined {
    const { bundleId } = named;
    if (!this.#drop(bundleId)) return this.#make(named, opening, nowMs);
    return ofError('onf', 'bundleBadId', `bundle ${bundleId} was open`);
  }

  add(named: Named, frame: Uint8Array, nowMs: number): OfError | undefined {
    const isThere = this.#kept.has(named.bundleId);
    const why = isThere ? this.#refuse(named) : this.#make(named, frame, nowMs);
    const bundle = this.#kept.get(named.bundleId);
    if (why !== undefined || bundle === undefined) return why;
    bundle.usedMs = nowMs;
    bundle.whyFull ??= this.#whyFull(frame);
    if (bundle.whyFull !== undefined) {
      this.#empty(bundle);
      return ofError('onf', 'bundledTooMany', bundle.whyFull);
    }
    bundle.frames.push(frame);
    this.#messages += 1;
    this.#bytes += frame.length;
    return undefined;
  }

  close(named: Named, nowMs: number): OfError | undefined {
    const bundle = this.#kept.get(named.bundleId);
    if (bundle === undefined) return unknown(named);
    const why = this.#refuse(named);
    if (why !== undefined) return why;
    bundle.isClosed = true;
    bundle.usedMs = nowMs;
    return undefined;
  }

  /** To be committed: it is gone, whatever comes of that. */
  take(named: Named): Bundle | OfError {
    const bundle = this.#kept.get(named.bundleId);
    if (bundle === undefined) return unknown(named);
    this.#drop(named.bundleId);
    if (bundle.flags !== named.flags) return otherFlags(named);
    const { whyFull } = bundle;
    return whyFull === undefined ? bundle : ofError('onf', 'bundledTooMany', whyFull);
  }

  discard(named: Named): OfError | undefined {
    return this.#drop(named.bundleId) ? undefined : unknown(named);
  }

  /** Those that have waited too long are gone, and answered. */
  expired(nowMs: number): readonly Bundle[] {
    const late = [...this.#kept.values()].filter((one) => this.#dueMs(one) <= nowMs);
    for (const { bundleId } of late) this.#drop(bundleId);
    return late;
  }

  /** When the next one has waited too long; undefined when there is none. */
  nextDueMs(): number | undefined {
    let nextMs: number | undefined;
    for (const one of this.#kept.values()) {
      nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, this.#dueMs(one));
    }
    return nextMs;
  }

  /** The connection is gone. */
  clear(): void {
    for (const bundleId of [...this.#kept.keys()]) this.#drop(bundleId);
  }

  #dueMs({ usedMs }: Kept): number {
    return usedMs + this.#limits.bundleIdleMs;
  }

  #make({ bundleId, flags }: Named, opening: Uint8Array, nowMs: number): OfError | undefined {
    const { bundlesMax } = this.#limits;
    if (this.#kept.size >= bundlesMax) {
      return ofError('onf', 'outOfBundles', `limit of ${bundlesMax} open bundles reached`);
    }
    const begun = { frames: [], isClosed: false, whyFull: undefined, usedMs: nowMs };
    this.#kept.set(bundleId, { bundleId, flags, opening, ...begun });
    this.#bytes += opening.length;
    return undefined;
  }

  /** Whoever uses one wrongly loses it. */
  #refuse(named: Named): OfError | undefined {
    const { bundleId } = named;
    const bundle = this.#kept.get(bundleId);
    const isClosed = bundle?.isClosed === true;
    if (!isClosed && bundle?.flags === named.flags) return undefined;
    this.#drop(bundleId);
    return isClosed
      ? ofError('onf', 'bundleClosed', `bundle ${bundleId} is closed`)
      : otherFlags(named);
  }

  #whyFull({ length }: Uint8Array): string | undefined {
    const { bundledMessagesMax, bundledBytesMax } = this.#limits;
    if (this.#messages >= bundledMessagesMax) {
      return `a connection’s bundles have ${bundledMessagesMax} messages at most`;
    }
    if (this.#bytes + length <= bundledBytesMax) return undefined;
    return `a connection’s bundles have ${bundledBytesMax} bytes at most`;
  }

  #drop(bundleId: number): boolean {
    const bundle = this.#kept.get(bundleId);
    if (bundle === undefined) return false;
    this.#kept.delete(bundleId);
    this.#bytes -= bundle.opening.length;
    this.#uncount(bundle);
    return true;
  }

  #empty(bundle: Kept): void {
    this.#uncount(bundle);
    bundle.frames = [];
  }

  #uncount({ frames }: Bundle): void {
    this.#messages -= frames.length;
    for (const { length } of frames) this.#bytes -= length;
  }
}

function unknown({ bundleId }: Named): OfError {
  return ofError('onf', 'bundleBadId', `there is no bundle ${bundleId}`);
}

function otherFlags({ bundleId, flags }: Named): OfError {
  return ofError('onf', 'bundleBadFlags', `bundle ${bundleId} has other flags than ${flags}`);
}
