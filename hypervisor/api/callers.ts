/**
 * Authentication of requests and their rate limit: the caller is the operator's own socket, or
 * whoever shows a token.
 */
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { limits } from '../../slices/limits.ts';
import { TokenBucket } from '../../slices/token-bucket.ts';
import { type ProblemAnswer, refusal } from './problems.ts';
import type { Access, Caller, Role } from './requests.ts';
import type { ApiContext, Route } from './route.ts';

export type Admitted =
  | { readonly caller: Caller; readonly isByToken?: true }
  | { readonly problem: ProblemAnswer; readonly headers?: Readonly<Record<string, string>> };

const ranks: Readonly<Record<Access, number>> = { anybody: 0, owner: 1, viewer: 2, operator: 3 };

export const nobody: Caller = { name: 'nobody', role: 'owner', tenant: '' };

/** Sockets of the operator's own, which its owner alone may open. */
const own = new WeakSet<object>();

export function isOwnSocket(socket: object): void {
  own.add(socket);
}

/** Who gives a command, as the other end says: only its owner may open the socket. */
function ownerText(headers: IncomingMessage['headers']): string {
  const said = headers['limevisor-by'];
  try {
    return decodeURIComponent(String(said ?? 'somebody')).slice(0, BY_CHARACTERS_MAX);
  } catch {
    return 'somebody'; // It is no percent-encoded text.
  }
}

const BY_CHARACTERS_MAX = 200;

/** So long may an answer take that counts as one. */
export const MS_PER_REQUEST = 4;

type Askers = LRUCache<string, TokenBucket>;

export class Callers {
  readonly #context: Pick<ApiContext, 'tokens'> & {
    readonly operated: { readonly world: { nowMs(): number } };
  };
  readonly #tokens = new LRUCache<string, TokenBucket>({ max: limits.tokensMax });
  /** By address: who has very many of them is remembered less long, and nobody else. */
  readonly #strangers = new LRUCache<string, TokenBucket>({ max: limits.apiStrangersMax });

  constructor(context: ApiContext) {
    this.#context = context;
  }

  of({ socket, headers, method }: IncomingMessage, { access }: Pick<Route, 'access'>): Admitted {
    if (own.has(socket)) return { caller: { name: ownerText(headers), role: 'operator' } };
    const [, token] = /^Bearer +([A-Za-z0-9_-]+) *$/i.exec(headers.authorization ?? '') ?? [];
    const caller = token === undefined ? undefined : this.#context.tokens.find(token);
    if (caller === undefined && access === 'anybody') {
      const waitSec = this.#waitSec(this.#strangers, `open ${socket.remoteAddress}`, tokensRate);
      return waitSec > 0 ? tooMany(waitSec) : { caller: nobody };
    }
    if (caller === undefined) {
      const waitSec = this.#waitSec(this.#strangers, `from ${socket.remoteAddress}`, strangersRate);
      return waitSec > 0 ? tooMany(waitSec) : unknown(token !== undefined);
    }
    const waitSec = this.#waitSec(this.#tokens, caller.name, tokensRate);
    if (waitSec > 0) return tooMany(waitSec);
    const why = whyNot(caller, access, method ?? 'GET');
    if (why !== undefined) return { problem: refusal('forbidden', why) };
    return { caller, isByToken: true };
  }

  /** What took an owner so long counts as many requests more: it has a share of the time, too. */
  spent({ name, role }: Caller, ms: number): void {
    const count = Math.floor(ms / MS_PER_REQUEST);
    if (role !== 'owner' || count === 0) return;
    this.#tokens.get(name)?.take(count, this.#context.operated.world.nowMs());
  }

  #waitSec(askers: Askers, who: string, rate: TokenBucket['rate']): number {
    const nowMs = this.#context.operated.world.nowMs();
    const known = askers.get(who) ?? new TokenBucket(rate, nowMs);
    askers.set(who, known);
    if (known.level(nowMs) < 1)
      return Math.max(1, Math.ceil((1 - known.level(nowMs)) / rate.perSec));
    known.take(1, nowMs);
    return 0;
  }
}

const tokensRate = { perSec: limits.apiRequestsPerSec, burst: limits.apiRequestsBurst };
const strangersRate = { perSec: limits.apiTriesPerSec, burst: limits.apiTriesBurst };

function tooMany(seconds: number): Admitted {
  const detail = `too many requests; ask again in ${seconds} s`;
  return {
    problem: { status: 429, code: 'rejected', detail },
    headers: { 'retry-after': String(seconds) },
  };
}

function unknown(isShown: boolean): Admitted {
  const detail = isShown
    ? 'this token is not known, or not any more (revoked, or its time is over); ' +
      'ask the operator for another, and log in with it'
    : 'a token is needed: "Authorization: Bearer ..."; "limevisor token create" makes one';
  return {
    problem: { status: 401, code: 'forbidden', detail },
    headers: { 'www-authenticate': 'Bearer' },
  };
}

function whyNot({ name, role }: Caller, access: Access, method: string): string | undefined {
  const is = `the token "${name}" is ${articled(role)}'s`;
  if (ranks[role] < ranks[access]) {
    const own = role === 'owner' ? '; "limevisor network --help" has what owners do' : '';
    return `${is}; this is for ${articled(access as Role)}${own}`;
  }
  const asks = method === 'GET' || method === 'HEAD';
  return role === 'viewer' && !asks ? `${is}, who changes nothing` : undefined;
}

function articled(role: Role): string {
  return role === 'viewer' ? 'a viewer' : `an ${role}`;
}
