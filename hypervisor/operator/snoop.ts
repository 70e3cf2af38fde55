/**
 * `limevisor snoop`: a vswitch's OpenFlow messages as they pass, between it and its controllers and
 * between it and its bodies.
 *
 * Whoever looks has a queue of copies, which are read and shown in turns of their own: what does
 * not fit is counted and let go, and nobody waits for who looks. What one connection of a datapath
 * carries is several vswitches'; whose a message is, it says itself (message-owner.ts).
 */

import { decode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { controllerText } from '../../slices/config/target.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { isAbout } from '../../translation/trace/message-owner.ts';
import type { Channel } from '../channel/channel.ts';
import type { Tap, Taps } from '../channel/tap.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { type Boundary, Chore } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';

/** What is shown: a message, or how many were not. */
export type Snooped =
  | {
      /** Milliseconds since 1970. */
      readonly atMs: number;
      /** `controller tcp:127.0.0.1:6653`, or `datapath s1`. */
      readonly peer: string;
      /** From a controller, or to a datapath. */
      readonly isSouth: boolean;
      readonly text: string;
      /** The message in base64, for who wants it. */
      readonly bytes?: string;
    }
  | { readonly missed: number };

interface SnoopContext {
  readonly world: World;
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  snapshot(): Snapshot;
  datapaths(): readonly Datapath[];
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
}

/** Where it is shown. */
interface Shown {
  event(value: Snooped): void;
  /** What it has not read yet. */
  pendingBytes(): number;
}

interface SnoopReply {
  error(code: 'rejected', message: string): void;
  /** It is not refused. */
  begin(): Shown;
  onGone(run: () => void): void;
}

interface SnoopAsked {
  readonly vswitch: string;
  readonly all?: boolean;
  readonly bytes?: boolean;
}

/** Something that passed. */
interface Passed {
  readonly atMs: number;
  readonly peer: string;
  readonly isSouth: boolean;
  readonly isBelow: boolean;
  readonly frame: Uint8Array;
  /** How many were let go before it. */
  readonly missed: number;
}

export class Snooping implements Taps {
  readonly #context: SnoopContext;
  readonly #all = new Set<Snooper>();

  constructor(context: SnoopContext) {
    this.#context = context;
  }

  /** Until who asked is gone. */
  begin({ vswitch, all = false, bytes = false }: SnoopAsked, reply: SnoopReply): void {
    const name = vswitch as VswitchName;
    const runtime = this.#context.runtime(name);
    if (runtime === undefined) {
      const known = this.#context.runtimes().map((one) => one.vswitch.name);
      reply.error('rejected', noSuchText('vswitch', name, known));
      return;
    }
    if (this.#all.size >= limits.snoopersMax) {
      reply.error('rejected', `${limits.snoopersMax} look at messages already; end one of them`);
      return;
    }
    const wants = { isAll: all, hasBytes: bytes };
    const snooper = new Snooper(this.#context, runtime, wants, reply.begin());
    this.#all.add(snooper);
    this.#follow();
    reply.onGone(() => {
      this.#all.delete(snooper);
      snooper.end();
      this.#follow();
    });
  }

  ofController(vswitch: string, controller: string): Tap | undefined {
    if (![...this.#all].some((one) => one.vswitch === vswitch)) return undefined;
    const peer = `controller ${controller}`;
    return (frames, isFromPeer) => {
      for (const one of this.#all) {
        if (one.vswitch === vswitch)
          one.take({ peer, isSouth: isFromPeer, isBelow: false }, frames);
      }
    };
  }

  ofDatapath(name: string): Tap | undefined {
    if (this.#all.size === 0) return undefined;
    const peer = `datapath ${name}`;
    return (frames, isFromPeer) => {
      for (const one of this.#all) {
        if (!this.#isBody(one, name)) continue;
        one.take({ peer, isSouth: !isFromPeer, isBelow: true }, frames);
      }
    };
  }

  #isBody({ vswitch }: Snooper, name: string): boolean {
    const snapshot = this.#context.snapshot();
    if (!snapshot.vswitches.has(vswitch)) return false;
    return placementOf(snapshot, vswitch).bodies.includes(name as DatapathName);
  }

  /** Connections that are there; those that come ask (Taps). */
  #follow(): void {
    const put = (channel: Channel | undefined, tap: Tap | undefined): void => {
      if (channel !== undefined) channel.tap = tap;
    };
    for (const { name, channel } of this.#context.datapaths()) put(channel, this.ofDatapath(name));
    for (const { name, controllers } of this.#context.runtimes()) {
      for (const one of controllers) {
        put(one.connection, this.ofController(name, controllerText(one)));
      }
    }
  }
}

/** One who looks. */
class Snooper {
  readonly vswitch: VswitchName;
  readonly #context: SnoopContext;
  readonly #wants: { readonly isAll: boolean; readonly hasBytes: boolean };
  readonly #shown: Shown;
  /** What it costs is nobody's in particular. */
  readonly #chore: Chore;
  #queue: Passed[] = [];
  #bytes = 0;
  #missed = 0;
  #isShowing = false;
  #isOver = false;

  constructor(
    context: SnoopContext,
    { name }: VswitchRuntime,
    wants: { readonly isAll: boolean; readonly hasBytes: boolean },
    shown: Shown,
  ) {
    this.#context = context;
    this.vswitch = name;
    this.#wants = wants;
    this.#shown = shown;
    this.#chore = new Chore(`looking at the messages of ${name}`);
  }

  end(): void {
    this.#isOver = true;
    this.#queue = [];
  }

  /** Hot while somebody looks: copies, and nothing else. */
  take(where: Pick<Passed, 'peer' | 'isSouth' | 'isBelow'>, frames: Uint8Array): void {
    const dv = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
    const atMs = this.#context.world.wallClockMs();
    for (let at = 0; at + header.size <= frames.length; ) {
      const length = Math.max(header.size, header.get.length(dv, at));
      if (this.#bytes + length > limits.snoopBytesMax) this.#missed += 1;
      else {
        const frame = frames.slice(at, at + length);
        this.#queue.push({ ...where, atMs, frame, missed: this.#missed });
        this.#bytes += length;
        this.#missed = 0;
      }
      at += length;
    }
    if (!this.#isShowing) this.#show();
  }

  #show(): void {
    this.#isShowing = true;
    const { boundary, scheduler } = this.#context;
    const mayGo = (): boolean =>
      this.#isOver || this.#shown.pendingBytes() <= limits.unreadBytesMax;
    let shown: readonly Passed[] = [];
    let next = 0;
    const step = (): boolean => {
      if (next === shown.length) {
        // All that came since: taking them one by one from an array would move the others.
        [shown, next] = [this.#queue, 0];
        this.#queue = [];
      }
      const one = shown[next];
      next += 1;
      if (one === undefined || this.#isOver) return false;
      this.#bytes -= one.frame.length;
      this.#tell(one);
      return true;
    };
    boundary.run(this.#chore, () => {
      scheduler.run({ step, mayGo }, () => {
        this.#isShowing = false;
        if (this.#queue.length > 0 && !this.#isOver) this.#show();
      });
    });
  }

  #tell({ atMs, peer, isSouth, isBelow, frame, missed }: Passed): void {
    if (missed > 0) this.#shown.event({ missed });
    const text = this.#textOf(frame, isBelow);
    if (text === undefined) return;
    const short = text.slice(0, limits.snoopCharactersMax);
    const told = short.length < text.length ? `${short}...` : text;
    const bytes = this.#wants.hasBytes ? { bytes: Buffer.from(frame).toString('base64') } : {};
    this.#shown.event({ atMs, peer, isSouth, text: told, ...bytes });
  }

  /** Undefined when it is another vswitch's. */
  #textOf(frame: Uint8Array, isBelow: boolean): string | undefined {
    const dv = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const spoken = header.get.version(dv, 0);
    const speaks: Version = spoken === version.of10 ? version.of10 : version.of13;
    const message = decode(speaks, dv, 0, frame.length);
    if (isError(message)) return `a message that cannot be read: ${message.why}`;
    const isShown = !isBelow || this.#wants.isAll || this.#isOwn(message);
    return isShown ? printMessage(message) : undefined;
  }

  #isOwn(message: Parameters<typeof isAbout>[0]): boolean {
    const runtime = this.#context.runtime(this.vswitch);
    const vswitch = this.#context.snapshot().vswitches.get(this.vswitch);
    if (runtime === undefined || vswitch === undefined) return false;
    const about = isAbout(message, {
      id: vswitch.id,
      hasGroup: (below) => runtime.groups.table.hasBelow(below),
      hasMeter: (below) => runtime.meters.table.idsBelow().includes(below),
    });
    // What all have together, an echo say, is shown with --all only; barriers show what is done.
    return about === true || (about === 'maybe' && ofAll.has(message.type));
  }
}

/** Of messages that do not say whose they are, those that are worth a line. */
const ofAll: ReadonlySet<string> = new Set([
  ...['barrierRequest', 'barrierReply', 'error', 'portStatus', 'packetOut'],
]);
