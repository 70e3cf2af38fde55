/**
 * The interface that a channel (channel.ts) needs of its user: the boundary between a connection
 * and the messages on it.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { TurnShare } from '../world/turn-share.ts';
import type { Channel } from './channel.ts';

export type { Tap } from './tap.ts';

export interface ChannelUser {
  /** Its share of each turn, with others'; absent: one of its own. */
  readonly turns?: TurnShare;
  /** The hello is done. */
  onUp?(channel: Channel): void;
  /** The peer has said itself that it speaks the version: in its hello, or in a message. */
  onCertain?(channel: Channel): void;
  /**
   * A frame of the agreed version, read-only, valid until this returns. More may have come behind
   * it, up to `end`: answers how many bytes it has taken, `length` or those of several frames.
   */
  onFrame(dv: DataView, at: number, length: number, end: number, channel: Channel): number;
  onDown(why: string, channel: Channel): void;
  /** Whether what the peer asks for now can be taken on; absent: always. */
  mayRead?(channel: Channel): boolean;
  /** A message was written, by its type; packets and parts of answers are not told. */
  said?(type: Message['type']): void;
  /** A frame of the peer's was answered with this error. To whom has this we are a switch. */
  refused?(dv: DataView, at: number, length: number, error: ErrorNumbers): void;
  /** An echo request came, and was answered. */
  echoed?(channel: Channel): void;
  /**
   * `onFrame` threw: that is our mistake. `message` is how the frame begins, in hex. Others may
   * come behind it. Absent: it goes on upwards.
   */
  readonly onFault?: ((error: unknown, message: string) => void) | undefined;
  /** Something is being written that `verify` is to look at; absent: nobody looks. */
  wrote?(channel: Channel): void;
}
