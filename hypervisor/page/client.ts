/**
 * The page's client of the API: it sends the token, and returns answers, or problems of RFC 9457.
 *
 * The token is kept for this tab only: whoever closes it has logged out.
 */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEY = 'limevisor-token';
/** A connection may have gone away without a word. */
const ANSWER_MS = 60_000;

export class Client {
  readonly #token: string;
  /** Told when the token is good no more. */
  readonly #expired: () => void;
  readonly #answerMs: number;

  /** `answerMs`: how long an answer to what is only read is waited for, milliseconds. */
  constructor(token: string, expired: () => void, answerMs = ANSWER_MS) {
    this.#token = token;
    this.#expired = expired;
    this.#answerMs = answerMs;
  }

  async get<T>(path: string): Promise<T> {
    const signal = AbortSignal.timeout(this.#answerMs);
    try {
      return await this.#ask<T>('GET', path, undefined, signal);
    } catch (error) {
      if (!signal.aborted || error instanceof Refused) throw error;
      const seconds = this.#answerMs / 1_000;
      throw new Error(`Limevisor has not answered within ${seconds} s`, { cause: error });
    }
  }

  post<T>(path: string, body: object = {}): Promise<T> {
    return this.#ask<T>('POST', path, JSON.stringify(body));
  }

  /** Any other change. */
  change<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
    return this.#ask<T>(method, path, body && JSON.stringify(body));
  }

  /** Server-sent events behind `lastId`. */
  events(path: string, lastId: string, signal: AbortSignal): Promise<Response> {
    const stream = { Accept: 'text/event-stream', 'Last-Event-ID': lastId };
    const headers = { ...this.#headers(), ...stream };
    return fetch(`/api/v1${path}`, { headers, signal, cache: 'no-store' });
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#token}` };
  }

  async #ask<T>(method: string, path: string, body?: string, signal?: AbortSignal): Promise<T> {
    const json: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) json['Content-Type'] = 'application/json';
    const headers = { ...this.#headers(), ...json };
    const response = await fetch(`/api/v1${path}`, {
      ...{ method, headers, cache: 'no-store' },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
    const text = await response.text();
    if (response.status === 401) this.#expired();
    if (!response.ok) throw new Refused(response.status, whyRefused(text, response));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

function whyRefused(text: string, { status, statusText }: Response): string {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string; title?: string };
    return detail ?? title ?? `status ${status}`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `status ${status} ${statusText}`.trim();
  }
}

export function keptToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

export function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
