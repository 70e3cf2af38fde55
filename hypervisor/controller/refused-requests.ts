/**
 * Counts of refused requests of a tenant's controllers, by vswitch, message and error. The log
 * reports each kind once a minute, with how often it came meanwhile; `status` has the counts.
 *
 * A tenant chooses what it sends, so kinds are few: beyond them all others of a vswitch are one.
 */
import type { MessageName } from '../../openflow/messages/messages.ts';
import { errorName } from '../../openflow/values/errors.ts';
import { hex } from '../../slices/hex.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { Log } from '../world/log.ts';
import type { World } from '../world/world.ts';
import { RefusedMessages } from './refused-messages.ts';

/** A request, and what it got. */
interface Refused {
  readonly vswitch: string;
  /** Undefined: a type that does not exist. */
  readonly request: MessageName | undefined;
  /** As the file has it. */
  readonly controller: string;
  readonly error: ErrorNumbers;
}

/** Those of one kind, since the start. */
export interface RefusedKind {
  readonly request: string;
  /** The specification's name, as `badMatch/badPrereq`. */
  readonly error: string;
  readonly count: number;
  /** Of the last one; empty where nobody knows more than the error. */
  readonly why: string;
}

interface Kind extends RefusedKind {
  readonly vswitch: string;
  count: number;
  why: string;
  /** When the log has said it, and how many came since then. */
  saidMs: number;
  unsaid: number;
}

const OTHERS = 'others';

export class RefusedRequests {
  readonly #world: World;
  readonly #log: Log;
  readonly #kinds = new LazyMap<string, Kind>();
  /** The last of them, whole. */
  readonly messages = new RefusedMessages();

  constructor(world: World, log: Log) {
    this.#world = world;
    this.#log = log;
  }

  /** `frame` is read-only, and its reader's again when this returns. */
  note({ request: name, error, ...who }: Refused, frame: Uint8Array): void {
    const request = name ?? 'unknown';
    const kind = this.#kindOf(who.vswitch, request, error);
    const why = error.why ?? '';
    kind.count += 1;
    kind.unsaid += 1;
    kind.why = why;
    const which = errorName(error.errorType, error.errorCode);
    const atMs = this.#world.wallClockMs();
    this.messages.note({ ...who, atMs, request, error: which, why }, frame);
    const nowMs = this.#world.nowMs();
    if (nowMs - kind.saidMs < limits.logWindowMs) return;
    const times = kind.unsaid;
    kind.saidMs = nowMs;
    kind.unsaid = 0;
    const bytes = hex(frame.subarray(0, limits.refusedBytesShown));
    const about = { ...who, request, error: which, why, times, bytes };
    this.#log.warn(about, 'request refused');
  }

  /** Of a vswitch, the most frequent first. */
  of(vswitch: string): readonly RefusedKind[] {
    return [...this.#kinds.values()]
      .filter((one) => one.vswitch === vswitch)
      .map(({ request, error, count, why }) => ({ request, error, count, why }))
      .sort((a, b) => b.count - a.count);
  }

  #kindOf(vswitch: string, request: string, { errorType, errorCode }: ErrorNumbers): Kind {
    const key = `${vswitch} ${request} ${errorType}/${errorCode}`;
    const others = `${vswitch} ${OTHERS}`;
    const isFull = this.#kinds.size >= limits.refusedKindsMax;
    const known = this.#kinds.get(key) ?? (isFull ? this.#kinds.get(others) : undefined);
    if (known !== undefined) return known;
    const error = isFull ? OTHERS : errorName(errorType, errorCode);
    const made = { vswitch, request: isFull ? OTHERS : request, error, count: 0, why: '' };
    const kind = { ...made, saidMs: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#kinds.set(isFull ? others : key, kind);
    return kind;
  }
}
