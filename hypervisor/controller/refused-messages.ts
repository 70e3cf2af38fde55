/**
 * The last messages of a vswitch's controllers that got an error, with that error, so that somebody
 * can find out what a controller did wrong. They are kept as bytes and decoded on request.
 */
import { decode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { printMessage } from '../../openflow/print/print.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { hex } from '../../slices/hex.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';

export interface RefusedMessage {
  readonly vswitch: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly controller: string;
  readonly request: string;
  /** The specification's name, as `badMatch/badPrereq`. */
  readonly error: string;
  /** What more is known of the cause; it may name what is physical. */
  readonly why: string;
  /** The message, as ovs-ofctl prints it. */
  readonly message: string;
}

type Kept = Omit<RefusedMessage, 'message'> & { readonly frame: Uint8Array };

export class RefusedMessages {
  readonly #all = new LazyMap<string, Kept[]>();

  /** `frame` is read-only, and its reader's again when this returns. */
  note(about: Omit<Kept, 'frame'>, frame: Uint8Array): void {
    const kept = { ...about, frame: frame.slice(0, limits.refusedBytesKept) };
    const known = this.#all.get(about.vswitch);
    if (known === undefined) this.#all.set(about.vswitch, [kept]);
    else {
      known.push(kept);
      if (known.length > limits.refusedKept) known.shift();
    }
  }

  /** Of a vswitch, the newest last. */
  of(vswitch: string): readonly RefusedMessage[] {
    return (this.#all.get(vswitch) ?? []).map(({ frame, ...about }) => {
      return { ...about, message: textOf(frame) };
    });
  }
}

function textOf(frame: Uint8Array): string {
  const dv = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const spoken = header.get.version(dv, 0);
  const speaks: Version = spoken === version.of10 ? version.of10 : version.of13;
  const isWhole = frame.length >= header.get.length(dv, 0);
  const message = isWhole ? decode(speaks, dv, 0, frame.length) : undefined;
  if (message !== undefined && !isError(message)) return printMessage(message);
  const rest = isWhole ? '' : `, the first of ${header.get.length(dv, 0)} bytes`;
  return `${hex(frame)} (not readable${rest})`;
}
