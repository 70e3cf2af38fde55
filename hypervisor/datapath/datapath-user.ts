/**
 * The events that a datapath reports to its user, and its state as others see it (datapath.ts).
 */
import type { FrameHandler } from '../../translation/policy.ts';
import type { InForceAck } from './acknowledgements.ts';
import type { Datapath } from './datapath.ts';

export type DatapathState =
  | { readonly type: 'away'; readonly why: string }
  /** It is there, and not touched: it holds what another store has written (identity.ts). */
  | { readonly type: 'refused'; readonly why: string }
  | { readonly type: 'reconciling' }
  | { readonly type: 'ready' };

/** Messages from the switch that are not answers: packet-in, port-status, flow-removed. */
export interface DatapathUser {
  /** More may have come behind the frame, up to `end`: answers how many bytes were taken. */
  onFrame(
    ...message: [Datapath, FrameHandler, dv: DataView, at: number, length: number, end: number]
  ): number;
  /** A port has come, gone or changed; `isUp` when frames pass there now and did not, or did. */
  onPort(datapath: Datapath, port: number, isUp?: boolean): void;
  /** Calls back when what it has acknowledged is in force in its data path, too (in-force.ts). */
  whenInForce(datapath: Datapath, ack: InForceAck, done: () => void): void;
  /** Whether the file names the port: a host's, or a link's. */
  isNamed(datapath: Datapath, port: number): boolean;
  /** It does not answer as a switch does; absent: nobody wants to know. */
  isOdd?(datapath: Datapath, how: string): void;
}

/** Kinds of `warnings`. */
export type Warning =
  | 'in-band'
  | 'ports'
  | 'foreign'
  | 'repaired'
  | 'undrained'
  | 'tunnels'
  | 'statistics'
  | 'barriers';
