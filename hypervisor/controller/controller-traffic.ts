/**
 * Counts one connection's messages in the tenant's account (slices/control-traffic.ts), and applies
 * the rates that the file gives the tenant.
 */
import { nameOfType } from '../../openflow/messages/codec.ts';
import { header, type MessageName } from '../../openflow/messages/messages.ts';
import { ofError, type Version } from '../../openflow/values/constants.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import { type Target, targetText } from '../../slices/config/target.ts';
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import type { DurationsByKind } from '../../slices/durations.ts';
import { limits } from '../../slices/limits.ts';
import { downwardClass, upwardClass } from '../../translation/controllers/traffic-classes.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { World } from '../world/world.ts';
import type { RefusedRequests } from './refused-requests.ts';

/** Whose messages they are. */
interface Metered {
  readonly tenant: {
    readonly traffic: ControlTraffic;
    readonly latencies?: DurationsByKind<MessageName>;
    readonly refusedRequests: Pick<RefusedRequests, 'note'>;
    readonly outbox: { readonly isFilling: boolean };
  };
  readonly vswitch: { readonly name: string; readonly tenant: string };
}

/** A connection: what waits for it, and since when what it asks for has been waiting for us. */
interface Answering {
  pendingBytes(): number;
  readonly inbox: { readonly laggingSinceMs: number | undefined };
}

/** Whose request was refused. */
interface Refused {
  readonly version: Version;
  readonly target: Target;
}

export class ControllerTraffic {
  readonly #world: World;
  readonly #user: Metered;
  /** Packet-ins that it was given while what it said waited, less what was read since. */
  #ahead = 0;
  /** Until when those to which it says nothing were taken off. */
  #aheadMs = 0;

  constructor(world: World, user: Metered) {
    this.#world = world;
    this.#user = user;
  }

  /** A clock costs 50 ns a look: nobody looks where there is no rate. */
  get #nowMs(): number {
    return this.#user.tenant.traffic.isLimited ? this.#world.nowMs() : 0;
  }

  said(type: Message['type'], count: number): void {
    this.#user.tenant.traffic.sent(upwardClass(type), count, this.#nowMs);
  }

  heard(name: MessageName | undefined, nowMs: number): void {
    this.#user.tenant.traffic.heard(downwardClass(name), 1, nowMs);
  }

  /** To be called when all is said of a request that was read then. */
  timing(name: MessageName, sinceMs: number): () => void {
    return () => this.#user.tenant.latencies?.took(name, this.#world.nowMs() - sinceMs);
  }

  /** A request of a controller's was answered with an error. */
  refused({ version, target }: Refused, frame: Uint8Array, error: ErrorNumbers): void {
    const { tenant, vswitch } = this.#user;
    const request = nameOfType(
      version,
      header.get.type(new DataView(frame.buffer, frame.byteOffset), 0),
    );
    const who = { vswitch: vswitch.name, controller: targetText(target) };
    tenant.refusedRequests.note({ ...who, request, error }, frame);
  }

  /**
   * Whether packet-ins may be appended: neither it nor its tenant's others lag behind, nor do we
   * with what it answered. Hot.
   */
  mayTakePacketIns(channel: Answering): boolean {
    const isBehind = channel.pendingBytes() >= limits.packetInsWaitBytesMax;
    return !isBehind && !this.#user.tenant.outbox.isFilling && !this.#isAhead(channel.inbox);
  }

  /** A packet-in was appended. */
  gavePacketIn({ inbox }: Answering): void {
    this.said('packetIn', 1);
    if (inbox.laggingSinceMs !== undefined) this.#ahead += 1;
  }

  /** So many bytes of messages were read: it may have as many packet-ins more. The bytes. Hot. */
  readMessages(dv: DataView, at: number, size: number): number {
    if (this.#ahead === 0) return size;
    let count = 0;
    for (let i = at; i < at + size; i += header.get.length(dv, i)) count += 1;
    this.#ahead = Math.max(0, this.#ahead - count);
    return size;
  }

  /**
   * Whether so many packet-ins are ahead of what is read of its answers that it gets no more now.
   * It may say nothing to some: so many a second are taken off.
   */
  #isAhead({ laggingSinceMs }: Answering['inbox']): boolean {
    if (laggingSinceMs === undefined) {
      this.#ahead = 0;
      return false;
    }
    if (this.#ahead < limits.packetInsAheadMax) return false;
    const nowMs = this.#world.nowMs();
    const forMs = nowMs - Math.max(laggingSinceMs, this.#aheadMs);
    const unanswered = Math.floor((forMs * limits.packetInsAheadPerSecond) / 1e3);
    if (unanswered === 0) return true;
    this.#aheadMs = nowMs;
    this.#ahead = Math.max(0, this.#ahead - unanswered);
    return this.#ahead >= limits.packetInsAheadMax;
  }

  /** The error for a request that is shed. */
  refuse(name: MessageName, nowMs: number): OfError | undefined {
    const { tenant, vswitch } = this.#user;
    if (downwardClass(name) !== 'statistics' || tenant.traffic.letsAsk(nowMs)) return undefined;
    const why = `tenant ${vswitch.tenant} asks for statistics faster than its limits allow`;
    return ofError('badRequest', 'eperm', why);
  }
}
