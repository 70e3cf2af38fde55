/**
 * Liveness of a connection's peer: the connection ends if no hello comes in time, or if the peer
 * does not answer an echo request after a silence.
 */
import { limits } from '../../slices/limits.ts';
import type { Cancel, World } from '../world/world.ts';

/** The connection that is watched. */
export interface Watched {
  readonly inbox: { readonly isHeld: boolean };
  /** Bytes that wait for the peer. */
  pendingBytes(): number;
  askEcho(): void;
  close(why: string): void;
}

export class ConnectionWatch {
  readonly #world: World;
  readonly #watched: Watched;
  #heardMs: number;
  /** What waited for the peer when its silence was last looked at. */
  #pendingBefore = 0;
  #cancel: Cancel;

  /** Waits for the hello. */
  constructor(world: World, watched: Watched) {
    this.#world = world;
    this.#watched = watched;
    this.#heardMs = world.nowMs();
    this.#cancel = world.after(limits.handshakeTimeoutMs, () => {
      watched.close(`no hello within ${limits.handshakeTimeoutMs / 1000} s`);
    });
  }

  heard(): void {
    this.#heardMs = this.#world.nowMs();
  }

  end(): void {
    this.#cancel();
  }

  /** The hello has come. */
  greeted(): void {
    this.#cancel();
    this.#watchSilence();
  }

  /** Asks after a peer that is silent, and gives it up when it stays so. */
  #watchSilence(): void {
    this.#noteProgress();
    const silentMs = this.#world.nowMs() - this.#heardMs;
    if (silentMs >= limits.echoTimeoutMs) {
      this.#watched.close(`silent for ${Math.round(silentMs / 1000)} s`);
      return;
    }
    if (silentMs >= limits.echoIntervalMs) this.#watched.askEcho();
    this.#cancel = this.#world.after(limits.echoIntervalMs, () => this.#watchSilence());
  }

  /** A peer that is not read is alive as long as it takes what waits for it. */
  #noteProgress(): void {
    const pending = this.#watched.pendingBytes();
    const takes = pending === 0 || pending < this.#pendingBefore;
    if (this.#watched.inbox.isHeld && takes) this.heard();
    this.#pendingBefore = pending;
  }
}
