/**
 * The canaries of all datapaths: the cable that each uses, and whose canary frame a packet-in is.
 *
 * A datapath has one while somebody waits, and for a moment more. When its cable fails, or nothing
 * comes back by it, another is taken; who waited begins anew there. Where there is none left, or
 * after a few (limits.canaryCablesMax), the waiter is told why.
 */
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { type DatapathName, endText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { canaryIn } from '../../translation/datapath/canary.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import type { InForceAck } from './acknowledgements.ts';
import {
  type Cable,
  Canary,
  type CanaryUser,
  type Proved,
  type SentFrame,
  type Waiter,
  type WhyNot,
} from './canary.ts';
import type { DatapathContext } from './contributors.ts';
import type { Datapath } from './datapath.ts';
import type { PacketIn } from './packet-ins.ts';

export const noLink: WhyNot = { why: 'it has no link to a datapath that is ready' };

export interface CanariesContext extends DatapathContext {
  readonly boundary: Boundary;
}

/** What canaries themselves do not know of a datapath. */
export interface KnownOfDatapaths {
  mayCache(name: DatapathName): boolean;
  wasProved(name: DatapathName): boolean;
}

interface Failed {
  readonly name: DatapathName;
  readonly sinceMs: number;
  readonly whyNot: WhyNot;
}

export class Canaries implements CanaryUser {
  readonly #context: CanariesContext;
  readonly #world: World;
  readonly #known: KnownOfDatapaths;
  readonly #of = new Map<DatapathName, Canary>();
  /** By number, in the order of sending; those that came back are known for a while. */
  readonly #frames = new Map<string, SentFrame>();
  /** Cables by which nothing was proved, by their other ends: since when, and why. */
  readonly #failed = new Map<string, Failed>();

  /** `world` is nobody's in particular. */
  constructor(context: CanariesContext, world: World, known: KnownOfDatapaths) {
    this.#context = context;
    this.#world = world;
    this.#known = known;
  }

  /** Calls back when cached flows of the datapath follow what it has acknowledged by now. */
  prove(datapath: Datapath, wants: InForceAck, proved: Proved): void {
    const failed = [...this.#failed.values()].find(({ name }) => name === datapath.name);
    this.#wait(datapath, { wants, proved, failed: 0 }, failed?.whyNot ?? noLink);
  }

  /** Whether a canary could be tried now. */
  canTry(datapath: Datapath): boolean {
    return this.#of.get(datapath.name)?.isWhole === true || this.#cableOf(datapath) !== undefined;
  }

  /** The connection is gone: all who wait are told. */
  lost(name: DatapathName): void {
    this.#of.get(name)?.end({ why: 'it is away' });
  }

  /** True when the packet-in, which is nobody's, is a frame of a canary. */
  take(datapath: Datapath, message: PacketIn): boolean {
    if (this.#frames.size === 0) return false;
    const shown = canaryIn(message.data);
    const frame = shown && this.#frames.get(shown.number);
    const inPort = fieldOf(message.match, 'in_port');
    if (shown === undefined || frame === undefined || inPort === undefined) return false;
    const { canary } = frame;
    const { device, port } = canary.cable.from;
    const isBack = datapath.name === device && Number(oxmNumber(inPort)) === port;
    // What comes up elsewhere was not sent back, or somebody has moved a cable.
    const version = isBack ? shown.version : undefined;
    this.#context.boundary.run(canary.datapath, () => canary.take(frame, version));
    return true;
  }

  mayCache({ name }: Datapath): boolean {
    return this.#known.mayCache(name);
  }

  wasProved({ name }: Datapath): boolean {
    return this.#known.wasProved(name);
  }

  sent(number: string, frame: SentFrame): void {
    for (const [old, { sentMs }] of this.#frames) {
      const isKnown = frame.sentMs - sentMs < limits.canaryKnownMs;
      if (isKnown && this.#frames.size < limits.canaryFramesKept) break;
      this.#frames.delete(old);
    }
    this.#frames.set(number, frame);
  }

  onOver(canary: Canary, whyNot: WhyNot, waits: readonly Waiter[]): void {
    const { datapath, cable } = canary;
    this.#of.delete(datapath.name);
    const { name } = datapath;
    const failed = { name, sinceMs: this.#world.nowMs(), whyNot };
    if (waits.length > 0) this.#failed.set(endText(cable.from), failed);
    for (const one of waits) {
      // Those that were tried first may be tried again by now: it must end nonetheless.
      const failed = one.failed + 1;
      if (failed < limits.canaryCablesMax) this.#wait(datapath, { ...one, failed }, whyNot);
      else one.proved(whyNot);
    }
  }

  #wait(datapath: Datapath, waiter: Waiter, whyNot: WhyNot): void {
    const before = this.#of.get(datapath.name);
    if (before?.isWhole === false) before.end({ why: 'its link is down' });
    const canary = this.#of.get(datapath.name) ?? this.#begin(datapath);
    if (canary === undefined) waiter.proved(whyNot);
    else canary.wait(waiter);
  }

  #begin(datapath: Datapath): Canary | undefined {
    const cable = this.#cableOf(datapath);
    if (cable === undefined) return undefined;
    const world = this.#context.boundary.worldOf(datapath, this.#world);
    const canary = new Canary(this.#context, world, datapath, cable, this);
    this.#of.set(datapath.name, canary);
    return canary;
  }

  /** The first by which frames may go there and back; none for a while after a few have failed. */
  #cableOf(datapath: Datapath): Cable | undefined {
    const nowMs = this.#world.nowMs();
    let failures = 0;
    for (const [key, { name, sinceMs }] of this.#failed) {
      if (nowMs - sinceMs >= limits.canaryAvoidMs) this.#failed.delete(key);
      else if (name === datapath.name) failures += 1;
    }
    if (failures >= limits.canaryCablesMax) return undefined;
    const { links } = this.#context.snapshot().config;
    for (const [one, other] of links) {
      for (const [here, from] of [
        [one, other],
        [other, one],
      ] as const) {
        if (here.device !== datapath.name || this.#failed.has(endText(from))) continue;
        const isUp = datapath.isPortUp(here.port);
        const neighbour = this.#context.datapath(from.device);
        if (isUp && neighbour.isPortUp(from.port)) return { from, port: here.port };
      }
    }
    return undefined;
  }
}
