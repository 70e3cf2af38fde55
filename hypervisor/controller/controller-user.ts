/**
 * The interface that a controller (controller.ts) needs of its vswitch, and the states of a
 * connection.
 */
import type { MessageName } from '../../openflow/messages/messages.ts';
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import type { DurationsByKind } from '../../slices/durations.ts';
import type { Effect, Scene } from '../../translation/controllers/verdict.ts';
import type { Channel } from '../channel/channel.ts';
import type { Taps } from '../channel/tap.ts';
import type { TurnShare } from '../world/turn-share.ts';
import type { Controller } from './controller.ts';
import type { RefusedRequests } from './refused-requests.ts';
import type { Asked } from './reply-order.ts';
import type { SharedOutbox } from './shared-outbox.ts';

/** What it does, and by what messages are read. */
export interface ControllerUser extends Omit<Scene, 'connectionState' | 'nowMs' | 'version'> {
  readonly tenant: SharedByTenant;
  perform(effect: Effect, from: Controller, asked: Asked): void;
  /**
   * Carries a frame out in bytes, and those of its kind behind it up to `end`: how many bytes were
   * taken, 0 when it is not of a kind that can be. What was wrong has been said.
   */
  relay(from: Channel, dv: DataView, at: number, length: number, end: number): number;
  /** Handling a message threw, which is our own mistake; `message` is how it begins, in hex. */
  onFault?(error: unknown, message: string): void;
  onControllerChange(controller: Controller): void;
  /** Whether there is room for more requests of this connection. */
  mayAsk(from: Channel): boolean;
}

/** What all controllers of a tenant have together. */
export interface SharedByTenant {
  /** Where their messages are counted, and held to rates. */
  readonly traffic: ControlTraffic;
  /** Their share of each turn. */
  readonly turns: TurnShare;
  /** Which of their requests were refused. */
  readonly refusedRequests: Pick<RefusedRequests, 'note'>;
  /** What waits for them. */
  readonly outbox: SharedOutbox;
  /** How long their requests take; absent: nobody asks. */
  readonly latencies?: DurationsByKind<MessageName>;
  /** Who looks at their messages; absent: nobody ever does. */
  readonly taps?: Taps;
}

export type ControllerState =
  | { readonly type: 'idle' }
  | { readonly type: 'dialling' }
  | { readonly type: 'up'; readonly sinceMs: number }
  | { readonly type: 'waiting'; readonly why: string };
