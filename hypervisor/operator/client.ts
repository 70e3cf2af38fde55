/**
 * Asks a running Limevisor, over its API (resources.ts): by the operator's socket, or from afar by
 * HTTPS with a token (contexts.ts).
 */
import type { IncomingMessage, RequestOptions } from 'node:http';
import os from 'node:os';
import { whyNoSocket } from '../../slices/config/target.ts';
import { messageOf } from '../world/error-text.ts';
import { SseReader } from './client-events.ts';
import { type Remote, remoteAt } from './contexts.ts';
import type { ControlCode, ControlError } from './control.ts';
import { type MethodName, type Resource, resources } from './resources.ts';

/** The hypervisor could not be reached, or went away before it answered. */
export class Unreachable extends Error {}

/** The hypervisor answered with an error. */
export class Refused extends Error {
  readonly code: ControlError['code'];

  constructor({ code, message }: ControlError) {
    super(message);
    this.code = code;
  }
}

/** What is asked for, and where it goes. */
interface Request {
  readonly at: string;
  readonly verb: Resource['verb'];
  readonly path: string;
  readonly body: string | undefined;
  readonly isStream: boolean;
}

type OnEvent = (event: unknown) => void;

/** `at`: the path of a socket, or a context. What happens meanwhile is told to `onEvent`. */
export async function ask<Result>(
  at: string,
  method: MethodName,
  params: object,
  onEvent: OnEvent = () => undefined,
): Promise<Result> {
  const remote = remoteAt(at);
  const whyNot = remote === undefined ? whyNoSocket(at) : undefined;
  if (whyNot !== undefined) throw new Refused({ code: 'usage', message: whyNot });
  const resource: Resource = resources[method];
  const { path, rest } = filledIn(resource.path, params);
  const isStream = resource.isLong === true || 'follow' in params;
  const hasBody = resource.verb !== 'GET';
  const request = {
    ...{ at, verb: resource.verb, isStream },
    path: hasBody ? path : `${path}${queryOf(rest)}`,
    body: hasBody ? JSON.stringify(rest) : undefined,
  };
  return (await send(request, onEvent)) as Result;
}

/** What `:name` stands for in a path, and what is left. */
function filledIn(path: string, params: object) {
  const rest = new Map<string, unknown>(Object.entries(params));
  const filled = path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  rest.delete('follow');
  return { path: filled, rest: Object.fromEntries(rest) };
}

/** Lists are a name again and again. */
function queryOf(params: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const one of all) query.append(name, String(one));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

async function send(asked: Request, onEvent: OnEvent): Promise<unknown> {
  const { at, verb, path, body, isStream } = asked;
  const remote = remoteAt(at);
  const isTls = remote?.url.startsWith('https:') === true;
  const http = isTls ? await import('node:https') : await import('node:http');
  const whither: RequestOptions =
    remote === undefined ? { socketPath: at } : await optionsFor(remote);
  const options: RequestOptions = {
    ...{ method: verb, path, agent: false },
    ...whither,
    headers: {
      ...whither.headers,
      accept: isStream ? 'text/event-stream, application/json' : 'application/json',
      'limevisor-by': encodeURIComponent(whoText()),
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      }),
    },
  };
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      answerOf(at, response, onEvent).then(resolve, reject);
    });
    request.on('error', (error) => reject(new Unreachable(whyUnreachable(at, error))));
    request.end(body);
  });
}

async function optionsFor(remote: Remote): Promise<RequestOptions> {
  const { remoteOptions } = await import('./remote.ts');
  return remoteOptions(remote);
}

function whyUnreachable(at: string, error: NodeJS.ErrnoException): string {
  if (error.code?.startsWith('HPE_') === true) return notOurs(at);
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return goneText(at);
  return `no limevisor answers at ${whereText(at)} (${messageOf(error)}); ${nextText(at, error)}`;
}

/** What people call it: the path of a socket, or an address. */
function whereText(at: string): string {
  return remoteAt(at)?.url ?? at;
}

function nextText(at: string, { code = '' }: NodeJS.ErrnoException): string {
  const url = remoteAt(at)?.url;
  if (url === undefined) {
    return 'start one with "limevisor run FILE", or name its socket with --socket';
  }
  return /CERT|SIGNATURE|TLS/.test(code)
    ? `if its operator has given it another certificate, log in again: "limevisor login ${url}"`
    : 'ask its operator; "limevisor contexts" has where commands go, and has them go elsewhere';
}

function goneText(at: string): string {
  return `limevisor at ${whereText(at)} went away before it answered; try "limevisor status"`;
}

function notOurs(at: string): string {
  const url = remoteAt(at)?.url;
  return url === undefined
    ? `${at} is not the socket of a limevisor; name the right one with --socket`
    : `${url} is not the API of a limevisor; log in at the right address: "limevisor login URL"`;
}

function answerOf(at: string, response: IncomingMessage, onEvent: OnEvent): Promise<unknown> {
  const type = response.headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) return streamed(at, response, onEvent);
  return new Promise((resolve, reject) => {
    /** Answers may be long, and are put together once. */
    const chunks: string[] = [];
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => chunks.push(chunk));
    response.on('error', () => reject(new Unreachable(goneText(at))));
    response.on('end', () => {
      const broken = response.trailers['limevisor-problem'];
      const text = broken === undefined ? chunks.join('') : decodeURIComponent(broken);
      const isProblem = broken !== undefined || type.startsWith('application/problem+json');
      const value = /^application\/(problem\+)?json/.test(type) ? parse(text) : undefined;
      if (value === undefined) reject(new Unreachable(notOurs(at)));
      else if (isProblem) settleProblem(value as ShownProblem, resolve, reject);
      else resolve(value);
    });
  });
}

/** What happens, until there is a result. */
function streamed(at: string, response: IncomingMessage, onEvent: OnEvent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const reader = new SseReader(({ event, data }) => {
      const value = parse(data);
      if (event === 'result') resolve(value);
      else if (event === 'problem') settleProblem(value as ShownProblem, resolve, reject);
      else if (event !== 'operation') onEvent(value);
    });
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => reader.read(chunk));
    // If there was a result, nobody hears of it.
    response.on('error', () => reject(new Unreachable(goneText(at))));
    response.on('end', () => reject(new Unreachable(goneText(at))));
  });
}

interface ShownProblem {
  readonly code?: string;
  readonly detail?: string;
  readonly result?: unknown;
}

const codes: readonly ControlCode[] = ['usage', 'rejected', 'failed'];

/** Who prints a plan that cannot be has more to print than its problem. */
function settleProblem(
  { code, detail = 'refused', result }: ShownProblem,
  resolve: (value: unknown) => void,
  reject: (why: Error) => void,
): void {
  if (result !== undefined) resolve(result);
  else {
    const known = codes.find((one) => one === code) ?? 'rejected';
    reject(new Refused({ code: known, message: detail }));
  }
}

/** Who gives the command, for the log: Node cannot ask the socket who is at its other end. */
function whoText(): string {
  const { uid, username } = userOf();
  const sudo = process.env['SUDO_USER'];
  const own = username === '' ? `user ${uid}` : username;
  return `${own}${sudo === undefined ? '' : ` (sudo: ${sudo})`}, process ${process.pid}`;
}

function userOf(): { readonly uid: number; readonly username: string } {
  try {
    return os.userInfo();
  } catch {
    // There is no such user in the system's files, as in some containers.
    return { uid: process.getuid?.() ?? -1, username: '' };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller says so.
  }
}
