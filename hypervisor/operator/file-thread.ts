/**
 * Reads a configuration file, or a package, in a thread of its own, so that the process serves
 * meanwhile: a file of thousands of vswitches takes seconds, most of it YAML, which is parsed as a
 * whole.
 *
 *   thread: readFile (file.ts),
 *           readPackage (package-file.ts) --parts, some things in each--> here, one in each step
 *
 * Here is no more to do than to receive the parts: values come as they are, whatever they are made
 * of.
 */
import path from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';
import type { Config } from '../../slices/config/config.ts';
import { limits } from '../../slices/limits.ts';
import { chunks, type Steps } from '../../slices/steps.ts';
import { messageOf } from '../world/error-text.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { readFile } from './file.ts';
import type { FileProblem } from './file-places.ts';
import { type Deployment, type ReadPackage, readPackage } from './package-file.ts';

/** As `readFile` has it, where nobody asks for places in it afterwards. */
export type ReadApart = { readonly config: Config } | { readonly problems: readonly FileProblem[] };

/** For whom it is read, and in whose turns it is received. */
export interface ReadingContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
}

type Key = string;

/** Some of what stands under a key. */
type Part =
  | { readonly key: Key; readonly value: unknown }
  | { readonly key: Key; readonly members: readonly unknown[] }
  | { readonly key: Key; readonly entries: readonly (readonly [unknown, unknown])[] };

/** What a thread is started with. */
interface Order {
  readonly asked:
    | { readonly configurationFile: string; readonly text: string | undefined }
    | { readonly deployment: Deployment };
  readonly port: Pick<Worker, 'postMessage'>;
}

/** What the thread has read, or why it came to no end. */
type Received = Readonly<Record<string, unknown>> | { readonly failed: string };

/** As `readFile`, with what stands in it, if that is known; what a person wrote never throws. */
export function readFileApart(
  context: ReadingContext,
  file: string,
  done: (read: ReadApart) => void,
  text?: string,
): void {
  readApart(context, { configurationFile: file, text }, (whole) => {
    if ('failed' in whole) {
      done({ problems: [{ path: file, why: `cannot be read: ${whole.failed}` }] });
    } else if ('problems' in whole) {
      done({ problems: whole['problems'] as readonly FileProblem[] });
    }
    // The thread has checked it; this is what it was.
    else done({ config: whole as unknown as Config });
  });
}

/** As `readPackage`. */
export function readPackageApart(
  context: ReadingContext,
  deployment: Deployment,
  done: (read: ReadPackage) => void,
): void {
  readApart(context, { deployment }, (whole) => {
    if ('failed' in whole) done({ problems: [`${deployment.file}: ${whole.failed}`] });
    else done(whole as unknown as ReadPackage);
  });
}

/** This file; bundled, the one of its name, which is there whatever is bundled anew meanwhile. */
const own = new URL(`file-thread${path.extname(import.meta.url)}`, import.meta.url);

function readApart(
  { boundary, scheduler }: ReadingContext,
  asked: Order['asked'],
  done: (received: Received) => void,
): void {
  const { port1: parts, port2: port } = new MessageChannel();
  const order: Order = { asked, port };
  const thread = new Worker(own, { workerData: order, transferList: [port] });
  let why = 'the thread that read it ended';
  thread.once('error', (error) => {
    why = messageOf(error);
  });
  const ended = boundary.bind(() => {
    scheduler.follow(received(parts), (whole) => {
      parts.close();
      done(whole ?? { failed: why });
    });
  });
  thread.once('exit', ended);
}

/** Undefined when the thread did not come to an end. */
function* received(
  port: Parameters<typeof receiveMessageOnPort>[0],
): Steps<Record<string, unknown> | undefined> {
  const whole: Record<string, unknown> = {};
  for (;;) {
    const next: { message: Part | 'whole' } | undefined = receiveMessageOnPort(port);
    if (next === undefined) return undefined;
    if (next.message === 'whole') break;
    put(whole, next.message);
    yield;
  }
  return whole;
}

function put(whole: Record<string, unknown>, part: Part): void {
  const { key } = part;
  if ('value' in part) whole[key] = part.value;
  else if ('members' in part) {
    const list = (whole[key] ?? []) as unknown[];
    whole[key] = list;
    list.push(...part.members);
  } else {
    const map = (whole[key] ?? new Map()) as Map<unknown, unknown>;
    whole[key] = map;
    for (const [name, value] of part.entries) map.set(name, value);
  }
}

function* partsOf(key: Key, value: unknown): Generator<Part, void> {
  const count = limits.fileThingsAtOnce;
  if (Array.isArray(value)) {
    for (const members of chunks(value, count)) yield { key, members };
    if (value.length === 0) yield { key, value };
  } else if (value instanceof Map && value.size > 0) {
    for (const entries of chunks(value, count)) yield { key, entries };
  } else yield { key, value };
}

function serve({ asked, port }: Order): void {
  for (const [key, value] of Object.entries(readFor(asked))) {
    for (const part of partsOf(key, value)) port.postMessage(part);
  }
  port.postMessage('whole');
}

function readFor(asked: Order['asked']): object {
  if ('deployment' in asked) return readPackage(asked.deployment);
  const read = readFile(asked.configurationFile, undefined, asked.text);
  return 'config' in read ? read.config : { problems: read.problems };
}

/** Whether this is such a thread. */
function isOrder(data: unknown): data is Order {
  return typeof data === 'object' && data !== null && 'asked' in data && 'port' in data;
}

if (isOrder(workerData)) serve(workerData);
