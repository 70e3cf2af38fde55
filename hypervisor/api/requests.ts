/**
 * A request to the API: its caller, its parameters, and how it is answered.
 */
import type { Role } from '../operator/token-values.ts';
import type { ProblemAnswer, RefusalCode } from './problems.ts';

export type { Role } from '../operator/token-values.ts';

/**
 * The least that a route asks for. An owner meets only what says so, and sees its own network
 * there; a viewer changes nothing; the operator's own socket needs no token.
 */
export type Access = 'anybody' | Role;

/** Who asks. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Of an owner: whose network is theirs, and how much they may have of their own. */
  readonly tenant?: string;
  readonly quota?: string;
}

type Headers = Readonly<Record<string, string>>;

/** Each is answered once. */
export interface Answering {
  result(value: unknown, status?: number, headers?: Headers): void;
  /** A result as JSON text that is made while it is written. */
  pieces(result: Iterable<string>): void;
  error(code: RefusalCode, message: string): void;
  refuse(problem: ProblemAnswer): void;
  /** What happens meanwhile, for those who listen to it. */
  event(value: unknown): void;
  onGone(run: () => void): void;
  /** What the other end has not read, bytes. */
  pendingBytes(): number;
  /** Anything else than JSON. */
  send(body: string | Uint8Array, type: string, headers?: Headers): void;
  /** Server-sent events: each text is one or several of them, whole. */
  stream(): EventStream;
}

export interface EventStream {
  write(text: string): void;
  pendingBytes(): number;
  /** In order; `close`: at once. */
  end(): void;
  close(): void;
}

/** What came with a request; parts without a schema are empty. */
export interface Asked<Query = unknown, Body = unknown, Path = unknown> {
  readonly query: Query;
  readonly body: Body;
  readonly path: Path;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly caller: Caller;
}
