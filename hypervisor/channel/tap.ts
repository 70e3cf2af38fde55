/**
 * Who looks at the messages of connections as they pass (`limevisor snoop`). While nobody does, it
 * costs a look at a field that is undefined, for all that comes or goes at once.
 */

/** Whole frames behind each other, which are the connection's own memory. Never throws. */
export type Tap = (frames: Uint8Array, isFromPeer: boolean) => void;

/** Asked for every connection that begins; undefined while nobody looks at such. */
export interface Taps {
  ofController(vswitch: string, controller: string): Tap | undefined;
  ofDatapath(name: string): Tap | undefined;
}
