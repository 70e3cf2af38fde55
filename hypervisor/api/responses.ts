/**
 * Answers over HTTP: JSON, JSON in pieces no faster than it is read, problems, event streams.
 */
import type { ServerResponse } from 'node:http';
import { limits } from '../../slices/limits.ts';
import type { Scheduler } from '../world/scheduler.ts';
import {
  PROBLEM_TYPE,
  type ProblemAnswer,
  problemJson,
  type RefusalCode,
  refusal,
} from './problems.ts';
import type { Answering, Asked, EventStream } from './requests.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';
export const EVENTS_TYPE = 'text/event-stream';

/** What is answered is for who asked, and is what it says it is. */
const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Of one request; `answered` is told the status, and why not. */
export class HttpAnswer implements Answering {
  readonly #response: ServerResponse;
  readonly #scheduler: Scheduler;
  readonly #answered: (status: number, why: string) => void;

  constructor(
    response: ServerResponse,
    scheduler: Scheduler,
    answered: (status: number, why: string) => void = () => undefined,
  ) {
    this.#response = response;
    this.#scheduler = scheduler;
    this.#answered = answered;
  }

  result(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    this.send(JSON.stringify(value ?? null), JSON_TYPE, headers, status);
  }

  pieces(result: Iterable<string>): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    response.setTimeout(limits.apiIdleMs);
    response.writeHead(200, { ...always, 'content-type': JSON_TYPE, trailer: TRAILER });
    this.#answered(200, '');
    const pieces = result[Symbol.iterator]();
    const isOpen = (): boolean => !response.destroyed && !response.writableEnded;
    const step = (): boolean => {
      const { value, done } = pieces.next();
      if (done === true || !isOpen()) return false;
      response.write(value);
      return true;
    };
    const mayGo = (): boolean => !isOpen() || this.pendingBytes() <= limits.unreadBytesMax;
    this.#scheduler.run({ step, mayGo }, () => {
      if (isOpen()) response.end();
    });
  }

  error(code: RefusalCode, message: string): void {
    this.problem(refusal(code, message));
  }

  refuse(answer: ProblemAnswer): void {
    this.problem(answer);
  }

  /** One that comes in the middle of an answer is told behind it. */
  problem(answer: ProblemAnswer, headers: Readonly<Record<string, string>> = {}): void {
    const response = this.#response;
    if (!response.headersSent) {
      this.send(problemJson(answer), PROBLEM_TYPE, headers, answer.status, answer.detail);
    } else if (!response.writableEnded && !response.destroyed) {
      response.addTrailers({ [TRAILER]: encodeURIComponent(problemJson(answer)) });
      response.end();
    }
  }

  event(): void {
    // Who wants to hear of it asks for a stream.
  }

  onGone(run: () => void): void {
    this.#response.once('close', run);
  }

  pendingBytes(): number {
    return this.#response.writableLength;
  }

  send(
    body: string | Uint8Array,
    type: string,
    headers: Readonly<Record<string, string>> = {},
    status = 200,
    why = '',
  ): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    const length = String(Buffer.byteLength(body));
    const own = { 'content-type': type, 'content-length': length };
    response.setTimeout(limits.apiIdleMs);
    response.writeHead(status, { ...always, ...own, ...headers });
    response.end(body);
    this.#answered(status, why);
  }

  stream(): EventStream {
    const response = this.#response;
    response.writeHead(200, { ...always, 'content-type': EVENTS_TYPE });
    response.flushHeaders();
    this.#answered(200, '');
    return {
      write: (text) => {
        if (!response.destroyed && !response.writableEnded) writeChunk(response, text);
      },
      pendingBytes: () => response.writableLength,
      end: () => {
        if (response.destroyed) return;
        response.setTimeout(limits.apiIdleMs);
        response.end();
      },
      close: () => response.destroy(),
    };
  }
}

/** What was written to a stream last: very many are written the same, one after the other. */
const last = { text: '', chunk: new Uint8Array() };

/**
 * A text of a stream. Behind its head, and with nothing of it waiting, a chunk of HTTP may go to
 * the socket as it is: that takes less than half of what Node takes to make it for each response.
 */
function writeChunk(response: ServerResponse, text: string): void {
  const { socket, chunkedEncoding, headersSent } = response;
  const isNext = headersSent && chunkedEncoding && socket !== null;
  if (!isNext || response.writableLength > socket.writableLength) response.write(text);
  else {
    if (last.text !== text) {
      const length = Buffer.byteLength(text).toString(16);
      Object.assign(last, { text, chunk: Buffer.from(`${length}\r\n${text}\r\n`) });
    }
    socket.write(last.chunk);
  }
}

/** Behind an answer that could not be finished: why, as a problem, percent-encoded. */
const TRAILER = 'limevisor-problem';

/** Whether somebody wants to hear what happens, and not what is. */
export function wantsStream({ headers }: Pick<Asked, 'headers'>): boolean {
  return String(headers['accept'] ?? '').includes(EVENTS_TYPE);
}
