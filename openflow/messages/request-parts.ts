/**
 * Multipart requests that come in several frames, joined again (OF1.3.5 section 7.3.5).
 *
 * For one connection. All frames but the last have the MORE flag, and all have one xid. Only table
 * features may be so long that a request has several parts; of another kind, a request in parts is
 * refused when it is whole, as Open vSwitch does. What is unfinished is bounded in number, in
 * bytes and in time; an error quotes the frame that it is about: the last when a part does not go
 * with the others, else the first.
 */

import { Writer } from '../layout/writer.ts';
import { multipartMore, multipartType } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { Message, OfError } from '../values/values.ts';
import { typeOfBody } from './multipart.ts';

type Request = Extract<Message, { readonly type: 'multipartRequest' }>;

export interface PartsLimits {
  /** Of all unfinished requests together. */
  readonly partsMax: number;
  readonly bytesMax: number;
  /** From a part to the next. */
  readonly timeoutMs: number;
}

/** A request, or what is wrong with it, and the frame that errors quote. */
export interface Joined {
  readonly request: Request | OfError;
  readonly frame: Uint8Array;
}

interface Unfinished {
  readonly first: Uint8Array;
  readonly parts: Request[];
  bytes: number;
  dueMs: number;
}

export class RequestParts {
  readonly #limits: PartsLimits;
  /** By xid; the longest waiting first. Made when there is one: few connections ever have one. */
  #unfinished: Map<number, Unfinished> | undefined;
  #parts = 0;
  #bytes = 0;

  constructor(limits: PartsLimits) {
    this.#limits = limits;
  }

  /** Takes a request as it came; undefined when it is not whole yet. `frame` is copied if kept. */
  take(request: Request, frame: Uint8Array, nowMs: number): Joined | undefined {
    const { xid, flags } = request;
    const more = (flags & multipartMore) !== 0;
    const known = this.#unfinished?.get(xid);
    if (known === undefined && !more) return { request, frame };
    if (known !== undefined) this.#forget(xid, known);
    const wrong = this.#refusal(known, request, frame);
    if (wrong !== undefined) return { request: wrong, frame };
    const own = known ?? { first: frame.slice(), parts: [], bytes: 0, dueMs: 0 };
    own.parts.push(request);
    if (!more) return { request: join(own.parts, request), frame: own.first };
    own.bytes += frame.length;
    own.dueMs = nowMs + this.#limits.timeoutMs;
    this.#unfinished ??= new Map();
    this.#unfinished.set(xid, own);
    this.#parts += own.parts.length;
    this.#bytes += own.bytes;
    return undefined;
  }

  /** When the next unfinished request is given up. */
  nextDueMs(): number | undefined {
    const [first] = this.#unfinished?.values() ?? [];
    return first?.dueMs;
  }

  /** Gives up what has waited too long for its next part. */
  expired(nowMs: number): readonly Joined[] {
    const late: Joined[] = [];
    for (const [xid, one] of this.#unfinished ?? []) {
      if (one.dueMs > nowMs) break;
      this.#forget(xid, one);
      const why = `no further part within ${this.#limits.timeoutMs} ms`;
      late.push({ request: ofError('onf', 'multipartRequestTimeout', why), frame: one.first });
    }
    return late;
  }

  #forget(xid: number, one: Unfinished): void {
    this.#unfinished?.delete(xid);
    this.#parts -= one.parts.length;
    this.#bytes -= one.bytes;
  }

  #refusal(
    known: Unfinished | undefined,
    { request }: Request,
    frame: Uint8Array,
  ): OfError | undefined {
    const first = known?.parts[0];
    if (first !== undefined && typeOfBody(first.request) !== typeOfBody(request)) {
      return ofError('badRequest', 'badMultipart', 'a multipart request changed its type');
    }
    const { partsMax, bytesMax } = this.#limits;
    const parts = this.#parts + (known?.parts.length ?? 0) + 1;
    const bytes = this.#bytes + (known?.bytes ?? 0) + frame.length;
    if (parts <= partsMax && bytes <= bytesMax) return undefined;
    return ofError('badRequest', 'multipartBufferOverflow', 'too much waits for its last part');
  }
}

/** One request of the bodies of all, in their order. */
function join(parts: readonly Request[], last: Request): Request | OfError {
  const to = new Writer();
  for (const { request } of parts) {
    if (request.kind !== 'other' || request.mpType !== multipartType.tableFeatures) {
      return ofError('badRequest', 'badMultipart', 'a request of this kind has one part');
    }
    to.put(request.body);
  }
  const request = {
    kind: 'other',
    mpType: multipartType.tableFeatures,
    body: to.finish(),
  } as const;
  return { ...last, request };
}
