/**
 * Observers of the messages of connections (`limevisor snoop`). Without an observer, the cost is
 * one look at an undefined field for each batch of bytes.
 */

/** Whole frames behind each other, which are the connection's own memory. Never throws. */
export type Tap = (frames: Uint8Array, isFromPeer: boolean) => void;

/** Asked for every connection that begins; undefined while nobody looks at such. */
export interface Taps {
  ofController(vswitch: string, controller: string): Tap | undefined;
  ofDatapath(name: string): Tap | undefined;
}
