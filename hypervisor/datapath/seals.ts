/**
 * The seal of a probe: HMAC-SHA256 (RFC 2104), truncated to the room in a probe. Node's own HMAC
 * sets its key up anew each time, which takes ten times as long as two hashes.
 */
import { hash } from 'node:crypto';
import { SEAL_BYTES } from '../../translation/datapath/link-probe.ts';
import type { World } from '../world/world.ts';

/** Of SHA-256. */
const BLOCK_BYTES = 64;
const KEY_WORDS = 8;

/** Makes seals with a key that is made with the first: no other process has it, nor the next. */
export class Seals {
  readonly #world: World;
  #pads: { readonly inner: Uint8Array; readonly outer: Uint8Array } | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  of(message: Uint8Array): Uint8Array {
    this.#pads ??= this.#makeKey();
    const { inner, outer } = this.#pads;
    const first = hash('sha256', Buffer.concat([inner, message]), 'buffer');
    return hash('sha256', Buffer.concat([outer, first]), 'buffer').subarray(0, SEAL_BYTES);
  }

  #makeKey() {
    const words = Uint32Array.from({ length: KEY_WORDS }, () => {
      return this.#world.random() * 0x1_0000_0000;
    });
    const key = new Uint8Array(BLOCK_BYTES);
    key.set(new Uint8Array(words.buffer));
    return { inner: key.map((byte) => byte ^ 0x36), outer: key.map((byte) => byte ^ 0x5c) };
  }
}
